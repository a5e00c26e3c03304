"""What a question comes to when its reply is read: an answer, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.distributions import Stated
from surveys.questions import Given, Mistaken, OpenFormat


@dataclass(frozen=True, slots=True)
class Answered:
    """What is given: where options are chosen, the displayed code of exactly one.

    Where a distribution was asked for, the code is drawn from it and `stated` is the whole:
    (displayed code, share) of each option, in the order of the codes.
    """

    given: Given
    stated: Stated = ()
    reason: ClassVar[str] = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The model declined in words or through the API's refusal field."""

    detail: str
    reason: ClassVar[str] = "refused"


@dataclass(frozen=True, slots=True)
class ContentFiltered:
    """The provider withheld the reply."""

    detail: str = ""
    reason: ClassVar[str] = "content_filter"


@dataclass(frozen=True, slots=True)
class Truncated:
    """The reply ended at the token limit; even a number in it may be cut short."""

    detail: str = ""
    reason: ClassVar[str] = "truncated"


@dataclass(frozen=True, slots=True)
class SchemaViolation:
    """JSON was asked for and something else came, or JSON of another shape."""

    detail: str
    reason: ClassVar[str] = "schema_violation"


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Text in which no single answer can be recognised without guessing."""

    detail: str
    reason: ClassVar[str] = "unparsable"


@dataclass(frozen=True, slots=True)
class OutOfRange:
    """A number or letter that stands before none of the options on display."""

    detail: str
    reason: ClassVar[str] = "out_of_range"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Words that name no option, or a reply that did not end as replies do."""

    detail: str
    reason: ClassVar[str] = "no_answer"


Missing = (
    Refusal | ContentFiltered | Truncated | SchemaViolation | Unparsable | OutOfRange | NoAnswer
)
Parsed = Answered | Missing


def from_mark(mark: str, choices: Sequence[Choice]) -> Parsed:
    """The choice that stands behind exactly this mark on display."""
    for choice in choices:
        if choice.mark == mark:
            return Answered(choice.code)
    shown = ", ".join(choice.mark for choice in choices)
    return OutOfRange(f"{excerpt(mark)} is none of {shown}"[:200])


def if_possible(given: Given, asked: OpenFormat) -> Parsed:
    """What is given to an open question, if it lies within what the question admits."""
    if isinstance(asked.stored(given), Mistaken):
        return OutOfRange(f"{excerpt(str(given))} is not {asked.wanted('en')}"[:200])
    return Answered(given)


def excerpt(text: str) -> str:
    """As much of a reply as stands in a reason: 200 characters."""
    return text.strip()[:200]
