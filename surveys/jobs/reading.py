"""What a page or a program is told of jobs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    DateTimeField,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from surveys.jobs.kinds import kind_named
from surveys.jobs.owners import is_gone
from surveys.jobs.reasons import sentence_of
from surveys.jobs.watch import lease_length
from surveys.jobs.workers import living_workers
from surveys.models import Job, Membership, Study, Worker
from surveys.statements import Slot, Statement

# A time, or its place in a query that is put together once; None is now, or a lease ago.
Moment = datetime | Slot | None

# How long a list shows a job that ended without a result.
SHOWN_AFTER_END = timedelta(days=1)
JOBS_SHOWN = 10
PHASES = {
    "reading": _("reading the answers"),
    "models": _("fitting the models"),
    "uncertainty": _("drawing for intervals"),
    "sensitivity": _("fitting the alternatives"),
    "describing": _("describing the groups"),
    "writing": _("writing the file"),
    "simulating": _("simulating studies"),
    "people": _("storing people"),
    "rereading": _("reading the replies"),
    "sessions": _("drawing up the sessions"),
    "storing": _("storing the sessions"),
    "people_looked_at": _("looking at people"),
    "asking": _("asking questions"),
    "sending": _("sending mails"),
    "respondents": _("writing the answers"),
    "rehearsing": _("sending simulated people through the pages"),
}


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as it is at this moment.

    `ahead` counts the jobs that wait before it; `seconds_left` is of the phase at hand, None where
    nobody can know; `sentence` says why it ended without a result, in the reader's language.
    """

    job: Job
    label: str
    ahead: int = 0
    seconds_left: int | None = None
    sentence: str = ""

    @property
    def phase(self) -> str:
        """What its worker is at, in the reader's language."""
        return str(PHASES.get(self.job.phase, self.job.phase))

    @property
    def minutes_left(self) -> int | None:
        """The same in minutes, at least one."""
        return None if self.seconds_left is None else max(1, round(self.seconds_left / 60))

    @property
    def is_stopping(self) -> bool:
        """Whether its worker was asked to stop and has not ended it yet."""
        return not self.job.is_over and self.job.cancel_requested_at is not None

    @property
    def is_taken_up(self) -> bool:
        """Whether its worker died, and it waits for another one."""
        return self.job.status == Job.Status.WAITING and self.job.attempts > 0

    @property
    def worker_lives(self) -> bool:
        """Whether anybody would do what waits; no query where `jobs_for` read the job."""
        known = getattr(self.job, "a_worker_lives", None)
        return bool(living_workers()) if known is None else bool(known)

    @property
    def is_abandoned(self) -> bool:
        """Whether its worker is gone, and nobody has taken notice of it yet."""
        running = self.job.status == Job.Status.RUNNING
        return running and is_gone(self.job.lease_owner, self.job.lease_until)

    @property
    def is_later(self) -> bool:
        """Whether it goes on at a time that has not come yet."""
        waits = self.job.status == Job.Status.WAITING
        return waits and self.job.due_at is not None and self.job.due_at > timezone.now()

    @property
    def address(self) -> str:
        """Where what it is about is looked at; empty where it has no page of its own."""
        kind = kind_named(self.job.kind)
        return kind.address(self.job) if kind.address else ""


def job_state(job: Job) -> JobState:
    """Everything that is said of a job."""
    return JobState(
        job=job,
        label=str(kind_named(job.kind).label),
        ahead=_ahead(job),
        seconds_left=_seconds_left(job),
        sentence=sentence_of(job.error_code, job.error_args, job.error) if job.error_code else "",
    )


def own_jobs(user: Any) -> Q:
    """Jobs of the studies of a user, and those that the user began before there was a study.

    `user` is the key of one, or the slot for it in a query that is put together once.
    """
    mine = Membership.objects.filter(user_id=user).values("study")
    return Q(study__in=mine) | Q(study=None, created_by_id=user)


def jobs_for(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Job]:
    """The user's jobs, with what is shown of each."""
    if not user.is_authenticated:
        return Job.objects.none()
    return jobs_of_member(user.pk)


def jobs_of_member(
    user: int | Slot, now: Moment = None, alive_since: Moment = None
) -> QuerySet[Job]:
    """What `jobs_for` gives to the user with a key: for queries that are put together once."""
    mine = Job.objects.filter(own_jobs(user)).select_related("study")
    return _placed(mine, now, alive_since)


def _unfinished_of_kind() -> QuerySet[Job]:
    user, slug, kind = Slot(0, BigIntegerField()), Slot(1, CharField()), Slot(2, CharField())
    jobs = jobs_of_member(user, Slot(3, DateTimeField()), Slot(4, DateTimeField()))
    return jobs.filter(study__slug=slug, kind=kind, status__in=Job.UNFINISHED).order_by("pk")


_unfinished = Statement(_unfinished_of_kind)


def unfinished_jobs(user: AbstractBaseUser | AnonymousUser, slug: str, kind: str) -> list[Job]:
    """The user's jobs of a kind with a study that wait or run, as a page asks again and again."""
    now = timezone.now()
    return _unfinished.rows(user.pk, slug, kind, now, now - lease_length()) if user.pk else []


def _placed(jobs: QuerySet[Job], now: Moment = None, alive_since: Moment = None) -> QuerySet[Job]:
    """Jobs with their places in the queue, and whether any worker lives: no query for each."""
    before = _due(now).filter(pk__lt=OuterRef("pk")).order_by()
    counted = before.values("status").annotate(n=Count("pk")).values("n")
    alive = Worker.objects.filter(seen_at__gte=alive_since or timezone.now() - lease_length())
    return jobs.annotate(
        waiting_before=Coalesce(Subquery(counted), 0), a_worker_lives=Exists(alive)
    )


def study_jobs(study: Study, *kinds: str) -> list[JobState]:
    """The jobs of a study that are unfinished or ended lately without a result, latest first."""
    return _shown(Job.objects.filter(study=study, kind__in=kinds))


def subject_jobs(subject: str) -> list[JobState]:
    """The same of one subject."""
    return _shown(Job.objects.filter(subject=subject))


def kept_file(kind: str, subject: str, parameters: Mapping[str, Any]) -> Job | None:
    """The latest finished job whose file is still there."""
    done = Job.objects.filter(kind=kind, subject=subject, status=Job.Status.DONE)
    kept = done.exclude(file="").filter(file_until__gt=timezone.now()).order_by("-pk")
    return next((job for job in kept if job.parameters == parameters), None)


def _shown(jobs: QuerySet[Job]) -> list[JobState]:
    lately = ~Q(status=Job.Status.DONE) & Q(ended_at__gte=timezone.now() - SHOWN_AFTER_END)
    asked = _placed(jobs).filter(Q(status__in=Job.UNFINISHED) | lately)
    shown = asked.order_by("-pk")[:JOBS_SHOWN]
    return [job_state(job) for job in shown]


def _ahead(job: Job) -> int:
    if job.status != Job.Status.WAITING:
        return 0
    if (counted := getattr(job, "waiting_before", None)) is not None:
        return int(counted)
    return _due().filter(pk__lt=job.pk).count()


def _due(now: Moment = None) -> QuerySet[Job]:
    """Those that whoever is free next may take."""
    has_come = Q(due_at=None) | Q(due_at__lte=now or timezone.now())
    return Job.objects.filter(has_come, status=Job.Status.WAITING)


def _seconds_left(job: Job) -> int | None:
    """From how long the pieces of this phase took so far."""
    if job.status != Job.Status.RUNNING or not job.place or job.phase_started_at is None:
        return None
    spent = (timezone.now() - job.phase_started_at).total_seconds()
    return round(spent / job.place * max(job.total - job.place, 0))
