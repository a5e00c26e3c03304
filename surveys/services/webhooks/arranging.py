"""What members arrange: which address is told of what."""

import secrets
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from surveys.models import Action, Study, Webhook, WebhookEvent, WebhookMessage
from surveys.services.access.sealing import sealed
from surveys.services.audit import Actor, record
from surveys.services.webhooks.refusals import WebhookError, WebhookRefused
from surveys.services.webhooks.sending import place_of
from surveys.services.webhooks.telling import PURPOSE, tell

MARK = "whsec_"
MOST = 10


@transaction.atomic
def add_webhook(
    *, study: Study, address: str, events: Collection[str], by: Actor
) -> tuple[Webhook, str]:
    """Tell an address of these events from now on; its secret is told once, here.

    Raises `WebhookError`: `webhook_not_https`, `webhook_private`, `webhook_unresolved`,
    `webhook_events`, `webhook_too_many`.
    """
    if not events or not set(events) <= set(WebhookEvent.values):
        raise WebhookError(WebhookRefused.EVENTS, known=", ".join(WebhookEvent.values))
    if study.webhooks.count() >= MOST:
        raise WebhookError(WebhookRefused.TOO_MANY, most=MOST)
    place_of(address)
    now = timezone.now()
    secret = MARK + secrets.token_urlsafe(32)
    webhook = Webhook.objects.create(
        study=study,
        address=address,
        events=[one for one in WebhookEvent.values if one in events],
        secret=sealed(secret, purpose=PURPOSE),
        looked_at=now,
        told_since=now,
        created_by_id=by.user_id,
    )
    after = {"events": webhook.events}
    record(by=by, action=Action.WEBHOOK_ADDED, study=study, subject=webhook, after=after)
    return webhook, secret


@transaction.atomic
def switch_webhook(*, webhook: Webhook, paused: bool, by: Actor) -> Webhook:
    """Pause it, or take it up again, also one on which was given up.

    What happened meanwhile is not told.
    """
    before = {"paused": not webhook.is_active}
    webhook.paused = paused
    if not paused:
        now = timezone.now()
        webhook.disabled_at, webhook.failures = None, 0
        webhook.looked_at = webhook.told_since = now
        left = webhook.messages.filter(state=WebhookMessage.State.WAITING)
        left.update(state=WebhookMessage.State.FAILED, ended_at=now)
    webhook.save(update_fields=("paused", "disabled_at", "failures", "looked_at", "told_since"))
    record(
        by=by,
        action=Action.WEBHOOK_SWITCHED,
        study=webhook.study,
        subject=webhook,
        before=before,
        after={"paused": paused},
    )
    return webhook


def try_webhook(*, webhook: Webhook, by: Actor) -> WebhookMessage:
    """Send it a message at once that nothing happened; the message says what came of it."""
    now = timezone.now()
    with transaction.atomic():
        message = WebhookMessage.objects.create(
            webhook=webhook,
            key=f"test {secrets.token_hex(8)}",
            event="test",
            content={"event": "test", "study": webhook.study.slug, "at": now.isoformat()},
            # Nobody else sends it, and nobody sends it again.
            state=WebhookMessage.State.FAILED,
            error_code=WebhookRefused.INTERRUPTED.value,
            ended_at=now,
            attempts=1,
            due_at=now,
        )
        record(by=by, action=Action.WEBHOOK_TESTED, study=webhook.study, subject=webhook)
    tell(message)
    return message


@transaction.atomic
def delete_webhook(*, webhook: Webhook, by: Actor) -> None:
    """Tell the address nothing any more, and forget what it was told."""
    record(by=by, action=Action.WEBHOOK_DELETED, study=webhook.study, subject=webhook)
    webhook.delete()
