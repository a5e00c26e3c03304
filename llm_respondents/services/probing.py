"""Probing a panel's endpoint before its first session, and what follows from the findings."""

from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from llm_respondents.gateway import unfinished, work_items
from llm_respondents.models import Panel
from llm_respondents.pricing import price_now
from llm_respondents.prompts import Message
from llm_respondents.providers.base import Failure, Provider
from llm_respondents.providers.openai_api import OpenAIProvider
from llm_respondents.providers.probe import Capabilities, longest_request, probe
from llm_respondents.runner.types import Halt
from llm_respondents.specs import PanelSpec


async def probe_once(panel: Panel, provider: Provider) -> Halt | None:
    """Probe the endpoint unless that was done; return why the panel must not begin, if so."""
    if not isinstance(provider, OpenAIProvider):
        return None
    if "probed_at" not in panel.capabilities:
        longest = await sync_to_async(_longest_session)(panel)
        found = await probe(
            provider.complete, base=provider.base_parameters(), longest_session=longest
        )
        if isinstance(found, Failure):
            return Halt(found.kind, found.message)
        await sync_to_async(_store)(panel, found)
    return _objection(panel)


def _longest_session(panel: Panel) -> list[Message]:
    """The last request of the panel's first session; sessions of a panel differ in order only."""
    first = unfinished(panel.pk).order_by("pk").values_list("pk", flat=True)[:1]
    items = work_items(panel.pk, list(first))
    return longest_request(items[0].system, items[0].turns) if items else []


@transaction.atomic
def _store(panel: Panel, found: Capabilities) -> None:
    """Keep the findings, and book what they cost: a probe is paid for like any other call."""
    kept = Panel.objects.select_for_update().get(pk=panel.pk).capabilities
    price = price_now(panel)
    cost = price.nano(found.prompt_tokens, found.completion_tokens) if price else 0
    # Two workers that begin at the same moment both probe, and both probes are paid for.
    paid = kept.get("probe_nano", 0) + cost
    probed_at = timezone.now().isoformat()
    panel.capabilities = {**kept, **found.as_json(), "probed_at": probed_at, "probe_nano": paid}
    panel.save(update_fields=("capabilities",))
    Panel.objects.filter(pk=panel.pk).update(spent_nano=F("spent_nano") + cost)


def _objection(panel: Panel) -> Halt | None:
    """What would make every session worthless is said before the first one."""
    found: Mapping[str, Any] = panel.capabilities
    arms = PanelSpec.from_json(panel.spec).arms
    if found["response_format"] in ("ignored", "rejected") and any(
        arm.needs_schema for arm in arms
    ):
        return Halt(
            "schema_not_honoured",
            "The endpoint does not enforce a JSON schema. Recruit the panel with --elicitation "
            "number, or run it with --no-probe to read whatever comes strictly.",
        )
    if found["context"] in ("ignored", "rejected") and any(
        arm.history in ("full", "swapped") for arm in arms
    ):
        return Halt(
            "context_too_short",
            "The endpoint forgets the beginning of the longest session. Give the model a longer "
            "context, choose --history window, or run the panel with --no-probe.",
        )
    return None
