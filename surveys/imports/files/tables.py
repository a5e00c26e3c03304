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

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.mistakes import ImportMistake


def table_lines(content: bytes, kind: str, name: str) -> Iterator[list[str]]:
    """The header, then every row, as long as the header or longer; raises `ImportFileError`."""
    if kind == "xlsx":
        yield from _of_workbook(content, name)
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
    return frame, meta


def as_cell(value: Any) -> str:
    """A value as a cell of text has it; nothing for what is missing."""
    if value is None or value != value:  # NaN is the only value that is not itself
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _of_workbook(content: bytes, name: str) -> Iterator[list[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise _other("xlsx", error, name) from None
    rows = book.worksheets[0].iter_rows(values_only=True)
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
