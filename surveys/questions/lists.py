"""Answers about every option of a list: which of them apply, and in which order they come.

Each option is an item of its own in data and plans: whether it applies (0 or 1), or its rank. So a
table of answers keeps one number for each item, and a plan takes an option as an indicator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Self

from surveys.questions.base import (
    LONGEST_LABEL,
    WORDS,
    AnswerFormat,
    Mistaken,
    Table,
    Unscored,
    Words,
    read_unscored,
)
from surveys.questions.mistakes import EntryMistake, KindMistake
from surveys.questions.open_answers import (
    Column,
    Control,
    Entry,
    Given,
    OpenFormat,
    Stored,
    worded,
)

MOST_RANKED = 12
_SEPARATOR = re.compile(r"\s*[,;>\s]\s*")
_SEVERAL = {
    "en": "a list of the numbers of all options that apply",
    "de": "eine Liste der Nummern aller zutreffenden Antwortmöglichkeiten",
}
_RANKING = {
    "en": "a list of the numbers of all options, from the first in rank to the last",
    "de": "eine Liste der Nummern aller Antwortmöglichkeiten, vom ersten Rang zum letzten",
}


@dataclass(frozen=True, slots=True)
class ListedOption:
    """One option of a list: its key in data, and the label that is read."""

    key: str
    label: Words = field(metadata=WORDS)


@dataclass(frozen=True, kw_only=True)
class _OptionList(OpenFormat):
    """What both kinds have in common."""

    column: ClassVar[Column] = "value"
    tables: ClassVar[Mapping[str, type[Any]]] = MappingProxyType(
        {**AnswerFormat.tables, "options": ListedOption}
    )

    options: tuple[ListedOption, ...]

    def mistakes(self) -> Iterable[tuple[str, Mistaken]]:
        """A list has two options or more."""
        yield from super().mistakes()
        if len(self.options) < 2:
            yield "options", Mistaken(KindMistake.NO_OPTIONS_TO_CHOOSE)

    @property
    def parts(self) -> tuple[str, ...]:
        """The keys of the options."""
        return tuple(one.key for one in self.options)

    @property
    def part_labels(self) -> tuple[str, ...]:
        """The labels of the options."""
        return tuple(str(one.label) for one in self.options)

    @property
    def _listed(self) -> tuple[tuple[int, str], ...]:
        return tuple((at, str(one.label)) for at, one in enumerate(self.options, start=1))

    def told(self) -> str:
        """The options with their numbers."""
        return "\n".join(f"{number} = {label}" for number, label in self._listed)

    def schema(self) -> dict[str, Any]:
        """A list of numbers."""
        return {"type": "array", "items": {"type": "integer"}}

    def of_json(self, value: object) -> Given | Mistaken:
        """The numbers of the list."""
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            return Mistaken(EntryMistake.OPTION)
        return self._meant(value)

    def of_text(self, text: str) -> Given | Mistaken:
        """Numbers with commas, blanks or > between them, in brackets or not."""
        said = text.strip().strip("[]().").strip()
        numbers = _SEPARATOR.split(said) if said else []
        if not all(one.isascii() and one.isdigit() and len(one) < 5 for one in numbers):
            return Mistaken(EntryMistake.OPTION)
        return self._meant([int(one) for one in numbers])

    def _meant(self, numbers: Sequence[int]) -> Given | Mistaken:
        return tuple(numbers)

    def as_json(self, given: Given) -> object:
        """The list of numbers."""
        return list(given)  # type: ignore[arg-type]

    def as_text(self, given: Given) -> str:
        """The numbers with commas between them."""
        return json.dumps(self.as_json(given)).strip("[]")

    def shown(self, given: Given) -> str:
        """The labels, in the order given."""
        listed = dict(self._listed)
        return ", ".join(listed[number] for number in given)  # type: ignore[index,union-attr]

    def of_names(self, keys: Sequence[str]) -> Given | Mistaken:
        """The options of these keys."""
        numbers = {key: number for number, key in enumerate(self.listed, start=1)}
        return self._meant([numbers[key] for key in keys])

    def _are_on_display(self, given: Given) -> bool:
        return (
            isinstance(given, tuple)
            and len(set(given)) == len(given)
            and set(given) <= {number for number, _ in self._listed}
        )


@dataclass(frozen=True, kw_only=True)
class SeveralOf(_OptionList):
    """All options that apply. `none` is what somebody chooses to whom none does, if offered.

    Without it an empty list is no answer.
    """

    kind: ClassVar[str] = "several"
    control: ClassVar[Control] = "checkboxes"

    none: Words = field(default="", metadata=WORDS)

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read the options, and what is chosen where none applies."""
        return cls(
            options=_read_options(table, languages),
            none=table.texts("none", languages, longest=LONGEST_LABEL) if table.has("none") else "",
            unscored=read_unscored(table, languages),
        )

    @property
    def span(self) -> tuple[float, float]:
        """0 where an option does not apply, 1 where it does."""
        return 0, 1

    @property
    def _none_number(self) -> int:
        return len(self.options) + 1 if self.none else 0

    def stored(self, given: Given) -> tuple[Stored, ...] | Mistaken:
        """0 or 1 for each option."""
        if not self._are_on_display(given) or not (given or self.none):
            return Mistaken(EntryMistake.OPTION)
        return tuple(int(number in given) for number, _ in self._listed)  # type: ignore[operator]

    def given(self, stored: Sequence[Stored]) -> Given:
        """The numbers of the options that apply."""
        return tuple(at for at, value in enumerate(stored, start=1) if value)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """A box for each option."""
        choices = [(str(number), label) for number, label in self._listed]
        if self.none:
            choices.append((str(self._none_number), str(self.none)))
        return (Entry(choices=tuple(choices)),)

    def entered(self, texts: Sequence[str]) -> Given | Mistaken | None:
        """The options that were ticked."""
        ticked = [int(one) for one in texts if one.isascii() and one.isdigit() and len(one) < 5]
        return self._meant(ticked) if ticked else None

    def _meant(self, numbers: Sequence[int]) -> Given | Mistaken:
        if self.none and list(numbers) == [self._none_number]:
            return ()
        return tuple(sorted(numbers))

    @property
    def listed(self) -> Mapping[str, str]:
        """The options, and `none` for what is chosen where none applies, if it is offered."""
        none = {"none": str(self.none)} if self.none and "none" not in self.parts else {}
        return {**super().listed, **none}

    def of_parts(self, values: Mapping[str, int | None]) -> Given | Mistaken | None:
        """The options whose column has 1; an empty column beside another that is not has 0.

        Where all have 0 none applies, if that can be answered and has no column of its own; else
        nobody knows whether anything was answered.
        """
        if not set(values.values()) <= {0, 1, None}:
            return Mistaken(EntryMistake.OPTION)
        if ticked := [key for key in self.listed if values.get(key)]:
            return self.of_names(ticked)
        asked = self.none and "none" not in values
        return () if asked and all(values.get(key) == 0 for key in self.parts) else None

    def fields_of(self, given: Given) -> tuple[str, ...]:
        """The numbers that are ticked."""
        return tuple(map(str, self.as_json(given)))  # type: ignore[call-overload]

    def told(self) -> str:
        """The options with their numbers, and one for none of them if offered."""
        listed = super().told()
        return f"{listed}\n{self._none_number} = {self.none}" if self.none else listed

    def wanted(self, language: str) -> str:
        """The numbers of all that apply."""
        return worded(_SEVERAL, language)

    def as_json(self, given: Given) -> object:
        """The list of numbers."""
        return list(given) or [self._none_number]  # type: ignore[arg-type]

    def shown(self, given: Given) -> str:
        """The labels of the options that apply, or that none does."""
        return super().shown(given) or str(self.none)

    def simulated(self, response: float, draws: Sequence[float]) -> Given:
        """More options the higher the response; another one of them first from time to time."""
        count = len(self.options)
        most = min(max(round(count / 2 + response * count / 6), 0 if self.none else 1), count)
        first = int(draws[2] * count)
        return tuple(sorted((first + at) % count + 1 for at in range(most)))


@dataclass(frozen=True, kw_only=True)
class Ranking(_OptionList):
    """All options in an order; 1 is the first in rank."""

    kind: ClassVar[str] = "ranking"
    control: ClassVar[Control] = "ranks"
    ranks: ClassVar[bool] = True

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read the options."""
        options = _read_options(table, languages)
        return cls(options=options, unscored=read_unscored(table, languages))

    def mistakes(self) -> Iterable[tuple[str, Mistaken]]:
        """Nobody ranks a long list with care."""
        yield from super().mistakes()
        if len(self.options) > MOST_RANKED:
            about = {"most": MOST_RANKED}
            yield "options", Mistaken(KindMistake.TOO_MANY_OPTIONS, about)

    @property
    def span(self) -> tuple[float, float]:
        """The first and the last rank."""
        return 1, len(self.options)

    def stored(self, given: Given) -> tuple[Stored, ...] | Mistaken:
        """The rank of each option."""
        if not self._are_on_display(given) or len(given) != len(self.options):  # type: ignore[arg-type]
            return Mistaken(EntryMistake.RANKS)
        order = list(given)  # type: ignore[arg-type]
        return tuple(order.index(number) + 1 for number, _ in self._listed)

    def given(self, stored: Sequence[Stored]) -> Given:
        """The numbers of the options from the first in rank to the last."""
        return tuple(at for _, at in sorted((rank, at) for at, rank in enumerate(stored, start=1)))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """A rank for each option."""
        ranks = tuple((str(number), str(number)) for number, _ in self._listed)
        return tuple(Entry(f".{number}", label, choices=ranks) for number, label in self._listed)

    def entered(self, texts: Sequence[str]) -> Given | Mistaken | None:
        """The order that the ranks make."""
        if not any(texts):
            return None
        if sorted(texts) != sorted(str(number) for number, _ in self._listed):
            return Mistaken(EntryMistake.RANKS)
        return self.given([int(text) for text in texts])

    def fields_of(self, given: Given) -> tuple[str, ...]:
        """The rank of each option."""
        ranks = self.stored(given)
        return () if isinstance(ranks, Mistaken) else tuple(map(str, ranks))

    def wanted(self, language: str) -> str:
        """The numbers in order."""
        return worded(_RANKING, language)

    def simulated(self, response: float, draws: Sequence[float]) -> Given:
        """The order of the file, begun at another place and now and then turned round."""
        count = len(self.options)
        first = int(draws[2] * count)
        order = [(first + at) % count + 1 for at in range(count)]
        return tuple(order if response > 0 else reversed(order))


def _read_options(table: Table, languages: Sequence[str]) -> tuple[ListedOption, ...]:
    options = []
    for one in table.tables("options"):
        label = one.texts("label", languages, longest=LONGEST_LABEL)
        options.append(ListedOption(one.name("key"), label))
        one.finish()
    return tuple(options)


__all__ = ("ListedOption", "Ranking", "SeveralOf", "Unscored")
