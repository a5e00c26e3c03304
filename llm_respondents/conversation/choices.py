"""From a question to the choices that a model reads: the one place where marks meet codes.

The prompt, the JSON schema, the parser and the scripted respondent all ask `choices_of`, so that
whatever mark stands before an option is read back as the option's own displayed code. Codes are
those of the presentation: automatic recoding of a reversed scale holds in every arm.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from llm_respondents.conversation.arms import Arm
from surveys.presentation import Option, Question

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Choice(NamedTuple):
    """One option as a model reads it: `mark` is what it names, `code` what is recorded."""

    mark: str
    code: int
    label: str


def choices_of(question: Question, arm: Arm, seed: int) -> tuple[Choice, ...]:
    """Return the choices of a question from top to bottom.

    With ``option_order="shuffled"`` they are sorted by SHA-256 of
    ``f"{seed}:{ref}:option:{value}"`` over the scored value, so that one session reads one order
    whatever its scale direction. Marks are given in the order of reading: 1, 2, 3 … or
    A, B, C … (after Z: AA, AB …).
    """
    options = question.options
    if arm.option_order == "shuffled":
        options = tuple(sorted(options, key=lambda option: _place(option, question.ref, seed)))
    return tuple(
        Choice(_mark(index, arm), option.code, option.label)
        for index, option in enumerate(options, start=1)
    )


def _place(option: Option, ref: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{ref}:option:{option.value}".encode()).digest()


def _mark(index: int, arm: Arm) -> str:
    return _letters(index) if arm.option_marks == "letter" else str(index)


def _letters(index: int) -> str:
    before, last = divmod(index - 1, len(_LETTERS))
    return (_letters(before) if before else "") + _LETTERS[last]
