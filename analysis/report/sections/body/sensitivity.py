"""Sensitivity: the same comparison under other declared choices."""

from __future__ import annotations

from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import NOT_RECORDED
from analysis.report.typesetting.style import plain
from analysis.report.words import VAAR_IS_OURS
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """The curves; the grid itself stands in the appendix."""
    report.section("sensitivity", "Sensitivity")
    if not content.specifications:
        report.text(
            "Sensitivity grid (estimator, history, order, wording, temperature, exclusions): "
            f"{NOT_RECORDED}."
        )
        return
    report.text(
        "Every declared combination of choices was run; none was left out for its result. "
        f"{plain(VAAR_IS_OURS)}"
    )
    for figure in report.figures.specifications:
        report.figure(figure)
    report.text(f"Every specification stands with its value in {report.see('appendix-grid')}.")
