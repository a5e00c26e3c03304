"""One short call to an endpoint of the list, so that one knows that it replies."""

import time
from dataclasses import dataclass

from asgiref.sync import async_to_sync

from llm_respondents.design.spec import PanelSpec
from llm_respondents.providers.base import Failure
from llm_respondents.readout.sentences import without_secrets
from llm_respondents.services.named_endpoints import endpoint_named, listed_values
from llm_respondents.services.workers import RunOptions, make_endpoint_provider, require_provider

SECONDS = 60.0
_QUESTION = [{"role": "user", "content": "Please say hello."}]
LONGEST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class TriedOut:
    """What came of a call: the reply and who gave it, or why there was none (`failure`)."""

    model: str
    reply: str
    failure: str
    detail: str
    milliseconds: int


def try_endpoint(*, name: str, model: str) -> TriedOut:
    """Ask one question of a model at a listed endpoint; it is paid for like any other call.

    Raises `PanelSpecError` (`endpoint_unknown`), `EndpointFileError`, `MissingKey` and
    `MissingClient`.
    """
    spec = PanelSpec(model=model, **listed_values(endpoint_named(name), {}))
    require_provider(spec)
    return async_to_sync(_ask)(spec)


async def _ask(spec: PanelSpec) -> TriedOut:
    provider = make_endpoint_provider(spec, RunOptions(timeout_seconds=SECONDS))
    begun = time.perf_counter()
    try:
        found = await provider.complete({**provider.api.base(), "messages": _QUESTION})
    finally:
        await provider.aclose()
    took = round((time.perf_counter() - begun) * 1000)
    if isinstance(found, Failure):
        said = without_secrets(found.message)[:LONGEST_SHOWN]
        return TriedOut("", "", found.kind, said, took)
    said = found.text or found.refusal
    return TriedOut(found.model, said[:LONGEST_SHOWN], "", "", took)
