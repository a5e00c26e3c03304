"""From a question to the choices that a model reads: the one place where marks meet codes.

The prompt, the JSON schema, the parser and the scripted respondent all ask `choices_of`, so that
whatever mark stands before an option is read back as the option's own displayed code. Codes are
those of the presentation: automatic recoding of a reversed scale holds in every arm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from llm_respondents.conversation.arms import Arm
from surveys.instrument_files.marks import label_number
from surveys.presentation import Option, Question

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Choice(NamedTuple):
    """One option as a model reads it: `mark` is what it names, `code` what is recorded.

    With `shows_mark` the label itself is or begins with the mark.
    """

    mark: str
    code: int
    label: str
    shows_mark: bool = False


def choices_of(
    question: Question, arm: Arm, seed: int, *, by_place: bool = False
) -> tuple[Choice, ...]:
    """Return the choices of a question from top to bottom.

    With ``option_order="shuffled"`` they are sorted by SHA-256 of
    ``f"{seed}:{ref}:option:{value}"`` over the scored value, so that one session reads one order
    whatever its scale direction. Where every label is or begins with a number of its own, that
    number is the mark: it is what people see, and "5" has one meaning in every arm, direction and
    order. Other marks are given in the order of reading: 1, 2, 3 … or A, B, C … (after Z: AA,
    AB …); with `by_place` all are, as in sessions of version 1.

    Answers that are not scored stand behind the options in every order. An open question has no
    choices.
    """
    if question.open:
        return ()
    options = question.options
    if arm.option_order == "shuffled":
        options = tuple(sorted(options, key=lambda option: _place(option, question.ref, seed)))
    shown = None if by_place or arm.option_marks == "letter" else _numbers_shown(options)
    marks = shown or [_mark(place, arm) for place in range(1, len(options) + 1)]
    scored = tuple(
        Choice(mark, option.code, option.label, shown is not None)
        for mark, option in zip(marks, options, strict=True)
    )
    # Behind the scale, with marks that no option has.
    last = max(map(int, shown)) if shown else len(options)
    return scored + tuple(
        Choice(_mark(last + place, arm), code, label)
        for place, (code, label) in enumerate(question.unscored, start=1)
    )


def _place(option: Option, ref: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{ref}:option:{option.value}".encode()).digest()


def _numbers_shown(options: Sequence[Option]) -> list[str] | None:
    """The numbers of the labels; None unless every label has one of its own."""
    numbers = [label_number(option.label) for option in options]
    if None in numbers or len(set(numbers)) < len(numbers):
        return None
    return [str(number) for number in numbers]


def _mark(place: int, arm: Arm) -> str:
    return _letters(place) if arm.option_marks == "letter" else str(place)


def _letters(index: int) -> str:
    before, last = divmod(index - 1, len(_LETTERS))
    return (_letters(before) if before else "") + _LETTERS[last]
