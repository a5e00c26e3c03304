"""Every call that was made for a session."""

from typing import Self

from django.db import models
from django.db.models import Q

from llm_respondents.models.panels import PANEL_OF_CALL, Panel
from surveys.models import Administration, MissingReason
from surveys.questions import DECLARED_REASONS

ANSWERED = "answered"
# An answer that a question offers and nobody scores is an answer.
OUTCOMES = (ANSWERED, *(one for one in MissingReason.values if one not in DECLARED_REASONS))


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Calls, as they are asked for."""

    def of(self, *panels: Panel) -> Self:
        """The calls of all sessions of these panels."""
        return self.filter(**{f"{PANEL_OF_CALL}__in": panels})


class Attempt(models.Model):
    """One API call, word for word. Stored before anything is made of the reply; never changed,
    but for whether it counts.
    """

    ANSWERED = ANSWERED
    OUTCOMES = OUTCOMES

    administration = models.ForeignKey(Administration, models.CASCADE, related_name="attempts")
    # The worker that made the call; its lease had to be in force for the reply to be used.
    worker = models.CharField(max_length=80)
    used = models.BooleanField(default=True)
    # It brought no reply, and its turn was opened again afterwards: it is not used any more.
    set_aside = models.BooleanField(default=False)
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
    # What the model thought before it replied, as far as it was shown; never part of the answer.
    thoughts = models.TextField(blank=True)
    refusal = models.TextField(blank=True)
    # The response body, for endpoints that have one.
    raw = models.TextField(blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True, blank=True)
    completion_tokens = models.PositiveIntegerField(null=True, blank=True)
    cached_tokens = models.PositiveIntegerField(null=True, blank=True)
    reasoning_tokens = models.PositiveIntegerField(null=True, blank=True)
    # Of the prompt, written into the endpoint's cache.
    written_tokens = models.PositiveIntegerField(null=True, blank=True)
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

    objects = AttemptQuerySet.as_manager()

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
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="attempt_outcome"),
        )

    def __str__(self) -> str:
        return f"turn {self.turn}, call {self.number}: {self.outcome}"
