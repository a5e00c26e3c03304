"""Kinds of questions: one module a kind behind one registry. Pure.

    answered = format_of("number", {"minimum": 0, "maximum": 24}).of_text("7")

`AnswerFormat` says what a kind is; `OpenFormat` is one whose answers are no choice of one option.
"""

from surveys.questions.base import (
    DECLARED_REASONS,
    AnswerFormat,
    Mistaken,
    Unscored,
    joined,
    number_shown,
)
from surveys.questions.chosen import CHOICE, Choice, Numbered
from surveys.questions.mistakes import EntryMistake, KindMistake
from surveys.questions.open_answers import (
    Declared,
    Entry,
    Given,
    OpenFormat,
    Stored,
    number_format,
)
from surveys.questions.registry import KINDS, format_of

__all__ = [
    "CHOICE",
    "DECLARED_REASONS",
    "KINDS",
    "AnswerFormat",
    "Choice",
    "Declared",
    "Entry",
    "EntryMistake",
    "Given",
    "KindMistake",
    "Mistaken",
    "Numbered",
    "OpenFormat",
    "Stored",
    "Unscored",
    "format_of",
    "joined",
    "number_format",
    "number_shown",
]
