"""Sending what is due, again until it arrives, and giving up on an address where nothing does."""

import json
import logging
import time
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from surveys.models import Webhook, WebhookMessage
from surveys.services.access.repeating import forget_answered_requests
from surveys.services.access.sealing import unsealed
from surveys.services.webhooks.happenings import find_happenings
from surveys.services.webhooks.refusals import WebhookError, WebhookRefused
from surveys.services.webhooks.sending import send

logger = logging.getLogger(__name__)

PURPOSE = "webhook"
# How long after each attempt the next one is made; after the last nothing is sent any more.
PAUSES = tuple(timedelta(minutes=one) for one in (1, 5, 30, 120, 360, 720, 1440))
# An address at which so much failed in a row is told nothing any more.
MOST_FAILURES = 20
# While somebody sends a message, nobody else does.
CLAIM = timedelta(minutes=2)
KEPT = timedelta(days=30)
AT_ONCE = 50


def tell_what_happened() -> int:
    """Find what happened and send what is due; how many messages arrived."""
    forget_answered_requests()
    find_happenings()
    WebhookMessage.objects.filter(ended_at__lt=timezone.now() - KEPT).delete()
    _end_interrupted()
    due = WebhookMessage.objects.filter(
        state=WebhookMessage.State.WAITING,
        due_at__lte=timezone.now(),
        webhook__paused=False,
        webhook__disabled_at=None,
    )
    waiting = list(due.select_related("webhook").order_by("due_at", "pk")[:AT_ONCE])
    return sum(tell(one) for one in waiting if _claim(one))


def _end_interrupted() -> None:
    """Give up messages over whose last attempt somebody was ended: no further one is due."""
    WebhookMessage.objects.filter(
        state=WebhookMessage.State.WAITING,
        error_code=WebhookRefused.IN_HAND.value,
        attempts__gt=len(PAUSES),
        due_at__lte=timezone.now(),
    ).update(
        state=WebhookMessage.State.FAILED,
        ended_at=timezone.now(),
        error_code=WebhookRefused.INTERRUPTED.value,
    )


def _claim(message: WebhookMessage) -> bool:
    """Take a message in hand; False where somebody else has it.

    What is in hand for longer than a claim is not: whoever had it was ended, and it is due again.
    """
    mine = WebhookMessage.objects.filter(pk=message.pk, state=message.state, due_at=message.due_at)
    return bool(
        mine.update(
            due_at=timezone.now() + CLAIM,
            attempts=F("attempts") + 1,
            status=None,
            error_code=WebhookRefused.IN_HAND.value,
        )
    )


def tell(message: WebhookMessage) -> bool:
    """Send one message that was taken in hand, and write down what came of it."""
    message.refresh_from_db(fields=("attempts",))
    webhook = message.webhook
    message.status, message.error_code = None, ""
    try:
        message.status = _sent(webhook, message)
    except WebhookError as error:
        message.error_code = error.code
    if message.status is not None and not 200 <= message.status < 300:
        message.error_code = WebhookRefused.BAD_STATUS.value
    if message.error_code:
        _put_off(message)
        logger.info("Webhook message %s did not arrive: %s", message.pk, message.error_code)
        return False
    message.state, message.ended_at = WebhookMessage.State.ARRIVED, timezone.now()
    message.save(update_fields=("state", "ended_at", "status", "error_code"))
    Webhook.objects.filter(pk=webhook.pk).update(failures=0)
    return True


def _sent(webhook: Webhook, message: WebhookMessage) -> int:
    secret = unsealed(webhook.secret, purpose=PURPOSE)
    if secret is None:
        raise WebhookError(WebhookRefused.SECRET_LOST)
    body = json.dumps({"id": message.pk, **message.content}, ensure_ascii=False).encode()
    about = {"Counterpart-Event": message.event, "Counterpart-Message": str(message.pk)}
    return send(
        address=webhook.address, body=body, secret=secret, timestamp=int(time.time()), about=about
    )


def _put_off(message: WebhookMessage) -> None:
    now, number = timezone.now(), message.attempts
    if number > len(PAUSES):
        message.state, message.ended_at = WebhookMessage.State.FAILED, now
    else:
        message.due_at = now + PAUSES[number - 1]
    message.save(update_fields=("state", "ended_at", "due_at", "status", "error_code"))
    webhooks = Webhook.objects.filter(pk=message.webhook_id)
    webhooks.update(failures=F("failures") + 1)
    webhooks.filter(failures__gte=MOST_FAILURES, disabled_at=None).update(disabled_at=now)
