"""What is under way for a user."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, F, IntegerField, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from surveys.jobs.reading import JobState, job_state, jobs_for, own_jobs
from surveys.jobs.workers import is_alive
from surveys.models import Job, Worker

User = AbstractBaseUser | AnonymousUser
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
    jobs = {status: _number(user, status) for status in Job.UNFINISHED}
    workers = list(Worker.objects.annotate(**{f"jobs_{name}": one for name, one in jobs.items()}))
    if workers:
        first: Any = workers[0]
        alive = any(is_alive(worker) for worker in workers)
        return Light(alive, first.jobs_running, first.jobs_waiting)
    statuses = list(_unfinished(user).values_list("status", flat=True))
    running, waiting = map(statuses.count, (Job.Status.RUNNING, Job.Status.WAITING))
    return Light(alive=False, running=running, waiting=waiting)


def _number(user: User, status: str) -> Coalesce:
    mine = Job.objects.filter(own_jobs(user), status=status).order_by()
    counted = mine.values("status").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


@dataclass(frozen=True, slots=True)
class Work:
    """The user's jobs: those that run and then those that wait, in the order they are taken; those
    that ended in the last days, the latest first. `worker_lives` is None where no job says so.
    """

    under_way: list[JobState]
    ended: list[JobState]
    worker_lives: bool | None = None


def work_of(user: User) -> Work:
    """What is under way for a user, and what ended. One query."""
    since = timezone.now() - SHOWN_FOR
    asked = jobs_for(user).filter(Q(status__in=Job.UNFINISHED) | Q(ended_at__gte=since))
    # Those without an end come first in this order, whatever the database.
    latest = asked.order_by(F("ended_at").desc(nulls_first=True), "-pk")
    jobs = list(latest[: UNFINISHED_SHOWN + ENDED_SHOWN])
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


def _unfinished(user: User) -> QuerySet[Job]:
    return jobs_for(user).filter(status__in=Job.UNFINISHED)
