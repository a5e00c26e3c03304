"""Panels as jobs: what doors call to have a panel run, and what the queue of before still holds.

A job says where the panel is and takes no decision about sessions: their own leases do.

kinds       which use case does the work of which kind of job
recruiting  many sessions at once
following   what is seen of a panel while a worker is at it, and what reaches the worker
"""

from collections.abc import Collection, Mapping
from typing import Any

from django_tasks import task

from llm_respondents import services
from llm_respondents.models import Panel
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.services.afterwards.probing_again import require_endpoint
from surveys.jobs.queue import join_or_start, start_job
from surveys.models import Job, RespondentGroup
from surveys.roles import Act
from surveys.services.audit import Actor, job_actor, require

# Kinds of jobs.
RUN, BATCHES, PROBE, TRIAL = "panel", "batches", "probe", "trial"
REREADING = "rereading"
# What trials of endpoints are about.
TRIALS = "endpoints"
CONDUCTING = (RUN, BATCHES)


def subject_of(panel_id: int) -> str:
    """What a job is about, for the pages that look for it."""
    return f"panel:{panel_id}"


def queue_run(*, panel: Panel, by: Actor, first: int = 0, insists: bool = False) -> Job:
    """Let a worker conduct a panel, or its first sessions only; a paused or halted one goes on.

    With `insists`, it goes on whatever its replies are. Raises as `services.resume_panel` does.
    """
    services.resume_panel(panel=panel, by=by)
    return _start(RUN, panel, by, first=first, insists=insists)


def queue_reopened(*, panel: Panel, by: Actor) -> Job:
    """Let a worker ask the turns of a panel that were opened again, which made it ready to run."""
    return _start(RUN, panel, by, first=0, insists=False)


def queue_rereading(*, group: RespondentGroup, by: Actor) -> Job:
    """Let a worker read the raw replies of imported model answers again, and record what differs.

    Raises `RoleNeeded`.
    """
    require(by=by, study=group.study, act=Act.PANELS)
    return join_or_start(
        REREADING,
        study=group.study,
        subject=f"group:{group.pk}",
        parameters={"group": group.pk, "key": group.key},
        queued_by=by.as_json(),
    )


def queue_batch_panel(*, panel_id: int, by: Actor) -> services.BatchPlan:
    """Let a worker of the queue conduct a panel in batches; say how long that can take.

    A paused or halted panel goes on. Raises `PanelStateError` (`panel_unknown`, `panel_over`,
    `batch_scripted`, `batch_not_offered`).
    """
    panel = panel_numbered(panel_id)
    plan = services.plan_batches(panel=panel)
    services.resume_panel(panel=panel, by=by)
    _start(BATCHES, panel, by)
    return plan


def queue_probe(*, panel: Panel, by: Actor) -> Job:
    """Let a worker of the queue probe a panel's endpoint anew. Raises as `probe_again` does."""
    require(by=by, study=panel.study, act=Act.PANELS)
    require_endpoint(panel)
    return _start(PROBE, panel, by)


def queue_winding_up(*, panel_id: int, by: Actor) -> Job:
    """Let a worker end the batches of a cancelled panel and collect what they finished."""
    return _start(BATCHES, panel_numbered(panel_id), by, winding_up=True)


def queue_trial(*, endpoint: str, model: str, by: Actor) -> Job:
    """Let a worker ask one question of a model at a listed endpoint."""
    asked = {"endpoint": endpoint, "model": model}
    return start_job(TRIAL, study=None, subject=TRIALS, parameters=asked, queued_by=by.as_json())


def queued_panels(panels: Collection[int]) -> set[int]:
    """Those of the panels that a worker is still to begin with, by one query."""
    waiting = Job.objects.filter(
        subject__in=map(subject_of, panels), kind__in=CONDUCTING, status=Job.Status.WAITING
    )
    found = waiting.filter(due_at=None).values_list("subject", flat=True)
    return {int(subject.partition(":")[2]) for subject in found}


def _start(kind: str, panel: Panel, by: Actor, **parameters: Any) -> Job:
    """A job of its own, unless the very same waits already.

    One that runs is not joined: it may have been told to pause, and end before it hears of this.
    """
    waiting = Job.objects.filter(
        kind=kind, subject=subject_of(panel.pk), status=Job.Status.WAITING, due_at=None
    )
    same = next((job for job in waiting if job.parameters == parameters), None)
    return same or start_job(
        kind,
        study=panel.study,
        subject=subject_of(panel.pk),
        parameters=parameters,
        queued_by=by.as_json(),
    )


# --- What a queue holds that was filled before panels were jobs


@task()
def run_panel(panel_id: int, by: Mapping[str, Any], first: int = 0, insists: bool = False) -> str:
    """A panel that was queued by its number; it becomes a job."""
    panel = panel_numbered(panel_id)
    return str(_start(RUN, panel, job_actor(by), first=first, insists=insists))


@task()
def run_batches(panel_id: int, by: Mapping[str, Any]) -> str:
    """Batches that were queued by their panel's number; they become a job."""
    return str(_start(BATCHES, panel_numbered(panel_id), job_actor(by)))


@task()
def end_batches(panel_id: int, by: Mapping[str, Any]) -> str:
    """The end of batches that was queued by their panel's number; it becomes a job."""
    return str(queue_winding_up(panel_id=panel_id, by=job_actor(by)))


@task()
def probe_panel(panel_id: int, by: Mapping[str, Any]) -> str:
    """A probe that was queued by its panel's number; it becomes a job."""
    return str(queue_probe(panel=panel_numbered(panel_id), by=job_actor(by)))
