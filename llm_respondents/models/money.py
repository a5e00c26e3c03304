"""What limits the spending and the pace of panels."""

from django.db import models
from django.db.models import Q

from llm_respondents.models.panels import Panel
from surveys.models import Study


class PanelPrice(models.Model):
    """A price that a panel's calls were booked at from `since` on, until the next of its prices.

    `amounts` are those of `endpoints.file.Price` by name, exact: as text.
    """

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="prices")
    since = models.DateTimeField()
    amounts = models.JSONField()

    class Meta:
        ordering = ("panel", "since", "pk")

    def __str__(self) -> str:
        return f"price of {self.panel} since {self.since:%Y-%m-%d %H:%M}"


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
