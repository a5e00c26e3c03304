"""What is under way for a user: jobs, and what other apps let workers do."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone

from surveys.jobs.reading import JobState, job_state, jobs_for
from surveys.jobs.workers import is_alive, living_workers
from surveys.models import Job, Worker

User = AbstractBaseUser | AnonymousUser
SHOWN_FOR = timedelta(days=7)
ENDED_SHOWN = 30


@dataclass(frozen=True, slots=True)
class OtherWork:
    """Something under way that is no job, such as a panel; it is stopped on its own page."""

    label: str
    address: str
    study: str
    said: str
    place: int
    total: int


@dataclass(frozen=True, slots=True)
class Light:
    """Whether a worker lives, and how much is under way or waits. Two cheap queries."""

    alive: bool
    running: int
    waiting: int


_sources: list[Callable[[User], Iterable[OtherWork]]] = []


def register_work(source: Callable[[User], Iterable[OtherWork]]) -> None:
    """Let an app show what it lets workers do beside jobs."""
    if source not in _sources:
        _sources.append(source)


def light(user: User) -> Light:
    """What the header shows on every page."""
    statuses = list(_unfinished(user).values_list("status", flat=True))
    return Light(
        alive=bool(living_workers()),
        running=statuses.count(Job.Status.RUNNING),
        waiting=statuses.count(Job.Status.WAITING),
    )


def other_work(user: User) -> list[OtherWork]:
    """What other apps have under way in the user's studies."""
    return [one for source in _sources for one in source(user)]


def unfinished_jobs(user: User) -> list[JobState]:
    """The user's jobs that run, then those that wait, in the order they are taken."""
    jobs = sorted(_unfinished(user), key=lambda job: (job.status != Job.Status.RUNNING, job.pk))
    return [job_state(job) for job in jobs]


def ended_jobs(user: User) -> list[JobState]:
    """The user's jobs that ended in the last days, the latest first."""
    since = timezone.now() - SHOWN_FOR
    ended = jobs_for(user).filter(ended_at__gte=since).order_by("-ended_at")[:ENDED_SHOWN]
    return [job_state(job) for job in ended]


def known_workers() -> list[tuple[Worker, bool]]:
    """The workers of the last day, and whether each lives."""
    return [(worker, is_alive(worker)) for worker in Worker.objects.all()]


def _unfinished(user: User) -> QuerySet[Job]:
    return jobs_for(user).filter(status__in=Job.UNFINISHED)
