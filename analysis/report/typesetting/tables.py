"""Tables with three rules and no boxes, whose rows are text and not pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import LongTable, Table

from analysis.language import gettext
from analysis.report.typesetting.cells import RowKind, TableTags, rules_are_furniture
from analysis.report.typesetting.elements import Element
from analysis.report.typesetting.fonts import SERIF, SERIF_BOLD
from analysis.report.typesetting.formatting import FIXED_WORDS
from analysis.report.typesetting.palette import ALERT, INK, SILVER
from analysis.report.typesetting.parts import cell
from analysis.report.typesetting.style import TABLE_LEADING, TABLE_SIZE, TEXT_WIDTH, plain

Align = Literal["left", "right", "centre"]
Cell = Any  # text, or a flowable such as a small drawing

_HEAVY = 0.9
_LIGHT = 0.45
_FEWEST_ROWS = 3
# On the right of a cell, and what rounding may take: points.
_PADDING = 3.5
# A longer one is a checksum or an address, which may be broken: characters.
_LONGEST_WORD = 24
_WHOLE_BAND = 6
# Points; what is left of a page at whose top a table begins is more.
_ALMOST_A_PAGE = 600.0


_MARKUP = re.compile(r"<[^>]+>")
T = TypeVar("T")
SIDE_BY_SIDE = 3


def side_by_side(things: Sequence[T]) -> list[tuple[str, Sequence[T]]]:
    """Things that get a column each, as many as fit; the text tells several tables apart."""
    parts = [things[at : at + SIDE_BY_SIDE] for at in range(0, len(things), SIDE_BY_SIDE)]
    if len(parts) == 1:
        return [("", parts[0])]
    told = gettext(" ({at} of {parts})")
    return [(told.format(at=at, parts=len(parts)), part) for at, part in enumerate(parts, start=1)]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading (markup allowed), its share of the width, and how it is set.

    ``wrap`` sets the cells as paragraphs; numbers do without, which is several times faster.
    """

    heading: str
    width: float
    align: Align = "right"
    wrap: bool = False


def words(heading: str, width: float) -> Column:
    """A column of text that may run over several lines."""
    return Column(heading, width, "left", wrap=True)


def numbers(heading: str, width: float) -> Column:
    """A column of figures, set to the right so that equal decimals line up."""
    return Column(heading, width)


@dataclass(frozen=True, slots=True)
class Band:
    """A row that names the rows below it."""

    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row of cells.

    ``alert`` prints it in red, beside the words that say the same; ``span`` lets the second cell
    reach to the right edge.
    """

    cells: tuple[Cell, ...]
    alert: bool = False
    span: bool = False


def row(*cells: Cell, alert: bool = False, span: bool = False) -> Row:
    """Shorthand for a ``Row``."""
    return Row(cells, alert, span)


def _paragraph(text: str, kind: str, align: Align, *, alert: bool = False) -> Any:
    name = kind if align == "left" else f"{kind}_{align}"
    shown = f'<font color="#{ALERT.hexval()[2:]}">{text}</font>' if alert else text
    return cell(shown, name)


def _cell(value: Cell, column: Column, *, alert: bool) -> Any:
    value = gettext(value) if value in FIXED_WORDS else value
    if isinstance(value, str) and column.wrap:
        return _paragraph(plain(value), "cell", column.align, alert=alert)
    return value


def _line(entry: Row | Band, columns: Sequence[Column]) -> list[Any]:
    if isinstance(entry, Band):
        title = cell(f"<i>{plain(gettext(entry.title))}</i>", "cell")
        return [title, *[""] * (len(columns) - 1)]
    cells = [*entry.cells, *[""] * (len(columns) - len(entry.cells))] if entry.span else entry.cells
    return [
        _cell(value, column, alert=entry.alert)
        for value, column in zip(cells, columns, strict=True)
    ]


def _band_size(below: Sequence[Row | Band]) -> int:
    """How many rows below a band stay with it: all of a small one, two of a large one."""
    size = next((at for at, each in enumerate(below) if isinstance(each, Band)), len(below))
    return size if size <= _WHOLE_BAND else 2


def _commands(entries: Sequence[Row | Band], columns: Sequence[Column]) -> list[tuple[Any, ...]]:
    """Rules, fonts and spans for reportlab; row 0 is the heading."""
    last = len(columns) - 1
    commands: list[tuple[Any, ...]] = [
        ("FONT", (0, 0), (-1, -1), SERIF, TABLE_SIZE, TABLE_LEADING),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        *[("LEFTPADDING", (at, 0), (at, -1), 9) for at, each in enumerate(columns) if each.wrap],
        ("LEFTPADDING", (0, 0), (0, -1), 1),
        ("RIGHTPADDING", (last, 0), (last, -1), 1),
        ("TOPPADDING", (0, 0), (-1, -1), 1.7),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.7),
        ("BOTTOMPADDING", (0, 0), (-1, 0), 3),
        ("TOPPADDING", (0, 0), (-1, 0), 3),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LINEABOVE", (0, 0), (-1, 0), _HEAVY, INK),
        ("LINEBELOW", (0, 0), (-1, 0), _LIGHT, INK),
        ("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), _LIGHT, SILVER),
        ("LINEBELOW", (0, len(entries)), (-1, len(entries)), _HEAVY, INK),
    ]
    commands += [
        ("ALIGN", (at, 0), (at, -1), "CENTER" if column.align == "centre" else column.align.upper())
        for at, column in enumerate(columns)
    ]
    for at, entry in enumerate(entries, start=1):
        if isinstance(entry, Band):
            commands += [
                ("SPAN", (0, at), (-1, at)),
                ("TOPPADDING", (0, at), (-1, at), 5 if at > 1 else 3),
                ("NOSPLIT", (0, at), (-1, at + _band_size(entries[at:]))),
            ]
            continue
        if entry.alert:
            commands.append(("TEXTCOLOR", (0, at), (-1, at), ALERT))
        if entry.span:
            commands.append(("SPAN", (1, at), (-1, at)))
    return commands


class _WholeRows(LongTable):  # type: ignore[misc]  # reportlab carries no types
    """A table that parts rows which should stay together rather than not fit any page."""

    def draw(self) -> None:
        """Draw rules, rows and cells, which its tags count."""
        if self.canv.draft:
            self._renderCB.begin()
        else:
            super().draw()

    def split(self, width: float, height: float) -> list[Any]:
        """The parts; on a page of its own wherever a part fits."""
        parts: list[Any] = super().split(width, height)
        if not parts and height > _ALMOST_A_PAGE:
            self._nosplitCmds: list[Any] = []
            parts = super().split(width, height)
        return parts


def table(
    columns: Sequence[Column],
    entries: Sequence[Row | Band],
    element: Element,
    *,
    note: str = "",
    width: float = 1.0,
) -> Any:
    """A table as wide as the text, or a part of it; its heading is repeated on every page.

    ``note`` (markup) is set below the last rule and never parts from the last rows.
    """
    widths = _widths(columns, entries, width * TEXT_WIDTH)
    lines = [[_paragraph(gettext(column.heading), "head", column.align) for column in columns]]
    lines += [_line(entry, columns) for entry in entries]
    commands = _commands(entries, columns) + _uncut(len(entries))
    kinds: list[RowKind] = ["head", *map(_kind, entries)]
    if note:
        lines.append([cell(note, "note"), *[""] * (len(columns) - 1)])
        commands += _below_the_rule(len(lines) - 1)
        kinds.append("note")
    tags = TableTags(element, kinds, len(columns), row_headers=columns[0].wrap)
    made = _WholeRows(lines, colWidths=widths, repeatRows=1, hAlign="LEFT", renderCB=tags)
    made.setStyle(commands)
    return made


def _widths(columns: Sequence[Column], entries: Sequence[Row | Band], whole: float) -> list[float]:
    """The share of each column, and never less than its longest word needs.

    What is wanting is taken from the columns that have room, by how much they have.
    """
    total = sum(column.width for column in columns)
    shares = [whole * column.width / total for column in columns]
    needed = [_needed(column, at, entries) for at, column in enumerate(columns)]
    room = [max(0.0, share - need) for share, need in zip(shares, needed, strict=True)]
    wanting = sum(max(0.0, need - share) for share, need in zip(shares, needed, strict=True))
    if not wanting or wanting > sum(room):
        return shares
    return [
        max(need, share - wanting * spare / sum(room))
        for share, need, spare in zip(shares, needed, room, strict=True)
    ]


def _needed(column: Column, at: int, entries: Sequence[Row | Band]) -> float:
    """What the longest word of a column takes with the padding beside it, in points.

    Cells of figures are set whole.
    """
    heading = _unmarked(gettext(column.heading).replace("<br/>", "\n"))
    longest = max(
        (stringWidth(word, SERIF_BOLD, TABLE_SIZE) for word in heading.split()), default=0
    )
    cells = [each.cells[at] for each in entries if isinstance(each, Row) and not each.span]
    texts = {gettext(cell) if cell in FIXED_WORDS else cell for cell in cells if _is_text(cell)}
    if column.wrap:
        texts = {word for text in texts for word in text.split() if len(word) <= _LONGEST_WORD}
    longest = max([longest, *(stringWidth(text, SERIF, TABLE_SIZE) for text in texts)])
    return float(longest + _PADDING + (9 if column.wrap else 3))


def _is_text(cell: Cell) -> bool:
    return isinstance(cell, str)


def opening_rows(entries: Sequence[Row | Band]) -> int:
    """How many rows, the heading included, no page break may part."""
    banded = entries and isinstance(entries[0], Band)
    return 1 + max(_FEWEST_ROWS, 1 + _band_size(entries[1:]) if banded else 0)


def _kind(entry: Row | Band) -> RowKind:
    if isinstance(entry, Band):
        return "band"
    return "span" if entry.span else "row"


class _Grid(Table):  # type: ignore[misc]  # reportlab carries no types
    """Parts side by side."""

    def draw(self) -> None:
        """Draw the parts."""
        if not self.canv.draft:
            super().draw()


def grid(lines: Sequence[Sequence[Any]], widths: Sequence[float], style: Sequence[Any]) -> Any:
    """Parts set side by side that are no table to a reader; each keeps its own place."""
    made = _Grid(lines, colWidths=widths, hAlign="LEFT", renderCB=rules_are_furniture)
    # A cell without a font of its own would bring in Helvetica, which cannot be embedded.
    made.setStyle([("FONT", (0, 0), (-1, -1), SERIF), *style])
    return made


def _below_the_rule(last: int) -> list[tuple[Any, ...]]:
    """The row of a note: as wide as the table, with its own air."""
    return [
        ("SPAN", (0, last), (-1, last)),
        ("TOPPADDING", (0, last), (-1, last), 4),
        ("NOSPLIT", (0, max(0, last - _FEWEST_ROWS)), (-1, last)),
    ]


def _uncut(entries: int) -> list[tuple[Any, ...]]:
    """No page begins or ends with fewer than three rows of a table."""
    if entries < 2 * _FEWEST_ROWS:
        return []
    return [
        ("NOSPLIT", (0, 0), (-1, _FEWEST_ROWS)),
        ("NOSPLIT", (0, entries - _FEWEST_ROWS + 1), (-1, entries)),
    ]


# ---------------------------------------------------------------- longer than a page


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
    heading = [_unmarked(column.heading.replace("<br/>", " ")) for column in columns]
    return TableFile(
        name=f"report/tables/{key.removeprefix('table-')}.csv",
        title=title,
        header=("part", *heading) if banded else tuple(heading),
        rows=tuple(_filed_rows(rows, banded=banded)),
    )


def _filed_rows(rows: Sequence[Row | Band], *, banded: bool) -> Iterator[tuple[str, ...]]:
    part = ""
    for each in rows:
        if isinstance(each, Band):
            part = each.title
        else:
            cells = tuple(_as_text(value) for value in each.cells)
            yield (part, *cells) if banded else cells


def _as_text(value: Cell) -> str:
    return value if isinstance(value, str) else str(value.getPlainText())


def _unmarked(markup: str) -> str:
    return _MARKUP.sub("", markup).replace("- ", "-").replace("&nbsp;", " ").strip()
