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
    """Flow, items, main paths, sub-paths, VAAR, specification curves, diagrams of other models."""
    flow = flow_figure(content)
    items = [distribution_figure(content, instrument) for instrument in content.instruments]
    forest, diagrams = forest_figures(content), path_diagram_figures(content)
    return [
        *([flow] if flow else []),
        *(figure for figure in items if figure),
        forest[0],
        diagrams[0],
        *forest[1:],
        *([vaar_figure(content)] if content.comparison.vaar else []),
        *specification_figures(content),
        *diagrams[1:],
    ]
