"""Taking, renewing and giving back the lease of a job: single conditional writes.

Of two workers that want the same job at the same moment one changes a row and the other none.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from surveys.codes import said
from surveys.jobs.kinds import kind_named
from surveys.jobs.owners import is_gone
from surveys.jobs.reasons import JobEnd
from surveys.jobs.watch import lease_length
from surveys.models import Job


def take(job: Job, owner: str) -> bool:
    """Take a waiting job; False where another worker was quicker or it is over."""
    now = timezone.now()
    due = Q(due_at=None) | Q(due_at__lte=now)
    taken = Job.objects.filter(due, pk=job.pk, status=Job.Status.WAITING).update(
        status=Job.Status.RUNNING,
        lease_owner=owner,
        lease_until=now + lease_length(),
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", now),
        due_at=None,
        phase="",
        place=0,
        total=0,
    )
    job.refresh_from_db()
    return bool(taken)


def renew(job_id: int, owner: str, where: Mapping[str, Any]) -> bool:
    """Give a sign of life and say where the work is; False where the lease is another's by now.

    The lease of a job that somebody cancelled is not renewed: its worker has until then to end it,
    whatever it is busy with.
    """
    mine = Job.objects.filter(pk=job_id, lease_owner=owner)
    renewed = mine.filter(cancel_requested_at__isnull=True).update(
        lease_until=timezone.now() + lease_length(), **where
    )
    return bool(renewed) or mine.exists()


def finish(job: Job, owner: str, result: dict[str, Any]) -> bool:
    """End a job with its result; False where the lease is not this owner's any more."""
    return bool(
        Job.objects.filter(pk=job.pk, lease_owner=owner).update(
            status=Job.Status.DONE,
            result=result,
            lease_owner="",
            lease_until=None,
            ended_at=timezone.now(),
        )
    )


def postpone(job: Job, owner: str, due_at: datetime) -> bool:
    """Let a job that went well so far wait until then; False where it is not this owner's any more.

    It is no death of a worker: the attempts begin anew.
    """
    return bool(
        Job.objects.filter(pk=job.pk, lease_owner=owner, cancel_requested_at=None).update(
            status=Job.Status.WAITING,
            lease_owner="",
            lease_until=None,
            attempts=0,
            due_at=due_at,
            woken_at=timezone.now(),
        )
    )


@transaction.atomic
def end(
    job: Job, status: Job.Status, code: str, arguments: dict[str, Any], said: str, *, owner: str
) -> bool:
    """End a job without a result, if it is still `owner`'s ("" for one that waits).

    Whoever registered the kind hears of it in the same transaction.
    """
    ended = Job.objects.filter(pk=job.pk, lease_owner=owner, status__in=Job.UNFINISHED).update(
        status=status,
        error_code=code,
        error_args=arguments,
        error=said,
        lease_owner="",
        lease_until=None,
        ended_at=timezone.now(),
    )
    job.refresh_from_db()
    if ended and (hook := kind_named(job.kind).ended):
        hook(job)
    return bool(ended)


def cancelled(job: Job, *, owner: str) -> bool:
    """End a job because somebody asked for it."""
    reason = JobEnd.CANCELLED
    return end(job, Job.Status.CANCELLED, reason.value, {}, reason.sentence, owner=owner)


def reclaim(job: Job) -> bool:
    """Free a running job whose holder is gone; whether it waits for another worker now.

    One that was cancelled, or that as many workers took up as may, ends instead.
    """
    if job.status != Job.Status.RUNNING or not is_gone(job.lease_owner, job.lease_until):
        return False
    if job.cancel_requested_at is not None:
        cancelled(job, owner=job.lease_owner)
        return False
    if job.attempts >= job.max_attempts or kind_named(job.kind).carry_out is None:
        arguments = {"attempts": job.attempts, "allowed": job.max_attempts}
        reason, sentence = JobEnd.WORKER_DIED, said(JobEnd.WORKER_DIED, arguments)
        end(job, Job.Status.FAILED, reason.value, arguments, sentence, owner=job.lease_owner)
        return False
    return _put_back(job, job.lease_until)


def _put_back(job: Job, until: datetime | None) -> bool:
    """Unless its worker gave a sign of life meanwhile, let the job wait again."""
    held = Job.objects.filter(pk=job.pk, lease_owner=job.lease_owner, lease_until=until)
    freed = held.update(
        status=Job.Status.WAITING, lease_owner="", lease_until=None, woken_at=timezone.now()
    )
    job.refresh_from_db()
    return bool(freed)
