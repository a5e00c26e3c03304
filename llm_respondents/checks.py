"""Mistakes in the operator's list of endpoints, found at start-up."""

from typing import Any

from django.core import checks

from llm_respondents.endpoint_list import list_mistakes
from llm_respondents.endpoints.file import FILE_NAME


@checks.register
def endpoint_list_can_be_read(**_context: Any) -> list[checks.CheckMessage]:
    """A warning and no error: rehearsals, pages and migrations need no list."""
    return [
        checks.Warning(
            f"{FILE_NAME}: {mistake}",
            hint=f"Mend {FILE_NAME} in the data directory; until then no endpoint is called.",
            id="llm_respondents.W001",
        )
        for mistake in list_mistakes()
    ]
