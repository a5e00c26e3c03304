"""How many people of which kind a study wants, and who holds a place among them."""

from django.db import models

from surveys.flow import LONGEST
from surveys.models.administrations import Administration
from surveys.models.studies import RecruitingLink, Study


class Quota(models.Model):
    """A number of people of a kind. `taken` counts its places: one for each person who holds one.

    A place is taken by a conditional UPDATE at the moment that decides, and given back by whoever
    withdraws or is ended early.
    """

    study = models.ForeignKey(Study, models.CASCADE, related_name="quotas")
    label = models.CharField(max_length=120)
    # Which people, as a rule over conditions, questions about the person and answers; empty: all.
    when = models.CharField(max_length=LONGEST, blank=True)
    # Whoever came through this link alone; null: through any that is for real people.
    link = models.ForeignKey(
        RecruitingLink, models.CASCADE, null=True, blank=True, related_name="quotas"
    )
    most = models.PositiveIntegerField()
    taken = models.PositiveIntegerField(default=0, db_default=0)
    # How many were thanked and sent back because it was full.
    turned_away = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        ordering = ("study", "pk")
        constraints = (models.UniqueConstraint(fields=("study", "label"), name="quota_label"),)

    def __str__(self) -> str:
        return self.label

    @property
    def is_full(self) -> bool:
        """Whether nobody else gets a place now."""
        return self.taken >= self.most


class QuotaPlace(models.Model):
    """One person's place in a quota."""

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="places")
    administration = models.ForeignKey(Administration, models.CASCADE, related_name="quota_places")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("quota", "administration"), name="quota_place"),
        )

    def __str__(self) -> str:
        return f"place {self.pk}"
