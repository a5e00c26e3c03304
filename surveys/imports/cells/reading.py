"""The cells of a column, what they stand for, and which of them nothing explains."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from surveys.imports.cells.meanings import Meaning, Value
from surveys.imports.columns import Column, normal_code
from surveys.imports.files.data_files import DataRow

LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands where there is no value, and says why."""

    reason: str


NOT_SHOWN, SKIPPED = Missing("not_shown"), Missing("skipped")
OUT_OF_RANGE = Missing("out_of_range")


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code that its column does not explain, and the lines it stands on.

    Of several columns `together` it is what they have, which is no answer.
    """

    column: str
    code: str
    lines: tuple[int, ...]
    together: bool = False

    @property
    def where(self) -> str:
        """The column and the first lines, for a message."""
        shown = ", ".join(str(line) for line in self.lines[:LINES_SHOWN])
        more = len(self.lines) - LINES_SHOWN
        lines = f"line {shown}" if len(self.lines) == 1 else f"lines {shown}"
        return f"column {self.column}, {lines}" + (f" and {more} more" if more > 0 else "")


class CellReading:
    """The cells of a column -> what they stand for, and the codes that were not explained.

    A column has few different codes and many rows: what a cell stands for is worked out once.
    """

    def __init__(self, column: Column, meaning: Meaning) -> None:
        self.column, self._meaning = column, meaning
        self._known: dict[str, Value | Missing] = {}
        self._unknown: dict[str, list[int]] = defaultdict(list)

    def value(self, row: DataRow) -> Value | Missing:
        """What the row has in this column; a question without a row of its own was not shown."""
        cell = row.cells.get(self.column.name)
        if cell is None:
            return NOT_SHOWN
        if cell in self._known:
            return self._known[cell]
        value = self._read(cell)
        if value is None:
            self._unknown[normal_code(cell)].append(row.line)
            return OUT_OF_RANGE
        self._known[cell] = value
        return value

    @property
    def unknown(self) -> Iterator[tuple[Column, UnknownCode]]:
        """The codes that nothing explains."""
        for code, lines in self._unknown.items():
            yield self.column, UnknownCode(self.column.name, code, tuple(lines))

    def _read(self, cell: str) -> Value | Missing | None:
        code = normal_code(cell)
        if code in self.column.missing:
            return Missing(self.column.missing[code])
        return self._meaning(cell)
