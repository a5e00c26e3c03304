"""Coarse background jobs: ids in, one service call. The queue decides when, never whether."""

from django_tasks import task

from analysis.models import AnalysisPlan, AnalysisRun
from analysis.report.services import build_report
from analysis.runs.services import fit_models


@task()
def fit_plan(plan_id: int) -> int:
    """Carry out a plan and write its report; returns the run's id."""
    run = fit_models(plan=AnalysisPlan.objects.select_related("study").get(pk=plan_id))
    write_report.enqueue(run.pk)
    return run.pk


@task()
def write_report(run_id: int, page_size: str = "A4") -> int:
    """Write the report of a run; returns the report's id."""
    run = AnalysisRun.objects.select_related("plan__study").get(pk=run_id)
    return build_report(run=run, page_size=page_size).pk
