"""An installation of the version before, with a run under way and a queue, is upgraded."""

import pytest
from workers import site_of_its_own

BEFORE = """
import uuid
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult, get_date_max
from analysis.models import AnalysisPlan, AnalysisRun
from surveys.models import Study
plan = AnalysisPlan.objects.create(
    study=Study.objects.get(), name="main", sha256="0" * 64, model_answers_when_frozen=0,
    definition={"draws": {"seed": 5}},
)
AnalysisRun.objects.create(plan=plan, seed=5)
call_command("migrate", "analysis", "0002", verbosity=0)
for path, args in (
    ("analysis.tasks.fit_plan", [plan.pk]),
    ("analysis.tasks.write_report", [AnalysisRun.objects.values_list("pk", flat=True)[0]]),
    ("analysis.tasks.fit_plan", [0]),
):
    DBTaskResult.objects.create(
        args_kwargs={"args": args, "kwargs": {}}, task_path=path, run_after=get_date_max(),
        backend_name="default", exception_class_path="", traceback="",
    )
call_command("migrate", verbosity=0)
"""
AFTER = """
from django_tasks_db.models import DBTaskResult
from analysis.models import AnalysisRun
from surveys.models import Job
run = AnalysisRun.objects.get()
jobs = {job.pk: [job.kind, job.status, job.parameters] for job in Job.objects.all()}
found = {
    "run": [run.status, run.error_code, run.finished_at is not None],
    "jobs": sorted(jobs.values()),
    "woken": sorted(
        jobs[row.args_kwargs["args"][0]][0]
        for row in DBTaskResult.objects.filter(task_path="surveys.jobs.queue.carry_out")
    ),
}
"""


def check(directory) -> None:
    with site_of_its_own(directory) as site:
        site.python(BEFORE)
        after = site.query(AFTER)
    assert after["run"] == ["failed", "worker_died", True]
    (fit, report) = after["jobs"]
    assert fit[:2] == ["fit", "waiting"]
    assert (fit[2]["seed"], fit[2]["preview"]) == (5, False)
    assert report[:2] == ["report", "waiting"]
    assert report[2]["page_size"] == "A4"
    assert after["woken"] == ["fit", "report"]


def test_a_run_without_a_worker_ends_and_what_waited_goes_on(tmp_path, django_db_setup):
    check(tmp_path)


@pytest.mark.postgres
def test_the_same_happens_on_postgresql(tmp_path, django_db_setup):
    check(tmp_path)
