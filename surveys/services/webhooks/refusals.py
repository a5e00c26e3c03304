"""Why an address is not told, or nothing arrived there."""

from typing import Any

from surveys.codes import SentenceCode, Translate, said
from surveys.codes import marked as _
from surveys.errors import CounterpartError


class WebhookRefused(SentenceCode):
    """What is said no to, or what came of sending; arguments by name."""

    EVENTS = "webhook_events", _("Choose at least one of %(known)s.")
    TOO_MANY = "webhook_too_many", _("A study tells at most %(most)s addresses; delete one first.")
    NOT_HTTPS = (
        "webhook_not_https",
        _("Give an address that begins with https://, without a name or password in it."),
    )
    PRIVATE = (
        "webhook_private",
        _("%(host)s is in a private network; whoever runs the server can allow it by name."),
    )
    UNRESOLVED = "webhook_unresolved", _("There is no host %(host)s; check the address.")
    SECRET_LOST = (
        "webhook_secret_lost",
        _("Its secret cannot be read any more; delete it and add it again."),
    )
    NO_ANSWER = "webhook_no_answer", _("Nobody answered in time, or not over TLS.")
    IN_HAND = (
        "webhook_in_hand",
        _("It is being sent; if whoever does that is ended, it is sent again."),
    )
    INTERRUPTED = (
        "webhook_interrupted",
        _("Whoever sent it was ended before an answer came; perhaps it arrived."),
    )
    BAD_STATUS = "webhook_bad_status", _("It answered with something else than a status of 2xx.")


class WebhookError(CounterpartError):
    """An address that cannot be told anything."""

    def __init__(self, refused: WebhookRefused, **arguments: Any) -> None:
        super().__init__(said(refused, arguments), code=refused.value)
        self.refused = refused
        self.arguments = arguments

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return said(self.refused, self.arguments, translate)
