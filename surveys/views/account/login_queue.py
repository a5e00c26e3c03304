"""Whoever guesses passwords, from however many addresses, takes two threads of a process.

A password is checked one at a time, and waiting for that would fill the threads in which
participants are answered. `manage.py serve` lets them wait in a line of their own before they come
here (`config.management.lanes`); under another server whoever comes third is refused.
"""

import logging
import time
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from threading import BoundedSemaphore

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)
# Set by a server in whose line there was no place for this request; no client can write it.
REFUSED = "counterpart.refused"
# One is checked, one waits.
_PLACES = BoundedSemaphore(2)
_SECONDS = "2"
# Between two lines of the log, seconds.
_TOLD_EVERY = 60.0


class LoginsInTurn:
    """Refuses a password at once where two are before it; nothing of the request is read.

    Stands before sessions and forms: a refusal costs next to nothing, or a flood of them would
    cost what the check does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.address = ""
        self.refused, self.told = 0, -_TOLD_EVERY

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the page that says to come again."""
        self.address = self.address or reverse("login")
        if request.method != "POST" or request.path_info != self.address:
            return self.get_response(request)
        if REFUSED in request.META or not _PLACES.acquire(blocking=False):
            self.log()
            return _come_again(request)
        try:
            return self.get_response(request)
        finally:
            _PLACES.release()

    def log(self) -> None:
        """Write now and then how many were refused; of whom, nothing."""
        self.refused += 1
        now = time.monotonic()
        if now - self.told >= _TOLD_EVERY:
            logger.warning("Passwords are sent faster than checked; %d were refused", self.refused)
            self.refused, self.told = 0, now


def _come_again(request: HttpRequest) -> HttpResponse:
    language = get_language_from_request(request)
    response = HttpResponse(_page(language), status=HTTPStatus.TOO_MANY_REQUESTS)
    response.headers["Retry-After"] = _SECONDS
    response.headers["Content-Language"] = language
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


@cache
def _page(language: str) -> str:
    with translation.override(language):
        context = {
            "title": _("Many people sign in at this moment"),
            "text": _("Nothing was checked. Please go back and try again in a few seconds."),
            "language": language,
        }
        return render_to_string("surveys/message.html", context)
