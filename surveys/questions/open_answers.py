"""Answers that are no choice of one option: numbers, texts, several options, ranks. Pure.

What is *given* is what a respondent means, in the terms of the question as shown: the codes of
several options, a number, a text, or one of the declared answers that are not scored. What is
*stored* is one value for each of the format's parts.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from surveys.questions.base import AnswerFormat, Mistaken
from surveys.questions.mistakes import EntryMistake

Stored = int | float | str
"""A whole number on a scale, any other number, or a text."""

Control = Literal["field", "slider", "area", "checkboxes", "ranks"]
"""How a page asks: which fields of a form an answer comes in."""

Column = Literal["value", "number", "text"]
"""Where a value is stored: a small whole number, any other number, or a text."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An answer that is declared not to be scored, such as "don't know": its missing reason."""

    reason: str


Given = int | float | str | tuple[int, ...] | Declared
"""What a respondent means, in the terms of the question as shown."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form: what its name has behind the question's, its label, and how it is typed.

    `choices` are (value, label) of a field that offers some.
    """

    suffix: str = ""
    label: str = ""
    mode: Literal["", "numeric", "decimal", "date"] = ""
    longest: int = 0
    least: str = ""
    most: str = ""
    step: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpenFormat(AnswerFormat, ABC):
    """A format whose answers are no choice of one option, as shown in one language.

    Whatever reads an answer says only what is meant; `stored` says whether it can be.
    """

    control: ClassVar[Control]
    column: ClassVar[Column]
    # Whether its parts have places in an order, so that a column of a file may be one place.
    ranks: ClassVar[bool] = False

    @abstractmethod
    def stored(self, given: Given) -> tuple[Stored, ...] | Mistaken:
        """Return the value of each part, or why this is no answer to the question."""

    @abstractmethod
    def given(self, stored: Sequence[Stored]) -> Given:
        """Return what was given, of what is stored."""

    # Pages

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The fields of a form that hold an answer."""
        return (Entry(),)

    @property
    def beside(self) -> str:
        """What stands behind the field, such as a unit; empty for nothing."""
        return ""

    @abstractmethod
    def entered(self, texts: Sequence[str]) -> Given | Mistaken | None:
        """Return what the fields of a form say, of all their texts; None for nothing."""

    @abstractmethod
    def fields_of(self, given: Given) -> tuple[str, ...]:
        """Return the texts of the fields where this was given; `entered` reads them back."""

    # Models

    def told(self) -> str:
        """Return what a model reads under the question; empty for nothing."""
        return ""

    @abstractmethod
    def wanted(self, language: str) -> str:
        """Return the form of an answer, as a part of a sentence: "a number from 0 to 24"."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """Return the JSON schema of an answer."""

    @abstractmethod
    def of_json(self, value: object) -> Given | Mistaken:
        """Read an answer out of a JSON value."""

    @abstractmethod
    def of_text(self, text: str) -> Given | Mistaken:
        """Read an answer out of a text that is nothing but the answer."""

    @abstractmethod
    def as_json(self, given: Given) -> object:
        """Return the JSON value that gives an answer; `of_json` reads it back."""

    @abstractmethod
    def as_text(self, given: Given) -> str:
        """Return the words that give an answer; `of_text` reads them back."""

    # Data files

    @property
    def listed(self) -> Mapping[str, str]:
        """Key -> label of everything that a column of a file, or a part of its cell, may name."""
        return dict(zip(self.parts, self.part_labels or self.parts, strict=True))

    def of_cell(self, cell: str, written: str = "") -> Given | Mistaken:  # noqa: ARG002
        """Read an answer out of a whole cell; `written` is how, where a kind has several forms."""
        return self.of_text(cell)

    def of_names(self, keys: Sequence[str]) -> Given | Mistaken:  # noqa: ARG002
        """Read an answer out of keys of `listed`, in the order in which a file names them."""
        return Mistaken(EntryMistake.OPTION)

    def of_parts(self, values: Mapping[str, int | None]) -> Given | Mistaken | None:
        """Read an answer out of a column for each of `listed`; None where nothing was answered.

        A column that was left empty has None.
        """
        told = [values.get(key) for key in self.parts]
        if not any(one is not None for one in told):
            return None
        stored = tuple(-1 if one is None else one for one in told)
        given = self.given(stored)
        return given if self.stored(given) == stored else Mistaken(EntryMistake.OPTION)

    def shown(self, given: Given) -> str:
        """Return an answer as whoever gave it reads it again."""
        return self.as_text(given)

    @abstractmethod
    def simulated(self, response: float, draws: Sequence[float]) -> Given:
        """Return the answer of a response in standard deviations, and of draws from (0, 1)."""

    def stand_in(self, *, longest: bool) -> Given:
        """Return an answer as short, or as long, as they come: for estimates of costs."""
        return self.simulated(_FAR if longest else -_FAR, (0.5,) * 4)


def number_format(answered: AnswerFormat) -> OpenFormat | None:
    """The format, if an answer to it is one number that is scored; else None."""
    if not isinstance(answered, OpenFormat) or answered.column != "number":
        return None
    return answered if answered.scored and not answered.parts else None


# In standard deviations: beyond all but one in a thousand.
_FAR = 3.0


def worded(words: Mapping[str, str], language: str) -> str:
    """The words of a language; a regional variant has those of its base, others English."""
    return words.get(language.split("-", maxsplit=1)[0].lower(), words["en"])
