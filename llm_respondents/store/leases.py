"""The only ORM module that the runner's loop reaches: claim, save, renew, release.

Each is a plain function with one transaction. A worker holds an administration by its lease; what
it saves counts only while the lease is its own, so that two workers can never both answer a turn.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from llm_respondents.conversation.prompts import TurnPlan, system_prompt
from llm_respondents.conversation.replies import donated_history
from llm_respondents.design.spec import arm_from_json
from llm_respondents.models import Attempt, BatchCall, EndpointRate, Panel, PanelMember
from llm_respondents.models.panels import PANEL_OF_SESSION
from llm_respondents.runner.limits import drawn
from llm_respondents.runner.purse import Together
from llm_respondents.runner.session import Session
from llm_respondents.runner.types import (
    Claim,
    Outcome,
    PastAttempt,
    Standing,
    WorkItem,
)
from llm_respondents.store.outcomes import Lease, Sessions, close_session, save_outcomes
from llm_respondents.store.reservations import hold_amounts
from surveys.errors import CounterpartError
from surveys.models import Administration
from surveys.presentation import Presentation
from surveys.selectors import presentation_of, stored_answers
from surveys.services import (
    complete_administration,
    stop_administration,
)


def unfinished(panel_id: int) -> QuerySet[Administration]:
    """The sessions of a panel that are not ended, claimed or not."""
    of_panel = {PANEL_OF_SESSION: panel_id}
    return Administration.objects.filter(**of_panel, status=Administration.Status.IN_PROGRESS)


def held(panel_id: int) -> QuerySet[Administration]:
    """The unfinished sessions that a worker holds at this moment."""
    return unfinished(panel_id).exclude(lease_owner="").filter(lease_until__gte=timezone.now())


def waiting_for_batch(panel_id: int) -> QuerySet[Administration]:
    """The sessions with a call that a provider holds in a batch: only its reply goes on."""
    return unfinished(panel_id).filter(
        Exists(BatchCall.objects.filter(administration=OuterRef("pk"), collected=False))
    )


def claim_work(lease: Lease, limit: int) -> Claim:
    """Lease up to `limit` sessions that nobody holds, in the order of recruiting.

    Those that wait for a batch are left alone: asked here too, they would be paid for twice.

    PostgreSQL skips rows that another worker is claiming at this moment; SQLite has one writer at
    a time anyway.
    """
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    wanted = unfinished(lease.panel_id)
    if lease.first:
        wanted = wanted.filter(respondent__panel_member__number__lte=lease.first)
    with transaction.atomic():
        batched = waiting_for_batch(lease.panel_id).values("pk")
        rows = wanted.filter(free).exclude(pk__in=batched).order_by("pk")
        locked = rows.select_for_update(of=("self",), skip_locked=True)
        ids = list(locked.values_list("pk", flat=True)[:limit])
        Administration.objects.filter(pk__in=ids).update(
            lease_owner=lease.worker, lease_until=now + lease.until()
        )
    items = [item for item in work_items(lease.panel_id, ids) if not end_if_closed(item)]
    others = Q(lease_until__gte=now) & ~Q(lease_owner=lease.worker) & ~Q(pk__in=batched)
    held_elsewhere = 0 if items else wanted.filter(others).count()
    return Claim(items, held_elsewhere)


def end_if_closed(item: WorkItem) -> bool:
    """End a session whose turns are all closed already; return whether it was one."""
    closed = {past.turn for past in item.past if past.closes_turn} | item.not_asked
    left = Session(item).next_turn is not None if item.plan else len(closed) < len(item.turns)
    if left:
        return False
    administration = Administration.objects.get(pk=item.administration)
    try:
        complete_administration(administration=administration)
    except CounterpartError:
        stop_administration(administration=administration)
    return True


def work_items(panel_id: int, administrations: Sequence[int]) -> list[WorkItem]:
    """Everything the loop needs to conduct or continue these sessions."""
    members = (
        PanelMember.objects.filter(respondent__administration__in=administrations)
        .select_related("respondent__administration__study")
        .order_by("number")
    )
    panel = Panel.objects.only("spec", "prompt_version", "capabilities").get(pk=panel_id)
    carries = any(arm.get("reasoning") == "carry" for arm in panel.spec["arms"])
    past = _past_attempts(administrations, with_raw=carries)
    return [_work_item(member, panel, past) for member in members]


def _work_item(member: PanelMember, panel: Panel, past: dict[int, list[PastAttempt]]) -> WorkItem:
    spec: Mapping[str, Any] = panel.spec
    administration = member.respondent.administration
    arm = arm_from_json(member.cell["arm"])
    persona = [(label, value) for label, value in member.persona]
    wording = spec["wordings"].get(member.cell["wording"], "")
    donated = member.donor_values if arm.history in ("swapped", "own") else None
    presentation = presentation_of(administration)
    asked = spec["asked_blocks"] if arm.history == "own" else ()
    in_sight = None if donated is None else {*donated, *_refs_of(presentation, asked)}
    sends = spec.get("pictures") == "sent"
    plan = TurnPlan(presentation, arm, in_sight, panel.prompt_version, sends)
    turns, decides = plan.everything, presentation.branches
    return WorkItem(
        administration=administration.pk,
        seed=administration.seed,
        system=system_prompt(administration.language, arm=arm, persona=persona, wording=wording),
        language=administration.language,
        arm=arm,
        turns=turns,
        past=tuple(past[administration.pk]),
        max_turns=spec["max_turns"],
        max_tokens=spec["max_session_tokens"],
        donated=donated_history(turns, arm, donated) if donated else {},
        not_asked=frozenset(turn.index for turn in turns if asked and turn.block not in asked),
        version=panel.prompt_version,
        reopened=member.reopened,
        told_in_question=panel.capabilities.get("instruction") == "question",
        api=spec.get("api", "chat"),
        plan=plan if decides else None,
        told=stored_answers(administration) if decides else {},
    )


def _refs_of(presentation: Presentation, blocks: Collection[str]) -> Iterator[str]:
    for page in presentation.pages:
        if page.block in blocks:
            yield from (ref for question in page.questions for ref in question.refs)


def _past_attempts(
    administrations: Sequence[int], *, with_raw: bool
) -> dict[int, list[PastAttempt]]:
    """The calls of sessions; their responses, which are long, only where they are needed."""
    past: dict[int, list[PastAttempt]] = defaultdict(list)
    rows = Attempt.objects.filter(administration__in=administrations, used=True).order_by("pk")
    tokens = ("prompt_tokens", "completion_tokens", "cached_tokens")
    raw = ("raw",) if with_raw else ()
    fields = ("administration_id", "turn", "outcome", "reply", "closes_turn", *tokens, *raw)
    for administration, *rest in rows.values_list(*fields):
        past[administration].append(PastAttempt(*rest))
    return past


def hold_spend(lease: Lease, amount: int) -> str:
    """Hold `amount` back for a call; return "", or the code of the cap that has no room for it."""
    return hold_amounts(lease.panel_id, [amount])[0]


def draw_rate(key: str, amount: float, per_minute: float) -> float:
    """Draw `amount` of a rate that all workers share; the time from which it may be used.

    Times are seconds since 1970. The rate's row is locked, so that no two draws overlap.
    """
    with transaction.atomic():
        rate, _ = EndpointRate.objects.select_for_update().get_or_create(key=key)
        start, rate.next_at = drawn(rate.next_at, time.time(), amount, per_minute)
        rate.save(update_fields=("next_at",))
    return start


def close_held_session(lease: Lease, administration_id: int, reason: str) -> None:
    """`close_session` for a session that this worker holds; if it does not any more, nothing."""
    held = Administration.objects.filter(pk=administration_id, lease_owner=lease.worker)
    if administration := held.select_related("study").first():
        close_session(administration, reason)


def renew_leases(lease: Lease, administrations: Sequence[int]) -> Standing:
    """Extend this worker's leases; return what the panel's owner wants."""
    Administration.objects.filter(pk__in=administrations, lease_owner=lease.worker).update(
        lease_until=timezone.now() + lease.until()
    )
    status = Panel.objects.values_list("status", flat=True).get(pk=lease.panel_id)
    if status == Panel.Status.CANCELLED:
        return "cancel"
    return "pause" if status == Panel.Status.PAUSED else "run"


def release_leases(lease: Lease, administrations: Sequence[int]) -> None:
    """Give sessions back, so that the next worker need not wait for the lease to run out."""
    Administration.objects.filter(pk__in=administrations, lease_owner=lease.worker).update(
        lease_owner="", lease_until=None
    )


class LeasedGateway:
    """The four functions as the loop awaits them; each runs on the thread that owns the ORM."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._sessions = Sessions()
        self._holds = Together(self._hold)

    async def claim(self, limit: int) -> Claim:
        """See `claim_work`."""
        return await sync_to_async(claim_work)(self._lease, limit)

    async def save(self, outcomes: Sequence[Outcome]) -> list[str]:
        """See `save_outcomes`."""
        refusals = await sync_to_async(save_outcomes)(self._lease, outcomes, self._sessions)
        over = zip(outcomes, refusals, strict=True)
        self._sessions.forget(o.administration for o, why in over if why or o.ends_session)
        return refusals

    async def renew(self, administrations: Sequence[int]) -> Standing:
        """See `renew_leases`."""
        return await sync_to_async(renew_leases)(self._lease, administrations)

    async def close(self, administration: int, reason: str) -> None:
        """See `close_held_session`."""
        self._sessions.forget([administration])
        await sync_to_async(close_held_session)(self._lease, administration, reason)

    async def release(self, administrations: Sequence[int]) -> None:
        """See `release_leases`."""
        self._sessions.forget(administrations)
        await sync_to_async(release_leases)(self._lease, administrations)

    async def hold(self, amount: int) -> str:
        """See `hold_spend`; for calls that wait at the same time, in one transaction."""
        return await self._holds.hold(amount)

    async def _hold(self, amounts: Sequence[int]) -> Sequence[str]:
        return await sync_to_async(hold_amounts)(self._lease.panel_id, amounts)


async def draw_shared(endpoint: str, name: str, amount: float, per_minute: float) -> float:
    """See `draw_rate`; `endpoint` is its base URL and `name` what is counted."""
    return await sync_to_async(draw_rate)(f"{endpoint}|{name}", amount, per_minute)
