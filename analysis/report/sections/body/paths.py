"""Paths: what was expected, forest plot, diagram, the table of paths, and model minus people."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.sections.conditions import conditions_asked
from analysis.report.sections.path_tables import (
    difference_table,
    main_paths,
    other_paths,
    path_table,
)
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """The paths of the main model; those of the others stand in the supplement."""
    report.section("paths", "Paths")
    told = _(
        "An arrow states the hypothesis of the plan. It is read as a statistical relation, given "
        "the other predictors of the same outcome, and not as a cause. Expected signs and their "
        "sources: {where}."
    ).format(where=report.see("table-signs"))
    if other_paths(content):
        others = _("Paths of the other models: {where}.").format(where=report.see("other-paths"))
        told = f"{told} {others}"
    report.text(told)
    report.figure(report.figures.forests[0])
    paths = main_paths(content)
    path_table(report, content, paths, "table-paths", "Paths in every group")
    report.figure(report.figures.diagrams[0])
    difference_table(
        report,
        content,
        paths,
        "table-differences",
        "Differences of standardised paths, with tests of equivalence and of equality",
    )
    conditions_asked(report, content)
