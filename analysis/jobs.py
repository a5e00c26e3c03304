"""Coarse background jobs: ids in, one service call. The queue decides when, never whether.

`by` is whoever queued the job, as `surveys.services.audit.Actor.as_json` writes it.
"""

from typing import Any

from django_tasks import task

from analysis.models import AnalysisPlan, AnalysisRun
from analysis.report.services import build_report
from analysis.runs.services import fit_models
from surveys.services.audit import job_actor


@task()
def fit_plan(plan_id: int, by: dict[str, Any]) -> int:
    """Carry out a plan and write its report; returns the run's id."""
    plan = AnalysisPlan.objects.select_related("study").get(pk=plan_id)
    run = fit_models(plan=plan, by=job_actor(by))
    write_report.enqueue(run.pk, by)
    return run.pk


@task()
def write_report(run_id: int, by: dict[str, Any], page_size: str = "A4") -> int:
    """Write the report of a run; returns the report's id."""
    run = AnalysisRun.objects.select_related("plan__study").get(pk=run_id)
    return build_report(run=run, by=job_actor(by), page_size=page_size).pk
