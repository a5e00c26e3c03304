"""What is written rather than chosen: a text, and a date. Counted and exported, never scored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Self

from surveys.questions.base import Mistaken, Table, read_unscored
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

LONGEST_TEXT = 5000
_TEXT = {
    "en": "a text of your own, at most {longest} characters",
    "de": "ein eigener Text von höchstens {longest} Zeichen",
}
_DATE = {
    "en": "a date as year-month-day, from {earliest} to {latest}",
    "de": "ein Datum als Jahr-Monat-Tag, von {earliest} bis {latest}",
}
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?$")
_SIMULATED = {1: "A simulated answer.", 0: "Another simulated answer."}


@dataclass(frozen=True, kw_only=True)
class Text(OpenFormat):
    """A text of at most `longest` characters; a `long` one has several lines."""

    kind: ClassVar[str] = "text"
    scored: ClassVar[bool] = False
    column: ClassVar[Column] = "text"

    longest: int = 200
    long: bool = False

    @property
    def control(self) -> Control:  # type: ignore[override]
        """A field of one line, or an area."""
        return "area" if self.long else "field"

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read how much can be written."""
        long = table.boolean("long", default=False)
        return cls(
            longest=table.integer("longest", default=200, minimum=1, maximum=LONGEST_TEXT),
            long=long,
            unscored=read_unscored(table, languages),
        )

    @property
    def entries(self) -> tuple[Entry, ...]:
        """One field."""
        return (Entry(longest=self.longest),)

    def stored(self, given: Given) -> tuple[Stored, ...] | Mistaken:
        """The text, if it is not too long."""
        if not isinstance(given, str):
            return Mistaken(EntryMistake.EMPTY)
        text = _tidy(given)
        if len(text) > self.longest:
            about = {"given": len(text), "most": self.longest}
            return Mistaken(EntryMistake.TOO_LONG, about)
        return (text,) if text else Mistaken(EntryMistake.EMPTY)

    def given(self, stored: Sequence[Stored]) -> Given:
        """The text."""
        return str(stored[0])

    def entered(self, texts: Sequence[str]) -> Given | Mistaken | None:
        """What was written, without blanks around it and with ends of lines of one kind."""
        (text,) = texts
        return _tidy(text) or None

    def fields_of(self, given: Given) -> tuple[str, ...]:
        """The text."""
        return (str(given),)

    def wanted(self, language: str) -> str:
        """A text."""
        return worded(_TEXT, language).format(longest=self.longest)

    def schema(self) -> dict[str, Any]:
        """A text."""
        return {"type": "string"}

    def of_json(self, value: object) -> Given | Mistaken:
        """The text."""
        return _tidy(value) if isinstance(value, str) else Mistaken(EntryMistake.EMPTY)

    def of_text(self, text: str) -> Given | Mistaken:
        """The text itself."""
        return _tidy(text)

    def as_json(self, given: Given) -> object:
        """The text."""
        return given

    def as_text(self, given: Given) -> str:
        """The text."""
        return str(given)

    def simulated(self, response: float, draws: Sequence[float]) -> Given:  # noqa: ARG002
        """One of two sentences, cut where there is less room."""
        return _SIMULATED[response > 0][: self.longest]

    def stand_in(self, *, longest: bool) -> Given:
        """A text of one character, or of as many as there may be."""
        return "x" * (self.longest if longest else 1)


def _tidy(text: str) -> str:
    # No database takes U+0000, nor half a surrogate pair.
    kept = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return kept.replace("\r\n", "\n").strip()


@dataclass(frozen=True, kw_only=True)
class Date(OpenFormat):
    """A day, from `earliest` to `latest`, both as 2026-03-31."""

    kind: ClassVar[str] = "date"
    control: ClassVar[Control] = "field"
    scored: ClassVar[bool] = False
    column: ClassVar[Column] = "text"

    earliest: str
    latest: str

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read the first and the last day."""
        return cls(
            earliest=table.text("earliest"),
            latest=table.text("latest"),
            unscored=read_unscored(table, languages),
        )

    def mistakes(self) -> Iterable[tuple[str, Mistaken]]:
        """Both must be days, the first one before the last."""
        yield from super().mistakes()
        days = {"earliest": _day(self.earliest), "latest": _day(self.latest)}
        for key, day in days.items():
            if day is None:
                yield key, Mistaken(KindMistake.NOT_A_DATE, {"given": getattr(self, key)})
        if None not in days.values() and self.earliest >= self.latest:
            about = {"minimum": self.earliest, "maximum": self.latest}
            yield "earliest", Mistaken(KindMistake.NO_SPAN, about)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """One field."""
        return (Entry(mode="date", least=self.earliest, most=self.latest),)

    def stored(self, given: Given) -> tuple[Stored, ...] | Mistaken:
        """The day as ISO 8601 has it."""
        day = _day(given) if isinstance(given, str) else None
        if day is None or not self.earliest <= day.isoformat() <= self.latest:
            return self._refused()
        return (day.isoformat(),)

    def given(self, stored: Sequence[Stored]) -> Given:
        """The day."""
        return str(stored[0])

    def entered(self, texts: Sequence[str]) -> Given | Mistaken | None:
        """The day that was typed or picked."""
        (text,) = texts
        return self.of_text(text) if text.strip() else None

    def fields_of(self, given: Given) -> tuple[str, ...]:
        """The day."""
        return (str(given),)

    def wanted(self, language: str) -> str:
        """A day in the range."""
        return worded(_DATE, language).format(earliest=self.earliest, latest=self.latest)

    def schema(self) -> dict[str, Any]:
        """A text; not every endpoint knows the form of a date."""
        return {"type": "string"}

    def of_json(self, value: object) -> Given | Mistaken:
        """The day."""
        return self.of_text(value) if isinstance(value, str) else self._refused()

    def of_text(self, text: str) -> Given | Mistaken:
        """The day."""
        day = _day(text.strip())
        return self._refused() if day is None else day.isoformat()

    def of_cell(self, cell: str, written: str = "") -> Given | Mistaken:
        """The day: as ISO 8601 has it, or `written` as `strptime` understands.

        Programs that keep days as moments write midnight behind them.
        """
        try:
            if written:
                return datetime.strptime(cell.strip(), written).date().isoformat()  # noqa: DTZ007
        except ValueError:
            return self._refused()
        return self.of_text(_MIDNIGHT.sub("", cell.strip()))

    def as_json(self, given: Given) -> object:
        """The day."""
        return given

    def as_text(self, given: Given) -> str:
        """The day."""
        return str(given)

    def simulated(self, response: float, draws: Sequence[float]) -> Given:  # noqa: ARG002
        """A day in the range, each as likely."""
        first, last = date.fromisoformat(self.earliest), date.fromisoformat(self.latest)
        ordinal = first.toordinal() + int(draws[2] * (last.toordinal() - first.toordinal() + 1))
        return date.fromordinal(ordinal).isoformat()

    def _refused(self) -> Mistaken:
        about = {"earliest": self.earliest, "latest": self.latest}
        return Mistaken(EntryMistake.DATE, about)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-03-31") else None
    except ValueError:
        return None
