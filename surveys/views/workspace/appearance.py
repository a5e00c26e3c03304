"""In which language and colours somebody reads the pages, and with which keys; cookies keep it."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

THEMES = ("device", "light", "dark")
KEPT = timedelta(days=365)


@require_POST
def choose_appearance(request: HttpRequest) -> HttpResponse:
    """Keep the language, the theme or the keys that were chosen, and go back to the page."""
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = redirect(back if is_ours else "surveys:study_list")
    _keep(response, settings.LANGUAGE_COOKIE_NAME, request.POST.get("language"), _languages())
    _keep(response, "theme", request.POST.get("theme"), THEMES)
    _keep(response, "keys", request.POST.get("keys"), ("on", "off"))
    return response


def _languages() -> tuple[str, ...]:
    return tuple(code for code, _name in settings.LANGUAGES)


def _keep(response: HttpResponse, name: str, chosen: str | None, among: tuple[str, ...]) -> None:
    if chosen in among:
        response.set_cookie(
            name, chosen, max_age=KEPT, secure=settings.HTTPS, httponly=True, samesite="Lax"
        )
