"""The only ORM module that the runner's loop reaches: claim, save, renew, release.

Each is a plain function with one transaction. A worker holds an administration by its lease; what
it saves counts only while the lease is its own, so that two workers can never both answer a turn.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.prompts import plan_turns, system_prompt
from llm_respondents.runner.types import (
    AttemptRecord,
    Claim,
    Outcome,
    PastAttempt,
    Standing,
    WorkItem,
)
from llm_respondents.specs import arm_from_json
from surveys.errors import CounterpartError
from surveys.models import Administration
from surveys.selectors import presentation_of, stored_values
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    complete_administration,
    record_answer_batch,
    stop_administration,
)

LEASE_LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on which panel, and for how long a claim holds without renewal (seconds)."""

    panel_id: int
    worker: str
    seconds: float = 60.0

    def until(self) -> timedelta:
        """The length of the lease."""
        return timedelta(seconds=self.seconds)


def unfinished(panel_id: int) -> QuerySet[Administration]:
    """The sessions of a panel that are not ended, claimed or not."""
    return Administration.objects.filter(
        respondent__panel_member__panel_id=panel_id, status=Administration.Status.IN_PROGRESS
    )


def claim_work(lease: Lease, limit: int) -> Claim:
    """Lease up to `limit` sessions that nobody holds, in the order of recruiting.

    PostgreSQL skips rows that another worker is claiming at this moment; SQLite has one writer at
    a time anyway.
    """
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    with transaction.atomic():
        rows = unfinished(lease.panel_id).filter(free).order_by("pk")
        locked = rows.select_for_update(of=("self",), skip_locked=True)
        ids = list(locked.values_list("pk", flat=True)[:limit])
        Administration.objects.filter(pk__in=ids).update(
            lease_owner=lease.worker, lease_until=now + lease.until()
        )
    items = [item for item in work_items(lease.panel_id, ids) if not _ended(item)]
    others = Q(lease_until__gte=now) & ~Q(lease_owner=lease.worker)
    held_elsewhere = 0 if items else unfinished(lease.panel_id).filter(others).count()
    return Claim(items, held_elsewhere)


def _ended(item: WorkItem) -> bool:
    """End a session whose turns are all closed already: there is nothing left to ask it."""
    closed = {past.turn for past in item.past if past.closes_turn}
    if len(closed) < len(item.turns):
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
    spec = Panel.objects.values_list("spec", flat=True).get(pk=panel_id)
    past = _past_attempts(administrations)
    return [_work_item(member, spec, past) for member in members]


def _work_item(
    member: PanelMember, spec: Mapping[str, Any], past: dict[int, list[PastAttempt]]
) -> WorkItem:
    administration = member.respondent.administration
    arm = arm_from_json(member.cell["arm"])
    persona = [(label, value) for label, value in member.persona]
    wording = spec["wordings"].get(member.cell["wording"], "")
    return WorkItem(
        administration=administration.pk,
        seed=administration.seed,
        system=system_prompt(administration.language, arm=arm, persona=persona, wording=wording),
        language=administration.language,
        arm=arm,
        turns=plan_turns(presentation_of(administration), arm),
        past=tuple(past[administration.pk]),
        max_turns=spec["max_turns"],
        max_tokens=spec["max_session_tokens"],
    )


def _past_attempts(administrations: Sequence[int]) -> dict[int, list[PastAttempt]]:
    past: dict[int, list[PastAttempt]] = defaultdict(list)
    rows = Attempt.objects.filter(administration__in=administrations, used=True).order_by("pk")
    tokens = ("prompt_tokens", "completion_tokens")
    fields = ("administration_id", "turn", "outcome", "reply", "closes_turn", *tokens)
    for administration, *rest in rows.values_list(*fields):
        past[administration].append(PastAttempt(*rest))
    return past


def save_outcomes(lease: Lease, outcomes: Sequence[Outcome]) -> list[str]:
    """Commit the outcomes of many sessions in one transaction.

    The attempts are stored in any case, also those of a session whose lease was lost meanwhile
    (they were paid for; they are marked as unused). Answers go through the one writer of answers.
    Returns, for each outcome, "" or the code of why its session must not go on.
    """
    with transaction.atomic():
        held = _held(lease, {outcome.administration for outcome in outcomes})
        Attempt.objects.bulk_create(
            [
                _attempt_row(outcome, lease.worker, used=outcome.administration in held)
                for outcome in outcomes
            ]
        )
        _settle(lease, [outcome.attempt for outcome in outcomes])
        refused = _record([outcome for outcome in outcomes if outcome.administration in held])
    return [
        refused.get(outcome.administration, "") if outcome.administration in held else LEASE_LOST
        for outcome in outcomes
    ]


def _settle(lease: Lease, records: Sequence[AttemptRecord]) -> None:
    """Turn what was reserved for these calls into what they cost, in the same transaction."""
    reserved = sum(record.reserved for record in records)
    cost = sum(record.cost or 0 for record in records)
    if reserved or cost:
        Panel.objects.filter(pk=lease.panel_id).update(
            reserved_nano=F("reserved_nano") - reserved, spent_nano=F("spent_nano") + cost
        )


def reserve_spend(lease: Lease, amount: int) -> bool:
    """Hold `amount` back for a call; False if the cap has no room. One conditional update."""
    room = F("spend_cap_nano") - F("spent_nano") - F("reserved_nano")
    panel = Panel.objects.filter(pk=lease.panel_id)
    fitting = panel.annotate(room=room).filter(Q(spend_cap_nano__isnull=True) | Q(room__gte=amount))
    return bool(fitting.update(reserved_nano=F("reserved_nano") + amount))


def _held(lease: Lease, administrations: Iterable[int]) -> set[int]:
    rows = Administration.objects.filter(
        pk__in=sorted(administrations),
        lease_owner=lease.worker,
        status=Administration.Status.IN_PROGRESS,
    )
    return set(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


def _record(outcomes: Sequence[Outcome]) -> dict[int, str]:
    """Record answers and endings; return administration -> code of those that were refused."""
    closing = [outcome for outcome in outcomes if outcome.answers]
    if not closing:
        return {}
    try:
        with transaction.atomic():
            _record_together(closing)
    except (CounterpartError, IntegrityError):
        # One session spoils the batch: find it, and let the others through.
        return {outcome.administration: why for outcome in closing if (why := _record_one(outcome))}
    return {}


def _record_together(closing: Sequence[Outcome]) -> None:
    record_answer_batch(submissions=[_submission(outcome) for outcome in closing])
    for outcome in closing:
        if outcome.ends_session:
            complete_administration(
                administration=Administration.objects.get(pk=outcome.administration)
            )


def _record_one(outcome: Outcome) -> str:
    try:
        with transaction.atomic():
            _record_together([outcome])
    except CounterpartError as error:
        # A session whose answers are not accepted would be claimed and paid for again.
        stop_administration(administration=Administration.objects.get(pk=outcome.administration))
        return error.code
    return ""


def _submission(outcome: Outcome) -> AnswerSubmission:
    answers = [
        GivenAnswer(answer.ref, answer.code, answer.missing_reason, answer.elapsed_ms)
        for answer in outcome.answers
    ]
    return AnswerSubmission(outcome.administration, answers, f"turn {outcome.attempt.turn}")


def _attempt_row(outcome: Outcome, worker: str, *, used: bool) -> Attempt:
    record: AttemptRecord = outcome.attempt
    return Attempt(
        administration_id=outcome.administration,
        worker=worker,
        used=used,
        turn=record.turn,
        number=record.number,
        refs=list(record.refs),
        prefix_hash=record.prefix_hash,
        request_hash=record.request_hash,
        new_messages=list(record.new_messages),
        parameters=dict(record.parameters),
        outcome=record.outcome,
        detail=record.detail,
        closes_turn=record.closes_turn,
        flags=list(record.flags),
        reply=record.reply,
        refusal=record.refusal,
        raw=record.raw,
        finish_reason=record.finish_reason[:40],
        prompt_tokens=record.usage.prompt_tokens,
        completion_tokens=record.usage.completion_tokens,
        cached_tokens=record.usage.cached_tokens,
        reasoning_tokens=record.usage.reasoning_tokens,
        cost_nano=record.cost,
        model=record.model[:200],
        system_fingerprint=record.system_fingerprint[:200],
        request_id=record.request_id[:200],
        http_status=record.http_status,
        headers=dict(record.headers),
        started_at=record.started_at,
        latency_ms=record.latency_ms,
    )


@transaction.atomic
def close_session(administration: Administration, reason: str) -> None:
    """End a session before its last question; open questions become missing with the reason."""
    stored = stored_values(administration)
    answers = [
        GivenAnswer(question.ref, None, reason)
        for question in presentation_of(administration).questions
        if question.ref not in stored
    ]
    if answers:
        submission = AnswerSubmission(administration.pk, answers, f"closed: {reason}")
        record_answer_batch(submissions=[submission])
    stop_administration(administration=administration)


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

    async def claim(self, limit: int) -> Claim:
        """See `claim_work`."""
        return await sync_to_async(claim_work)(self._lease, limit)

    async def save(self, outcomes: Sequence[Outcome]) -> list[str]:
        """See `save_outcomes`."""
        return await sync_to_async(save_outcomes)(self._lease, outcomes)

    async def renew(self, administrations: Sequence[int]) -> Standing:
        """See `renew_leases`."""
        return await sync_to_async(renew_leases)(self._lease, administrations)

    async def close(self, administration: int, reason: str) -> None:
        """See `close_held_session`."""
        await sync_to_async(close_held_session)(self._lease, administration, reason)

    async def release(self, administrations: Sequence[int]) -> None:
        """See `release_leases`."""
        await sync_to_async(release_leases)(self._lease, administrations)

    async def reserve(self, amount: int) -> bool:
        """See `reserve_spend`."""
        return await sync_to_async(reserve_spend)(self._lease, amount)
