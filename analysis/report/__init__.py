"""Results to figures and PDF bytes.

The door of the package: what to print is ``analysis.report.content.ReportContent``. reportlab is
imported inside the functions, because the pages of the site reach this module and must start fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analysis.report.content import ReportContent
    from analysis.report.document import Documents
    from analysis.report.typesetting.tables import TableFile

__all__ = [
    "DrawnFigure",
    "build_documents",
    "long_tables",
    "png_figure",
    "svg_figures",
    "verdicts",
]


@dataclass(frozen=True, slots=True)
class DrawnFigure:
    """A figure of the report as a page shows it; the words are those of the report."""

    key: str
    title: str
    alternative: str
    note: str
    svg: str
    numbers: Sequence[Sequence[str | int | float | None]] = ()


def build_documents(content: ReportContent, *, page_size: str = "A4") -> Documents:
    """The report and its supplement as PDFs on "A4" or "Letter"; equal content, equal bytes.

    Raises:
        ReportError: unknown paper, or fonts that are not installed; see ``errors``.
    """
    from analysis.report.document import write_documents

    return write_documents(content, page_size)


def long_tables(content: ReportContent) -> tuple[TableFile, ...]:
    """The tables that are too long for either document, as they stand in the archive."""
    from analysis.report import document

    return document.long_tables(content)


def png_figure(content: ReportContent, key: str) -> bytes | None:
    """One figure of the report in pixels; None where there is none of this key."""
    from analysis.report.drawings.catalogue import Figures
    from analysis.report.pixels import png

    found = next((one for one in Figures(content).all() if one.key == key), None)
    return png(found.drawing) if found else None


def verdicts(content: ReportContent) -> dict[str, list[str]]:
    """A sentence on each model by its key, one for each source of signs, as the report has it.

    It is mark-up: ``<b>`` stands around the name, and everything else is escaped.
    """
    from analysis.report.sections.body.summary import verdict

    found: dict[str, list[str]] = {}
    for score in content.comparison.vaar:
        found.setdefault(score.group, []).append(verdict(content, score))
    return found


def svg_figures(content: ReportContent) -> list[DrawnFigure]:
    """Every figure of the report as SVG, in the order in which the report shows them."""
    from analysis.language import gettext as _
    from analysis.report.drawings.catalogue import Figures
    from analysis.report.drawings.svg import svg

    return [
        DrawnFigure(
            one.key,
            _(one.title),
            one.alternative,
            _(one.note) if one.note else "",
            svg(one),
            one.numbers,
        )
        for one in Figures(content).all()
    ]
