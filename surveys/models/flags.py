"""Flags of people: what was seen of how they answered, and what a member said of it."""

from django.db import models

from surveys.models.administrations import Administration


class FlagCheck(models.Model):
    """That somebody who has ended was looked at, by which version of what is looked for."""

    administration = models.OneToOneField(Administration, models.CASCADE, related_name="flag_check")
    version = models.PositiveSmallIntegerField()
    # The same for the same answers to the same questions; empty where that would be chance.
    signature = models.CharField(max_length=40, blank=True)
    checked_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = (models.Index(fields=("signature",), name="flag_check_signature"),)

    def __str__(self) -> str:
        return f"flags of {self.administration_id}"


class Flag(models.Model):
    """One flag with the figures that it came from; it leaves nobody out."""

    # The key goes with everything else that is known of a person who withdraws.
    flag_check = models.ForeignKey(FlagCheck, models.CASCADE, related_name="flags")
    code = models.CharField(max_length=24)
    figures = models.JSONField(default=dict)
    # What a member found who looked at it.
    looked_at = models.DateTimeField(null=True, blank=True)
    looked_by = models.CharField(max_length=150, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("flag_check", "pk")
        constraints = (models.UniqueConstraint(fields=("flag_check", "code"), name="flag_code"),)

    def __str__(self) -> str:
        return self.code
