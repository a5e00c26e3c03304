"""Header and footer: what a single page torn from the report must still say."""

from __future__ import annotations

from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth

from analysis.report.content import MODEL_LABEL, SIMULATED_LABEL, ReportContent
from analysis.report.typesetting.fonts import SANS, SANS_BOLD
from analysis.report.typesetting.formatting import recorded
from analysis.report.typesetting.layout import Furniture
from analysis.report.typesetting.palette import GREY, INK, SILVER
from analysis.report.typesetting.style import BOTTOM_MARGIN, TEXT_WIDTH, TOP_MARGIN

_SIZE = 6.8


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
        right = _label(canvas, right, y, SIMULATED_LABEL, strong=True)
    if content.model_groups:
        right = _label(canvas, right, y, f"models: {MODEL_LABEL}", strong=False)
    canvas.setFillColor(GREY)
    canvas.setFont(SANS_BOLD, _SIZE)
    canvas.drawString(left, y, f"Study {content.study.study_id}")


def _footer(canvas: Any, content: ReportContent, left: float, pages: tuple[int, int]) -> None:
    y = BOTTOM_MARGIN - 28
    canvas.setStrokeColor(SILVER)
    canvas.setLineWidth(0.4)
    canvas.line(left, y + 12, left + TEXT_WIDTH, y + 12)
    canvas.setFillColor(GREY)
    canvas.setFont(SANS, _SIZE)
    study = content.study
    canvas.drawString(
        left, y, f"Report {study.report_id} · {study.date} · {study.software_version}"
    )
    canvas.drawRightString(left + TEXT_WIDTH, y, f"Page {pages[0]} of {pages[1]}")


def furniture(content: ReportContent) -> Furniture:
    """Header, footer and document properties of one report."""

    def draw(canvas: Any, page: int, pages: int) -> None:
        width, height = canvas._pagesize  # noqa: SLF001 - reportlab has no accessor
        left = (width - TEXT_WIDTH) / 2
        canvas.saveState()
        _header(canvas, content, left, height - TOP_MARGIN + 26)
        _footer(canvas, content, left, (page, pages))
        canvas.restoreState()

    keywords = ["survey", "language models", "structural equation model", "VAAR"]
    if content.simulated:
        keywords.append(SIMULATED_LABEL.lower())
    return Furniture(
        title=content.study.title,
        language=content.language,
        author=recorded(content.study.analyst),
        subject=f"Study {content.study.study_id}, report {content.study.report_id}",
        keywords=tuple(keywords),
        draw=draw,
    )
