"""How REST knows a program: by the token that it sends, and by what the token is good for.

    Authorization: Bearer counterpart_…

A token does what its user may do, less whatever it was not given a scope for.
"""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from surveys.models import ApiToken, Scope
from surveys.services.access.refusals import TokenError
from surveys.services.access.tokens import token_told

if TYPE_CHECKING:
    # The views read the settings, which name the classes of this module.
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """Takes ``Authorization: Bearer …``; whoever sends none may be known otherwise."""

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        """The user and the token; 401 for one that opens nothing, with a code that says why."""
        kind, _space, told = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        try:
            token = token_told(told.strip())
        except TokenError as error:
            raise AuthenticationFailed(error.said(gettext), code=error.code) from None
        return token.user, token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """What a program is asked for that says nothing of itself."""
        return "Bearer"


class WithinScope(BasePermission):
    """A token needs the scope of what it is used for; a user at a browser needs none."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether it has; 403 with the code ``out_of_scope`` and the scope that it lacks."""
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        if missing := [
            one for one in scopes_of(view, str(request.method)) if one not in token.scopes
        ]:
            said = gettext("This token is not good for that; it needs the scope %(scope)s.")
            raise PermissionDenied(said % {"scope": missing[0]}, code="out_of_scope")
        return True


def scopes_of(view: "APIView", method: str) -> list[str]:
    """Everything that is needed: to read or to write, and what view and action ask for beside.

    A view says so by ``scope``, or by ``action_scopes`` for some of its actions.
    """
    needed = [Scope.READ if method in SAFE_METHODS else Scope.WRITE]
    of_action = getattr(view, "action_scopes", {}).get(getattr(view, "action", None))
    beside = (getattr(view, "scope", None), of_action)
    return [str(one) for one in (*needed, *beside) if one]
