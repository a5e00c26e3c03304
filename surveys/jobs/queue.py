"""Starting and cancelling jobs, and taking up those whose worker is gone.

The queue is a wake-up and nothing else: a job that waits is done by whoever is woken first, and a
wake-up for a job that is done already does nothing.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import File
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from surveys.errors import CounterpartError
from surveys.jobs import leases
from surveys.jobs.files import erase_file
from surveys.jobs.kinds import daily_kinds, kind_named
from surveys.jobs.owners import is_gone, worker_name
from surveys.jobs.watch import NOBODY, Watch
from surveys.jobs.work import working
from surveys.models import Job, Study

logger = logging.getLogger(__name__)

# A wake-up may be lost, as with Redis; one that is still in the queue does no harm twice.
WAKE_AGAIN = timedelta(minutes=5)
# How long a file is kept that a job is to read.
READ_WITHIN = timedelta(days=1)


def start_job(
    kind: str,
    *,
    study: Study | None,
    subject: str = "",
    parameters: dict[str, Any] | None = None,
    queued_by: Mapping[str, Any] = NOBODY,
    file: File[Any] | None = None,
) -> Job:
    """Let a worker do something; whoever wakes first does it.

    A `file` that it reads is kept for a day at most.
    """
    job = Job(
        kind=kind,
        study=study,
        subject=subject,
        parameters=parameters or {},
        created_by_id=queued_by["user"],
        created_by_name=queued_by["name"],
        max_attempts=kind_named(kind).attempts,
        woken_at=timezone.now(),
    )
    if file is not None:
        job.file.save(file.name or kind, file, save=False)
        job.file_until = timezone.now() + READ_WITHIN
    job.save()
    carry_out.enqueue(job.pk)
    return job


def join_or_start(
    kind: str,
    *,
    study: Study,
    subject: str,
    parameters: dict[str, Any],
    queued_by: Mapping[str, Any] = NOBODY,
) -> Job:
    """The unfinished job that does the very same already, or a new one."""
    same = Job.objects.filter(kind=kind, subject=subject, status__in=Job.UNFINISHED, study=study)
    found = next((job for job in same if job.parameters == parameters), None)
    return found or start_job(
        kind, study=study, subject=subject, parameters=parameters, queued_by=queued_by
    )


def stop_job(*, job: Job, user_id: int | None = None) -> bool:
    """Stop a job; False if it is over already.

    One that waits, or whose worker is gone, ends at once. Otherwise its worker is asked, and ends
    it between two pieces of work; it has until its lease runs out, which nothing prolongs any more.
    """
    job.refresh_from_db()
    unfinished = Job.objects.filter(pk=job.pk, status__in=Job.UNFINISHED)
    if not unfinished.update(cancel_requested_at=timezone.now(), cancelled_by_id=user_id):
        return False
    job.refresh_from_db()
    if job.status == Job.Status.WAITING or is_gone(job.lease_owner, job.lease_until):
        leases.cancelled(job, owner=job.lease_owner)
    return True


def look_after_jobs() -> list[int]:
    """Take up the jobs of dead workers, wake workers again for those that wait too long.

    Called by every worker when it starts, while it is idle and before each job, and by pages that
    show jobs. Also erases files that were kept long enough. Returns the jobs that wait again.
    """
    now = timezone.now()
    late = Q(status=Job.Status.WAITING) & _to_be_woken(now)
    old = Q(file_until__lt=now)
    jobs = list(Job.objects.filter(Q(status=Job.Status.RUNNING) | late | old))
    waiting = [job.pk for job in jobs if leases.reclaim(job)]
    _wake([*waiting, *(job.pk for job in jobs if _is_late(job))])
    for job in jobs:
        if job.file_until and job.file_until < now:
            erase_file(job)
    return waiting


def start_daily_jobs() -> None:
    """Start what is to be done once a day and was not begun within the last one.

    Two workers that look at the same moment both start it: what is done twice is done once.
    """
    since = timezone.now() - timedelta(days=1)
    for kind in daily_kinds():
        if not Job.objects.filter(kind=kind.name, created_at__gte=since).exists():
            start_job(kind.name, study=None)


def _is_late(job: Job) -> bool:
    """Whether it is ours to wake a worker once more: of several who look, one is."""
    if job.status != Job.Status.WAITING:
        return False
    return bool(
        Job.objects.filter(pk=job.pk, status=job.status, woken_at=job.woken_at)
        .filter(_to_be_woken(timezone.now()))
        .update(woken_at=timezone.now())
    )


def _to_be_woken(now: datetime) -> Q:
    """Nobody was told of it for long; or it was to be gone on with at a time that has come."""
    forgotten = Q(woken_at=None) | Q(woken_at__lt=now - WAKE_AGAIN)
    has_come = Q(due_at__lte=now, woken_at__lt=F("due_at"))
    return (Q(due_at=None) & forgotten) | has_come | (Q(due_at__lte=now) & forgotten)


def _wake(jobs: Iterable[int]) -> None:
    for job_id in jobs:
        carry_out.enqueue(job_id)


@task()
def carry_out(job_id: int) -> str:
    """Do a job, unless somebody does it or did it already; returns its status.

    A job that ends with a coded error has done what a queue can ask of it; a fault of ours goes on
    to the queue, which keeps the traceback.
    """
    look_after_jobs()
    job = Job.objects.filter(pk=job_id).first()
    if job is None:
        return "unknown"
    kind, owner = kind_named(job.kind), worker_name()
    if kind.carry_out is None or not leases.take(job, owner):
        return job.status
    try:
        with working(Watch(job, owner)) as watch:
            watch.result = kind.carry_out(watch)
    except (CounterpartError, ValueError) as error:
        if not isinstance(getattr(error, "code", None), str):
            raise
        logger.info("%s ended: %s", job, error)
    job.refresh_from_db()
    return job.status
