"""A job under way, as its worker sees it: where it is, whether to stop, what is stored."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from surveys.errors import JobCancelled, LeaseLost
from surveys.jobs.reasons import JobEnd
from surveys.models import Job

NOBODY: Mapping[str, Any] = {"user": None, "name": ""}

# Often enough for a page, seldom enough to cost nothing.
SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True)
class Conduct:
    """How work is carried out, as far as it does not change what is found.

    `progress` is told (phase, done, total); `cancelled` is asked between pieces of work.
    """

    processes: int = 1
    progress: Callable[[str, int, int], object] | None = None
    cancelled: Callable[[], bool] | None = None


def lease_length() -> timedelta:
    """How long a worker counts as alive without a sign of life."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


@dataclass
class Watch:
    """The holder's view of a job: tells where it is, hears whether to stop, once a second."""

    job: Job
    owner: str
    conduct: Conduct = field(default_factory=Conduct)
    # What came of it, for the job's row.
    result: dict[str, Any] = field(default_factory=dict)
    # Somebody else holds the job, or it was ended: nothing of ours is stored any more.
    lost: bool = field(default=False, init=False)
    # When to go on, where nothing can be done but to wait for others; None ends the job.
    due_at: datetime | None = None
    # What is done once the job is over with its result: what another worker would still need.
    afterwards: list[Callable[[], object]] = field(default_factory=list, init=False)
    # Columns of the job's row that say where it is.
    where: dict[str, Any] = field(default_factory=dict, init=False)
    _phase_started_at: datetime | None = field(default=None, init=False)
    _told_at: float = field(default=0.0, init=False)
    _looked_at: float = field(default=float("-inf"), init=False)
    _asked: bool = field(default=False, init=False)

    def stands_at(self, phase: str, done: int, total: int) -> None:
        """Where the work is, by whoever counts it beside the work itself."""
        self._tell(phase, done, total)

    def goes_forward(self) -> None:
        """What earlier attempts failed at is behind: those that died before count no more."""
        self._mine().update(attempts=1)

    def enter(self, phase: str) -> None:
        """Begin a phase of which nobody knows how long it takes."""
        self._tell(phase, 0, 0)

    def told(self, phase: str) -> Callable[[int, int], None]:
        """The progress of one phase."""

        def tell(done: int, total: int) -> None:
            if self.conduct.progress is not None:
                self.conduct.progress(phase, done, total)
            self._tell(phase, done, total)

        return tell

    def cancelled(self) -> bool:
        """Whether the caller or somebody at the row asked to stop, or the lease is lost."""
        if self.conduct.cancelled is not None and self.conduct.cancelled():
            return True
        if time.monotonic() - self._looked_at >= SECONDS_BETWEEN_LOOKS:
            self._looked_at = time.monotonic()
            asked = self._mine().values_list("cancel_requested_at", flat=True).first()
            self.lost = self.lost or not self._mine().exists()
            self._asked = asked is not None
        return self._asked or self.lost

    def check(self) -> None:
        """Between two pieces of work: raise `JobCancelled` or `LeaseLost`."""
        if self.cancelled():
            self._stop()

    @contextmanager
    def storing(self) -> Iterator[None]:
        """One transaction for what came of the work; it counts only while the lease is held.

        The job's row is locked until the transaction ends, so that nobody takes the job up in
        between. Raises `JobCancelled` and `LeaseLost`; then nothing is stored.
        """
        with transaction.atomic():
            if not self._mine().update(lease_until=timezone.now() + lease_length()):
                self.lost = True
                self._stop()
            if self._mine().filter(cancel_requested_at__isnull=False).exists():
                self._stop()
            yield

    def keep(self, result: dict[str, Any]) -> None:
        """Inside of `storing`: what came of it, so that nobody does it again should we die now."""
        self._mine().update(result=result)

    def _stop(self) -> None:
        if self.lost:
            raise LeaseLost(
                f"Job {self.job.pk} is another worker's by now, or was ended.", code="lease_lost"
            )
        raise JobCancelled(JobEnd.CANCELLED.sentence, code=JobEnd.CANCELLED.value)

    def _mine(self) -> QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, lease_owner=self.owner)

    def _tell(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if phase == self.where.get("phase") and now - self._told_at < SECONDS_BETWEEN_LOOKS:
            return
        started = timezone.now() if phase != self.where.get("phase") else self._phase_started_at
        self._told_at, self._phase_started_at = now, started
        self.where = {
            "phase": phase,
            "place": done,
            "total": total,
            "phase_started_at": started,
        }
        # Nobody would see it before the end of a transaction: there the heartbeat writes it.
        if not connection.in_atomic_block:
            self._mine().update(**self.where)
