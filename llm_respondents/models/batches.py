"""Batches of calls handed to a provider together."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from llm_respondents.models.panels import Panel
from surveys.models import Administration


class Batch(models.Model):
    """One wave of calls handed to an endpoint together, to be answered within a day."""

    class Status(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        SUBMITTED = "submitted", _("submitted")
        COLLECTED = "collected", _("collected")
        FAILED = "failed", _("failed")

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="batches")
    # Sent along as metadata: a batch whose identifier was lost in a crash is found again by it.
    key = models.CharField(max_length=64, unique=True)
    wave = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PREPARING)
    provider_id = models.CharField(max_length=200, blank=True)
    # The provider's own word for how far it is.
    provider_status = models.CharField(max_length=40, blank=True)
    # What is to be known of it, by `codes.BatchRemark`, with what varies in the sentence and, as
    # `said`, the provider's own words.
    remark = models.CharField(max_length=40, blank=True)
    remark_args = models.JSONField(default=dict, blank=True)
    # What all calls took together by the provider's own sum, also those whose replies were lost.
    prompt_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveBigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("panel", "wave", "pk")
        verbose_name_plural = "batches"
        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=("preparing", "submitted", "collected", "failed")),
                name="batch_status",
            ),
        )

    def __str__(self) -> str:
        return f"wave {self.wave}"


class BatchCall(models.Model):
    """One request of a batch, by its place in the session; its reply becomes an `Attempt`."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="calls")
    administration = models.ForeignKey(Administration, models.CASCADE, related_name="batch_calls")
    turn = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    request_hash = models.CharField(max_length=64)
    reserved_nano = models.BigIntegerField(default=0)
    collected = models.BooleanField(default=False)

    class Meta:
        ordering = ("batch", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("batch", "administration", "turn"), name="batch_call_once"
            ),
            models.UniqueConstraint(
                fields=("administration", "turn", "number"),
                condition=Q(collected=False),
                name="batch_call_outstanding_once",
            ),
        )

    def __str__(self) -> str:
        return f"turn {self.turn}, call {self.number}"
