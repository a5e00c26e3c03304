"""Bodies of requests that are too large are refused before they are read."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from surveys.views.visitors.error_pages import is_of_participants, too_large

Answer = Callable[[HttpRequest], HttpResponse]

# A page of answers has a few kilobytes; the office takes specifications with tables.
_OF_PARTICIPANTS = re.compile(r"/(?:s|r|c|u)/|/api/participation/")
LARGEST_OF_PARTICIPANTS = 200_000
LARGEST = 10_000_000
# A video, and what is sent with it.
_WITH_MEDIA = re.compile(r"/api/media/|/instruments/drafts/\d+/items/\d+/media/")
LARGEST_WITH_MEDIA = 32_000_000


def is_too_large(path: str, announced: str | None) -> bool:
    """Whether a body of the `announced` length may not be sent to `path`."""
    most = LARGEST_WITH_MEDIA if _WITH_MEDIA.match(path) else LARGEST
    most = LARGEST_OF_PARTICIPANTS if _OF_PARTICIPANTS.match(path) else most
    length = (announced or "").strip()
    return length.isdecimal() and int(length) > most


class BodyLimit:
    """Answers 413 by the announced length alone. What is not announced is not read by Django."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or a refusal: of a page as a page, else in one line."""
        if not is_too_large(request.path_info, request.META.get("CONTENT_LENGTH")):
            return self.get_response(request)
        if is_of_participants(request):
            return too_large(request)
        return HttpResponse(
            "What was sent is too large; nothing was stored.\n",
            content_type="text/plain",
            status=413,
        )
