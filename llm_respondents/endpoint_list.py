"""The operator's list of endpoints, ``endpoints.toml`` in the data directory.

A list with a mistake in it is not used at all: half of it could be another price or another
address. What can do without goes on without; what cannot says so.
"""

from pathlib import Path

from django.conf import settings

from llm_respondents.endpoints.file import FILE_NAME, Endpoint, load_endpoints
from llm_respondents.errors import EndpointFileError
from llm_respondents.mistakes import Mistake


def endpoints() -> dict[str, Endpoint]:
    """The endpoints by name. Raises `EndpointFileError`."""
    return load_endpoints(Path(settings.DATA_DIR) / FILE_NAME)


def readable_endpoints() -> dict[str, Endpoint]:
    """The endpoints by name, for what can do without: none while the list cannot be read."""
    try:
        return endpoints()
    except EndpointFileError:
        return {}


def list_mistakes() -> tuple[Mistake, ...]:
    """What is wrong with the list; nothing if it can be read."""
    try:
        endpoints()
    except EndpointFileError as error:
        return error.mistakes
    return ()
