"""Long work of any kind: who does it, how far it is, and how it ended."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.audit import NAME_LENGTH
from surveys.models.studies import Study


class Job(models.Model):
    """A piece of work that takes longer than a page may: a fit, a report, an import.

    Whoever works on it holds it by a lease that runs out without a sign of life. The queue only
    wakes workers up; this row alone says what remains to be done.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    UNFINISHED = (Status.WAITING, Status.RUNNING)

    # The name under which an app registered how this is done (`surveys.jobs.kinds`).
    kind = models.CharField(max_length=40)
    # None while an import has not made its study yet.
    study = models.ForeignKey(Study, models.CASCADE, null=True, blank=True, related_name="jobs")
    # What it is about, such as "run:12": pages look for the jobs of what they show.
    subject = models.CharField(max_length=80, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=9, choices=Status, default=Status.WAITING)
    # Where it is: pieces done and in all of the phase at hand; 0 of 0 where nobody can know.
    phase = models.CharField(max_length=40, blank=True)
    place = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    phase_started_at = models.DateTimeField(null=True, blank=True)
    # host:process:word of the worker, and until when it counts as alive without a sign of life.
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    # How many workers took it up, and how many may.
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=2)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What came of it: plain values, and a file that is kept until `file_until` only.
    result = models.JSONField(default=dict, blank=True)
    file = models.FileField(upload_to="jobs/", blank=True)
    file_until = models.DateTimeField(null=True, blank=True)
    # How it ended otherwise: a code with arguments, and the sentence as it was said then.
    error_code = models.CharField(max_length=60, blank=True)
    error_args = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The name is kept when the user is gone, and where a command's operator has no user here.
    created_by_name = models.CharField(max_length=NAME_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Before this moment nobody does it: it looks again for what others are at. None: at once.
    due_at = models.DateTimeField(null=True, blank=True)
    # When workers were last told of it.
    woken_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("status", "lease_until"), name="job_lease"),
            models.Index(fields=("subject", "status"), name="job_subject"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=("waiting", "running"), ended_at__isnull=True)
                | Q(status__in=("done", "failed", "cancelled"), ended_at__isnull=False),
                name="job_status",
            ),
            models.CheckConstraint(
                condition=(Q(status="running", lease_until__isnull=False) & ~Q(lease_owner=""))
                | (~Q(status="running") & Q(lease_owner="")),
                name="job_lease_of_running",
            ),
        )

    def __str__(self) -> str:
        return f"job {self.pk} ({self.kind})"

    @property
    def queued_by(self) -> dict[str, Any]:
        """Whoever started it, as plain values that the log understands."""
        return {"user": self.created_by_id, "name": self.created_by_name}

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be done about it."""
        return self.status not in self.UNFINISHED


class Worker(models.Model):
    """A process that works on jobs, as of its last sign of life."""

    # host:process:word, as in leases.
    name = models.CharField(max_length=80, unique=True)
    started_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
