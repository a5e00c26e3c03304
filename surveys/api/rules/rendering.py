"""Answers as JSON, also where there is nothing to say."""

from collections.abc import Mapping
from typing import Any

from rest_framework import status
from rest_framework.renderers import JSONRenderer


class Json(JSONRenderer):
    """JSON; nothing is ``null``, which every program can read, and not an empty answer."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The bytes of an answer; none only where an answer has no content."""
        response = (renderer_context or {}).get("response")
        if data is None and getattr(response, "status_code", 200) != status.HTTP_204_NO_CONTENT:
            return b"null"
        made: bytes = super().render(data, accepted_media_type, renderer_context)
        return made
