"""Reading stored replies again, without a single new call, when the parser has improved."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from llm_respondents import parsing
from llm_respondents.gateway import work_items
from llm_respondents.models import Attempt, Panel
from llm_respondents.parsing import PARSER_VERSION, Answered
from llm_respondents.runner.types import WorkItem
from surveys.models import Administration, Answer
from surveys.presentation import Question
from surveys.selectors import Target, study_content
from surveys.services import AnswerSubmission, GivenAnswer, record_answer_batch

_SESSIONS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that today's parser reads differently; values as text, or missing reasons."""

    administration: int
    ref: str
    before: str
    after: str
    reply: str
    code: int | None

    def given(self) -> GivenAnswer:
        """The answer as it would be recorded."""
        return GivenAnswer(self.ref, self.code, "" if self.code is not None else self.after)


def reparse_panel(*, panel: Panel, apply: bool = False) -> list[Change]:
    """Read every stored reply that closed a turn again; return what would change, or has changed.

    With `apply` the answers are recorded anew, each with its earlier state kept as a revision.
    Replies are never changed, and what brought no reply is not touched.
    """
    sessions = Administration.objects.filter(respondent__panel_member__panel=panel)
    ids = list(sessions.order_by("pk").values_list("pk", flat=True))
    changes: list[Change] = []
    for start in range(0, len(ids), _SESSIONS_AT_ONCE):
        for item in work_items(panel.pk, ids[start : start + _SESSIONS_AT_ONCE]):
            changes.extend(_changes(item))
    if apply:
        _record(changes)
    return changes


def _changes(item: WorkItem) -> Iterator[Change]:
    attempts = Attempt.objects.filter(
        administration=item.administration, used=True, closes_turn=True
    ).exclude(outcome="transport_error")
    stored = _stored(item.administration)
    for attempt in attempts.order_by("turn"):
        turn = item.turns[attempt.turn]
        outcomes = parsing.judge(
            text=attempt.reply,
            turn=turn,
            arm=item.arm,
            finish_reason=attempt.finish_reason,
            refusal=attempt.refusal,
        )
        for question, outcome in zip(turn.questions, outcomes, strict=True):
            after = _in_words(question, outcome)
            before = stored.get(question.ref, "")
            if before and before != after:
                code = outcome.code if isinstance(outcome, Answered) else None
                yield Change(
                    item.administration, question.ref, before, after, attempt.reply[:200], code
                )


def _in_words(question: Question, outcome: parsing.Parsed) -> str:
    if isinstance(outcome, Answered):
        return str(question.value_of(outcome.code))
    return outcome.reason


def _stored(administration_id: int) -> Mapping[str, str]:
    """Question ref -> value or missing reason, as in force."""
    administration = Administration.objects.select_related("study").get(pk=administration_id)
    targets = study_content(administration.study, administration.language).targets
    refs = {target: ref for ref, target in targets.items()}
    rows = Answer.objects.filter(administration=administration)
    return {
        refs[Target(row.item_id, row.attention_check_id)]: row.missing_reason or str(row.value)
        for row in rows
    }


@transaction.atomic
def _record(changes: Sequence[Change]) -> None:
    by_session: dict[int, list[Change]] = {}
    for change in changes:
        by_session.setdefault(change.administration, []).append(change)
    record_answer_batch(
        submissions=[
            AnswerSubmission(session, [change.given() for change in part], _key(part), reread=True)
            for session, part in by_session.items()
        ]
    )


def _key(changes: Sequence[Change]) -> str:
    """Names what is recorded: the same changes again are the same submission."""
    content = "\n".join(f"{c.ref} {c.before} {c.after}" for c in changes)
    return f"parser {PARSER_VERSION} {hashlib.sha256(content.encode()).hexdigest()[:32]}"
