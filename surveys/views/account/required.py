"""Where this site asks for a second factor, nobody goes on without one (`TWO_FACTOR`)."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from surveys.services.access.two_factor import is_required
from surveys.views.account.second_factor import PASSED

# Where whoever lacks it may go all the same.
_OPEN = {
    "login",
    "logout",
    "surveys:second_factor",
    "surveys:two_factor",
    "surveys:appearance",
    "surveys:invitation",
}


class SecondFactorRequired:
    """Sends whoever signed in without a second factor to where one is set up.

    Programs have tokens: a request that brings one is no business of this. Whoever takes part has
    no session, and costs nothing here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, unless `process_view` gave one."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        """The way to where a second factor is set up; for programs 403 with a code."""
        if settings.TWO_FACTOR == "optional" or not _lacks_it(request):
            return None
        if request.path.startswith("/api/"):
            if request.headers.get("Authorization", "").lower().startswith("bearer "):
                return None
            said = _("This site asks for a second factor; set one up on the page of your account.")
            body = {"code": "second_factor_needed", "detail": said, "errors": {}}
            return JsonResponse(body, status=403)
        match = request.resolver_match
        if match is not None and match.view_name in _OPEN:
            return None
        return redirect("surveys:two_factor")


def _lacks_it(request: HttpRequest) -> bool:
    session = request.session
    if SESSION_KEY not in session or session.get(PASSED):
        return False
    return isinstance(request.user, User) and is_required(request.user)
