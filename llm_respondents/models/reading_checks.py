"""Samples of replies that a person reads without knowing what the parser made of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from llm_respondents.models.calls import Attempt
from llm_respondents.models.panels import Panel


class ReadingCheck(models.Model):
    """A seeded sample of a panel's replies; the latest of a panel is the one that counts."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="reading_checks")
    seed = models.BigIntegerField()
    # What the replies were read by, for the comparison.
    parser_version = models.CharField(max_length=20)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # When the last of its replies was read.
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("panel", "pk")

    def __str__(self) -> str:
        return f"replies of {self.panel}, read by a person"


class Reading(models.Model):
    """One question of one reply of a sample: what the parser found, and what a person reads."""

    class Verdict(models.TextChoices):
        OPTION = "option", _("an option")
        REFUSED = "refused", _("refused")
        NO_ANSWER = "no_answer", _("no answer")
        CANNOT_TELL = "cannot_tell", _("cannot tell")

    check_of = models.ForeignKey(ReadingCheck, models.CASCADE, related_name="readings")
    # In which order replies are shown, from 1.
    place = models.PositiveSmallIntegerField()
    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="readings")
    ref = models.CharField(max_length=200)
    # Replies with one outcome are a stratum; how many of them the panel had.
    stratum = models.CharField(max_length=20)
    stratum_size = models.PositiveIntegerField()
    # Scored values of an option, or none and the reason.
    found_value = models.IntegerField(null=True, blank=True)
    found_reason = models.CharField(max_length=20, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    value = models.IntegerField(null=True, blank=True)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # The name is kept, also when the user is gone.
    read_by_name = models.CharField(max_length=150, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("check_of", "place")
        constraints = (
            models.UniqueConstraint(fields=("check_of", "place"), name="reading_place"),
            models.UniqueConstraint(fields=("check_of", "attempt", "ref"), name="reading_once"),
            models.CheckConstraint(
                condition=Q(verdict="option", value__isnull=False)
                | Q(verdict__in=("", "refused", "no_answer", "cannot_tell"), value__isnull=True),
                name="reading_verdict",
            ),
        )

    def __str__(self) -> str:
        return f"reply {self.place}"
