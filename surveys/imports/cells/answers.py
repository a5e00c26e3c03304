"""Whether what a file has is an answer to an open question, and else why not. Pure."""

from surveys.codes import Saying
from surveys.questions import Given, Mistaken, OpenFormat, Stored


def stored_of(asked: OpenFormat, given: Given | Mistaken) -> tuple[Stored, ...] | None:
    """What is stored of an answer; None where what was given is none."""
    if isinstance(given, Mistaken):
        return None
    stored = asked.stored(given)
    return None if isinstance(stored, Mistaken) else stored


def refusal_of(asked: OpenFormat, cell: str, written: str = "") -> Saying | None:
    """What a page would say of a cell that is no answer; None of one that is."""
    given = asked.of_cell(cell, written)
    stored = given if isinstance(given, Mistaken) else asked.stored(given)
    return Saying(stored.code, stored.arguments) if isinstance(stored, Mistaken) else None
