"""What must be known of a workbook before its cells are read: formulas without results. Pure."""

import io
import re
import zipfile
from typing import Any

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMULA = re.compile(rb"<f[ />]")
_MOST = 5


def without_results(content: bytes, title: str) -> list[str]:
    """The first places in a sheet where a formula stands that no program has computed.

    Read without their results such cells look empty: answers would be lost in silence.
    """
    if not _has_formulas(content):
        return []
    written, told = (_rows(content, title, computed=computed) for computed in (False, True))
    found: list[str] = []
    for formulas, results in zip(written, told, strict=False):
        for cell, result in zip(formulas, results, strict=False):
            # A result that is an empty text is one.
            if cell.data_type == "f" and result.value is None and result.data_type != "str":
                found.append(cell.coordinate)
        if len(found) >= _MOST:
            break
    return found[:_MOST]


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
        return any(_FORMULA.search(archive.read(name)) for name in sheets)


def _rows(content: bytes, title: str, *, computed: bool) -> Any:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=computed)
    return book[title].iter_rows()
