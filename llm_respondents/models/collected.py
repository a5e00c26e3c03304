"""Replies of models that were collected elsewhere, as the file has them."""

from django.db import models
from django.db.models import Q

from surveys.models import Administration


class CollectedReply(models.Model):
    """One reply of an imported file. Nobody made a call for it here; it is never changed.

    It is what the file says: a raw text, which can be read again, or what its source made of it.
    """

    class Form(models.TextChoices):
        RAW = "raw"
        VALUE = "value"
        REASON = "reason"
        SHARES = "shares"

    administration = models.ForeignKey(
        Administration, models.CASCADE, related_name="collected_replies"
    )
    number = models.PositiveSmallIntegerField()
    # Its line, or its number in a list.
    place = models.CharField(max_length=40)
    # The questions that it answers, in the order in which the reply has them.
    refs = models.JSONField()
    form = models.CharField(max_length=6, choices=Form)
    raw = models.TextField(blank=True)
    # The value as coded by its source, a missing reason, or scored value -> share.
    said = models.JSONField(null=True, blank=True)
    finish_reason = models.CharField(max_length=40, blank=True)
    refusal = models.TextField(blank=True)
    # What the file tells of how it was asked; what it does not tell is not recorded.
    told = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("administration", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("administration", "number"), name="collected_reply_number"
            ),
            models.CheckConstraint(
                condition=Q(form__in=("raw", "value", "reason", "shares")),
                name="collected_reply_form",
            ),
        )

    def __str__(self) -> str:
        return f"reply {self.number}: {self.form}"
