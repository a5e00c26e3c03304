"""The stored replies of a panel, read again with today's parser, and the distributions that they
state. Nothing is called or changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from llm_respondents.conversation import parsing
from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.runner.types import WorkItem
from llm_respondents.store.leases import work_items
from surveys.models import MissingReason
from surveys.presentation import Question

_SESSIONS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Reread:
    """What today's parser makes of the reply that closed a question."""

    administration: int
    question: Question
    outcome: parsing.Parsed
    reply: str


def reread_sessions(panel: Panel) -> Iterator[list[Reread]]:
    """Yield, session by session, every reply that closed a turn; what brought no reply is left out.

    Whatever depends on a session's seed comes out as it did: the order of options, and the answer
    that is drawn from a stated distribution.
    """
    ids = list(panel.sessions.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _SESSIONS_AT_ONCE):
        for item in work_items(panel.pk, ids[start : start + _SESSIONS_AT_ONCE]):
            yield list(_reread(item))


def _reread(item: WorkItem) -> Iterator[Reread]:
    attempts = Attempt.objects.filter(
        administration=item.administration, used=True, closes_turn=True
    ).exclude(outcome=MissingReason.TRANSPORT_ERROR)
    for attempt in attempts.order_by("turn"):
        turn = item.turns[attempt.turn].asked(attempt.refs)
        outcomes = parsing.judge(
            text=attempt.reply,
            turn=turn,
            arm=item.arm,
            finish_reason=attempt.finish_reason,
            refusal=attempt.refusal,
        )
        for question, outcome in zip(turn.questions, outcomes, strict=True):
            yield Reread(item.administration, question, outcome, attempt.reply)


class StatedShare(NamedTuple):
    """How likely a respondent said it was to choose one option; shares of a question sum to 1."""

    respondent: int
    question: str
    value: int | None
    share: float
    drawn: bool


def stated_shares(panel: Panel) -> Iterator[StatedShare]:
    """Yield a row for each option of each question that was answered by a distribution.

    `value` is the scored value of the option, None of one that is not scored; `drawn` marks the one
    that is recorded.
    """
    pairs = PanelMember.objects.filter(panel=panel).values_list(
        "respondent__administration", "respondent_id"
    )
    respondents = dict(pairs)
    for session in reread_sessions(panel):
        for read in session:
            if isinstance(read.outcome, parsing.Answered):
                for code, share in read.outcome.stated:
                    yield StatedShare(
                        respondents[read.administration],
                        read.question.ref,
                        None if read.question.declared(code) else read.question.value_of(code),
                        share,
                        code == read.outcome.given,
                    )
