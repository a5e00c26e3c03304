"""Data files that are no text: workbooks, and the files of SPSS and Stata, as lines of cells.

Codes are given as they are stored, user-missing ones among them: labels and declarations of missing
values are read by whoever drafts a mapping.
"""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports.mistakes import ImportMistake
from surveys.questionnaire_files.workbooks import without_results


def table_lines(content: bytes, kind: str, name: str, sheet: str = "") -> Iterator[list[str]]:
    """The header, then every row, as long as the header or longer; raises `ImportFileError`.

    Of a workbook those of `sheet`, or of the first.
    """
    if kind == "xlsx":
        chosen = _sheet(_workbook(content, name), sheet, name)
        _require_results(content, chosen.title, name)
        yield from _of_sheet(chosen)
        return
    frame, _meta = statistics_frame(content, kind, name)
    yield list(frame.columns)
    for row in frame.itertuples(index=False, name=None):
        yield [as_cell(value) for value in row]


def statistics_frame(content: bytes, kind: str, name: str) -> tuple[Any, Any]:
    """A file of SPSS or Stata as a data frame of codes, and what it says of its columns."""
    import pyreadstat

    read = pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"data.{kind}"
        path.write_bytes(content)
        try:
            frame, meta = read(str(path), user_missing=True)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError) as error:
            raise _other(kind, error, name) from None
    for column, held in meta.readstat_variable_types.items():
        if kind == "dta" and held == "float":
            frame[column] = [_as_typed(value) for value in frame[column]]
    return frame, meta


def _as_typed(value: Any) -> Any:
    """A number that Stata keeps with seven digits as it was typed: 7.3, not 7.300000190734863.

    Stata's letters for missing values stay.
    """
    import numpy as np

    return float(str(np.float32(value))) if isinstance(value, float) else value


def as_cell(value: Any) -> str:
    """A value as a cell of text has it; nothing for what is missing."""
    if value is None or value != value:  # NaN is the only value that is not itself
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def sheets_of(content: bytes, name: str) -> dict[str, int]:
    """The sheets of a workbook in order, with how many rows each has; of a single one unknown."""
    book = _workbook(content, name).worksheets
    if len(book) == 1:
        return {book[0].title: 0}
    sheets = {}
    for sheet in book:
        rows = sheet.iter_rows(values_only=True)
        sheets[sheet.title] = sum(any(value is not None for value in row) for row in rows)
    return sheets


def _workbook(content: bytes, name: str) -> Any:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        return load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise _other("xlsx", error, name) from None


def _sheet(book: Any, sheet: str, name: str) -> Any:
    titles = [one.title for one in book.worksheets]
    if sheet and sheet not in titles:
        about = {"given": sheet, "advice": advice(sheet, titles)}
        raise ImportFileError(name, [Problem("data.sheet", ImportMistake.SHEET_UNKNOWN, about)])
    return book.worksheets[titles.index(sheet) if sheet else 0]


def _require_results(content: bytes, title: str, name: str) -> None:
    if found := without_results(content, [title]):
        about = {"cells": ", ".join(found[title])}
        raise ImportFileError(name, [Problem(f"sheet {title}", ImportMistake.NO_RESULTS, about)])


def _of_sheet(sheet: Any) -> Iterator[list[str]]:
    rows = sheet.iter_rows(values_only=True)
    header = [as_cell(value) for value in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    yield header
    for row in rows:
        cells = [as_cell(value) for value in row]
        while len(cells) > len(header) and not cells[-1]:
            cells.pop()
        yield cells + [""] * (len(header) - len(cells))


def _other(kind: str, error: Exception, name: str) -> ImportFileError:
    about = {"format": kind, "reason": str(error)}
    return ImportFileError(name, [Problem("file", ImportMistake.NOT_THAT_FORMAT, about)])
