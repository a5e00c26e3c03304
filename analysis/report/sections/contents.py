"""Contents of a document: its sections, tables and figures with their pages."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.typesetting.elements import Element
from analysis.report.typesetting.layout import Placed
from analysis.report.typesetting.parts import text
from analysis.report.typesetting.style import TEXT_WIDTH, plain
from analysis.report.typesetting.tables import grid
from analysis.report.writer import SUPPLEMENT, Writer

_PAGE_COLUMN = 26.0
_GUTTER = 24.0
_LOOK = [
    ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0.4),
]


def write(report: Writer, _content: ReportContent) -> None:
    """The contents, from the page numbers of the pass before; the supplement lists its tables.

    The report's few sections stand in two columns.
    """
    report.unnumbered("contents", _("Contents"))
    placed = report.index.placed
    sections = [each for each in placed if each.mark.kind == "section" and each.mark.number]
    if report.volume is SUPPLEMENT:
        _listing(report, sections)
    else:
        _abreast(report, sections)
    if report.volume is not SUPPLEMENT:
        return
    for kind, title in (("table", _("Tables")), ("figure", _("Figures"))):
        found = [each for each in placed if each.mark.kind == kind]
        if found:
            report.room(60)
            report.text(title, "subsection")
            _listing(report, found)


def _line(each: Placed, of: Element) -> list[object]:
    mark = each.mark
    first = mark.kind == "section" and mark.level == 1
    name = "contents_1" if first else "contents_2" if mark.kind == "section" else "contents_3"
    entry = Element("TOCI", inside=of)
    words = f'<a href="#{mark.key}">{mark.number}&nbsp;&nbsp;&nbsp;{plain(mark.title)}</a>'
    return [
        text(f"<b>{words}</b>" if first else words, name, element=Element("P", inside=entry)),
        text(str(each.page), f"{name}_page", element=Element("P", inside=entry)),
    ]


def _listing(report: Writer, entries: Sequence[Placed]) -> None:
    if not entries:
        return
    whole = Element("TOC")
    lines = [_line(each, whole) for each in entries]
    report.flow(grid(lines, [TEXT_WIDTH - _PAGE_COLUMN, _PAGE_COLUMN], _LOOK))


def _abreast(report: Writer, entries: Sequence[Placed]) -> None:
    if not entries:
        return
    whole = Element("TOC")
    lines = [_line(each, whole) for each in entries]
    half = -(-len(lines) // 2)
    wide = (TEXT_WIDTH - _GUTTER) / 2
    columns = [
        grid(part, [wide - _PAGE_COLUMN, _PAGE_COLUMN], _LOOK)
        for part in (lines[:half], lines[half:])
        if part
    ]
    widths = [wide + _GUTTER, wide]
    report.whole(
        grid([columns], widths[: len(columns)], [*_LOOK, ("VALIGN", (0, 0), (-1, -1), "TOP")])
    )
