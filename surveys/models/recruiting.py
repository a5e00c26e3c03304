"""What recruiters' addresses say beside the person's id, and where they go wrong."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from surveys.models.administrations import Administration
from surveys.models.respondents import Respondent
from surveys.models.studies import RecruitingLink, Study
from surveys.recruiters import LONGEST_ID


class RecruiterParameters(models.Model):
    """What the recruiter declares beside the id: the study, the session, the assignment."""

    respondent = models.OneToOneField(
        Respondent, models.CASCADE, related_name="recruiter_parameters"
    )
    # Parameter -> value, as they stood in the address when this person decided.
    values = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "recruiter parameters"

    def __str__(self) -> str:
        return ", ".join(self.values)


class EarlierId(models.Model):
    """A keyed hash of a recruiter's id that was deleted: it names nobody, and knows them again."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="earlier_ids")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("study", "digest"), name="earlier_id_digest"),
        )

    def __str__(self) -> str:
        return f"earlier id {self.pk}"


class LinkAlert(models.Model):
    """People came to a link with an address that could not be used. Nobody was enrolled."""

    class Fault(models.TextChoices):
        MISSING = "missing", _("is missing")
        MISSPELT = "misspelt", _("stands under another name")
        UNFILLED = "unfilled", _("is a placeholder that was not filled in")
        UNREADABLE = "unreadable", _("is too long or unreadable")

    link = models.ForeignKey(RecruitingLink, models.CASCADE, related_name="alerts")
    fault = models.CharField(max_length=12, choices=Fault)
    # A parameter that the recruiter declares.
    parameter = models.CharField(max_length=40)
    # The placeholder or the wrong name that was found last; never a person's id.
    found = models.CharField(max_length=LONGEST_ID, blank=True)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        ordering = ("link", "-last_at")
        constraints = (
            models.UniqueConstraint(fields=("link", "fault", "parameter"), name="link_alert_fault"),
            models.CheckConstraint(
                condition=Q(fault__in=("missing", "misspelt", "unfilled", "unreadable")),
                name="link_alert_known_fault",
            ),
        )

    def __str__(self) -> str:
        return f"{self.parameter} {self.get_fault_display()}"


class Credit(models.Model):
    """Credit that our server asks a recruiter for, once for each person who completes."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")
        GIVEN_UP = "given_up", _("given up")

    administration = models.OneToOneField(Administration, models.CASCADE, related_name="credit")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    # What came back last, in short: no id, no secret.
    said = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("state", "next_try_at"), name="credit_due"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("waiting", "granted", "refused", "given_up")),
                name="credit_state",
            ),
        )

    def __str__(self) -> str:
        return f"credit {self.pk}"
