"""Why a token is not given or opens nothing, and why a repeated request is not answered."""

from typing import Any

from surveys.codes import SentenceCode, Translate, said
from surveys.codes import marked as _
from surveys.errors import CounterpartError


class TokenRefused(SentenceCode):
    """What is said no to; arguments by name."""

    TERMS = "token_terms", _("A token needs a name, scopes of %(known)s, 1 to %(most)s days.")
    UNKNOWN = "token_unknown", _("There is no such token; make one on the page Tokens.")
    REVOKED = "token_revoked", _("This token was taken back; make a new one.")
    EXPIRED = "token_expired", _("This token is at its end; make a new one.")


class RequestRefused(SentenceCode):
    """Why a request that may be a repetition is not answered; arguments by name."""

    KEY_INVALID = (
        "idempotency_key_invalid",
        _("An Idempotency-Key has 1 to %(most)s printable letters of ASCII; send a random one."),
    )
    KEY_REUSED = (
        "idempotency_key_reused",
        _("This Idempotency-Key was sent with another request; send a new one with each request."),
    )
    IN_PROGRESS = (
        "idempotency_in_progress",
        _("The first request with this Idempotency-Key is not answered yet; send it again soon."),
    )


class AccessError(CounterpartError):
    """A program that does not get what it asks for, whatever it asks for."""

    def __init__(self, refused: SentenceCode, **arguments: Any) -> None:
        super().__init__(said(refused, arguments), code=refused.value)
        self.refused = refused
        self.arguments = arguments

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return said(self.refused, self.arguments, translate)


class TokenError(AccessError):
    """A token that cannot be given as asked for, or that opens nothing."""


class RequestRepeatedWrongly(AccessError):
    """A request with an ``Idempotency-Key`` that cannot be answered."""
