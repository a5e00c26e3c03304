"""Tokens with which programs use REST in a user's name, and requests that they may repeat."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a token is good for, beside what its user may do; each has to be given by name."""

    READ = "read", _("read studies, plans, panels and results")
    WRITE = "write", _("change studies, links, plans and jobs")
    PEOPLE = "people", _("people's answers and ids, and exports of them")
    SPEND = "spend", _("let models be asked, which may cost money")


class ApiToken(models.Model):
    """A token of a user. What it is stands nowhere: only its hash is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    # What it is for, in its user's words.
    name = models.CharField(max_length=80)
    # SHA-256 of the token, which has 256 random bits: a slow hash would protect nothing more.
    sha256 = models.CharField(max_length=64, unique=True)
    # Its first letters, by which its user knows it again.
    beginning = models.CharField(max_length=4)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    # To the hour: a row that is written at every request would be a queue.
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(name=""), name="api_token_is_called_something"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_good(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > timezone.now()


class AnsweredRequest(models.Model):
    """What a request with an ``Idempotency-Key`` was answered, until it may be forgotten."""

    # SHA-256 of who asked and the key that was sent.
    key_sha256 = models.CharField(max_length=64, unique=True)
    # SHA-256 of method, address and content: the same key with another request is a mistake.
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    # Sealed by the key that was sent, which is kept nowhere: an answer may tell a secret once.
    content = models.TextField(blank=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.key_sha256[:8]
