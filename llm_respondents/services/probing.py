"""Probing a panel's endpoint before its first session, and what follows from the findings."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from llm_respondents.codes import Halt, HaltReason
from llm_respondents.conversation.prompts import Message
from llm_respondents.conversation.turns import characters_of
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.apis import APIS
from llm_respondents.endpoints.dialects import DIALECTS
from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.money.projection import HIGH, stand_in
from llm_respondents.providers.base import Failure, Provider, Reply
from llm_respondents.providers.endpoint import EndpointProvider
from llm_respondents.providers.probe import Asks, Capabilities, planned, probe
from llm_respondents.runner.calls import halt_of
from llm_respondents.runner.limits import estimate_tokens
from llm_respondents.runner.purse import Purse
from llm_respondents.runner.session import Chained, Session
from llm_respondents.runner.types import WorkItem
from llm_respondents.services.named_endpoints import Terms
from llm_respondents.services.workers import shared_gate
from llm_respondents.store.leases import LeasedGateway, work_items
from llm_respondents.store.outcomes import Lease
from llm_respondents.store.reservations import settle_amounts
from surveys.models import Action, Administration
from surveys.services.audit import Actor, record

# The longest reason that a session is expected to give and to carry on, in characters.
_LONGEST_REASON = HIGH.reason
_CHARACTERS_PER_TOKEN = 4


class _Spent(Exception):
    """A cap has no room for another call; `code` says which."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = HaltReason(code)


class _Account:
    """Lets the calls of one probe pass the endpoint's shared rates, and keeps what they cost.

    What all planned calls can cost at most is held back before the first. A call that is made
    again is held for on its own.
    """

    def __init__(
        self, panel: Panel, spec: PanelSpec, provider: EndpointProvider, terms: Terms
    ) -> None:
        price = terms.price
        gateway = LeasedGateway(Lease(panel.pk, "probe"))
        longest = spec.sampling.max_tokens
        self._purse = Purse(price, longest, gateway.hold) if price else None
        self._longest_reply = longest
        self._shared = shared_gate(terms.endpoint)
        self._complete = provider.complete
        self._unused: list[int] = []
        self._seconds: list[float] = []
        self.held = 0
        self.spent = 0
        self.calls = 0
        self.tokens = 0

    async def hold(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        """Hold back for calls to come. Raises `_Spent`."""
        if self._purse is None:
            return
        bounds = [self._purse.bound(body["messages"], body) for body in bodies]
        if code := await self._purse.hold(sum(bounds)):
            raise _Spent(code)
        self.held += sum(bounds)
        self._unused += bounds

    async def complete(self, body: Mapping[str, Any]) -> Reply | Failure:
        """Make one call, when the rates allow it."""
        bound = await self._bound(body)
        estimate = await self._admitted(body)
        clock = perf_counter()
        outcome = await self._complete(body)
        self.calls += 1
        if isinstance(outcome, Reply):
            self._seconds.append(perf_counter() - clock)
        self.tokens += outcome.usage.total if isinstance(outcome, Reply) else 0
        if self._shared is not None and isinstance(outcome, Reply):
            self._shared.settle(estimated=estimate, used=outcome.usage.total or estimate)
        if self._purse is not None:
            self.spent += self._purse.settled(bound, outcome)
        return outcome

    @property
    def seconds(self) -> tuple[float, float] | None:
        """How long a call took in the middle and at most; None if none was answered."""
        if not self._seconds:
            return None
        return round(median(self._seconds), 3), round(max(self._seconds), 3)

    async def _bound(self, body: Mapping[str, Any]) -> int:
        if self._purse is None:
            return 0
        bound = self._purse.bound(body["messages"], body)
        if bound not in self._unused:
            await self.hold([body])
        self._unused.remove(bound)
        return bound

    async def _admitted(self, body: Mapping[str, Any]) -> int:
        characters = sum(map(characters_of, body["messages"]))
        estimate = estimate_tokens(characters, self._longest_reply)
        if self._shared is not None:
            async with self._shared.turn:
                await asyncio.sleep(await self._shared.enter(estimate))
        return estimate


async def probe_once(panel: Panel, provider: Provider, terms: Terms, *, by: Actor) -> Halt | None:
    """Probe the endpoint unless that was done; return why the panel must not begin, if so.

    The calls pass the rates that all workers of the endpoint share. Under a cap that has no room
    for all of them none is made.
    """
    if not isinstance(provider, EndpointProvider):
        return None
    if panel.probed_at is None and (halt := await probe_now(panel, provider, terms, by=by)):
        return halt
    # What is rejected is left out of every call; the findings and each call's parameters say so.
    if panel.capabilities.get("seed") == "rejected":
        provider.sends_seed = False
    return objection(panel)


async def probe_now(
    panel: Panel, provider: EndpointProvider, terms: Terms, *, by: Actor
) -> Halt | None:
    """Probe the endpoint, whatever was found before; return why nothing could be found, if so."""
    spec = PanelSpec.from_stored(panel.spec)
    longest = await sync_to_async(_longest_session)(panel, spec.sampling.max_tokens)
    account = await sync_to_async(_Account)(panel, spec, provider, terms)
    base, asks = provider.api.base(), _asks(provider, spec)
    found: Capabilities | Failure | None = None
    try:
        await account.hold(planned(base, longest, asks))
        found = await probe(account.complete, base=base, longest_session=longest, asks=asks)
    except _Spent as spent:
        return Halt(spent.code)
    finally:
        await sync_to_async(_store)(panel, found, account, by)
    return halt_of(found) if isinstance(found, Failure) else None


def _asks(provider: EndpointProvider, spec: PanelSpec) -> Asks:
    """What has a name where it is asked for: log-probabilities have but one that is known."""
    seed = APIS[spec.api].takes_seed and bool(DIALECTS[spec.dialect].seed_parameter)
    return Asks(seed=seed, logprobs=provider.name == "chat")


def _longest_session(panel: Panel, max_tokens: int) -> list[Message]:
    """The longest request that the panel will make, of the first session of each of its arms."""
    requests = [_longest_request(item, max_tokens) for item in _one_of_each_arm(panel)]
    longest = max(requests, key=lambda chained: chained.text_bytes, default=None)
    return list(longest.request.messages) if longest else []


def _one_of_each_arm(panel: Panel) -> list[WorkItem]:
    """Sessions of the same arm differ in order, persona and wording only."""
    members = PanelMember.objects.filter(
        panel=panel, respondent__administration__status=Administration.Status.IN_PROGRESS
    ).order_by("number")
    first: dict[str, int] = {}
    for cell, pk in members.values_list("cell", "respondent__administration").iterator():
        first.setdefault(json.dumps(cell["arm"], sort_keys=True), pk)
    return work_items(panel.pk, list(first.values()))


def _longest_request(item: WorkItem, max_tokens: int) -> Chained:
    """The longest request of a session whose replies are as long as its arm lets them be."""
    session = Session(replace(item, past=()))
    longest = None
    for turn in item.turns[: item.max_turns or None]:
        asked = session.next_request(turn)
        if longest is None or asked.text_bytes > longest.text_bytes:
            longest = asked
        reason = min(_LONGEST_REASON, max_tokens * _CHARACTERS_PER_TOKEN // len(turn.questions))
        reply = stand_in(turn, item.arm, replace(HIGH, reason=reason))
        session.note(turn, outcome="answered", closes_turn=True, reply=reply)
    assert longest is not None, "a session has turns"
    return longest


@transaction.atomic
def _store(
    panel: Panel, found: Capabilities | Failure | None, account: _Account, by: Actor
) -> None:
    """Keep the findings, and settle what they cost: a probe is paid for like any other call.

    Two workers that begin at the same moment both probe, and both probes are paid for.
    """
    kept = Panel.objects.filter(pk=panel.pk)
    kept.update(
        probe_calls=F("probe_calls") + account.calls,
        probe_tokens=F("probe_tokens") + account.tokens,
        probe_nano=F("probe_nano") + account.spent,
    )
    if isinstance(found, Capabilities):
        findings = replace(found, seconds=account.seconds).as_json()
        told = _instruction(panel, findings["system"])
        kept.update(capabilities={**findings, "instruction": told}, probed_at=timezone.now())
    settle_amounts(panel.pk, reserved=account.held, spent=account.spent)
    panel.refresh_from_db(fields=("capabilities", "probed_at"))
    spent = {"spent_nano": account.spent}
    record(by=by, action=Action.PANEL_PROBED, study=panel.study, subject=panel, after=spent)


def _instruction(panel: Panel, system: str) -> str:
    """Where the instruction stands: as sessions have begun, so they go on."""
    if Attempt.objects.of(panel).exists():
        return str(panel.capabilities.get("instruction", "system"))
    return "question" if system == "rejected" else "system"


def objection(panel: Panel) -> Halt | None:
    """What would make every session worthless, by the findings, is said before the first one."""
    found: Mapping[str, Any] = panel.capabilities
    arms = PanelSpec.from_stored(panel.spec).arms
    if found.get("system") == "rejected" and found.get("instruction") != "question":
        return Halt(HaltReason.NO_SYSTEM_MESSAGE)
    if found["response_format"] in ("ignored", "rejected") and any(
        arm.needs_schema for arm in arms
    ):
        return Halt(HaltReason.SCHEMA_NOT_HONOURED)
    if found.get("pictures") in ("ignored", "rejected"):
        return Halt(HaltReason.PICTURES_NOT_TAKEN)
    if found["context"] in ("ignored", "rejected") and any(
        arm.history in ("full", "swapped", "own") for arm in arms
    ):
        return Halt(HaltReason.CONTEXT_TOO_SHORT)
    return None
