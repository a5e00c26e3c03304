"""Tables as CSV, written row by row: what is kept of a row is its lines in the files."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from surveys.exports.cells import CsvWriter, cell
from surveys.exports.columns import LONG, Column, oriented
from surveys.exports.content import ExportRow
from surveys.exports.missing import missing_code


class CsvTable:
    """A CSV file under way, UTF-8 with line feeds. No name is cut in it."""

    full: Mapping[str, str] = MappingProxyType({})

    def __init__(self, path: Path, header: Sequence[str], *, exact: bool) -> None:
        self.paths, self.header, self.rows = (path,), tuple(header), 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = CsvWriter(self._file, exact=exact, line_end="\n")
        self._writer.write(self.header)

    def write(self, values: Sequence[object]) -> None:
        """Write one row."""
        self._writer.write(map(cell, values))
        self.rows += 1

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class WideTable(CsvTable):
    """One row for each respondent, one cell for each column; NA where there is no value."""

    def __init__(
        self, path: Path, about: Collection[str], columns: Sequence[Column], *, exact: bool
    ) -> None:
        self._about, self._columns = about, columns
        names = [column.name for column in columns]
        super().__init__(path, [*about, *names], exact=exact)

    def take(self, row: ExportRow) -> None:
        """Write a respondent."""
        self.write([*(row.about.get(name) for name in self._about), *self._values(row)])

    def _values(self, row: ExportRow) -> Iterator[object]:
        for column in self._columns:
            answer = row.answers.get(column.item.ref)
            yield None if answer is None or answer.value is None else column.read(answer)


class LongTable(CsvTable):
    """One row for each answer, with what only an answer has: its place, its reason, its time."""

    def __init__(
        self, path: Path, about: Collection[str], columns: Sequence[Column], *, exact: bool
    ) -> None:
        self._about = about
        self._items = {column.item.ref: column.item for column in columns}
        super().__init__(path, [*about, *LONG], exact=exact)

    def take(self, row: ExportRow) -> None:
        """Write every answer of a respondent, in the order of the study."""
        about = [row.about.get(name) for name in self._about]
        for item in self._items.values():
            if answer := row.answers.get(item.ref):
                reason = answer.missing_reason
                why = (reason, missing_code(reason)) if reason else ("", None)
                given = (item.ref, item.name, answer.position, answer.value)
                how = (answer.elapsed_ms, answer.revision)
                self.write([*about, *given, oriented(item, answer), *why, *how])
