"""What a run's page prints, made when it is first looked at and kept from then on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from analysis.language import speaking
from analysis.models import AnalysisRun, RunFigure
from analysis.report import DrawnFigure, png_figure, svg_figures, verdicts
from analysis.report.content import ReportContent, named_here
from analysis.report.gather import report_content
from analysis.report.readout.refusals import said_by_group


@dataclass(frozen=True, slots=True)
class Words:
    """Of a run in one language: what must be read before use, as (whom, [(sentence, what it
    forbids)]), and the sentences on each model, as (its key, mark-up of `verdicts`).
    """

    notices: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    sentences: Sequence[tuple[str, Sequence[str]]]


def printed(run: AnalysisRun, language: str) -> "tuple[Words, QuerySet[RunFigure, RunFigure]]":
    """The words and figures of a run's page; the report's content is gathered where one is new."""
    kept, state = run.told.get(language, {}), _wording(run, language)
    figures = RunFigure.objects.filter(run=run, language=language, drawn_by=_drawings())
    if kept.get("of") == state and figures.exists():
        return Words(kept["notices"], kept["sentences"]), _in_order(figures)
    content = report_content(run)
    with speaking(language):
        content = named_here(content)
        words = Words(
            [
                (whom, [(one.sentence, one.forbidden) for one in said])
                for whom, said in said_by_group(content)
            ],
            list(verdicts(content).items()),
        )
    told = {**run.told, language: {"of": state, **asdict(words)}}
    AnalysisRun.objects.filter(pk=run.pk).update(told=told)
    return words, run_figures(run, language, content)


def _wording(run: AnalysisRun, language: str) -> str:
    """What the words depend on beside the result: the program's words, and what was stated."""
    digest = hashlib.sha256(_words_of_program(language).encode())
    digest.update(json.dumps(run.plan.study.facts, sort_keys=True).encode())
    return digest.hexdigest()


@cache
def _words_of_program(language: str) -> str:
    """A checksum of what puts the words together, and of the catalogue of a language."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    catalogue = Path(settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.mo"
    parts = [*sorted(here.rglob("*.py")), *sorted((here.parent / "compare").rglob("*.py"))]
    parts += [here.parent / "language.py"]
    for path in (*parts, *([catalogue] if catalogue.is_file() else [])):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _in_order(figures: "QuerySet[RunFigure, RunFigure]") -> "QuerySet[RunFigure, RunFigure]":
    """Without what pages do not show."""
    return figures.defer("svg", "png", "numbers").order_by("place")


def run_figures(
    run: AnalysisRun, language: str, content: ReportContent
) -> "QuerySet[RunFigure, RunFigure]":
    """The figures of a run in a language, in the order of the report, without the drawings."""
    kept = RunFigure.objects.filter(run=run, language=language, drawn_by=_drawings())
    if not kept.exists():
        with speaking(language):
            drawn = svg_figures(named_here(content))
        _keep(run, language, drawn)
    return _in_order(kept)


def figure_pixels(figure: RunFigure) -> bytes:
    """A kept figure in pixels, drawn when it is first asked for and kept from then on."""
    if figure.png is None:
        with speaking(figure.language):
            figure.png = png_figure(named_here(report_content(figure.run)), figure.key)
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
    """A checksum of what draws and writes numbers: figures of another version are drawn anew."""
    digest, here = hashlib.sha256(), Path(__file__).parent
    numbers = (here / "typesetting" / "formatting.py", here.parent / "language.py")
    for path in (*sorted((here / "drawings").glob("*.py")), *numbers):
        digest.update(path.read_bytes())
    return digest.hexdigest()
