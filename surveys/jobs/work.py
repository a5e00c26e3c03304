"""Doing a job in this process, from its lease to its end, whichever way it ends."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, connections
from django.utils import timezone

from surveys.codes import plain
from surveys.errors import CounterpartError, LeaseLost
from surveys.jobs import leases
from surveys.jobs.owners import worker_name
from surveys.jobs.reasons import JobEnd
from surveys.jobs.watch import NOBODY, Conduct, Watch, lease_length
from surveys.models import Job, Study

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 3
# Where the work is, is told more often than a long lease needs.
SECONDS_BETWEEN_BEATS = 5.0


@contextmanager
def job_here(
    kind: str,
    *,
    study: Study | None,
    subject: str = "",
    parameters: dict[str, Any] | None = None,
    queued_by: Mapping[str, Any] = NOBODY,
    conduct: Conduct | None = None,
) -> Iterator[Watch]:
    """Do work at once, in this process, under a job that pages show and others can cancel.

    Whoever waits for it here sees this process die, and starts it again: nobody else takes it up.
    `queued_by` is the user's key and name, as `Actor.as_json` gives them. The caller sets
    `Watch.result`; errors end the job with their code and go on to the caller.
    """
    now, owner = timezone.now(), worker_name()
    job = Job.objects.create(
        kind=kind,
        study=study,
        subject=subject,
        parameters=parameters or {},
        status=Job.Status.RUNNING,
        lease_owner=owner,
        lease_until=now + lease_length(),
        attempts=1,
        max_attempts=1,
        created_by_id=queued_by["user"],
        created_by_name=queued_by["name"],
        started_at=now,
    )
    with working(Watch(job, owner, conduct or Conduct())) as watch:
        yield watch


@contextmanager
def working(watch: Watch) -> Iterator[Watch]:
    """Hold a job that was taken: renew its lease, and end it the way the block ends.

    Raises `LeaseLost` where the job is another worker's by then; nothing of it is touched.
    """
    try:
        with _beating(watch):
            yield watch
    except BaseException as error:
        if watch.lost or not _end(watch, error):
            raise _lost(watch) from error
        raise
    if not _left(watch):
        raise _lost(watch)
    watch.job.refresh_from_db()
    if watch.job.is_over:
        for tidy in watch.afterwards:
            tidy()


def _left(watch: Watch) -> bool:
    """Leave the job as its work says: done, or to be gone on with later."""
    if watch.due_at is None:
        return leases.finish(watch.job, watch.owner, watch.result)
    if leases.postpone(watch.job, watch.owner, watch.due_at):
        return True
    return leases.cancelled(watch.job, owner=watch.owner)


def _end(watch: Watch, error: BaseException) -> bool:
    """Write down why it ended; False where it is not ours to say."""
    if isinstance(error, LeaseLost):
        return False
    arguments: dict[str, Any] = {}
    code = getattr(error, "code", None)
    if code == JobEnd.CANCELLED.value:
        return leases.cancelled(watch.job, owner=watch.owner)
    if isinstance(error, KeyboardInterrupt):
        reason = JobEnd.INTERRUPTED
        status, code, said = Job.Status.CANCELLED, reason.value, reason.sentence
    # The pure packages raise ValueErrors with a code; one without is a fault of ours.
    elif isinstance(error, CounterpartError | ValueError) and isinstance(code, str):
        status, said = Job.Status.FAILED, str(error)
        arguments = plain(getattr(error, "arguments", {}))
    else:
        status, code = Job.Status.FAILED, JobEnd.INTERNAL.value
        said = f"{type(error).__name__}: {error}"
        arguments = {"error": said}
    return leases.end(watch.job, status, code, arguments, said, owner=watch.owner)


def _lost(watch: Watch) -> LeaseLost:
    return LeaseLost(
        f"Job {watch.job.pk} was ended or taken up by another worker meanwhile; nothing of this "
        "attempt was stored.",
        code="lease_lost",
    )


@contextmanager
def _beating(watch: Watch) -> Iterator[None]:
    """Renew the lease from a thread of its own until the block is left.

    A fit may be busy for minutes inside one library call, and tell nobody where it is.

    Inside a transaction of the caller nobody else sees the lease, and there is nothing to renew.
    """
    if connection.in_atomic_block:
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(watch, over), daemon=True, name="heartbeat")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(watch: Watch, over: threading.Event) -> None:
    pause = min(SECONDS_BETWEEN_BEATS, lease_length().total_seconds() / BEATS_PER_LEASE)
    try:
        while not over.wait(pause):
            try:
                if not leases.renew(watch.job.pk, watch.owner, watch.where):
                    watch.lost = True
                    return
            except DatabaseError:
                # The next beat may reach it; if none does, the lease runs out, as it should.
                logger.warning("No sign of life of %s could be given.", watch.job, exc_info=True)
                connections.close_all()
    finally:
        connections.close_all()
