"""All figures that a content gives rise to, in the order of the report."""

from __future__ import annotations

from functools import cached_property

from analysis.report.content import ReportContent
from analysis.report.drawings.distributions import distribution_figure
from analysis.report.drawings.figure import Figure
from analysis.report.drawings.flow import flow_figure
from analysis.report.drawings.forest import forest_figures
from analysis.report.drawings.path_diagram import path_diagram_figures
from analysis.report.drawings.specification_curve import specification_figures
from analysis.report.drawings.vaar_strip import vaar_figure


class Figures:
    """The figures of a content; each is made once, when it is first asked for."""

    def __init__(self, content: ReportContent) -> None:
        self._content = content

    @cached_property
    def flow(self) -> Figure | None:
        """From those who began to those who were analysed."""
        return flow_figure(self._content)

    @cached_property
    def items(self) -> list[Figure]:
        """The answers to the items of each scale, where any are known."""
        made = [distribution_figure(self._content, each) for each in self._content.instruments]
        return [figure for figure in made if figure]

    @cached_property
    def forests(self) -> list[Figure]:
        """The paths of the main model, then those of the others."""
        return forest_figures(self._content)

    @cached_property
    def diagrams(self) -> list[Figure]:
        """The main model, then the others."""
        return path_diagram_figures(self._content)

    @cached_property
    def vaar(self) -> Figure:
        """The numbers of VAAR of every model."""
        return vaar_figure(self._content)

    @cached_property
    def specifications(self) -> list[Figure]:
        """One curve for each measure under all declared choices."""
        return specification_figures(self._content)

    def all(self) -> list[Figure]:
        """Flow, items, main paths, sub-paths, VAAR, specification curves, other diagrams."""
        return [
            *([self.flow] if self.flow else []),
            *self.items,
            self.forests[0],
            self.diagrams[0],
            *self.forests[1:],
            *([self.vaar] if self._content.comparison.vaar else []),
            *self.specifications,
            *self.diagrams[1:],
        ]
