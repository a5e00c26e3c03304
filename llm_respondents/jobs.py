"""Coarse background jobs: ids in, one service call. Leases decide what is done, not the queue.

`by` is whoever queued the job, as `surveys.services.audit.Actor.as_json` writes it.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from llm_respondents import services
from llm_respondents.models import Panel
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services.afterwards.probing_again import probe_again, require_endpoint
from surveys.services.audit import Actor, job_actor

# How long a worker may take from the job to the first sign of it on the panel.
BEGINS_WITHIN = timedelta(seconds=30)


@task()
def run_panel(panel_id: int, by: dict[str, Any], first: int = 0, insists: bool = False) -> str:
    """Conduct a panel, or its first sessions only, as far as it goes; returns its status.

    With `insists`, it goes on whatever its replies are.
    """
    return services.run_queued_panel(
        panel_id=panel_id, by=job_actor(by), first=first, insists=insists
    )


def queued_panels() -> set[int]:
    """The panels that a worker is still to begin with, as far as the queue can tell: by one query.

    A worker that has just taken the job has not begun with the panel yet, and a page that looks in
    this moment must go on looking. A queue in Redis is not asked; there nobody knows before the
    worker has begun.
    """
    if not isinstance(run_panel.get_backend(), DatabaseBackend):
        return set()
    running = TaskResultStatus.RUNNING
    just_taken = Q(status=running, started_at__gte=timezone.now() - BEGINS_WITHIN)
    tasks = DBTaskResult.objects.filter(task_path=run_panel.module_path)
    waiting = tasks.ready() | tasks.filter(just_taken)
    return {kept["args"][0] for kept in waiting.values_list("args_kwargs", flat=True)}


@task()
def probe_panel(panel_id: int, by: dict[str, Any]) -> str:
    """Probe a panel's endpoint anew; returns what keeps it from running, as a code, or ""."""
    halt = probe_again(panel_id=panel_id, by=job_actor(by))
    return halt.code if halt else ""


def queue_probe(*, panel: Panel, by: Actor) -> None:
    """Let a worker of the queue probe a panel's endpoint anew. Raises as `probe_again` does."""
    require_endpoint(panel)
    probe_panel.enqueue(panel.pk, by.as_json())


@task()
def run_batches(panel_id: int, by: dict[str, Any]) -> str:
    """Hand a panel's calls over in batches and collect what is there; returns its status.

    While a batch is with its provider another job looks again after some minutes. A queue that runs
    no job later is left alone: the next run looks again.
    """
    visit = services.advance_batches(panel_id=panel_id, by=job_actor(by))
    if visit.is_waiting and run_batches.get_backend().supports_defer:
        run_batches.using(run_after=timezone.now() + services.NEXT_LOOK).enqueue(panel_id, by)
    return visit.status


@task()
def end_batches(panel_id: int, by: dict[str, Any]) -> str:
    """End the batches of a cancelled panel and collect what they finished; returns its status."""
    return services.run_panel_in_batches(panel_id=panel_id, by=job_actor(by)).status


def queue_batch_panel(*, panel_id: int, by: Actor) -> services.BatchPlan:
    """Let a worker of the queue conduct a panel in batches; say how long that can take.

    A paused or halted panel goes on. Raises `PanelStateError` (`panel_unknown`, `panel_over`,
    `batch_scripted`, `batch_not_offered`).
    """
    panel = panel_numbered(panel_id)
    plan = services.plan_batches(panel=panel)
    services.resume_panel(panel=panel, by=by)
    run_batches.enqueue(panel.pk, by.as_json())
    return plan
