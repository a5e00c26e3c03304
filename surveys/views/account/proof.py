"""Asking for the password once more, before something that whoever finds a screen open must not."""

from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext as _


def password_missing(request: HttpRequest, user: User) -> str:
    """What is said where the password is not right; tries are limited as at signing in."""
    given = request.POST.get("password", "")
    if authenticate(request, username=user.get_username(), password=given) is not None:
        return ""
    if getattr(request, "not_checked", False):
        return _("There were too many tries; wait some minutes.")
    return _("This is not your password.")
