"""Pages of the analysis. Whoever is not a member of the study finds nothing here."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysis import jobs as tasks
from analysis.errors import AnalysisError
from analysis.models import AnalysisPlan, AnalysisRun, Report
from analysis.runs.selectors import run_comparison, study_reports, study_runs, summary_rows
from analysis.runs.services import cancel_run
from analysis.web.downloads import archive_zip, report_pdf
from surveys.models import Study
from surveys.selectors import studies_for
from surveys.services.audit import page_actor

RUNS_SHOWN = 10


@require_safe
@login_required
def study_fragment(request: HttpRequest, slug: str) -> HttpResponse:
    """The study page's part on plans, runs and reports; it asks again while a run is under way."""
    study = _study(request, slug)
    runs = list(study_runs(study)[:RUNS_SHOWN])
    context = {
        "study": study,
        "plans": AnalysisPlan.objects.filter(study=study).order_by("frozen_at"),
        "runs": runs,
        "reports": study_reports(study)[:RUNS_SHOWN],
        "busy": any(run.status == AnalysisRun.Status.RUNNING for run in runs),
    }
    return render(request, "analysis/_study.html", context)


@require_POST
@login_required
def fit(request: HttpRequest, slug: str) -> HttpResponse:
    """Enqueue the fit of a frozen plan."""
    study = _study(request, slug)
    plan = get_object_or_404(AnalysisPlan, study=study, name=request.POST.get("plan", ""))
    tasks.fit_plan.enqueue(plan.pk, page_actor(request.user).as_json())
    messages.success(request, _("The models will be fitted as soon as a worker is free."))
    return redirect("surveys:study", slug=slug)


@require_safe
@login_required
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """What a run found, with the figures of the report."""
    run = _run(request, run_id)
    comparison = run_comparison(run)
    context = {
        "run": run,
        "study": run.plan.study,
        "rows": summary_rows(run),
        "notices": comparison.notices if comparison else (),
        "paths": comparison.plan.paths if comparison else (),
        "figures": _figures(run) if comparison else (),
        "reports": run.reports.all(),
    }
    return render(request, "analysis/run.html", context)


@require_POST
@login_required
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop."""
    run = _run(request, run_id)
    if cancel_run(run=run, by=page_actor(request.user)):
        messages.success(request, _("The run will stop after the piece of work at hand."))
    return redirect("surveys:study", slug=run.plan.study.slug)


@require_POST
@login_required
def write_report(request: HttpRequest, run_id: int) -> HttpResponse:
    """Enqueue the report of a run."""
    run = _run(request, run_id)
    size = "Letter" if request.POST.get("page_size") == "Letter" else "A4"
    tasks.write_report.enqueue(run.pk, page_actor(request.user).as_json(), size)
    messages.success(request, _("The report will be written as soon as a worker is free."))
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
def archive_file(request: HttpRequest, run_id: int) -> HttpResponse:
    """The replication archive, made now; on the run's page the reason if there can be none."""
    run = _run(request, run_id)
    try:
        return archive_zip(run, page_actor(request.user))
    except AnalysisError as error:
        messages.error(request, error.message)
        return redirect("analysis:run", run_id=run.pk)


def _study(request: HttpRequest, slug: str) -> Study:
    return get_object_or_404(studies_for(request.user), slug=slug)


def _run(request: HttpRequest, run_id: int) -> AnalysisRun:
    runs = AnalysisRun.objects.filter(plan__study__in=studies_for(request.user))
    return get_object_or_404(runs.select_related("plan__study"), pk=run_id)


def _figures(run: AnalysisRun) -> dict[str, str]:
    from analysis.report import svg_figures
    from analysis.report.gather import report_content

    return svg_figures(report_content(run))
