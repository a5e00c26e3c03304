"""Tables that are longer than a page, as files of the replication archive."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.report.typesetting.tables import Band, Column, Row

_MARKUP = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class TableFile:
    """One table: its place in the archive, its caption, its heading and its rows, all as text."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_file(
    key: str, title: str, columns: Sequence[Column], rows: Sequence[Row | Band]
) -> TableFile:
    """The table as a file; what names the rows below it becomes a first column."""
    banded = any(isinstance(each, Band) for each in rows)
    heading = [_words(column.heading.replace("<br/>", " ")) for column in columns]
    return TableFile(
        name=f"report/tables/{key.removeprefix('table-')}.csv",
        title=title,
        header=("part", *heading) if banded else tuple(heading),
        rows=tuple(_lines(rows, banded=banded)),
    )


def _lines(rows: Sequence[Row | Band], *, banded: bool) -> Iterator[tuple[str, ...]]:
    part = ""
    for each in rows:
        if isinstance(each, Band):
            part = each.title
        else:
            cells = tuple(_cell(value) for value in each.cells)
            yield (part, *cells) if banded else cells


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else str(value.getPlainText())


def _words(markup: str) -> str:
    return _MARKUP.sub("", markup).replace("- ", "-").replace("&nbsp;", " ").strip()
