"""A CSV file as rows that know the line they stand on."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveys.imports.refusal import refusal
from surveys.instrument_files import Problem


@dataclass(frozen=True, slots=True)
class Layout:
    """How a data file is written. `id_column` is empty if rows carry no id."""

    id_column: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class DataRow:
    """One row; `line` is the line of the file it ends on, as an editor counts."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file that was read; `checksum` is the SHA-256 (hex) of its bytes."""

    name: str
    checksum: str
    header: tuple[str, ...]
    rows: tuple[DataRow, ...]


def read_data_file(path: Path | str, layout: Layout) -> DataFile:
    """Read a CSV file; raises `ImportFileError` with every line that does not fit the header."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Problem("file", f"it cannot be read ({error.strerror}); check it", "file_missing")
        raise refusal(str(path), [problem]) from None
    return parse_data(content, layout, name=path.name)


def parse_data(content: bytes, layout: Layout, *, name: str = "data") -> DataFile:
    """Read the bytes of a CSV file, named `name` in errors; see `read_data_file`."""
    reader = csv.reader(
        io.StringIO(_text(content, layout, name), newline=""), delimiter=layout.delimiter
    )
    problems: list[Problem] = []
    rows: list[DataRow] = []
    header: tuple[str, ...] = ()
    try:
        header = tuple(cell.strip() for cell in next(reader, []))
        problems.extend(_header_problems(header, layout))
        for cells in reader:
            if len(cells) == len(header):
                rows.append(DataRow(reader.line_num, dict(zip(header, cells, strict=True))))
            elif cells:
                problems.append(_ragged(reader.line_num, len(cells), len(header)))
    except csv.Error as error:
        problems.append(Problem(f"line {reader.line_num}", f"{error}; correct it", "not_csv"))
    if not (problems or rows):
        problems.append(Problem("file", "it holds no row under its header", "no_rows"))
    if problems:
        raise refusal(name, problems)
    return DataFile(name, hashlib.sha256(content).hexdigest(), header, tuple(rows))


def _text(content: bytes, layout: Layout, name: str) -> str:
    # Spreadsheets mark UTF-8 with a byte order mark, which would stick to the first column's name.
    encoding = "utf-8-sig" if layout.encoding.lower() in {"utf-8", "utf8"} else layout.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = f"this is not {layout.encoding} text; set `encoding` under [data] or save it so"
        raise refusal(name, [Problem(f"line {line}", message, "wrong_encoding")]) from None


def _header_problems(header: tuple[str, ...], layout: Layout) -> list[Problem]:
    problems = [
        Problem("line 1", f"column {column!r} occurs {count} times; rename it", "repeated_column")
        for column, count in Counter(header).items()
        if count > 1
    ]
    if layout.id_column and layout.id_column not in header:
        message = f"there is no column {layout.id_column!r}, the id column; see [data] id_column"
        problems.append(Problem("line 1", message, "column_missing"))
    return problems


def _ragged(line: int, found: int, wanted: int) -> Problem:
    message = f"{found} cells where the header has {wanted}; correct the line or the delimiter"
    return Problem(f"line {line}", message, "ragged_line")
