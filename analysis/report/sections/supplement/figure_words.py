"""Appendix: every figure in words, for readers who do not see it."""

from __future__ import annotations

from analysis.report.content import ReportContent
from analysis.report.drawings.catalogue import all_figures
from analysis.report.typesetting.style import plain
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """The text alternatives, which the drawings also carry inside the file."""
    report.section("appendix-figures", "Figures in words")
    for figure in all_figures(content):
        report.text(f"<b>{report.see(figure.key)}.</b> {plain(figure.alternative)}", "small")
