"""Header and footer: what a single page torn from the report must still say."""

from __future__ import annotations

from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth

from analysis.language import gettext as _
from analysis.report.content import MODEL_LABEL, SIMULATED_LABEL, ReportContent
from analysis.report.typesetting.fonts import SANS, SANS_BOLD
from analysis.report.typesetting.formatting import recorded
from analysis.report.typesetting.layout import Furniture
from analysis.report.typesetting.palette import GREY, INK, SILVER
from analysis.report.typesetting.style import BOTTOM_MARGIN, TEXT_WIDTH, TOP_MARGIN
from analysis.report.writer import REPORT, SUPPLEMENT, Volume

_SIZE = 7.0


def _label(canvas: Any, right: float, y: float, words: str, *, strong: bool) -> float:
    """A framed label that ends at ``right``; returns where the next one may end."""
    font = SANS_BOLD if strong else SANS
    width = stringWidth(words, font, _SIZE) + 8
    canvas.setLineWidth(0.8 if strong else 0.5)
    canvas.setStrokeColor(INK)
    canvas.setFillColor(INK)
    canvas.roundRect(right - width, y - 3.4, width, 11.2, 2, stroke=1, fill=0)
    canvas.setFont(font, _SIZE)
    canvas.drawString(right - width + 4, y, words)
    return float(right - width - 5)


def _header(canvas: Any, content: ReportContent, left: float, y: float) -> None:
    right = left + TEXT_WIDTH
    if content.simulated:
        right = _label(canvas, right, y, _(SIMULATED_LABEL), strong=True)
    if content.model_groups:
        right = _label(
            canvas, right, y, _("models: {label}").format(label=_(MODEL_LABEL)), strong=False
        )
    canvas.setFillColor(GREY)
    canvas.setFont(SANS_BOLD, _SIZE)
    canvas.drawString(left, y, _("Study {study}").format(study=content.study.study_id))


def _footer(
    canvas: Any, content: ReportContent, volume: Volume, left: float, pages: tuple[int, int]
) -> None:
    y = BOTTOM_MARGIN - 28
    canvas.setStrokeColor(SILVER)
    canvas.setLineWidth(0.4)
    canvas.line(left, y + 12, left + TEXT_WIDTH, y + 12)
    canvas.setFillColor(GREY)
    canvas.setFont(SANS, _SIZE)
    study = content.study
    which = {
        REPORT: _("Report {report}"),
        SUPPLEMENT: _("Supplement to report {report}"),
    }[volume].format(report=study.report_id)
    canvas.drawString(left, y, f"{which} · {study.date} · {study.software_version}")
    numbered = _("Page {page} of {pages}").format(page=pages[0], pages=pages[1])
    canvas.drawRightString(left + TEXT_WIDTH, y, numbered)


def furniture(content: ReportContent, volume: Volume) -> Furniture:
    """Header, footer and document properties of the report or its supplement."""

    def draw(canvas: Any, page: int, pages: int) -> None:
        width, height = canvas._pagesize  # noqa: SLF001 - reportlab has no accessor
        left = (width - TEXT_WIDTH) / 2
        canvas.saveState()
        _header(canvas, content, left, height - TOP_MARGIN + 26)
        _footer(canvas, content, volume, left, (page, pages))
        canvas.restoreState()

    keywords = ["survey", "language models", "structural equation model", "VAAR"]
    if content.simulated:
        keywords.append(SIMULATED_LABEL.lower())
    return Furniture(
        title=document_title(content, volume),
        language=content.language,
        author=recorded(content.study.analyst),
        subject=f"Study {content.study.study_id}, report {content.study.report_id}",
        keywords=tuple(keywords),
        draw=draw,
    )


def document_title(content: ReportContent, volume: Volume) -> str:
    """The title of the study's report, or of its supplement."""
    if volume is SUPPLEMENT:
        return _("Supplement: {title}").format(title=content.study.title)
    return content.study.title
