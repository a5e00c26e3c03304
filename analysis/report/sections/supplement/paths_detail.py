"""Paths of the plan's other models, and signs beside zero-order correlations."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.sections.conditions import condition_table
from analysis.report.sections.path_tables import difference_table, other_paths, path_table
from analysis.report.typesetting.formatting import bounded
from analysis.report.typesetting.style import plain
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """Figures and tables of the other models; suppression in all of them."""
    report.section("other-paths", "Paths in detail")
    _suppression(report, content)
    condition_table(report, content)
    for figure in (*report.figures.forests[1:], *report.figures.diagrams[1:]):
        report.figure(figure)
    paths = other_paths(content)
    if paths:
        path_table(report, content, paths, "table-other-paths", "Paths of the other models")
        difference_table(
            report,
            content,
            paths,
            "table-other-differences",
            "Differences of standardised paths in the other models",
        )


def _suppression(report: Writer, content: ReportContent) -> None:
    known = [each for each in content.comparison.paths if each.zero_order_r is not None]
    if not known:
        report.text("Zero-order beside partial signs: not recorded.")
        return
    turned = [each for each in known if each.suppressed]
    if not turned:
        report.text("Every estimable path has the sign of its zero-order correlation.")
        return
    report.bullets(
        _(
            "{group}, {path}: the partial path ({partial}) and the zero-order correlation ({r}) "
            "differ in sign or size as under suppression."
        ).format(
            group=plain(content.label(each.group)),
            path=plain(content.path_label(content.comparison.plan.path(each.path))),
            partial=bounded(each.std),
            r=bounded(each.zero_order_r),
        )
        for each in turned
    )
