"""Contents: sections, tables and figures with their pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import Paragraph, Table

from analysis.report.typesetting.fonts import SERIF
from analysis.report.typesetting.layout import Placed
from analysis.report.typesetting.palette import INK
from analysis.report.typesetting.style import TEXT_WIDTH, plain, style
from analysis.report.writer import Writer

_PAGE_COLUMN = 26.0


def write(report: Writer) -> None:
    """The contents, from the page numbers of the pass before."""
    report.unnumbered("contents", "Contents")
    placed = report.index.placed
    sections = [each for each in placed if each.mark.kind == "section"]
    _listing(report, [each for each in sections if each.mark.key not in ("summary", "contents")])
    for kind, title in (("table", "Tables"), ("figure", "Figures")):
        found = [each for each in placed if each.mark.kind == kind]
        if found:
            report.room(60)
            report.text(title, "subsection")
            _listing(report, found)
    report.new_page()


def _line(each: Placed) -> list[Any]:
    mark = each.mark
    first = mark.kind == "section" and mark.level == 1
    name = "contents_1" if first else "contents_2" if mark.kind == "section" else "contents_3"
    number = f"{mark.number}&nbsp;&nbsp;&nbsp;" if mark.number else ""
    words = f'<a href="#{mark.key}">{number}{plain(mark.title)}</a>'
    return [Paragraph(f"<b>{words}</b>" if first else words, style(name)), str(each.page)]


def _listing(report: Writer, entries: Sequence[Placed]) -> None:
    if not entries:
        return
    made = Table(
        [_line(each) for each in entries],
        colWidths=[TEXT_WIDTH - _PAGE_COLUMN, _PAGE_COLUMN],
    )
    made.setStyle(
        [
            ("FONT", (0, 0), (-1, -1), SERIF, 9.2, 10.6),
            ("TEXTCOLOR", (1, 0), (1, -1), INK),
            ("ALIGN", (1, 0), (1, -1), "RIGHT"),
            ("VALIGN", (0, 0), (-1, -1), "BOTTOM"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0.4),
        ]
    )
    report.flow(made)
