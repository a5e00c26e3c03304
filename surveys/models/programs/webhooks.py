"""Addresses of other programs that are told what happened in a study, and what each was told."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from surveys.models.studies import Study


class WebhookEvent(models.TextChoices):
    """What another program can be told of."""

    RUN_DONE = "run.done", _("a run is done")
    PANEL_ENDED = "panel.ended", _("a panel has ended")
    PANEL_HALTED = "panel.halted", _("a panel has halted")
    PERSON_COMPLETED = "person.completed", _("a person has completed")
    JOB_FAILED = "job.failed", _("a job has failed")


class Webhook(models.Model):
    """One address that is told of some events of a study."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="webhooks")
    address = models.URLField(max_length=500)
    events = models.JSONField(default=list)
    # What its messages are signed with, as only this installation can read it.
    secret = models.TextField()
    paused = models.BooleanField(default=False)
    # Nothing is sent any more because too much failed; how much failed since something arrived.
    disabled_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    # What happened before was looked at.
    looked_at = models.DateTimeField()
    # Nothing from before is told: since it was added, or taken up again.
    told_since = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.address

    @property
    def events_in_words(self) -> list[str]:
        """What it is told of, in the reader's language."""
        return [str(WebhookEvent(one).label) for one in self.events]

    @property
    def is_active(self) -> bool:
        """Whether it is told anything."""
        return not self.paused and self.disabled_at is None


class WebhookMessage(models.Model):
    """What an address was told, or will be; sent again until it arrives or nothing helps."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        ARRIVED = "arrived", _("arrived")
        FAILED = "failed", _("failed")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="messages")
    # What happened, so that it is told once: such as "run 12".
    key = models.CharField(max_length=120)
    event = models.CharField(max_length=30)
    content = models.JSONField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    # When it is sent next; while somebody sends it, when somebody else may.
    due_at = models.DateTimeField()
    # What was answered last: a status of HTTP, or a code of ours.
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("webhook", "key"), name="webhook_message_once"),
        )
        indexes = (models.Index(fields=("state", "due_at"), name="webhook_message_due"),)

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"
