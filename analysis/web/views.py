"""Pages of the analysis. Whoever is not a member of the study finds nothing here."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysis.archive.services import archive_at_hand, build_archive, is_quick, start_archive
from analysis.compare.plan import PathSpec
from analysis.compare.results import GroupSummary
from analysis.errors import AnalysisError
from analysis.models import FIT, AnalysisPlan, AnalysisRun, Report, RunFigure
from analysis.report.services import start_report
from analysis.runs.selectors import (
    run_comparison,
    study_runs,
    subject_of,
    summary_rows,
)
from analysis.runs.services import cancel_run, set_run_archived, start_fit
from analysis.web.agreement import agreement_tables, size_tables
from analysis.web.downloads import (
    archive_zip,
    figure_csv,
    figure_png,
    figure_svg,
    report_pdf,
    supplement_pdf,
)
from analysis.web.factors import factor_tables
from analysis.web.people import people_design_rows
from analysis.web.run_table import run_table
from surveys.jobs.downloads import file_of
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import JobState, job_state, study_jobs, subject_jobs, unfinished_jobs
from surveys.jobs.reasons import sentence_of
from surveys.models import Kind as GroupKind
from surveys.models import Study
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.services.audit import page_actor
from surveys.views.membership import row_or_404, study_or_404
from surveys.workspace.lists.tables import show

RUNS_SHOWN = 10
# More than anybody makes of one study; those before are reached over REST.
RUNS_LISTED = 500


@require_safe
@login_required
def plan_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The study's tab on its plans: those that are written, and those that are frozen."""
    study = study_or_404(request, slug)
    context = {
        "study": study,
        "plans": AnalysisPlan.objects.filter(study=study).order_by("frozen_at"),
        "drafts": study.plan_drafts.select_related("saved_by"),
    }
    return render(request, "analysis/plan.html", context)


@require_safe
@login_required
def compare(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The study's tab on runs; for htmx the list alone, which asks again while one is under way."""
    if request.headers.get("HX-Request"):
        return _fits_under_way(request, slug)
    study = study_or_404(request, slug)
    look_after_jobs()
    jobs = study_jobs(study, FIT)
    archived = request.GET.get("show") == "archived"
    runs = study_runs(study).filter(archived_at__isnull=not archived)
    plans = list(AnalysisPlan.objects.filter(study=study).order_by("frozen_at"))
    listed = [(run, _sentence(run)) for run in runs.defer("result")[:RUNS_LISTED]]
    table = show(request, run_table(plans), listed, per_page=RUNS_SHOWN)
    if table.is_file:
        return table.file(f"{study.slug}-runs")
    context = {
        "study": study,
        "jobs": jobs,
        "runs": listed,
        "table": table,
        "archived": archived,
        "has_archived": AnalysisRun.objects.filter(
            plan__study=study, archived_at__isnull=False
        ).exists(),
        "done": [run for run, _why in listed if run.status == AnalysisRun.Status.DONE],
        "plans": plans,
        **_to_be_compared(study),
        "busy": any(not state.job.is_over for state in jobs),
        "here": reverse("analysis:compare", kwargs={"slug": slug}),
    }
    return render(request, "analysis/compare.html", context)


def _fits_under_way(request: HttpRequest, slug: str) -> HttpResponse:
    """The part of the tab that asks again; the page is shown anew when a fit is over."""
    states = [job_state(job) for job in unfinished_jobs(request.user, slug, FIT)]
    if any(state.is_abandoned for state in states):
        look_after_jobs()
    here = reverse("analysis:compare", kwargs={"slug": slug})
    seen = {"jobs": states, "busy": bool(states), "here": here, "slug": slug}
    response = render(request, "analysis/_under_way.html", seen)
    if len(states) != _number_of(request.GET.get("seen", "")):
        response.headers["HX-Refresh"] = "true"
    return response


def _number_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _to_be_compared(study: Study) -> dict[str, Any]:
    """Which groups the next run compares with the people, and which are set aside, and why."""
    groups = list(study.groups.filter(kind=GroupKind.LLM).order_by("pk"))
    return {
        "entering": [group for group in groups if not group.set_aside],
        "set_aside": [group for group in groups if group.set_aside],
    }


@require_POST
@login_required
def fit(request: HttpRequest, slug: str) -> HttpResponse:
    """Enqueue the fit of a frozen plan."""
    study = study_or_404(request, slug, Act.ANALYSE)
    plan = get_object_or_404(AnalysisPlan, study=study, name=request.POST.get("plan", ""))
    start_fit(plan=plan, by=page_actor(request.user))
    messages.success(request, _("The models will be fitted as soon as a worker is free."))
    return redirect("analysis:compare", slug=slug)


@require_safe
@login_required
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """What a run found, with the figures of the report."""
    look_after_jobs()
    run = _run(request, run_id)
    comparison = run_comparison(run)
    context: dict[str, Any] = {
        "run": run,
        "sentence": _sentence(run),
        "state": _state(run),
        "jobs": subject_jobs(subject_of(run)),
        "archive": archive_at_hand(run),
        "study": run.plan.study,
        "rows": _rows(run, comparison.plan.paths) if comparison else (),
        "paths": comparison.plan.paths if comparison else (),
        **(people_design_rows(comparison) if comparison else {}),
        "agreement": tuple(agreement_tables(comparison)) if comparison else (),
        "sizes": tuple(size_tables(comparison)) if comparison else (),
        "factors": tuple(factor_tables(comparison)) if comparison else (),
        "reports": run.reports.all(),
        "others": study_runs(run.plan.study)
        .filter(status=AnalysisRun.Status.DONE, archived_at=None)
        .exclude(pk=run.pk)[:RUNS_SHOWN]
        if comparison
        else (),
        **(_printed(run, comparison.groups) if comparison else {}),
    }
    return render(request, "analysis/run.html", context)


@require_POST
@login_required
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop."""
    run = _run(request, run_id, Act.ANALYSE)
    if cancel_run(run=run, by=page_actor(request.user)):
        messages.success(request, _("The run will stop after the piece of work at hand."))
    return redirect("analysis:compare", slug=run.plan.study.slug)


@require_POST
@login_required
def write_report(request: HttpRequest, run_id: int) -> HttpResponse:
    """Enqueue the report of a run."""
    run = _run(request, run_id, Act.ANALYSE)
    size = "Letter" if request.POST.get("page_size") == "Letter" else "A4"
    try:
        start_report(run=run, page_size=size, by=page_actor(request.user))
        messages.success(request, _("The report will be written as soon as a worker is free."))
    except AnalysisError as error:
        messages.error(request, error.message)
    return redirect("analysis:run", run_id=run.pk)


@require_safe
@login_required
def report_file(request: HttpRequest, report_id: int) -> HttpResponse:
    """The PDF itself."""
    reports = Report.objects.filter(run__plan__study__in=studies_for(request.user))
    report = get_object_or_404(reports, pk=report_id)
    return report_pdf(report)


@require_safe
@login_required
def supplement_file(request: HttpRequest, report_id: int) -> HttpResponse:
    """The PDF of what stands behind a report."""
    reports = Report.objects.filter(run__plan__study__in=studies_for(request.user))
    return supplement_pdf(get_object_or_404(reports, pk=report_id))


@require_safe
@login_required
def figure_file(request: HttpRequest, figure_id: int, version: str) -> HttpResponse:
    """A figure of a run as SVG; `version` changes with what draws, and the address with it."""
    figures = RunFigure.objects.filter(run__plan__study__in=studies_for(request.user))
    figure = get_object_or_404(figures, pk=figure_id, drawn_by__startswith=version)
    return figure_svg(figure)


@require_safe
@login_required
def figure_pixels(request: HttpRequest, figure_id: int) -> HttpResponse:
    """A figure of a run as PNG."""
    return figure_png(_figure(request, figure_id))


@require_safe
@login_required
def figure_numbers(request: HttpRequest, figure_id: int) -> HttpResponse:
    """The numbers that a figure of a run shows, as CSV."""
    return figure_csv(_figure(request, figure_id))


def _figure(request: HttpRequest, figure_id: int) -> RunFigure:
    figures = RunFigure.objects.filter(run__plan__study__in=studies_for(request.user))
    return get_object_or_404(figures.select_related("run__plan__study"), pk=figure_id)


@require_POST
@login_required
def archive_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Put a run out of sight, or take it back into the list."""
    run = _run(request, run_id, Act.ANALYSE)
    archived = request.POST.get("act") == "archive"
    try:
        set_run_archived(run=run, archived=archived, by=page_actor(request.user))
    except AnalysisError as error:
        messages.error(request, error.message)
    else:
        said = _("Archived: it is left out of the list of runs.") if archived else _("Taken back.")
        messages.success(request, said)
    return redirect("analysis:run", run_id=run.pk)


@require_safe
@login_required
def archive_file(request: HttpRequest, run_id: int) -> HttpResponse:
    """The replication archive: of a small study made now, of a large one by a worker.

    On the run's page the reason if there can be none.
    """
    run = _run(request, run_id, Act.EXPORT)
    if kept := archive_at_hand(run):
        return file_of(kept)
    try:
        if is_quick(run):
            return archive_zip(build_archive(run=run, by=page_actor(request.user)))
        start_archive(run=run, by=page_actor(request.user))
        messages.success(request, _("The archive is being made; this page offers it when ready."))
    except AnalysisError as error:
        messages.error(request, error.message)
    return redirect("analysis:run", run_id=run.pk)


def _rows(run: AnalysisRun, paths: Sequence[PathSpec]) -> list[dict[str, Any]]:
    """A row for each group, its paths under what the page calls them."""
    called = {path.key: f"{path.predictor} → {path.outcome}" for path in paths}
    rows = summary_rows(run)
    for row in rows:
        row["estimates"] = [(called[key], found) for key, found in row["paths"].items()]
    return rows


def _run(request: HttpRequest, run_id: int, act: Act = Act.SEE) -> AnalysisRun:
    runs = AnalysisRun.objects.select_related("plan__study", "job")
    return row_or_404(request, runs, run_id, "plan", "study", act=act)


def _sentence(run: AnalysisRun) -> str:
    """Why a run failed, in the reader's language."""
    return sentence_of(run.error_code, run.error_args, run.error)


def _state(run: AnalysisRun) -> JobState | None:
    """How far a run under way is; None for one that is over."""
    if run.status != AnalysisRun.Status.RUNNING or run.job is None:
        return None
    return job_state(run.job)


def _printed(run: AnalysisRun, groups: Sequence[GroupSummary]) -> dict[str, Any]:
    """Notices, sentences and figures as the report has them."""
    from analysis.language import SOURCE
    from analysis.report.kept_figures import printed

    words, figures = printed(run, get_language() or SOURCE)
    by_key = {group.key: group for group in groups}
    return {
        "notices": words.notices,
        "figures": figures,
        # The words are escaped where they are put together; only the emphasis is mark-up.
        "sentences": [
            (by_key[key].label, by_key[key].simulated, list(map(mark_safe, said)))
            for key, said in words.sentences
        ],
    }
