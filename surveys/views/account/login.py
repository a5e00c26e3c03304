"""Logging in: guessing passwords neither succeeds nor takes the machine from participants."""

import time
from threading import BoundedSemaphore
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField
from django.http import HttpRequest, HttpResponse

from surveys.services.access.two_factor import is_set_up
from surveys.statements import Slot, Statement
from surveys.views.account.second_factor import ask_for_second_factor
from surveys.views.limits import LOGINS_OF_ADDRESS, LOGINS_OF_NAME, client_address

# Checking a password costs a processor tens of milliseconds by design: one at a time in a process,
# and whoever would have to wait long is asked to come again.
_ONE_AT_A_TIME = BoundedSemaphore(1)
_LONGEST_WAIT = 0.3
# After a check nobody's is begun for four times as long as it took: guesses that come without a
# pause have a fifth of a processor. Whoever signs in alone waits for nothing.
_RESTS = 4.0


_known = Statement(lambda: User.objects.filter(pk=Slot(0, BigIntegerField())))


class LimitedBackend(ModelBackend):
    """Django's accounts; a password is only checked if there were not too many tries."""

    def get_user(self, user_id: int) -> User | None:
        """Whoever is signed in, asked with every page: by a query that is put together once."""
        user = _known.first(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        """The user, or None; `PermissionDenied`, which ends the login, where it was not checked."""
        if request is None:
            return super().authenticate(request, username, password, **credentials)
        if _too_many(request, username or "") or not _ONE_AT_A_TIME.acquire(timeout=_LONGEST_WAIT):
            request.not_checked = True  # type: ignore[attr-defined]
            raise PermissionDenied
        try:
            with _PACE:
                return super().authenticate(request, username, password, **credentials)
        finally:
            _ONE_AT_A_TIME.release()


class _Pace:
    """A check, begun when the one before it has rested; for one thread at a time."""

    def __init__(self) -> None:
        self.rested = self.began = 0.0

    def __enter__(self) -> None:
        time.sleep(max(0.0, min(self.rested - time.monotonic(), _LONGEST_WAIT)))
        self.began = time.monotonic()

    def __exit__(self, *_error: object) -> None:
        now = time.monotonic()
        self.rested = now + _RESTS * (now - self.began)


_PACE = _Pace()


def _too_many(request: HttpRequest, username: str) -> bool:
    address = client_address(request)
    of_name = LOGINS_OF_NAME.reached(address, username.casefold())
    return LOGINS_OF_ADDRESS.reached(address) or of_name


class LimitedLogin(LoginView):
    """The login page; it says so where there were too many tries.

    REST and the admin know a browser by the session that begins here and nowhere else.
    """

    http_method_names = ("get", "head", "post")

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign in; whoever has set up a second factor is asked for it first."""
        user = form.get_user()
        if is_set_up(user):
            return ask_for_second_factor(self.request, user, self.get_success_url())
        return super().form_valid(form)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The form again."""
        waits = getattr(self.request, "not_checked", False)
        context = self.get_context_data(form=form, waits=waits)
        return self.render_to_response(context, status=429 if waits else 200)
