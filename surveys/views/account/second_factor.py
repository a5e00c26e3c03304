"""The second step of signing in, for whoever has set one up; nobody is signed in before it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from surveys.services.access.two_factor import passes
from surveys.services.audit import page_actor
from surveys.views.limits import SECOND_FACTORS_OF_USER
from surveys.views.membership import form_methods

# In the session: who gave the right password, and that somebody passed.
WAITING, PASSED = "second_factor", "second_factor_passed"
_LONGEST = timedelta(minutes=10)


def ask_for_second_factor(request: HttpRequest, user: User, following: str) -> HttpResponse:
    """Remember who gave the right password, and ask for the code."""
    request.session.cycle_key()
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": (timezone.now() + _LONGEST).timestamp(),
        "next": following,
    }
    return redirect("surveys:second_factor")


@form_methods
@never_cache
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the app, or for one on paper, and sign in."""
    waiting: dict[str, Any] = request.session.get(WAITING) or {}
    user = _waiting_user(waiting)
    if user is None:
        request.session.pop(WAITING, None)
        return redirect(settings.LOGIN_URL)
    said = ""
    if request.method == "POST":
        if SECOND_FACTORS_OF_USER.reached(user.pk):
            said = "waits"
        elif passes(user=user, code=request.POST.get("code", ""), by=page_actor(user)):
            del request.session[WAITING]
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            request.session[PASSED] = True
            return redirect(_ours(waiting["next"]))
        else:
            said = "wrong"
    status = {"": 200, "waits": 429, "wrong": 422}[said]
    return render(request, "registration/second_factor.html", {"said": said}, status=status)


def _waiting_user(waiting: dict[str, Any]) -> User | None:
    """Whoever gave the password, unless that was long ago or it was changed since."""
    if not waiting or waiting["until"] < timezone.now().timestamp():
        return None
    user = get_user_model().objects.filter(pk=waiting["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), waiting["hash"]):
        return None
    return user


def _ours(address: str) -> str:
    is_ours = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if is_ours else settings.LOGIN_REDIRECT_URL
