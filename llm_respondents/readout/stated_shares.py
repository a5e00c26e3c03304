"""The distributions that a panel's sessions stated, beside the answers drawn from them."""

from collections.abc import Iterator
from typing import NamedTuple

from llm_respondents.conversation.parsing import Answered
from llm_respondents.models import Panel, PanelMember
from llm_respondents.readout.rereading import reread_sessions


class StatedShare(NamedTuple):
    """How likely a respondent said it was to choose one option; shares of a question sum to 1."""

    respondent: int
    question: str
    value: int
    share: float
    drawn: bool


def stated_shares(panel: Panel) -> Iterator[StatedShare]:
    """Yield a row for each option of each question that was answered by a distribution.

    `value` is the scored value of the option; `drawn` marks the one that is recorded.
    """
    pairs = PanelMember.objects.filter(panel=panel).values_list(
        "respondent__administration", "respondent_id"
    )
    respondents = dict(pairs)
    for session in reread_sessions(panel):
        for read in session:
            if isinstance(read.outcome, Answered):
                for code, share in read.outcome.stated:
                    yield StatedShare(
                        respondents[read.administration],
                        read.question.ref,
                        read.question.value_of(code),
                        share,
                        code == read.outcome.code,
                    )
