"""Sensitivity: the same comparison under other declared choices."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.typesetting.style import plain
from analysis.report.words import VAAR_IS_OURS
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """The curves; the grid itself stands in the appendix."""
    report.section("sensitivity", "Sensitivity")
    if not content.specifications:
        report.text(
            _(
                "No other choice (estimator, history, order, wording, temperature, exclusions) "
                "was run beside the planned one."
            )
        )
        return
    report.text(
        _("Every declared combination of choices was run; none was left out for its result.")
        + f" {plain(_(VAAR_IS_OURS))}"
    )
    for figure in report.figures.specifications:
        report.figure(figure)
    told = _("Every specification stands with its value in {where}.")
    report.text(told.format(where=report.see("appendix-grid")))
