"""Errors as people who take part read them: what is the matter, what became of their answers."""

import re
from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views import defaults

from surveys.codes import marked as _
from surveys.languages import FALLBACK, best_of, first_known

# Addresses at which nobody has an account.
_OF_PARTICIPANTS = re.compile(r"/(?:s|r|c|u)/")

NOTHING_HERE = _("There is nothing at this address")
COPIED_IN_PART = _(
    "Perhaps a part of the address was lost when it was copied. Please open it again from "
    "the message that invited you, or ask whoever sent it."
)
WENT_WRONG = _("Something went wrong")
STORED_IS_SAFE = _(
    "What you had stored before is safe. Please go back and try once more; if it happens again, "
    "tell whoever sent you here."
)
TOO_LARGE = _("What was sent is too large")
SHORTEN = _("Nothing was stored. Please go back and shorten what you wrote.")


def is_of_participants(request: HttpRequest) -> bool:
    """Whether an address is one of people who take part, or looks like one."""
    return bool(_OF_PARTICIPANTS.match(request.path_info))


def visitor_language(request: HttpRequest) -> str:
    """The language of whoever comes to a page that belongs to no study: as the browser asks."""
    offered = settings.PARTICIPANT_LANGUAGES
    chosen = first_known([request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)], offered)
    return chosen or best_of(request.headers.get("Accept-Language", ""), offered) or FALLBACK


def said_to_visitor(request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
    """A page of a heading and a sentence, both English here, in the visitor's language.

    It asks neither the database nor the session: where those are gone it can still be shown.
    """
    language = visitor_language(request)
    with translation.override(language):
        context = {"title": gettext(title), "text": gettext(text), "language": language}
        content = render_to_string("surveys/message.html", context)
    response = HttpResponse(content, status=status)
    response.headers["Content-Language"] = language
    patch_vary_headers(response, ("Accept-Language",))
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: to people who take part as for an unknown token, to the office as its page.

    A program that asks for an address that there is not gets what REST answers otherwise too.
    """
    if request.path_info.startswith("/api/"):
        said = "There is no such address; see /api/docs/."
        body = {"code": "not_found", "detail": said, "errors": {}}
        return JsonResponse(body, status=404)
    if not is_of_participants(request):
        return defaults.page_not_found(request, exception)
    return said_to_visitor(request, NOTHING_HERE, COPIED_IN_PART, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """500: what was stored is safe. Where even this page fails, the one without a language."""
    with suppress(Exception):
        return said_to_visitor(request, WENT_WRONG, STORED_IS_SAFE, status=500)
    return defaults.server_error(request)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database is away; a browser or a program may come again soon."""
    response = said_to_visitor(request, WENT_WRONG, STORED_IS_SAFE, status=503)
    response.headers["Retry-After"] = "5"
    return response


def too_large(request: HttpRequest) -> HttpResponse:
    """413: nothing was read of what was sent."""
    return said_to_visitor(request, TOO_LARGE, SHORTEN, status=413)
