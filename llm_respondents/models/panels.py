"""Panels of model sessions and their members."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models import Administration, Answer, Respondent, RespondentGroup, Study

# From a session, and from a call or an answer of one, to the panel that it belongs to.
PANEL_OF_SESSION = "respondent__panel_member__panel"
PANEL_OF_CALL = PANEL_OF_ANSWER = f"administration__{PANEL_OF_SESSION}"


class Panel(models.Model):
    """Sessions of one model with one study, recruited together. The specification is frozen."""

    class Status(models.TextChoices):
        READY = "ready", _("Ready")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        HALTED = "halted", _("Halted")
        COMPLETE = "complete", _("Complete")
        CANCELLED = "cancelled", _("Cancelled")

    # No call is made any more, and no status follows.
    OVER = (Status.COMPLETE, Status.CANCELLED)

    study = models.ForeignKey(Study, models.CASCADE, related_name="panels")
    group = models.OneToOneField(RespondentGroup, models.PROTECT, related_name="panel")
    status = models.CharField(max_length=10, choices=Status, default=Status.READY)
    # Why a worker gave up, by `codes.HaltReason`, with what varies in its sentence and, as `said`,
    # the endpoint's own words; and why the panel is over, by `codes.EndReason`.
    halt_code = models.CharField(max_length=40, blank=True)
    halt_args = models.JSONField(default=dict, blank=True)
    ended_reason = models.CharField(max_length=40, blank=True)
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
    # What the endpoint was found to honour, before the first session; when, and what asking took.
    # Probes that failed, and those of two workers that began at once, are paid for like any other.
    capabilities = models.JSONField(default=dict, blank=True)
    probed_at = models.DateTimeField(null=True, blank=True)
    probe_calls = models.PositiveIntegerField(default=0)
    probe_tokens = models.PositiveBigIntegerField(default=0)
    probe_nano = models.BigIntegerField(default=0)
    # How many calls a worker makes at once where a member said so; null: as the list has it.
    concurrency = models.PositiveSmallIntegerField(null=True, blank=True)
    # How far the panel is, as a worker counted last: pages that ask again and again read this.
    tally = models.JSONField(default=dict, blank=True)
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

    @property
    def sessions(self) -> models.QuerySet[Administration]:
        """The administrations of the panel's members."""
        return Administration.objects.filter(**{PANEL_OF_SESSION: self})

    @property
    def answers(self) -> models.QuerySet[Answer]:
        """The answers in force of all sessions of the panel."""
        return Answer.objects.filter(**{PANEL_OF_ANSWER: self})


class PanelMember(models.Model):
    """One session of a panel: which cell of the design it stands in, and whom it speaks as."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    respondent = models.OneToOneField(Respondent, models.CASCADE, related_name="panel_member")
    number = models.PositiveIntegerField()
    # The arm, and what else its cell varies; see `specs.Cell`.
    cell = models.JSONField(default=dict)
    # (label, value) pairs as the model reads them.
    persona = models.JSONField(default=list, blank=True)
    # With a swapped or an own history: whose answers stand in earlier turns, and those
    # answers (question ref -> scored value), kept so that a resumed session reads the same.
    donor = models.ForeignKey(
        Respondent, models.SET_NULL, null=True, blank=True, related_name="donated_histories"
    )
    donor_values = models.JSONField(default=dict, blank=True)
    # How often the session was opened again for turns that were lost.
    reopened = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("panel", "number")
        constraints = (
            models.UniqueConstraint(fields=("panel", "number"), name="panel_member_number"),
        )

    def __str__(self) -> str:
        return f"session {self.number}"
