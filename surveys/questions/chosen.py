"""Formats whose answer is one option of the response scale: labelled options, a numbered scale."""

from __future__ import annotations

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
    Words,
    read_unscored,
)
from surveys.questions.mistakes import KindMistake

MOST_POINTS = 101
_NUMBER_FIRST = re.compile(r"\s*[-+−]?[0-9]")


@dataclass(frozen=True, kw_only=True)
class Choice(AnswerFormat):
    """One of labelled options, each with the value that it scores."""

    kind: ClassVar[str] = "choice"
    chooses: ClassVar[bool] = True


CHOICE = Choice()


@dataclass(frozen=True, slots=True)
class Point:
    """A labelled number of a numbered scale."""

    value: int
    label: Words = field(metadata=WORDS)


@dataclass(frozen=True, kw_only=True)
class Numbered(AnswerFormat):
    """One of the whole numbers from `minimum` to `maximum`, some of them labelled.

    The number is what people see, what a model reads and replies, and what is stored.
    """

    kind: ClassVar[str] = "numbered"
    chooses: ClassVar[bool] = True
    tables: ClassVar[Mapping[str, type[Any]]] = MappingProxyType(
        {**AnswerFormat.tables, "labels": Point}
    )

    minimum: int
    maximum: int
    labels: tuple[Point, ...] = ()

    @classmethod
    def read(cls, table: Table, languages: Sequence[str]) -> Self:
        """Read the range and the labels."""
        return cls(
            minimum=table.integer("minimum"),
            maximum=table.integer("maximum"),
            labels=_read_points(table, languages),
            unscored=read_unscored(table, languages),
        )

    def mistakes(self) -> Iterable[tuple[str, Mistaken]]:
        """Labels stand at numbers of the scale and begin with none of their own."""
        yield from super().mistakes()
        span = {"minimum": self.minimum, "maximum": self.maximum}
        if self.minimum >= self.maximum:
            yield "minimum", Mistaken(KindMistake.NO_SPAN, span)
        if self.maximum - self.minimum >= MOST_POINTS:
            yield "maximum", Mistaken(KindMistake.TOO_MANY_POINTS, {"most": MOST_POINTS})
        for point in self.labels:
            if not self.minimum <= point.value <= self.maximum:
                about = {"given": point.value, "least": self.minimum, "most": self.maximum}
                yield "labels", Mistaken(KindMistake.POINT_OUTSIDE, about)
            for text in dict(point.label).values():  # type: ignore[arg-type]
                if _NUMBER_FIRST.match(text):
                    yield "labels", Mistaken(KindMistake.NUMBER_BEFORE_LABEL, {"label": text})

    def options(self, language: str) -> tuple[tuple[int, str], ...]:
        """Return (value, label) of every number, ascending, in a language."""
        labels = {one.value: dict(one.label)[language] for one in self.labels}  # type: ignore[arg-type]
        return tuple(
            (number, self._shown(number, labels.get(number, "")))
            for number in range(self.minimum, self.maximum + 1)
        )

    def _shown(self, number: int, label: str) -> str:
        sign = "+" if number > 0 > self.minimum else ""
        shown = f"{sign}{number}".replace("-", "−")
        return f"{shown} – {label}" if label else shown


def _read_points(table: Table, languages: Sequence[str]) -> tuple[Point, ...]:
    points = []
    for one in table.tables("labels", named_by="value"):
        label = one.texts("label", languages, longest=LONGEST_LABEL)
        points.append(Point(one.integer("value"), label))
        one.finish()
    return tuple(points)
