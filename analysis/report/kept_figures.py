"""The figures of a run, drawn when they are first looked at and kept from then on."""

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from analysis.language import speaking
from analysis.models import AnalysisRun, RunFigure
from analysis.report import DrawnFigure, png_figure, svg_figures
from analysis.report.content import ReportContent
from analysis.report.gather import report_content


def run_figures(
    run: AnalysisRun, language: str, content: ReportContent
) -> "QuerySet[RunFigure, RunFigure]":
    """The figures of a run in a language, in the order of the report, without the drawings."""
    kept = RunFigure.objects.filter(run=run, language=language, drawn_by=_drawings())
    if not kept.exists():
        with speaking(language):
            drawn = svg_figures(content)
        _keep(run, language, drawn)
    return kept.defer("svg", "png", "numbers").order_by("place")


def figure_pixels(figure: RunFigure) -> bytes:
    """A kept figure in pixels, drawn when it is first asked for and kept from then on."""
    if figure.png is None:
        with speaking(figure.language):
            figure.png = png_figure(report_content(figure.run), figure.key)
        RunFigure.objects.filter(pk=figure.pk).update(png=figure.png)
    return bytes(figure.png or b"")


@transaction.atomic
def _keep(run: AnalysisRun, language: str, drawn: Sequence[DrawnFigure]) -> None:
    """Keep what was drawn, unless somebody who looked at the same moment has: addresses stay."""
    AnalysisRun.objects.select_for_update().filter(pk=run.pk).first()
    of_run = RunFigure.objects.filter(run=run, language=language)
    if of_run.filter(drawn_by=_drawings()).exists():
        return
    of_run.delete()
    RunFigure.objects.bulk_create(
        RunFigure(
            run=run,
            language=language,
            drawn_by=_drawings(),
            place=place,
            key=one.key,
            title=one.title,
            alternative=one.alternative,
            note=one.note,
            svg=one.svg,
            numbers=[list(row) for row in one.numbers],
        )
        for place, one in enumerate(drawn)
    )


@cache
def _drawings() -> str:
    """A checksum of the modules that draw: figures of another version are drawn anew."""
    digest = hashlib.sha256()
    for path in sorted((Path(__file__).parent / "drawings").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
