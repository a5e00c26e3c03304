"""The figures of a run, drawn when they are first looked at and kept from then on."""

import hashlib
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet

from analysis.language import speaking
from analysis.models import AnalysisRun, RunFigure
from analysis.report import svg_figures
from analysis.report.content import ReportContent


def run_figures(
    run: AnalysisRun, language: str, content: ReportContent
) -> "QuerySet[RunFigure, RunFigure]":
    """The figures of a run in a language, in the order of the report, without the drawings."""
    kept = RunFigure.objects.filter(run=run, language=language, drawn_by=_drawings())
    if not kept.exists():
        _draw(run, language, content)
    return kept.defer("svg").order_by("place")


@transaction.atomic
def _draw(run: AnalysisRun, language: str, content: ReportContent) -> None:
    """Draw them all; whoever draws the same at the same moment writes the same."""
    with speaking(language):
        drawn = svg_figures(content)
    # Held until the transaction ends: two who look for the first time draw one after the other.
    AnalysisRun.objects.select_for_update().filter(pk=run.pk).first()
    RunFigure.objects.filter(run=run, language=language).delete()
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
