"""From what a researcher chooses on a page or over REST to a specification.

Both doors know the operator's endpoints by their names and bundled profiles by theirs. Where an
endpoint is and which variable holds its key is the operator's to say, never a request's.
"""

from collections.abc import Mapping
from typing import Any

from llm_respondents.design.spec import PanelSpec, SpecError
from llm_respondents.endpoints.file import EndpointFileError
from llm_respondents.services.workers import endpoint_named, endpoints
from surveys.simulation import SimulationError, bundled_profile

OPERATORS = ("base_url", "api_key_env", "dialect", "provider")


def chosen_spec(*, endpoint: str, profile: str, values: Mapping[str, Any]) -> PanelSpec:
    """The specification of a panel at a named endpoint, or of a rehearsal with a named profile.

    `values` are those of `PanelSpec`, as JSON holds them, without what is the operator's to say.

    Raises `SpecError`, and `PanelSpecError` (`endpoint_unknown`).
    """
    for name in OPERATORS:
        if name in values:
            raise SpecError(name, "whoever operates the server decides this; name an endpoint")
    if bool(endpoint) == bool(profile):
        raise SpecError("endpoint", "name an endpoint, or a profile for a rehearsal")
    named = _rehearsal(profile) if profile else _at(endpoint)
    return PanelSpec.from_json({**values, **named})


def _rehearsal(profile: str) -> dict[str, Any]:
    try:
        bundled_profile(profile)
    except SimulationError as error:
        raise SpecError("profile", str(error)) from error
    return {"provider": "scripted", "profile": profile, "model": f"scripted:{profile}"}


def _at(name: str) -> dict[str, Any]:
    listed = endpoint_named(name)
    return {part: getattr(listed, part) for part in ("base_url", "dialect", "api_key_env")}


def endpoint_name(base_url: str) -> str:
    """The operator's name for an address; "" if it is listed no more, or the list is unreadable."""
    try:
        known = endpoints()
    except EndpointFileError:
        return ""
    return next((name for name, one in known.items() if one.base_url == base_url), "")
