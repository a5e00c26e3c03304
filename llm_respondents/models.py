"""Panels of model sessions, their members, and every call that was made for them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from surveys.models import Administration, MissingReason, Respondent, RespondentGroup, Study


class Panel(models.Model):
    """Sessions of one model with one study, recruited together. The specification is frozen."""

    class Status(models.TextChoices):
        READY = "ready"
        RUNNING = "running"
        PAUSED = "paused"
        HALTED = "halted"
        COMPLETE = "complete"
        CANCELLED = "cancelled"

    # No call is made any more, and no status follows.
    OVER = (Status.COMPLETE, Status.CANCELLED)

    study = models.ForeignKey(Study, models.CASCADE, related_name="panels")
    group = models.OneToOneField(RespondentGroup, models.PROTECT, related_name="panel")
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    # Why it halted, as a sentence for whoever has to act on it.
    status_note = models.TextField(blank=True)
    # The whole specification and its SHA-256; the columns below repeat what lists are sorted by.
    spec = models.JSONField()
    spec_hash = models.CharField(max_length=64)
    prompt_version = models.CharField(max_length=20)
    provider = models.CharField(max_length=20)
    model = models.CharField(max_length=200)
    base_url = models.CharField(max_length=300, blank=True)
    # The name of an environment variable. The key itself is never stored.
    api_key_env = models.CharField(max_length=80, blank=True)
    seed = models.BigIntegerField()
    # Billionths of the currency, exact: the cap (none: no cap), what is spent, and what calls in
    # flight may cost. The last of a worker that was killed stays: it may have been billed.
    spend_cap_nano = models.BigIntegerField(null=True, blank=True)
    spent_nano = models.BigIntegerField(default=0)
    reserved_nano = models.BigIntegerField(default=0)
    # What the endpoint was found to honour, before the first session.
    capabilities = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("study", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    status__in=("ready", "running", "paused", "halted", "complete", "cancelled")
                ),
                name="panel_status",
            ),
        )

    def __str__(self) -> str:
        return self.group.label

    @property
    def is_over(self) -> bool:
        """Whether no call will be made for this panel any more."""
        return self.status in self.OVER


class PanelMember(models.Model):
    """One session of a panel: which cell of the design it stands in, and whom it speaks as."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    respondent = models.OneToOneField(Respondent, models.CASCADE, related_name="panel_member")
    number = models.PositiveIntegerField()
    # The arm, and what else its cell varies; see `specs.Cell`.
    cell = models.JSONField(default=dict)
    # (label, value) pairs as the model reads them.
    persona = models.JSONField(default=list, blank=True)
    # With a swapped history: whose answers stand in for its own in earlier turns, and those
    # answers (question ref -> scored value), kept so that a resumed session reads the same.
    donor = models.ForeignKey(
        Respondent, models.SET_NULL, null=True, blank=True, related_name="donated_histories"
    )
    donor_values = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("panel", "number")
        constraints = (
            models.UniqueConstraint(fields=("panel", "number"), name="panel_member_number"),
        )

    def __str__(self) -> str:
        return f"session {self.number}"


class Attempt(models.Model):
    """One API call, word for word. Stored before anything is made of the reply; never changed."""

    ANSWERED = "answered"
    OUTCOMES = (ANSWERED, *MissingReason.values)

    administration = models.ForeignKey(Administration, models.CASCADE, related_name="attempts")
    # The worker that made the call; its lease had to be in force for the reply to be used.
    worker = models.CharField(max_length=80)
    used = models.BooleanField(default=True)
    # Turn of the session from 0, and the number of the call within the turn from 1.
    turn = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()
    refs = models.JSONField()
    # Hash chain over the messages sent: up to `new_messages`, and including them.
    prefix_hash = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)
    # The messages that earlier attempts of the session do not already hold.
    new_messages = models.JSONField()
    parameters = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20)
    detail = models.TextField(blank=True)
    closes_turn = models.BooleanField(default=False)
    flags = models.JSONField(default=list, blank=True)
    reply = models.TextField(blank=True)
    refusal = models.TextField(blank=True)
    # The response body, for endpoints that have one.
    raw = models.TextField(blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    cached_tokens = models.PositiveIntegerField(null=True, blank=True)
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)
    # Billionths of the currency, by the price list at the time; none where no price is known.
    cost_nano = models.BigIntegerField(null=True, blank=True)
    # The model that replied, by its own account: a dated name, where the request named an alias.
    model = models.CharField(max_length=200, blank=True)
    system_fingerprint = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=200, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    started_at = models.DateTimeField()
    latency_ms = models.PositiveIntegerField()

    class Meta:
        ordering = ("administration", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("administration", "turn"),
                condition=Q(closes_turn=True, used=True),
                name="attempt_turn_closed_once",
            ),
            models.UniqueConstraint(
                fields=("administration", "turn", "number"),
                condition=Q(used=True),
                name="attempt_number",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=("answered", *MissingReason.values)), name="attempt_outcome"
            ),
        )

    def __str__(self) -> str:
        return f"turn {self.turn}, call {self.number}: {self.outcome}"


class StudyBudget(models.Model):
    """The most that all panels of a study may cost together, in billionths of the currency.

    Reservations lock this row, so that the sum over the panels cannot pass it.
    """

    study = models.OneToOneField(Study, models.CASCADE, related_name="panel_budget")
    cap_nano = models.BigIntegerField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(cap_nano__gte=0), name="study_budget_cap"),
        )

    def __str__(self) -> str:
        return f"budget of {self.study}"


class EndpointRate(models.Model):
    """How much of an endpoint's minute is taken, for all workers on all machines together.

    `next_at` is the time (seconds since 1970) from which the next taking may be used.
    """

    key = models.CharField(max_length=320, unique=True)
    next_at = models.FloatField(default=0.0)

    def __str__(self) -> str:
        return self.key


class Batch(models.Model):
    """One wave of calls handed to an endpoint together, to be answered within a day."""

    class Status(models.TextChoices):
        PREPARING = "preparing"
        SUBMITTED = "submitted"
        COLLECTED = "collected"
        FAILED = "failed"

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="batches")
    # Sent along as metadata: a batch whose identifier was lost in a crash is found again by it.
    key = models.CharField(max_length=64, unique=True)
    wave = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=Status, default=Status.PREPARING)
    provider_id = models.CharField(max_length=200, blank=True)
    # The provider's own word for how far it is, and what it says went wrong.
    provider_status = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
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
