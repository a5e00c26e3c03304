"""From a question to the choices that a model reads: the one place where marks meet codes.

The prompt, the JSON schema, the parser and the scripted respondent all ask `choices_of`, so that
whatever mark stands before an option is read back as the option's own displayed code. Codes are
those of the presentation: automatic recoding of a reversed scale holds in every arm.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from llm_respondents.conversation.arms import SESSION_VERSION, Arm
from surveys.instrument_files.marks import label_letter, label_number
from surveys.presentation import Option, Question

# Versions of sessions in which marks in labels counted only where every label shows a number.
_NUMBERS_ALONE = ("1.1", "1.2")
# Versions in which a label's number counted only at its beginning, in European digits.
_EUROPEAN_ALONE = (*_NUMBERS_ALONE, "1.3")
_EUROPEAN = re.compile(r"\s*[+−-]?[0-9]")
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
    question: Question, arm: Arm, seed: int, *, version: str = SESSION_VERSION
) -> tuple[Choice, ...]:
    """Return the choices of a question from top to bottom.

    With ``option_order="shuffled"`` they are sorted by SHA-256 of
    ``f"{seed}:{ref}:option:{value}"`` over the scored value, so that one session reads one order
    whatever its scale direction.

    A mark that people see in a label has one meaning in every arm, direction and order: where
    labels show numbers, options are numbered by their values, and where they are or
    begin with a single letter, each such option has that letter. Other marks are given in the order
    of reading: 1, 2, 3 … or A, B, C … (after Z: AA, AB …).

    Answers that are not scored stand behind the options in every order. An open question has no
    choices.
    """
    if question.open:
        return ()
    options = question.options
    if arm.option_order == "shuffled":
        options = tuple(sorted(options, key=lambda option: _place(option, question.ref, seed)))
    shown = _shown(options, arm, version)
    marks = shown or [_mark(place, arm) for place in range(1, len(options) + 1)]
    scored = tuple(
        Choice(mark, option.code, option.label, bool(shown) and mark == found)
        for mark, option in zip(marks, options, strict=True)
        for found in (_mark_in(option.label, arm, version),)
    )
    # Behind the scale, with marks that no option has.
    further = _further(marks, arm)
    return scored + tuple(Choice(next(further), code, label) for code, label in question.unscored)


def _shown(options: Sequence[Option], arm: Arm, version: str) -> list[str]:
    """The mark of each option where labels show marks, each with one meaning; else nothing."""
    found = [_mark_in(option.label, arm, version) for option in options]
    known = [mark for mark in found if mark]
    are_numbers = arm.option_marks == "number" and len(known) == len(options)
    if not known or version == "1" or (version in _NUMBERS_ALONE and not are_numbers):
        return []
    if arm.option_marks == "letter":
        free = _further(known, arm)
        marks = [mark or next(free) for mark in found]
    else:
        marks = [mark or str(option.value) for mark, option in zip(found, options, strict=True)]
    return marks if len(set(marks)) == len(marks) else []


def _mark_in(label: str, arm: Arm, version: str) -> str:
    """The mark that a label shows; empty where it shows none."""
    if arm.option_marks == "letter":
        return label_letter(label)
    if version in _EUROPEAN_ALONE and not _EUROPEAN.match(label):
        return ""
    number = label_number(label)
    return "" if number is None else str(number)


def _further(taken: Sequence[str], arm: Arm) -> Iterator[str]:
    """Marks that are not taken: the numbers behind the largest, or the letters that are left."""
    if arm.option_marks == "letter":
        return (letters for place in count(1) if (letters := _letters(place)) not in taken)
    return map(str, count(max(map(int, taken)) + 1))


def _place(option: Option, ref: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{ref}:option:{option.value}".encode()).digest()


def _mark(place: int, arm: Arm) -> str:
    return _letters(place) if arm.option_marks == "letter" else str(place)


def _letters(index: int) -> str:
    before, last = divmod(index - 1, len(_LETTERS))
    return (_letters(before) if before else "") + _LETTERS[last]
