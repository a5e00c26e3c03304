"""What lets somebody into a team, and what helps who lost a second factor."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from surveys.models.studies import Study
from surveys.roles import Role


class Invitation(models.Model):
    """A link that makes one person a member of a study. Only its hash is kept."""

    study = models.ForeignKey(Study, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=[(one.value, one.sentence) for one in Role])
    # Where it was sent; empty where it was only shown.
    email = models.EmailField(blank=True)
    # SHA-256 of the token, which has 256 random bits.
    sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("study", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=("viewer", "analyst", "editor", "owner")),
                name="invitation_role",
            ),
        )

    def __str__(self) -> str:
        return self.role

    @property
    def is_good(self) -> bool:
        """Whether it still lets somebody in."""
        unused = self.revoked_at is None and self.accepted_at is None
        return unused and self.expires_at > timezone.now()


class RecoveryCode(models.Model):
    """A code that stands in for the second factor, once. Only its hash is kept."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes"
    )
    # SHA-256 of the code, which has 80 random bits.
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("user", "pk")
        constraints = (
            models.UniqueConstraint(fields=("user", "sha256"), name="recovery_code_of_user"),
        )

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
