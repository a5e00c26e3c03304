"""Tables that whoever reads them sorts, filters, searches and takes as CSV: one way for all lists.

The address says what is asked for (`?sort=-began&state=done&q=tea`), so that a view can be kept
and sent on, and nothing needs script. `file=csv` asks for the same rows, all of them, as a file.
Rows are a query, which the database sorts, or a short list, which is sorted here. What an address
cannot mean is left out.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import get_language, override

from surveys.exports.cells import CsvWriter, cell
from surveys.workspace.lists.paging import KeyedPaginator

Words = str | Promise
# What says which part of the rows is shown: another order or filter begins at the beginning.
_PLACES = ("page", "before", "file", "seen")
_LONGEST_SEARCH = 120


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key in addresses, its heading, and what a row says in it.

    `value` is what a file has, and what a list is sorted by; without it the column is on the page
    alone. A query is sorted by the fields of `order`; without them it is not by this column.
    """

    key: str
    label: Words
    value: Callable[[Any], object] | None = None
    order: tuple[str, ...] = ()
    number: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice of rows: by a `field` of a query, or by the `value` of a row in a list."""

    key: str
    label: Words
    choices: Sequence[tuple[str, Words]]
    anything: Words
    field: str = ""
    value: Callable[[Any], object] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A list of one kind. `first` is the order without a wish, `-` before the key turns it.

    `searched` are fields of a query; a list is searched in what its columns say.
    """

    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    first: str = ""
    searches: bool = False
    searched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a table; `sort` is empty where nothing can be sorted."""

    sort: str
    turned: bool
    chosen: dict[str, str]
    words: str

    @property
    def narrows(self) -> bool:
        """Whether some rows may be left out."""
        return bool(self.words or self.chosen)


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: the address that sorts by it (empty: none), and how it is sorted."""

    label: Words
    address: str
    sorted: str
    number: bool


@dataclass(frozen=True, slots=True)
class ShownTable:
    """What a template needs of a table, and the rows that were asked for.

    `page` is the part of them that is shown, where there are pages.
    """

    table: Table
    asked: Asked
    rows: Iterable[Any]
    headings: Sequence[Heading]
    file_address: str
    is_file: bool
    page: Page[Any] | None = None

    @property
    def filters(self) -> list[tuple[Filter, str]]:
        """Each filter with what was chosen."""
        return [(one, self.asked.chosen.get(one.key, "")) for one in self.table.filters]

    def file(self, name: str) -> StreamingHttpResponse:
        """All rows that were asked for as CSV, in the reader's language."""
        return csv_file(name, self.table.columns, self.rows)


def show(
    request: HttpRequest, table: Table, rows: QuerySet[Any] | Sequence[Any], *, per_page: int = 0
) -> ShownTable:
    """The rows as the address wants them; `per_page` 0: all at once."""
    asked = read_asked(request, table)
    found: QuerySet[Any] | list[Any]
    if isinstance(rows, QuerySet):
        found = _of_query(table, asked, rows)
    else:
        found = _of_list(table, asked, rows)
    page = KeyedPaginator(found, per_page).get_page(request.GET.get("page")) if per_page else None
    return ShownTable(
        table,
        asked,
        found,
        headings(request, table, asked, of_query=isinstance(rows, QuerySet)),
        address_with(request, file="csv"),
        request.GET.get("file") == "csv",
        page,
    )


def read_asked(request: HttpRequest, table: Table) -> Asked:
    """What the address asks for, of what the table offers."""
    wish = request.GET.get("sort", "")
    if wish.removeprefix("-") not in {one.key for one in table.columns}:
        wish = table.first
    given = {one.key: request.GET.get(one.key, "") for one in table.filters}
    offered = {one.key: {str(value) for value, _label in one.choices} for one in table.filters}
    words = request.GET.get("q", "").strip()[:_LONGEST_SEARCH] if table.searches else ""
    return Asked(
        wish.removeprefix("-"),
        wish.startswith("-"),
        {key: value for key, value in given.items() if value and value in offered[key]},
        words,
    )


def headings(request: HttpRequest, table: Table, asked: Asked, *, of_query: bool) -> list[Heading]:
    """The heads of the columns; whatever can be sorted by has an address."""
    return [
        _heading(request, one, asked, sorts=bool(one.order) if of_query else one.value is not None)
        for one in table.columns
    ]


def _heading(request: HttpRequest, column: Column, asked: Asked, *, sorts: bool) -> Heading:
    if not sorts:
        return Heading(column.label, "", "", column.number)
    is_it = asked.sort == column.key
    turn = "-" if is_it and not asked.turned else ""
    now = ("descending" if asked.turned else "ascending") if is_it else "none"
    address = address_with(request, sort=turn + column.key)
    return Heading(column.label, address, now, column.number)


def address_with(request: HttpRequest, **changed: str) -> str:
    """The address of the page with this changed in its question, from the first row on."""
    given = request.GET.copy()
    for place in _PLACES:
        given.pop(place, None)
    for name, value in changed.items():
        given[name] = value
    return f"?{given.urlencode()}"


def ordered(rows: QuerySet[Any], table: Table, asked: Asked) -> QuerySet[Any]:
    """A query in the order that is asked for, rows without a value last; equal ones by key."""
    column = next((one for one in table.columns if one.key == asked.sort), None)
    if column is None or not column.order:
        return rows
    fields = map(F, column.order)
    turned = [
        one.desc(nulls_last=True) if asked.turned else one.asc(nulls_last=True) for one in fields
    ]
    return rows.order_by(*turned, "-pk" if asked.turned else "pk")


def _of_query(table: Table, asked: Asked, rows: QuerySet[Any]) -> QuerySet[Any]:
    for one in table.filters:
        if one.key in asked.chosen:
            rows = rows.filter(**{one.field: asked.chosen[one.key]})
    if asked.words:
        found = Q()
        for field in table.searched:
            found |= Q(**{f"{field}__icontains": asked.words})
        rows = rows.filter(found)
    return ordered(rows, table, asked)


def _of_list(table: Table, asked: Asked, rows: Sequence[Any]) -> list[Any]:
    kept = [row for row in rows if _is_wanted(table, asked, row)]
    column = next((one for one in table.columns if one.key == asked.sort), None)
    if column is None or column.value is None:
        return kept
    said = [(column.value(row), row) for row in kept]
    known = [one for one in said if one[0] not in (None, "")]
    unknown = [row for value, row in said if value in (None, "")]
    known.sort(key=lambda one: _comparable(one[0]), reverse=asked.turned)
    return [row for _value, row in known] + unknown


def _is_wanted(table: Table, asked: Asked, row: object) -> bool:
    for one in table.filters:
        wanted = asked.chosen.get(one.key)
        if wanted is not None and one.value is not None and str(one.value(row)) != wanted:
            return False
    if not asked.words:
        return True
    said = (str(one.value(row)) for one in table.columns if one.value)
    return any(asked.words.casefold() in words.casefold() for words in said)


def _comparable(value: object) -> Any:
    return str(value).casefold() if isinstance(value, str | Promise) else value


def csv_file(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> StreamingHttpResponse:
    """A file of `rows`, a row at a time, with the columns that say something."""
    written = [one for one in columns if one.value]
    return StreamingHttpResponse(
        _lines(written, rows, get_language() or "en"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(columns: Sequence[Column], rows: Iterable[Any], language: str) -> Iterator[str]:
    """With a byte order mark, by which spreadsheets know the letters."""
    # Nobody's language is known any more when a stream is read.
    with override(language):
        yield "\ufeff" + csv_line([str(one.label) for one in columns])
        if isinstance(rows, QuerySet):
            rows = rows.iterator(chunk_size=500)
        for row in rows:
            yield csv_line([_cell(one.value(row)) for one in columns if one.value])


def csv_line(cells: Sequence[str]) -> str:
    """One line of a CSV file; no spreadsheet carries out what stands in it."""
    line = io.StringIO()
    CsvWriter(line).write(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    """Nothing for what is not known; times in full, as programs read them."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return cell(str(value) if isinstance(value, Promise) else value)
