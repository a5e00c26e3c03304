"""Numbers that are typed or set: a number in a range, and a mark on a line (visual analogue scale).

Both are stored as numbers and scored as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from surveys.questions.base import (
    LONGEST_LABEL,
    WORDS,
    Mistaken,
    Table,
    Words,
    number_shown,
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

# Whole numbers up to here and their tenths are exact in what is stored.
LARGEST = 10**12
MOST_DECIMALS = 6
_NUMBER = re.compile(r"(?P<whole>[+-]?[0-9]{1,13})(?:[.,](?P<fraction>[0-9]{1,12}))?")
_WHOLE = {
    "en": "a whole number from {least} to {most}",
    "de": "eine ganze Zahl von {least} bis {most}",
}
_DECIMAL = {
    "en": "a number from {least} to {most}, with at most {decimals} decimals",
    "de": "eine Zahl von {least} bis {most} mit höchstens {decimals} Nachkommastellen",
}
# So many standard deviations of a simulated response span the range.
_SPANNED = 6


@dataclass(frozen=True, kw_only=True)
class Number(OpenFormat):
    """A number that is typed, from `minimum` to `maximum`, with at most so many `decimals`."""

    kind: ClassVar[str] = "number"
    control: ClassVar[Control] = "field"
    column: ClassVar[Column] = "number"

    minimum: float
    maximum: float
    decimals: int = 0
    unit: Words = field(default="", metadata=WORDS)

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read the range, and the decimals and the unit if any."""
        return cls(
            minimum=table.number("minimum"),
            maximum=table.number("maximum"),
            decimals=table.integer("decimals", default=0, minimum=0, maximum=MOST_DECIMALS),
            unit=table.texts("unit", languages, longest=LONGEST_LABEL) if table.has("unit") else "",
            unscored=read_unscored(table, languages),
        )

    def mistakes(self) -> Iterable[tuple[str, Mistaken]]:
        """The range must hold more than one number, and be exact."""
        yield from super().mistakes()
        if not -LARGEST <= self.minimum < self.maximum <= LARGEST:
            about = {"minimum": number_shown(self.minimum), "maximum": number_shown(self.maximum)}
            yield "minimum", Mistaken(KindMistake.NO_SPAN, about)

    @property
    def span(self) -> tuple[float, float]:
        """The range."""
        return self.minimum, self.maximum

    @property
    def beside(self) -> str:
        """The unit."""
        return str(self.unit)

    def stored(self, given: Given) -> tuple[Stored, ...] | Mistaken:
        """The number, if it is in the range."""
        fits = isinstance(given, int | float) and self.minimum <= given <= self.maximum
        if not fits or round(float(given), self.decimals) != given:  # type: ignore[arg-type]
            return self._refused()
        return (float(given),)  # type: ignore[arg-type]

    def given(self, stored: Sequence[Stored]) -> Given:
        """The number, a whole one without a fraction."""
        number = float(stored[0])
        return int(number) if number.is_integer() else number

    @property
    def entries(self) -> tuple[Entry, ...]:
        """One field for digits."""
        return (
            Entry(
                mode="decimal" if self.decimals or self.minimum < 0 else "numeric",
                least=number_shown(self.minimum),
                most=number_shown(self.maximum),
                step=number_shown(10**-self.decimals),
            ),
        )

    def entered(self, texts: Sequence[str]) -> Given | Mistaken | None:
        """The number that was typed, with a point or a comma before its decimals."""
        (text,) = texts
        return self._read(text) if text.strip() else None

    def fields_of(self, given: Given) -> tuple[str, ...]:
        """The number."""
        return (self.as_text(given),)

    def wanted(self, language: str) -> str:
        """A number in the range."""
        form = worded(_DECIMAL if self.decimals else _WHOLE, language).format(
            least=number_shown(self.minimum),
            most=number_shown(self.maximum),
            decimals=self.decimals,
        )
        return f"{form} ({self.unit})" if self.unit else form

    def schema(self) -> dict[str, Any]:
        """A number; not every endpoint takes bounds in a strict schema, so reading holds them."""
        return {"type": "number" if self.decimals else "integer"}

    def of_json(self, value: object) -> Given | Mistaken:
        """The number, which true and a number in quotation marks are not."""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if type(value) in (int, float) else self._refused()  # type: ignore[return-value]

    def of_text(self, text: str) -> Given | Mistaken:
        """The number, with or without its unit."""
        said = text.strip()
        if self.unit and said.casefold().endswith(str(self.unit).casefold()):
            said = said[: -len(str(self.unit))]
        return self._read(said)

    def as_json(self, given: Given) -> object:
        """The number."""
        return given

    def as_text(self, given: Given) -> str:
        """The number."""
        return number_shown(given)  # type: ignore[arg-type]

    def simulated(self, response: float, draws: Sequence[float]) -> Given:  # noqa: ARG002
        """A number around the middle of the range."""
        middle, width = (self.minimum + self.maximum) / 2, self.maximum - self.minimum
        drawn = round(middle + response * width / _SPANNED, self.decimals)
        kept = min(max(drawn, self.minimum), self.maximum)
        return int(kept) if float(kept).is_integer() else kept

    def _read(self, text: str) -> Given | Mistaken:
        found = _NUMBER.fullmatch(text.strip().replace("−", "-"))
        if found is None:
            return self._refused()
        fraction = found["fraction"] or ""
        # Three digits behind a comma may be thousands: they count as written.
        if len(fraction) > self.decimals and fraction != "0":
            return self._refused()
        number = float(f"{found['whole']}.{fraction or '0'}")
        return int(number) if number.is_integer() else number

    def _refused(self) -> Mistaken:
        code = EntryMistake.NUMBER if self.decimals else EntryMistake.WHOLE_NUMBER
        about = {"minimum": number_shown(self.minimum), "maximum": number_shown(self.maximum)}
        return Mistaken(code, {**about, "decimals": self.decimals} if self.decimals else about)


@dataclass(frozen=True, kw_only=True)
class Slider(Number):
    """A mark on a line whose ends are labelled; untouched it is no answer."""

    kind: ClassVar[str] = "slider"
    control: ClassVar[Control] = "slider"

    minimum: float = 0
    maximum: float = 100
    low: Words = field(default="", metadata=WORDS)
    high: Words = field(default="", metadata=WORDS)

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read what the ends are called, and the range if it is not 0 to 100."""
        return cls(
            minimum=table.number("minimum", default=0),
            maximum=table.number("maximum", default=100),
            decimals=table.integer("decimals", default=0, minimum=0, maximum=MOST_DECIMALS),
            low=table.texts("low", languages, longest=LONGEST_LABEL),
            high=table.texts("high", languages, longest=LONGEST_LABEL),
            unscored=read_unscored(table, languages),
        )

    @property
    def codes(self) -> tuple[tuple[int, str], ...]:
        """What the ends mean, where they are whole numbers."""
        ends = ((self.minimum, self.low), (self.maximum, self.high))
        return tuple((int(at), str(said)) for at, said in ends if float(at).is_integer())

    def told(self) -> str:
        """The ends with their labels."""
        ends = ((self.minimum, self.low), (self.maximum, self.high))
        return "\n".join(f"{number_shown(number)} = {label}" for number, label in ends)
