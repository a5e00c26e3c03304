"""What is under way for a user."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    IntegerField,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from surveys.jobs.reading import JobState, job_state, jobs_of_member, own_jobs
from surveys.jobs.watch import lease_length
from surveys.jobs.workers import is_alive
from surveys.models import Job, Worker
from surveys.statements import Slot, Statement

User = AbstractBaseUser | AnonymousUser
# Whoever looks, in the queries of this module.
_USER = Slot(0, BigIntegerField())
SHOWN_FOR = timedelta(days=7)
UNFINISHED_SHOWN, ENDED_SHOWN = 200, 30


@dataclass(frozen=True, slots=True)
class Light:
    """Whether a worker lives, and how much is under way or waits. Two cheap queries."""

    alive: bool
    running: int
    waiting: int


def light(user: User) -> Light:
    """What the header shows on every page: one query, or two where no worker has been here."""
    if not user.is_authenticated:
        return Light(alive=False, running=0, waiting=0)
    if workers := _workers.rows(user.pk):
        first: Any = workers[0]
        alive = any(is_alive(worker) for worker in workers)
        return Light(alive, first.jobs_running, first.jobs_waiting)
    unfinished = Job.objects.filter(own_jobs(user.pk), status__in=Job.UNFINISHED)
    statuses = list(unfinished.values_list("status", flat=True))
    running, waiting = map(statuses.count, (Job.Status.RUNNING, Job.Status.WAITING))
    return Light(alive=False, running=running, waiting=waiting)


def _number(status: str) -> Coalesce:
    mine = Job.objects.filter(own_jobs(_USER), status=status).order_by()
    counted = mine.values("status").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _workers_with_jobs() -> QuerySet[Worker]:
    return Worker.objects.annotate(**{f"jobs_{one}": _number(one) for one in Job.UNFINISHED})


_workers = Statement(_workers_with_jobs)


@dataclass(frozen=True, slots=True)
class Work:
    """The user's jobs: those that run and then those that wait, in the order they are taken; those
    that ended in the last days, the latest first. `worker_lives` is None where no job says so.
    """

    under_way: list[JobState]
    ended: list[JobState]
    worker_lives: bool | None = None


def _latest_jobs() -> QuerySet[Job]:
    now, alive_since, shown_since = (Slot(place, DateTimeField()) for place in (1, 2, 3))
    shown = Q(status__in=Job.UNFINISHED) | Q(ended_at__gte=shown_since)
    asked = jobs_of_member(_USER, now, alive_since).filter(shown)
    # Those without an end come first in this order, whatever the database.
    latest = asked.order_by(F("ended_at").desc(nulls_first=True), "-pk")
    return latest[: UNFINISHED_SHOWN + ENDED_SHOWN]


_latest = Statement(_latest_jobs)


def work_of(user: User) -> Work:
    """What is under way for a user, and what ended. One query."""
    now = timezone.now()
    jobs = _latest.rows(user.pk, now, now - lease_length(), now - SHOWN_FOR) if user.pk else []
    unfinished = [job for job in jobs if not job.is_over]
    ended = [job for job in jobs if job.is_over]
    return Work(
        [
            job_state(job)
            for job in sorted(
                unfinished, key=lambda job: (job.status != Job.Status.RUNNING, job.pk)
            )
        ],
        [job_state(job) for job in ended[:ENDED_SHOWN]],
        job_state(jobs[0]).worker_lives if jobs else None,
    )


def known_workers() -> list[tuple[Worker, bool]]:
    """The workers of the last day, and whether each lives."""
    return [(worker, is_alive(worker)) for worker in Worker.objects.all()]
