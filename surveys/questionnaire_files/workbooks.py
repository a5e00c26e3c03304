"""What must be known of a workbook before its cells are read: formulas without results. Pure."""

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMULA = re.compile(rb"<f[ />]")
_MOST = 5


def without_results(
    content: bytes,
    titles: Collection[str] = (),
    *,
    most_rows: int | None = None,
    most_columns: int | None = None,
) -> dict[str, list[str]]:
    """Title of a sheet -> the first places in it of formulas that no program has computed.

    Read without their results such cells look empty: answers would be lost in silence. Looked at
    are sheets with these titles, or all, as far as the rows and columns that will be read.
    """
    if not _has_formulas(content):
        return {}
    written, told = (_book(content, computed=computed) for computed in (False, True))
    most = {"max_row": most_rows, "max_col": most_columns}
    found = {}
    for title in titles or [sheet.title for sheet in written.worksheets]:
        places = _places(written[title].iter_rows(**most), told[title].iter_rows(**most))
        found[title] = list(islice(places, _MOST))
    return {title: places for title, places in found.items() if places}


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheets = [name for name in archive.namelist() if _SHEET.fullmatch(name)]
        return any(_FORMULA.search(archive.read(name)) for name in sheets)


def _book(content: bytes, *, computed: bool) -> Any:
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content), read_only=True, data_only=computed, keep_links=False)


def _places(written: Any, told: Any) -> Iterator[str]:
    """Where a formula stands in the one and nothing in the other; an empty text is a result."""
    for formulas, results in zip(written, told, strict=False):
        for cell, result in zip(formulas, results, strict=False):
            if cell.data_type == "f" and result.value is None and result.data_type != "str":
                yield cell.coordinate
