"""Why somebody may not do something, or does not get in; why a repeated request is refused."""

from typing import Any

from django.core.exceptions import PermissionDenied

from surveys.codes import Saying, SentenceCode, Translate, said
from surveys.codes import marked as _
from surveys.errors import CounterpartError
from surveys.roles import LEAST, Act, Role, may


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
    """Somebody, or a program, that does not get what it asks for."""

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


class InvitationRefused(SentenceCode):
    """Why an invitation is not made, or lets nobody in."""

    TERMS = (
        "invitation_terms",
        _("An invitation needs a whole e-mail address or none, and 1 to %(most)s days."),
    )
    UNKNOWN = (
        "invitation_unknown",
        _("There is no such invitation; the address may have been cut off when it was copied."),
    )
    OVER = (
        "invitation_over",
        _("This invitation was used or taken back, or is too old; ask for a new one."),
    )
    NOT_MAILED = (
        "invitation_not_mailed",
        _("The mail server did not take the mail; take the invitation back and make a new one."),
    )


class NewPasswordRefused(SentenceCode):
    """Why a link that sets a new password does not come."""

    NOT_MAILED = (
        "new_password_not_mailed",
        _("The mail server did not take the mail; ask for the link again."),
    )


class InvitationError(AccessError):
    """An invitation that cannot be made as asked for, or that lets nobody in."""


class SecondFactorRefused(SentenceCode):
    """Why a second factor is not set up."""

    THERE = (
        "second_factor_there",
        _("A second factor is set up already; end it before you set up another one."),
    )
    WRONG = (
        "code_wrong",
        _(
            "This is not the code that is shown now. Check that the clock of the telephone is "
            "right, wait for the next code, and enter that one."
        ),
    )


class SecondFactorError(AccessError):
    """A second factor that is not set up."""


class Needed(SentenceCode):
    """Why a member may not do something."""

    ROLE = (
        "role_needed",
        _(
            "This needs the role “%(least)s”, and yours here is “%(role)s”. An owner of the study "
            "can change it, on its page Team."
        ),
    )
    MEMBER = "no_member", _("You are no member of this study; ask one of its owners.")


class RoleNeeded(CounterpartError, PermissionDenied):
    """Somebody's role is not enough for an act. `least` is the role that would be.

    A door that does not catch it answers 403, since it is Django's `PermissionDenied` too.
    """

    def __init__(self, act: Act, role: str, least: Role) -> None:
        self.act = act
        known = Role.of(role)
        self.refused = Needed.MEMBER if known is None else Needed.ROLE
        self.arguments = {
            "least": _spoken(least),
            **({"role": _spoken(known)} if known is not None else {}),
        }
        details = {"act": act.value, "least": least.value, "role": role}
        super().__init__(self.said(), code=self.refused.value, details=details)

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return said(self.refused, self.arguments, translate)


def _spoken(role: Role) -> Saying:
    return Saying(role)


def require_role(role: str, act: Act) -> None:
    """Raise `RoleNeeded` unless the role is enough for the act."""
    if not may(role, act):
        raise RoleNeeded(act, role, LEAST[act])
