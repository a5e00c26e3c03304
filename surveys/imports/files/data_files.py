"""A CSV file as rows that know the line they stand on.

Read strictly: what a lenient reader would put right in silence gives one person the answers of
another. Every line under the header becomes a row, or is counted with the reason why not, or has
the file refused.
"""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.files.quotation import Stray, stray_quote, swallowed
from surveys.imports.files.signatures import require_text
from surveys.imports.files.tables import table_lines
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.errors import FileMistake

FileFormat = Literal["csv", "xlsx", "sav", "dta"]
FILE_FORMATS: tuple[FileFormat, ...] = ("csv", "xlsx", "sav", "dta")
DELIMITERS = (",", ";", "\t")
NAMES_SHOWN = 12
_PLACED = re.compile(r" ?\(column \d+\)$")
# What Qualtrics writes into its third header row, with the quotation marks of JSON or of Python.
IMPORT_ID = ('{"ImportId"', "{'ImportId'")


@dataclass(frozen=True, slots=True)
class FileLayout:
    """How a data file is written. `id_column` is empty if rows carry no id.

    `header_rows` counts the lines before the first person, of which the first names the columns;
    `decimal` is the sign in numbers. With `line_breaks`, cells may hold lines that look like rows.
    Of a workbook `sheet` is read, or the first.
    """

    id_column: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    header_rows: int = 1
    line_breaks: bool = False
    format: FileFormat = "csv"
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class DataRow:
    """One row; `line` is the line of the file it ends on, as an editor counts.

    Of a person with a row for each answer, the first of their `rows`.
    """

    line: int
    cells: Mapping[str, str]
    rows: int = 1


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file that was read; `checksum` is the SHA-256 (hex) of its bytes.

    `left_out` counts what stands under the header and is nobody's row, by reason: ``blank_line``,
    ``header_row``. Without `ended` the last line has no line end: the file may have been cut there.
    """

    name: str
    checksum: str
    header: tuple[str, ...]
    rows: tuple[DataRow, ...]
    left_out: Mapping[str, int] = field(default_factory=dict)
    ended: bool = True

    @property
    def lines_read(self) -> int:
        """Everything under the header: rows, and what was left out."""
        return sum(row.rows for row in self.rows) + sum(self.left_out.values())


def read_data_file(path: Path | str, layout: FileLayout) -> DataFile:
    """Read a CSV file; raises `ImportFileError` with every line that does not fit the header."""
    return parse_data(read_content(path), layout, name=Path(path).name)


def read_content(path: Path | str) -> bytes:
    """The bytes of a data file; raises `ImportFileError` where it cannot be read."""
    path = Path(path)
    try:
        return path.read_bytes()
    except OSError as error:
        missing = not path.exists()
        code = FileMistake.FILE_MISSING if missing else FileMistake.FILE_UNREADABLE
        problem = Problem("file", code, {"reason": error.strerror})
        raise ImportFileError(path.name, [problem]) from None


def parse_data(content: bytes, layout: FileLayout, *, name: str = "data") -> DataFile:
    """Read the bytes of a data file, named `name` in errors; see `read_data_file`."""
    if layout.format != "csv":
        return _of_table(content, layout, name)
    require_text(content, layout.encoding, name)
    text = text_of(content, layout, name)
    reading = _Reading(list(io.StringIO(text, newline="")), layout)
    reading.read()
    if not (reading.problems or reading.rows):
        reading.problems.append(Problem("file", ImportMistake.NO_ROWS))
    if reading.problems:
        raise ImportFileError(name, reading.problems)
    return DataFile(
        name,
        hashlib.sha256(content).hexdigest(),
        reading.header,
        tuple(reading.rows),
        dict(reading.left_out),
        ended=text.endswith(("\n", "\r")),
    )


def _of_table(content: bytes, layout: FileLayout, name: str) -> DataFile:
    """A workbook, or a file of SPSS or Stata: its rows are counted from the header, line 1."""
    lines = table_lines(content, layout.format, name, layout.sheet)
    header = named_columns(next(lines, []))
    problems = _header_problems(header, layout)
    left_out: Counter[str] = Counter()
    rows: list[DataRow] = []
    for number, cells in enumerate(lines, start=2):
        if number <= layout.header_rows:
            left_out["header_row"] += 1
        elif not any(cells):
            left_out["blank_line"] += 1
        elif len(cells) > len(header):
            about = {"found": len(cells), "wanted": len(header), "header": names_shown(header)}
            problems.append(Problem(f"line {number}", ImportMistake.RAGGED_LINE, about))
        else:
            rows.append(DataRow(number, dict(zip(header, cells, strict=True))))
    if not (rows or problems):
        problems.append(Problem("file", ImportMistake.NO_ROWS))
    if problems:
        raise ImportFileError(name, problems)
    return DataFile(name, hashlib.sha256(content).hexdigest(), header, tuple(rows), dict(left_out))


def kept_rows(data: DataFile, only: Mapping[str, Sequence[str]]) -> DataFile:
    """The rows that have one of the codes in each of these columns; others are ``filtered``.

    Raises `ImportFileError` (`column_missing`, `no_rows`).
    """
    for column in only:
        if column not in data.header:
            problem = absent_column(column, data.header, f"column {column}")
            raise ImportFileError(data.name, [problem])
    rows = tuple(
        row
        for row in data.rows
        if all(row.cells[column].strip() in codes for column, codes in only.items())
    )
    if not rows:
        raise ImportFileError(data.name, [Problem("file", ImportMistake.NO_ROWS)])
    if len(rows) == len(data.rows):
        return data
    left_out = {**data.left_out, "filtered": len(data.rows) - len(rows)}
    return replace(data, rows=rows, left_out=left_out)


def names_shown(header: Sequence[str]) -> str:
    """The header as a message shows it."""
    more = len(header) - NAMES_SHOWN
    return ", ".join(header[:NAMES_SHOWN]) + (f", … (+ {more})" if more > 0 else "")


@dataclass
class _Reading:
    """The rows of a file, what was left out, and what is wrong, as far as it was read."""

    lines: Sequence[str]
    layout: FileLayout
    header: tuple[str, ...] = ()
    rows: list[DataRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> None:
        reader = csv.reader(self.lines, delimiter=self.layout.delimiter, strict=True)
        begun = 0
        try:
            self.header = named_columns(next(reader, []))
            if not self._header_fits():
                return
            begun = reader.line_num
            for cells in reader:
                self._take(cells, begun, reader.line_num)
                begun = reader.line_num
        except csv.Error as error:
            self.problems.append(self._unreadable(begun, error))

    def _take(self, cells: Sequence[str], begun: int, line: int) -> None:
        if line - begun > 1 and not self.layout.line_breaks:
            self.problems.extend(self._swallowed(cells, begun, line))
        if not cells:
            self.left_out["blank_line"] += 1
        elif sum(self.left_out.values()) + len(self.rows) + 1 < self.layout.header_rows:
            self.left_out["header_row"] += 1
        elif cells[0].startswith(IMPORT_ID) or cells[-1].startswith(IMPORT_ID):
            about = {"lines": line, "found": cells[-1]}
            self.problems.append(Problem(f"line {line}", ImportMistake.HEADER_ROW, about))
        elif len(cells) == len(self.header):
            self.rows.append(DataRow(line, dict(zip(self.header, cells, strict=True))))
        else:
            self.problems.append(self._ragged(cells, line))

    def _header_fits(self) -> bool:
        """Whether the rest is worth reading: not where the delimiter is another."""
        if problem := _wrong_delimiter(self.header, self.layout.delimiter):
            self.problems.append(problem)
            return False
        self.problems.extend(_header_problems(self.header, self.layout))
        return True

    def _ragged(self, cells: Sequence[str], line: int) -> Problem:
        found, wanted = len(cells), len(self.header)
        about = {"found": found, "wanted": wanted, "header": names_shown(self.header)}
        if found > wanted:
            return Problem(f"line {line}, cell {wanted + 1}", ImportMistake.RAGGED_LINE, about)
        where = f"line {line}, column {self.header[found]}"
        last = line == len(self.lines)
        return Problem(where, ImportMistake.CUT_FILE if last else ImportMistake.RAGGED_LINE, about)

    def _swallowed(self, cells: Sequence[str], begun: int, line: int) -> Iterator[Problem]:
        if not swallowed(self.lines[begun:line], self.layout.delimiter, len(self.header)):
            return
        place = next(at for at, cell in enumerate(cells) if "\n" in cell or "\r" in cell)
        column = self.header[place] if place < len(self.header) else str(place + 1)
        where = f"line {begun + 1}, column {column}"
        about = {"first": begun + 1, "last": line}
        yield Problem(where, ImportMistake.SWALLOWED_ROWS, about)

    def _unreadable(self, begun: int, error: csv.Error) -> Problem:
        stray = stray_quote(self.lines[begun:], self.layout.delimiter)
        if stray is None:
            return Problem(f"line {begun + 1}", ImportMistake.NOT_CSV, {"reason": str(error)})
        column = self.header[stray.cell] if stray.cell < len(self.header) else str(stray.cell + 1)
        where = f"line {begun + stray.opened}, column {column}"
        return Problem(where, *_said_of(stray, begun))


def _said_of(stray: Stray, begun: int) -> tuple[ImportMistake, dict[str, object]]:
    if not stray.found:
        return ImportMistake.QUOTE_UNCLOSED, {}
    return ImportMistake.STRAY_QUOTE, {"line": begun + stray.closed, "found": stray.found}


def text_of(content: bytes, layout: FileLayout, name: str) -> str:
    """The text of a file; raises `ImportFileError` where it is written in another encoding."""
    # Spreadsheets mark UTF-8 with a byte order mark, which would stick to the first column's name.
    encoding = "utf-8-sig" if layout.encoding.lower() in {"utf-8", "utf8"} else layout.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        about = {"encoding": layout.encoding}
        problem = Problem(f"line {line}", ImportMistake.WRONG_ENCODING, about)
        raise ImportFileError(name, [problem]) from None


def _wrong_delimiter(header: Sequence[str], delimiter: str) -> Problem | None:
    if len(header) != 1:
        return None
    counts = {other: header[0].count(other) for other in DELIMITERS if other != delimiter}
    likely = max(counts, key=lambda other: counts[other])
    if not counts[likely]:
        return None
    columns = [name.strip().strip('"') for name in header[0].split(likely)]
    shown = "\\t" if likely == "\t" else likely
    about = {"likely": shown, "count": len(columns), "header": names_shown(columns)}
    return Problem("line 1", ImportMistake.WRONG_DELIMITER, about)


def _header_problems(header: tuple[str, ...], layout: FileLayout) -> list[Problem]:
    absent = layout.id_column and layout.id_column not in header
    return [absent_column(layout.id_column, header, "line 1")] if absent else []


def absent_column(column: str, header: Sequence[str], where: str) -> Problem:
    """What is wrong with the name of a column that is not in the header, or there repeatedly."""
    if alike := [one for one in header if _PLACED.sub("", one) == column]:
        about = {"column": column, "count": len(alike), "names": ", ".join(alike)}
        return Problem(where, ImportMistake.REPEATED_COLUMN, about)
    about = {"column": column, "header": names_shown(header)}
    return Problem(where, ImportMistake.COLUMN_MISSING, about)


def named_columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The names in a header; a name that is not the only one, or is empty, with its place."""
    names = [cell.strip() for cell in cells]
    counts = Counter(names)
    return tuple(
        name if name and counts[name] == 1 else f"{name} (column {place})".strip()
        for place, name in enumerate(names, start=1)
    )
