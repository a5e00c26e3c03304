"""A request that is sent twice does its work once: by the key that its sender gave it.

The row of a key is made in the transaction of the work and stands or falls with it. Two requests
with one key at the same time meet at the row: the second waits for the first, and is answered the
same. A request that failed left nothing behind and may be sent again.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from surveys.models import AnsweredRequest
from surveys.services.access.refusals import RequestRefused, RequestRepeatedWrongly
from surveys.services.access.sealing import sealed, unsealed

KEPT = timedelta(hours=24)
LONGEST_KEY = 200
_PURPOSE = "answered request"
# How long a request waits for another one with its key, in a database with locks of rows.
_WAIT = "10s"


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What the first of the requests was answered."""

    status: int
    content_type: str
    content: str


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer the requests with one key; `key` is told by the sender, never kept."""

    row: AnsweredRequest
    key: str

    def keep(self, *, status: int, content_type: str, content: str) -> None:
        """Keep the answer for a day."""
        self.row.status, self.row.content_type = status, content_type
        self.row.content = sealed(content, purpose=_PURPOSE, with_key=self.key)
        self.row.save(update_fields=("status", "content_type", "content"))


def claim_request(*, who: str, key: str, request: str) -> Claim | KeptAnswer:
    """The right to do the work of a request, or what it was answered when it came first.

    `who` sends it, `request` is all that it says. To be called in the transaction of the work.

    Raises `RequestRepeatedWrongly`: `idempotency_key_invalid`, `idempotency_key_reused` where it
    was sent with another request, `idempotency_in_progress` where the first is not answered yet.
    """
    if not (key.isascii() and key.isprintable() and 0 < len(key.strip()) <= LONGEST_KEY):
        raise RequestRepeatedWrongly(RequestRefused.KEY_INVALID, most=LONGEST_KEY)
    now = timezone.now()
    named, said = _hash(f"{who}\0{key}"), _hash(request)
    AnsweredRequest.objects.filter(key_sha256=named, expires_at__lt=now).delete()
    try:
        with transaction.atomic():
            _wait(_WAIT)
            row, is_new = AnsweredRequest.objects.get_or_create(
                key_sha256=named, defaults={"request_sha256": said, "expires_at": now + KEPT}
            )
            _wait("")
    except (IntegrityError, OperationalError) as error:
        raise RequestRepeatedWrongly(RequestRefused.IN_PROGRESS) from error
    if is_new:
        return Claim(row, key)
    content = unsealed(row.content, purpose=_PURPOSE, with_key=key)
    if row.request_sha256 != said or content is None:
        raise RequestRepeatedWrongly(RequestRefused.KEY_REUSED)
    return KeptAnswer(row.status, row.content_type, content)


def forget_answered_requests() -> None:
    """Let go of the answers that are older than a day."""
    AnsweredRequest.objects.filter(expires_at__lt=timezone.now()).delete()


def _wait(longest: str) -> None:
    """How long a statement waits for the locks of others; "" for as long as it usually does."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout TO {repr(longest) if longest else 'DEFAULT'}")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
