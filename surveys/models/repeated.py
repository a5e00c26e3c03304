"""Requests that programs may send twice, and what they were answered."""

from django.db import models


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
