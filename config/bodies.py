"""Bodies of requests that are too large are refused before they are read."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]

# A page of answers has a few kilobytes; the office takes specifications with tables.
_OF_PARTICIPANTS = re.compile(r"/(?:s|r|c)/|/api/participation/")
LARGEST_OF_PARTICIPANTS = 200_000
LARGEST = 10_000_000


class BodyLimit:
    """Answers 413 by the announced length alone. What is not announced is not read by Django."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or a refusal in one line."""
        announced = str(request.META.get("CONTENT_LENGTH") or "")
        participants = _OF_PARTICIPANTS.match(request.path_info)
        most = LARGEST_OF_PARTICIPANTS if participants else LARGEST
        if not announced.isdigit() or int(announced) <= most:
            return self.get_response(request)
        response = HttpResponse(
            "What was sent is too large; nothing was stored.\n", content_type="text/plain"
        )
        response.status_code = 413
        # The rest of the body is still under way: nothing else can follow on this connection.
        response.headers["Connection"] = "close"
        return response
