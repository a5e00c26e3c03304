"""Reading stored replies again, without a single new call, when the parser has improved."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from llm_respondents.conversation.parsing import PARSER_VERSION, Answered, Parsed
from llm_respondents.models import Panel
from llm_respondents.readout.collected import reread_collected
from llm_respondents.readout.rereading import Reread, reread_sessions
from llm_respondents.store.tallies import forget_tally
from surveys.jobs.watch import Watch
from surveys.models import Action, Administration, RespondentGroup, Study, SubmissionDoor
from surveys.presentation import Question
from surveys.questions import Given, Stored
from surveys.selectors import stored_answers
from surveys.services import AnswerSubmission, GivenAnswer, record_answer_batch
from surveys.services.audit import Actor, job_actor, record


@dataclass(frozen=True, slots=True)
class Change:
    """One answer that today's parser reads differently; values as text, or missing reasons."""

    administration: int
    ref: str
    before: str
    after: str
    reply: str
    given: Given | None

    def answer(self) -> GivenAnswer:
        """The answer as it would be recorded."""
        return GivenAnswer(self.ref, self.given, "" if self.given is not None else self.after)


def reparse_panel(*, panel: Panel, by: Actor, apply: bool = False) -> list[Change]:
    """Read every stored reply that closed a turn again; return what would change, or has changed.

    With `apply` the answers are recorded anew, each with its earlier state kept as a revision.
    Replies are never changed, and what brought no reply is not touched.
    """
    changes = _changes_of(reread_sessions(panel))
    if apply:
        _record(panel, panel.study, changes, by)
        forget_tally(panel.pk)
    return changes


def reparse_collected(*, group: RespondentGroup, by: Actor, apply: bool = False) -> list[Change]:
    """The same of the raw replies of imported model answers, which are kept as they came."""
    changes = _changes_of(reread_collected(group))
    if apply:
        _record(group, group.study, changes, by)
    return changes


def carry_out_rereading(watch: Watch) -> dict[str, Any]:
    """The job: `reparse_collected` of a group, with `apply`; how many answers changed."""
    group = RespondentGroup.objects.select_related("study").get(pk=watch.job.parameters["group"])
    sessions = _watched(reread_collected(group), group.respondents.count(), watch)
    changes = _changes_of(sessions)
    with watch.storing():
        _record(group, group.study, changes, job_actor(watch.job.queued_by))
    return {"changed": len(changes)}


def _watched(
    sessions: Iterable[Sequence[Reread]], total: int, watch: Watch
) -> Iterator[Sequence[Reread]]:
    tell = watch.told("rereading")
    for place, session in enumerate(sessions, 1):
        watch.check()
        yield session
        tell(place, total)


def _changes_of(sessions: Iterable[Sequence[Reread]]) -> list[Change]:
    return [change for session in sessions for change in _changes(session)]


def _changes(session: Sequence[Reread]) -> Iterator[Change]:
    stored = _stored(session[0].administration) if session else {}
    for read in session:
        after = _in_words(read.question, read.outcome)
        before = stored.get(read.question.ref, "")
        if before and before != after:
            given = read.outcome.given if isinstance(read.outcome, Answered) else None
            ref, reply = read.question.ref, read.reply[:200]
            yield Change(read.administration, ref, before, after, reply, given)


def _in_words(question: Question, outcome: Parsed) -> str:
    if not isinstance(outcome, Answered):
        return outcome.reason
    return question.declared(outcome.given) or _shown(question.stored(outcome.given))


def _shown(values: Sequence[Stored]) -> str:
    return ", ".join(map(str, values))


def _stored(administration_id: int) -> Mapping[str, str]:
    """Question ref -> what is stored, or the missing reason, as in force."""
    administration = Administration.objects.select_related("study").get(pk=administration_id)
    return {
        ref: one.reason or _shown(one.values) for ref, one in stored_answers(administration).items()
    }


@transaction.atomic
def _record(
    subject: Panel | RespondentGroup, study: Study, changes: Sequence[Change], by: Actor
) -> None:
    by_session: dict[int, list[Change]] = {}
    for change in changes:
        by_session.setdefault(change.administration, []).append(change)
    record_answer_batch(
        submissions=[
            AnswerSubmission(
                session,
                [change.answer() for change in part],
                _key(part),
                reread=True,
                door=SubmissionDoor.PANEL,
            )
            for session, part in by_session.items()
        ]
    )
    read = {"parser": PARSER_VERSION, "answers_changed": len(changes)}
    record(by=by, action=Action.PANEL_REPARSED, study=study, subject=subject, after=read)


def _key(changes: Sequence[Change]) -> str:
    """Names what is recorded: the same changes again are the same submission."""
    content = "\n".join(f"{c.ref} {c.before} {c.after}" for c in changes)
    return f"parser {PARSER_VERSION} {hashlib.sha256(content.encode()).hexdigest()[:32]}"
