"""What of a stored reply is sent back with its reasoning in it, interface by interface. Pure.

A session that is taken up again has to send the very same, so that it is read out of the response
as it was stored and not kept beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from llm_respondents.endpoints.apis import ApiName
from llm_respondents.providers.apis import gemini, messages, responses

_CARRIED: Mapping[ApiName, Callable[[Any], list[Any]]] = {
    "responses": responses.carried,
    "anthropic": messages.carried,
    "gemini": gemini.carried,
}


def carried_of(api: ApiName, raw: str) -> list[Any]:
    """The parts of a reply that stand for it in later requests; [] where its text does."""
    read = _CARRIED.get(api)
    if read is None or not raw:
        return []
    try:
        return read(json.loads(raw))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []
