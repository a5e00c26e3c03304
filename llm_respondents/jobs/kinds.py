"""The jobs of panels: which use case does the work of which kind."""

import threading
from dataclasses import asdict
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llm_respondents import services
from llm_respondents.jobs import BATCHES, CONDUCTING, PROBE, REREADING, RUN, TRIAL
from llm_respondents.jobs.following import followed
from llm_respondents.jobs.recruiting import RECRUITING, carry_out_recruiting
from llm_respondents.services.afterwards.probing_again import probe_again
from llm_respondents.services.operating.trying import try_endpoint
from llm_respondents.services.reparsing import carry_out_rereading
from surveys.jobs.kinds import Kind
from surveys.jobs.reasons import JobEnd
from surveys.jobs.watch import Watch
from surveys.models import Job
from surveys.roles import Act
from surveys.services.audit import job_actor


def panel_of(job: Job) -> int:
    """The panel that a job is about."""
    return int(job.subject.partition(":")[2])


def carry_out_run(watch: Watch) -> dict[str, Any]:
    """Conduct a panel, or its first sessions only, as far as it goes."""
    panel_id, stop = panel_of(watch.job), threading.Event()
    with followed(watch, panel_id, stop) as orders:
        status = services.run_queued_panel(
            panel_id=panel_id,
            by=job_actor(watch.job.queued_by),
            first=watch.job.parameters.get("first", 0),
            insists=watch.job.parameters.get("insists", False),
            stop=stop,
            orders=orders,
        )
    watch.check()
    return {"panel": panel_id, "status": status}


def carry_out_batches(watch: Watch) -> dict[str, Any]:
    """Hand a panel's calls over in batches and collect what is there.

    While a batch is with its provider the job waits, and no worker is held by it.
    """
    panel_id, stop, by = panel_of(watch.job), threading.Event(), job_actor(watch.job.queued_by)
    if watch.job.parameters.get("winding_up"):
        return {"panel": panel_id, "status": services.end_batches(panel_id=panel_id, by=by)}
    with followed(watch, panel_id, stop):
        visit = services.advance_batches(panel_id=panel_id, by=by, stop=stop)
    watch.check()
    if visit.is_waiting:
        watch.due_at = timezone.now() + services.NEXT_LOOK
    return {"panel": panel_id, "status": visit.status}


def carry_out_probe(watch: Watch) -> dict[str, Any]:
    """Probe a panel's endpoint anew; a code says what keeps the panel from running, if so."""
    panel_id = panel_of(watch.job)
    halt = probe_again(panel_id=panel_id, by=job_actor(watch.job.queued_by))
    return {"panel": panel_id, "halt": halt.code if halt else ""}


def carry_out_trial(watch: Watch) -> dict[str, Any]:
    """Ask one question of a model at a listed endpoint; what came of it."""
    asked = watch.job.parameters
    return asdict(try_endpoint(name=asked["endpoint"], model=asked["model"]))


def left_by_job(job: Job) -> None:
    """A job ended before its panel did: unless another one is at it, the panel says why."""
    others = Job.objects.filter(subject=job.subject, kind__in=CONDUCTING, status__in=Job.UNFINISHED)
    if not others.exclude(pk=job.pk).exists():
        services.leave_panel(panel_id=panel_of(job), died=job.error_code == JobEnd.WORKER_DIED)


def page_of(job: Job) -> str:
    """The panel's page."""
    return reverse("llm_respondents:panel", args=[panel_of(job)])


def page_of_recruited(job: Job) -> str:
    """The page of the panel that was recruited; until there is one, the study's panels."""
    if job.result:
        return reverse("llm_respondents:panel", args=[job.result["panel"]])
    assert job.study is not None
    return reverse("llm_respondents:models", args=[job.study.slug])


def page_of_collected(job: Job) -> str:
    """The page of a group of imported model answers; its key is in the job."""
    assert job.study is not None  # as the group belongs to one
    return reverse("llm_respondents:collected", args=[job.study.slug, job.parameters["key"]])


# A panel that goes on is taken up for ever; one that nobody brings forward ends at the third death.
KINDS = (
    Kind(RUN, _("Panel"), carry_out_run, left_by_job, attempts=3, address=page_of),
    Kind(
        BATCHES, _("Panel in batches"), carry_out_batches, left_by_job, attempts=3, address=page_of
    ),
    Kind(
        RECRUITING,
        _("Recruiting of a panel"),
        carry_out_recruiting,
        act=Act.PANELS,
        attempts=3,
        address=page_of_recruited,
    ),
    Kind(PROBE, _("Probe of an endpoint"), carry_out_probe, address=page_of),
    Kind(TRIAL, _("Call to try an endpoint"), carry_out_trial, attempts=1),
    Kind(
        REREADING,
        _("Reading of replies"),
        carry_out_rereading,
        act=Act.PANELS,
        address=page_of_collected,
    ),
)
