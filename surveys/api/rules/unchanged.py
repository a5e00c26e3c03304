"""``ETag``: a program that has an answer already is told that it still holds."""

import hashlib
from typing import Any

from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView


class Unchanged(APIView):
    """Gives every answer to a GET its ``ETag``, and answers ``If-None-Match`` with a 304.

    The work of reading is done all the same; what is saved is the way. Nobody but the reader may
    keep an answer, and only to ask with it.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """As usual; a 304 without content where nothing changed."""
        response = super().dispatch(request, *args, **kwargs)
        is_read = request.method == "GET" and response.status_code == status.HTTP_200_OK
        if not (is_read and isinstance(response, HttpResponse)):
            return response
        if isinstance(response, Response):
            response.render()
        patch_cache_control(response, private=True, no_cache=True)
        return _told_once(request, response)


def _told_once(request: Any, response: HttpResponse) -> HttpResponse:
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag, response=response)
    assert isinstance(answer, HttpResponse)  # as there was one
    answer.headers["ETag"] = etag
    return answer
