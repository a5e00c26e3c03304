"""The report and its supplement, section after section."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.language import speaking
from analysis.report.content import ReportContent, named_here
from analysis.report.drawings.catalogue import Figures
from analysis.report.sections import contents, factors, title
from analysis.report.sections.body import (
    limits,
    measurement,
    paths,
    respondents,
    sensitivity,
    summary,
    vaar,
)
from analysis.report.sections.furniture import furniture
from analysis.report.sections.supplement import (
    appendix,
    checklists,
    instruments,
    item_statistics,
    model_arm,
    models,
    paths_detail,
    people,
    quality,
    sensitivity_grid,
    subgroups,
    vaar_detail,
)
from analysis.report.typesetting.fonts import register_fonts
from analysis.report.typesetting.layout import Composition, PageIndex, Placed, lay_out
from analysis.report.typesetting.tables import TableFile
from analysis.report.writer import REPORT, SUPPLEMENT, Volume, Writer

Section = Callable[[Writer, ReportContent], None]

_SECTIONS: dict[Volume, tuple[Section, ...]] = {
    REPORT: (
        summary.write,
        contents.write,
        respondents.write,
        measurement.write,
        paths.write,
        vaar.write,
        sensitivity.write,
        limits.write,
    ),
    SUPPLEMENT: (
        title.write_supplement,
        contents.write,
        people.write,
        instruments.write,
        model_arm.write,
        quality.write,
        item_statistics.write,
        models.write,
        factors.write,
        appendix.write_correlations,
        paths_detail.write,
        vaar_detail.write,
        subgroups.write,
        sensitivity_grid.write,
        appendix.write_wording,
        appendix.write_provenance,
        checklists.write,
        appendix.write_figures,
    ),
}


@dataclass(frozen=True, slots=True)
class Documents:
    """The report and its supplement as PDFs."""

    report: bytes
    supplement: bytes


def write_documents(content: ReportContent, page_size: str) -> Documents:
    """Lay both out, since each refers to the other; equal content gives equal bytes."""
    with speaking(content.language):
        content = named_here(content)
        figures = Figures(content)
        made = lay_out(
            {volume.name: _composition(volume, content, figures) for volume in _SECTIONS}, page_size
        )
    return Documents(made[REPORT.name], made[SUPPLEMENT.name])


def long_tables(content: ReportContent) -> tuple[TableFile, ...]:
    """The tables that neither document holds because they are longer than a page."""
    register_fonts()
    unknown = {volume.name: PageIndex() for volume in _SECTIONS}
    with speaking(content.language):
        content = named_here(content)
        figures = Figures(content)
        written = [
            _written(volume, content, unknown, lambda _: None, figures) for volume in _SECTIONS
        ]
    return tuple(file for one in written for file in one.files.values())


def _composition(volume: Volume, content: ReportContent, figures: Figures) -> Composition:
    def compose(
        indexes: Mapping[str, PageIndex], record: Callable[[Placed], None]
    ) -> Sequence[Any]:
        return _written(volume, content, indexes, record, figures).story

    return Composition(compose, furniture(content, volume))


def _written(
    volume: Volume,
    content: ReportContent,
    indexes: Mapping[str, PageIndex],
    record: Callable[[Placed], None],
    figures: Figures,
) -> Writer:
    writer = Writer(volume, indexes, record, figures)
    for write in _SECTIONS[volume]:
        write(writer, content)
    return writer
