"""Runs that the version before left "running" have no worker any more; waiting fits and reports go on.

The queue knew them by `analysis.tasks.*`. Each becomes a job, and its row wakes a worker for it.
"""

from django.db import migrations
from django.utils import timezone

DIED = {"attempts": 1, "allowed": 1}
SENTENCE = (
    "The worker that did this was killed or lost, at attempt 1 of 1. Nothing half-done was stored; "
    "start it again."
)
CARRY_OUT = "surveys.jobs.queue.carry_out"


def end_dead_runs(apps, schema_editor):
    apps.get_model("analysis", "AnalysisRun").objects.filter(status="running").update(
        status="failed",
        error_code="worker_died",
        error_args=DIED,
        error=SENTENCE,
        finished_at=timezone.now(),
    )


def requeue(apps, schema_editor):
    rows = apps.get_model("django_tasks_database", "DBTaskResult").objects
    for row in rows.filter(status="READY", task_path__startswith="analysis."):
        job = _job(apps, row.task_path.rpartition(".")[2], row.args_kwargs)
        if job is not None:
            row.task_path = CARRY_OUT
            row.args_kwargs = {"args": [job.pk], "kwargs": {}}
            row.save(update_fields=("task_path", "args_kwargs"))


def _job(apps, task, given):
    """None for a plan or run that is gone; what the queue holds of it then does nothing."""
    args = [*given["args"], *given["kwargs"].values()]
    if task == "fit_plan":
        plan = apps.get_model("analysis", "AnalysisPlan").objects.filter(pk=args[0]).first()
        if plan is None:
            return None
        seed = plan.definition["draws"]["seed"]
        parameters = {"plan": plan.pk, "seed": seed, "preview": False}
        return _waiting(apps, "fit", plan.study_id, f"plan:{plan.pk}", parameters)
    runs = apps.get_model("analysis", "AnalysisRun").objects.select_related("plan")
    run = runs.filter(pk=args[0]).first()
    if task != "write_report" or run is None:
        return None
    parameters = {"run": run.pk, "page_size": next((one for one in args[1:] if isinstance(one, str)), "A4")}
    return _waiting(apps, "report", run.plan.study_id, f"run:{run.pk}", parameters)


def _waiting(apps, kind, study_id, subject, parameters):
    return apps.get_model("surveys", "Job").objects.create(
        kind=kind,
        study_id=study_id,
        subject=subject,
        parameters=parameters,
        woken_at=timezone.now(),
    )


class Migration(migrations.Migration):

    dependencies = [
        ("analysis", "0003_jobs"),
        ("django_tasks_database", "0018_rename_succeeded_status"),
    ]

    operations = [
        migrations.RunPython(end_dead_runs, migrations.RunPython.noop),
        migrations.RunPython(requeue, migrations.RunPython.noop),
    ]
