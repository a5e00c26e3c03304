"""How a data file is written, found out from its bytes: kind, encoding, delimiter, labels."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.drafts.roles import is_id
from surveys.imports.files.data_files import (
    DELIMITERS,
    IMPORT_ID,
    DataFile,
    FileFormat,
    FileLayout,
    parse_data,
)
from surveys.imports.files.signatures import FileKind, file_kind
from surveys.imports.files.tables import as_cell, sheets_of, statistics_frame, table_lines
from surveys.imports.mistakes import ImportMistake

# Enough rows to know a delimiter by.
_LINES_LOOKED_AT = 20
_FORMATS: Mapping[FileKind, FileFormat] = {
    FileKind.SPSS: "sav",
    FileKind.STATA: "dta",
    FileKind.WORKBOOK: "xlsx",
}
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_COMMA = re.compile(r"-?\d*,\d+")
_POINT = re.compile(r"-?\d*\.\d+")
# Enough rows to know the decimal sign by.
_ROWS_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Recognised:
    """A data file and what it says of itself.

    `texts` are what questions are called beside the names of their columns; `labels` map the codes
    of a column to words; `missing` are codes that the file declares to be no answers. `sheets` of a
    workbook have so many rows.
    """

    data: DataFile
    layout: FileLayout
    texts: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sheets: Mapping[str, int] = field(default_factory=dict)


def recognise(content: bytes, *, name: str, sheet: str = "") -> Recognised:
    """Find out how a file is written, and read it strictly; raises `ImportFileError`.

    Of a workbook `sheet` is read, or the longest.
    """
    kind = file_kind(content)
    form = _FORMATS.get(kind) if kind else None
    if sheet and form != "xlsx":
        raise ImportFileError(name, [Problem("file", ImportMistake.NO_SHEETS)])
    if form in ("sav", "dta"):
        return _of_statistics(content, form, name)
    sheets = sheets_of(content, name) if form == "xlsx" else {}
    layout = _layout_of_workbook(sheets, sheet) if sheets else _layout_of_text(content)
    texts, header_rows = _further_header(content, layout, name)
    layout = replace(layout, header_rows=header_rows)
    data = parse_data(content, layout, name=name)
    return Recognised(data, replace(layout, decimal=_decimal(data)), texts, sheets=sheets)


def _layout_of_workbook(sheets: Mapping[str, int], sheet: str) -> FileLayout:
    """The sheet with most rows holds the answers; a codebook or a read-me may stand before it."""
    if sheet:
        return FileLayout(format="xlsx", sheet=sheet)
    longest = max(sheets, key=lambda sheet: sheets[sheet])
    return FileLayout(format="xlsx", sheet=longest if len(sheets) > 1 else "")


def _layout_of_text(content: bytes) -> FileLayout:
    encoding = _encoding(content)
    text = content.decode(encoding, errors="replace").removeprefix("\ufeff")
    return FileLayout(encoding=encoding, delimiter=_delimiter(text))


def _encoding(content: bytes) -> str:
    """UTF-16 by its mark, UTF-8 where it is, and otherwise that of Western European Windows."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The sign that divides the first rows into most cells, and all of them alike."""
    lines = text.splitlines(keepends=True)[:_LINES_LOOKED_AT]

    def fit(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        width = widths[0] if widths else 0
        return (widths.count(width) if width > 1 else 0, width)

    return max(DELIMITERS, key=fit)


def _further_header(content: bytes, layout: FileLayout, name: str) -> tuple[dict[str, str], int]:
    """Question texts under the names of columns, and how many rows the header has."""
    lines = _first_lines(content, layout, name)
    if len(lines) < 3:
        return {}, 1
    header, second, third = lines[:3]
    if any(cell.startswith(IMPORT_ID) for cell in second):
        return {}, 2
    texts = dict(zip(header, second, strict=False))
    if any(cell.startswith(IMPORT_ID) for cell in third):
        return texts, 3
    if any(map(is_id, second)) and not any(map(is_id, header)):
        return texts, 2
    numbers = [
        place
        for place, cell in enumerate(third)
        if _NUMBER.fullmatch(cell.strip()) and place < len(second)
    ]
    worded = all(second[place] and not _NUMBER.fullmatch(second[place]) for place in numbers)
    return (texts, 2) if len(numbers) > 1 and worded else ({}, 1)


def _first_lines(content: bytes, layout: FileLayout, name: str) -> list[list[str]]:
    if layout.format == "xlsx":
        return list(islice(table_lines(content, "xlsx", name, layout.sheet), 4))
    text = content.decode(layout.encoding, errors="replace").removeprefix("\ufeff")
    return list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter), 4))


def _decimal(data: DataFile) -> str:
    found: Counter[str] = Counter()
    for row in data.rows[:_ROWS_LOOKED_AT]:
        for cell in row.cells.values():
            found[","] += bool(_COMMA.fullmatch(cell.strip()))
            found["."] += bool(_POINT.fullmatch(cell.strip()))
    return "," if found[","] > found["."] else "."


def _of_statistics(content: bytes, form: FileFormat, name: str) -> Recognised:
    """SPSS and Stata keep words of questions, labels of codes, and what is declared as missing."""
    _frame, meta = statistics_frame(content, form, name)
    labels = {
        column: {as_cell(code): str(label) for code, label in codes.items()}
        for column, codes in meta.variable_value_labels.items()
    }
    layout = FileLayout(format=form)
    texts = {column: text for column, text in meta.column_names_to_labels.items() if text}
    data = parse_data(content, layout, name=name)
    # Stata has letters for missing values, SPSS numbers that are declared to be some.
    missing = {column: list(letters) for column, letters in meta.missing_user_values.items()}
    missing |= {
        column: _declared(spans, {*labels.get(column, ()), *_cells(data, column)})
        for column, spans in meta.missing_ranges.items()
    }
    return Recognised(data, layout, texts, labels, missing)


def _cells(data: DataFile, column: str) -> set[str]:
    return {row.cells.get(column, "") for row in data.rows}


def _declared(spans: Sequence[Mapping[str, Any]], codes: Iterable[str]) -> list[str]:
    """Those of the codes that are within a range of missing values, which may have no end."""
    return [code for code in codes if any(_is_within(code, one["lo"], one["hi"]) for one in spans)]


def _is_within(code: str, low: object, high: object) -> bool:
    if isinstance(low, int | float) and isinstance(high, int | float):
        return _NUMBER.fullmatch(code) is not None and low <= float(code) <= high
    return code == as_cell(low)
