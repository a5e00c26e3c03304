"""The operator's endpoints, by the names under which they are listed.

Pages and programs know endpoints by their names and bundled profiles by theirs. Where an endpoint
is and which variable holds its key is the operator's to say, never a request's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_respondents.codes import Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import endpoints, readable_endpoints
from llm_respondents.endpoints.dialects import BatchTerms
from llm_respondents.endpoints.file import Endpoint, Price
from llm_respondents.errors import EndpointFileError, PanelSpecError, PanelStateError, SpecError
from llm_respondents.mistakes import Mistake, MistakeCode, once
from llm_respondents.money.prices import batch_terms, is_at, price_of
from llm_respondents.providers.apis.shape import merged
from surveys.simulation import PROFILES

__all__ = (
    "OPERATORS",
    "Terms",
    "chosen_spec",
    "endpoint_name",
    "endpoint_named",
    "endpoint_of",
    "endpoints",
    "listed_values",
    "terms_of",
)

OPERATORS = ("base_url", "api_key_env", "api", "dialect", "provider")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator's list says of a panel's endpoint.

    Read once, when a run begins: a list that is changed or broken meanwhile is of no concern to a
    worker that is under way.
    """

    endpoint: Endpoint | None = None
    price: Price | None = None
    batches: BatchTerms | None = None


def terms_of(spec: PanelSpec) -> Terms:
    """What holds for a panel that is about to run; of a scripted one nothing is listed.

    Raises `PanelStateError` (`endpoints_unreadable`).
    """
    if spec.simulated:
        return Terms()
    try:
        known = endpoints()
    except EndpointFileError as error:
        raise PanelStateError(Refusal.ENDPOINTS_UNREADABLE) from error
    return Terms(_at_address(spec, known), price_of(spec, known), batch_terms(spec, known))


def endpoint_named(name: str) -> Endpoint:
    """One of the operator's endpoints.

    Raises `PanelSpecError` (`endpoint_unknown`, `endpoints_unreadable`).
    """
    try:
        known = endpoints()
    except EndpointFileError as error:
        raise PanelSpecError(Refusal.ENDPOINTS_UNREADABLE) from error
    if name not in known:
        listed = ", ".join(known) or "–"
        raise PanelSpecError(Refusal.ENDPOINT_UNKNOWN, endpoint=name, known=listed)
    return known[name]


def endpoint_of(spec: PanelSpec) -> Endpoint | None:
    """The endpoint that a panel calls; None where its address is not listed, or nothing is."""
    return _at_address(spec, readable_endpoints())


def endpoint_name(spec: PanelSpec) -> str:
    """The operator's name for a panel's endpoint; "" if it is listed no more, or the list is
    unreadable.
    """
    listed = None if spec.simulated else endpoint_of(spec)
    return listed.name if listed else ""


def _at_address(spec: PanelSpec, known: Mapping[str, Endpoint]) -> Endpoint | None:
    return next((one for one in known.values() if is_at(spec, one)), None)


def chosen_spec(*, endpoint: object, profile: object, values: Mapping[str, Any]) -> PanelSpec:
    """The specification of a panel at a named endpoint, or of a rehearsal with a named profile.

    `values` are those of `PanelSpec`, as JSON holds them, without what is the operator's to say.

    Raises `SpecError`, and `PanelSpecError` (`endpoint_unknown`, `endpoints_unreadable`).
    """
    mistakes = [
        Mistake((name,), MistakeCode.OF_THE_OPERATOR) for name in OPERATORS if name in values
    ]
    mistakes += _mistakes_of_choice(endpoint, profile)
    named: dict[str, Any] = {}
    if not mistakes:
        named = _rehearsal(str(profile)) if profile else _at(str(endpoint), values)
    elif not values.get("model"):
        # Nobody knows yet who is to be asked; what else is wrong is said all the same.
        named = {"model": "?"}
    if not isinstance(values.get("model", ""), str):
        # A rehearsal has a model of its own, and still takes no number for one.
        named.pop("model", None)
    own = {name: value for name, value in values.items() if name not in OPERATORS}
    if own.get("pictures") == "sent" and named.get("pictures") == "described":
        mistakes.append(Mistake(("pictures",), MistakeCode.TAKES_NO_PICTURES))
    elif "pictures" in own:
        # An endpoint that takes pictures can be told of them all the same.
        named.pop("pictures", None)
    try:
        spec = PanelSpec.from_json({**own, **named})
    except SpecError as error:
        raise SpecError(once([*mistakes, *error.mistakes])) from error
    if mistakes:
        raise SpecError(once(mistakes))
    return spec


def _mistakes_of_choice(endpoint: object, profile: object) -> list[Mistake]:
    given = {"endpoint": endpoint, "profile": profile}
    wrong = [name for name, value in given.items() if not isinstance(value, str)]
    if wrong:
        return [Mistake((name,), MistakeCode.NOT_TEXT) for name in wrong]
    if bool(endpoint) == bool(profile):
        return [Mistake(("endpoint",), MistakeCode.ENDPOINT_OR_PROFILE)]
    if profile and profile not in PROFILES:
        known = {"profile": str(profile), "known": ", ".join(sorted(PROFILES))}
        return [Mistake(("profile",), MistakeCode.PROFILE_UNKNOWN, known)]
    return []


def _rehearsal(profile: str) -> dict[str, Any]:
    return {"provider": "scripted", "profile": profile, "model": f"scripted:{profile}"}


def _at(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return listed_values(endpoint_named(name), values.get("extra_body", {}))


def listed_values(listed: Endpoint, extra: object) -> dict[str, Any]:
    """What an endpoint decides of a specification. What it sends besides stands under a panel's
    own `extra`, which is left as it is where it is no table.
    """
    if isinstance(extra, Mapping):
        extra = merged(listed.extra_body, extra)
    named = {part: getattr(listed, part) for part in ("base_url", "api", "dialect", "api_key_env")}
    pictures = "sent" if listed.pictures else "described"
    return {**named, "extra_body": extra, "pictures": pictures}
