"""All figures that a content gives rise to, in the order of the report."""

from __future__ import annotations

from analysis.report.content import ReportContent
from analysis.report.drawings.distributions import distribution_figure
from analysis.report.drawings.figure import Figure
from analysis.report.drawings.flow import flow_figure
from analysis.report.drawings.forest import forest_figures
from analysis.report.drawings.path_diagram import path_diagram_figures
from analysis.report.drawings.specification_curve import specification_figures
from analysis.report.drawings.vaar_strip import vaar_figure


def all_figures(content: ReportContent) -> list[Figure]:
    """Flow, items, path diagrams, forest plots, VAAR, specification curves."""
    flow = flow_figure(content)
    items = [distribution_figure(content, instrument) for instrument in content.instruments]
    return [
        *([flow] if flow else []),
        *(figure for figure in items if figure),
        *path_diagram_figures(content),
        *forest_figures(content),
        *([vaar_figure(content)] if content.comparison.vaar else []),
        *specification_figures(content),
    ]
