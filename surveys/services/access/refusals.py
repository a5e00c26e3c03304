"""Why a token is not given, or opens nothing."""

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


class TokenError(CounterpartError):
    """A token that cannot be given as asked for, or that opens nothing."""

    def __init__(self, refused: TokenRefused, **arguments: Any) -> None:
        super().__init__(said(refused, arguments), code=refused.value)
        self.refused = refused
        self.arguments = arguments

    def said(self, translate: Translate = str) -> str:
        """The sentence, in the language of `translate`."""
        return said(self.refused, self.arguments, translate)
