"""Columns that hold one answer together: one for each option, or for each place in an order."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from surveys.imports.cells.answers import stored_of
from surveys.imports.cells.meanings import Value
from surveys.imports.cells.reading import (
    NOT_SHOWN,
    OUT_OF_RANGE,
    SKIPPED,
    CellReading,
    Missing,
    UnknownCode,
)
from surveys.imports.columns import Column, ItemColumn
from surveys.imports.files.data_files import DataRow
from surveys.questions import OpenFormat

Held = tuple[Value | Missing, ...]


class JointReading:
    """The rows of such columns -> what their question's answer is, and what is none."""

    def __init__(self, readings: Sequence[CellReading], asked: OpenFormat) -> None:
        self._readings, self._asked = readings, asked
        columns = [one.column for one in readings if isinstance(one.column, ItemColumn)]
        self._options = [one.option for one in columns]
        self._ranks = [one.rank for one in columns]
        name = ", ".join(one.name for one in columns)
        self.column: Column = replace(columns[0], name=name, option="", rank=0)
        self._known: dict[Held, Value | Missing | None] = {}
        self._unknown: dict[Held, list[int]] = defaultdict(list)

    def value(self, row: DataRow) -> Value | Missing:
        """What the columns of a row come to; a stated reason of any counts where none answers."""
        held = tuple(one.value(row) for one in self._readings)
        if held not in self._known:
            self._known[held] = self._read(held)
        value = self._known[held]
        if value is None:
            self._unknown[held].append(row.line)
            return OUT_OF_RANGE
        return value

    @property
    def unknown(self) -> Iterator[tuple[Column, UnknownCode]]:
        """The codes that nothing explains, and what is no answer as a whole."""
        for one in self._readings:
            yield from one.unknown
        for held, lines in self._unknown.items():
            code = ", ".join(one.reason if isinstance(one, Missing) else str(one) for one in held)
            yield self.column, UnknownCode(self.column.name, code, tuple(lines), together=True)

    def _read(self, held: Held) -> Value | Missing | None:
        if OUT_OF_RANGE in held:
            return OUT_OF_RANGE
        reasons = [one for one in held if isinstance(one, Missing)]
        stated = next((one for one in reasons if one not in (SKIPPED, NOT_SHOWN)), None)
        if len(reasons) == len(held):
            return stated or (SKIPPED if SKIPPED in reasons else NOT_SHOWN)
        if stated:
            return None
        if any(self._ranks):
            given = self._asked.of_names(self._in_order(held))
            return stored_of(self._asked, given)
        told = self._asked.of_parts(self._by_option(held))
        return SKIPPED if told is None else stored_of(self._asked, told)

    def _in_order(self, held: Held) -> list[str]:
        places = sorted(zip(self._ranks, held, strict=True), key=lambda pair: pair[0])
        return [one for _rank, one in places if isinstance(one, str)]

    def _by_option(self, held: Held) -> Mapping[str, int | None]:
        told = zip(self._options, held, strict=True)
        return {option: one if isinstance(one, int) else None for option, one in told}


Reading: TypeAlias = CellReading | JointReading
