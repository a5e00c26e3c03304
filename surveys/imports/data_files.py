"""A CSV file as rows that know the line they stand on."""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.errors import FileMistake


@dataclass(frozen=True, slots=True)
class FileLayout:
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


def read_data_file(path: Path | str, layout: FileLayout) -> DataFile:
    """Read a CSV file; raises `ImportFileError` with every line that does not fit the header."""
    path = Path(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise ImportFileError(str(path), [Problem("file", FileMistake.FILE_MISSING)]) from None
    except OSError as error:
        problem = Problem("file", FileMistake.FILE_UNREADABLE, {"reason": error.strerror})
        raise ImportFileError(str(path), [problem]) from None
    return parse_data(content, layout, name=path.name)


def parse_data(content: bytes, layout: FileLayout, *, name: str = "data") -> DataFile:
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
        where = f"line {reader.line_num}"
        problems.append(Problem(where, ImportMistake.NOT_CSV, {"reason": str(error)}))
    if not (problems or rows):
        problems.append(Problem("file", ImportMistake.NO_ROWS))
    if problems:
        raise ImportFileError(name, problems)
    return DataFile(name, hashlib.sha256(content).hexdigest(), header, tuple(rows))


def _text(content: bytes, layout: FileLayout, name: str) -> str:
    # Spreadsheets mark UTF-8 with a byte order mark, which would stick to the first column's name.
    encoding = "utf-8-sig" if layout.encoding.lower() in {"utf-8", "utf8"} else layout.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        about = {"encoding": layout.encoding}
        problem = Problem(f"line {line}", ImportMistake.WRONG_ENCODING, about)
        raise ImportFileError(name, [problem]) from None


def _header_problems(header: tuple[str, ...], layout: FileLayout) -> list[Problem]:
    problems = [
        Problem("line 1", ImportMistake.REPEATED_COLUMN, {"column": column, "count": count})
        for column, count in Counter(header).items()
        if count > 1
    ]
    if layout.id_column and layout.id_column not in header:
        about = {"column": layout.id_column}
        problems.append(Problem("line 1", ImportMistake.COLUMN_MISSING, about))
    return problems


def _ragged(line: int, found: int, wanted: int) -> Problem:
    about = {"found": found, "wanted": wanted}
    return Problem(f"line {line}", ImportMistake.RAGGED_LINE, about)
