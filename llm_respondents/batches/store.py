"""The rows of batches: what is prepared before it is sent, and what is collected, each once."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO, TypeVar

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet
from django.utils import timezone

from llm_respondents.batches.files import Place, Results, Room, line
from llm_respondents.batches.waves import (
    Collected,
    Reading,
    Sent,
    place_of,
    read_session,
    turns_now,
)
from llm_respondents.codes import BatchRemark, Halt
from llm_respondents.endpoints.dialects import BatchTerms
from llm_respondents.models import Batch, BatchCall, Panel
from llm_respondents.money.prices import price_at
from llm_respondents.providers.apis.shape import Api
from llm_respondents.providers.base import Provider, Usage
from llm_respondents.runner.purse import Purse
from llm_respondents.runner.retry import RetryPolicy
from llm_respondents.runner.session import Chained, Session
from llm_respondents.runner.types import Outcome
from llm_respondents.store.leases import (
    close_held_session,
    end_if_closed,
    hold_spend,
    unfinished,
    waiting_for_batch,
    work_items,
)
from llm_respondents.store.outcomes import Lease, save_outcomes
from surveys.models import Administration

# Sessions that are rebuilt, or written, at a time.
_SESSIONS = 50
_ROWS = 1000

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A batch that is not over: `provider_id` is empty until the provider has it."""

    pk: int
    key: str
    provider_id: str
    created_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Draft:
    """A call to be made: so little of it is kept that a file of 50,000 takes few megabytes."""

    place: Place
    request_hash: str
    bound: int

    def row(self, batch: Batch) -> BatchCall:
        """The call as it is written down."""
        return BatchCall(
            batch=batch,
            administration_id=self.place.administration,
            turn=self.place.turn,
            number=self.place.number,
            request_hash=self.request_hash,
            reserved_nano=self.bound,
        )


@dataclass(frozen=True, slots=True)
class Wave:
    """What became of preparing a batch; `short` is the cap that has no room for the next call."""

    ticket: Ticket | None = None
    short: str = ""


@dataclass(frozen=True, slots=True)
class Portion:
    """Calls that were collected together; `more` if others of their batch are left."""

    outcomes: Sequence[Outcome] = ()
    halts: Sequence[Halt] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Why a batch brings nothing more; `status` is the provider's word, `billed` if it is paid."""

    remark: BatchRemark
    arguments: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    billed: bool = True


@dataclass(frozen=True, slots=True)
class BatchStore:
    """One worker's batches of one panel. Every method is one transaction, or several small ones."""

    lease: Lease
    provider: Provider
    api: Api
    policy: RetryPolicy
    purse: Purse | None = None
    terms: BatchTerms = field(default_factory=BatchTerms)

    # Sessions

    def claim(self) -> int:
        """Lease all sessions that nobody holds, also those that wait for a batch."""
        now = timezone.now()
        free = unfinished(self.lease.panel_id).exclude(lease_until__gte=now)
        if self.lease.first:
            free = free.filter(respondent__panel_member__number__lte=self.lease.first)
        with transaction.atomic():
            rows = free.select_for_update(of=("self",), skip_locked=True).order_by("pk")
            ids = list(rows.values_list("pk", flat=True))
            for part in _parts(ids, _ROWS):
                Administration.objects.filter(pk__in=part).update(
                    lease_owner=self.lease.worker, lease_until=now + self.lease.until()
                )
        return len(ids)

    def held(self) -> list[int]:
        """The sessions that this worker holds."""
        mine = unfinished(self.lease.panel_id).filter(lease_owner=self.lease.worker)
        return list(mine.order_by("pk").values_list("pk", flat=True))

    # Preparing

    def next_wave(self) -> int:
        """The number of the wave after the last."""
        last = Batch.objects.filter(panel_id=self.lease.panel_id).aggregate(last=Max("wave"))
        return (last["last"] or 0) + 1

    def prepare(self, wave: int) -> Wave:
        """Write down the next calls of the sessions that wait for none, as many as a file holds.

        Nothing is sent before it is written down, and nothing is written down without its money.
        """
        room, drafts = Room(self.terms), list[Draft]()
        for session in self._ready_sessions():
            asked = [session.next_request(turn) for turn in turns_now(session)]
            placed = [(chained, place_of(session, chained)) for chained in asked]
            if not room.take(len(self._line(chained, place)) for chained, place in placed):
                break
            drafts += [
                Draft(place, chained.request_hash, self._bound(chained))
                for chained, place in placed
            ]
        return self._write(wave, drafts) if drafts else Wave()

    def _ready_sessions(self) -> Iterator[Session]:
        waiting = waiting_for_batch(self.lease.panel_id).values("pk")
        mine = unfinished(self.lease.panel_id).filter(lease_owner=self.lease.worker)
        ids = list(mine.exclude(pk__in=waiting).order_by("pk").values_list("pk", flat=True))
        for part in _parts(ids, _SESSIONS):
            for item in work_items(self.lease.panel_id, part):
                if end_if_closed(item):
                    continue
                session = Session(item)
                if reason := session.ends_for:
                    close_held_session(self.lease, item.administration, reason)
                else:
                    yield session

    def _write(self, wave: int, drafts: Sequence[Draft]) -> Wave:
        with transaction.atomic():
            paid, short = self._hold([draft.bound for draft in drafts])
            batch = self._make(wave, drafts[:paid]) if paid else None
            self._note_cap(short)
        return Wave(_ticket(batch) if batch else None, short)

    def _make(self, wave: int, drafts: Sequence[Draft]) -> Batch:
        key = secrets.token_hex(16)
        batch = Batch.objects.create(panel_id=self.lease.panel_id, key=key, wave=wave)
        for part in _parts(drafts, _ROWS):
            BatchCall.objects.bulk_create([draft.row(batch) for draft in part])
        return batch

    def _note_cap(self, short: str) -> None:
        """Note with the batches under way that a cap allows no more: until they end nobody halts.

        Whoever ends the panel meanwhile ends it at its cap.
        """
        others = _open_batches(self.lease.panel_id).exclude(remark=short)
        others.update(remark=short, remark_args={})

    def _bound(self, chained: Chained) -> int:
        asked, purse = chained.request, self.purse
        return purse.bound(asked.messages, self.provider.parameters(asked)) if purse else 0

    def _hold(self, bounds: Sequence[int]) -> tuple[int, str]:
        """Hold back as many of these sums as the caps allow; how many, and which cap ends it."""
        if self.purse is None:
            return len(bounds), ""
        taken, step, short = 0, len(bounds), ""
        while step and taken < len(bounds):
            short = hold_spend(self.lease, sum(bounds[taken : taken + step]))
            if short:
                step //= 2
            else:
                taken += step
        return min(taken, len(bounds)), short if taken < len(bounds) else ""

    # Sending

    def tickets(self) -> list[Ticket]:
        """The batches that are not over and whose open sessions are all held by this worker."""
        outstanding = BatchCall.objects.filter(batch=OuterRef("pk"), collected=False)
        held_by_others = outstanding.filter(
            administration__status=Administration.Status.IN_PROGRESS
        ).exclude(administration__lease_owner=self.lease.worker)
        rows = _open_batches(self.lease.panel_id).exclude(Exists(held_by_others))
        return [_ticket(batch) for batch in rows.order_by("pk")]

    def write(self, ticket: Ticket, file: BinaryIO) -> None:
        """Write the file of a batch, line by line: the same bytes, however often that is done."""
        calls = BatchCall.objects.filter(batch=ticket.pk, collected=False)
        ids = sorted(set(calls.values_list("administration", flat=True)))
        for part in _parts(ids, _SESSIONS):
            of_part = _sent(calls.filter(administration__in=part))
            for session, sent in self._sessions_with(of_part):
                for call in sent:
                    chained = session.next_request(session.turn(call.place.turn))
                    file.write(self._line(chained, call.place))
        # Whoever sends the file asks the system how long it is.
        file.flush()

    def _line(self, chained: Chained, place: Place) -> bytes:
        request = chained.request
        parameters = self.provider.parameters(request)
        body = self.api.body(parameters, request.messages, request.encoded)
        return line(place, json.loads(body), self.terms.path)

    def submitted(self, ticket: Ticket, provider_id: str, status: str) -> None:
        """Keep under which name the provider has it."""
        Batch.objects.filter(pk=ticket.pk).update(
            provider_id=provider_id,
            provider_status=status[:40],
            status=Batch.Status.SUBMITTED,
            submitted_at=timezone.now(),
        )

    def seen(self, ticket: Ticket, status: str) -> None:
        """Keep how far the provider is."""
        Batch.objects.filter(pk=ticket.pk).update(provider_status=status[:40])

    # Collecting

    def custom_ids(self, ticket: Ticket) -> list[str]:
        """The custom ids of all calls of a batch, collected or not."""
        calls = BatchCall.objects.filter(batch=ticket.pk)
        return [call.place.custom_id for call in _sent(calls)]

    def collect(self, ticket: Ticket, results: Results) -> Portion:
        """Store what the replies of some sessions lead to, and that they are collected."""
        sent_at = ticket.submitted_at or ticket.created_at
        purse = self._purse_of(sent_at)
        reading = Reading(self.provider, self.policy, purse, sent_at, timezone.now())
        with transaction.atomic():
            left = BatchCall.objects.filter(batch=ticket.pk, collected=False)
            ids = sorted(set(left.values_list("administration", flat=True)))
            mine = self._collectable(ids[:_SESSIONS])
            calls = _sent(left.filter(administration__in=mine))
            read = [
                read_session(session, sent, results, reading)
                for session, sent in self._sessions_with(calls)
            ]
            outcomes = [outcome for one in read for outcome in one.outcomes]
            save_outcomes(self.lease, outcomes)
            self._write_off(read)
            _mark_collected(calls)
        halts = [halt for one in read for halt in one.halts]
        return Portion(outcomes, halts, more=bool(mine) and len(ids) > len(mine))

    def _purse_of(self, sent_at: datetime) -> Purse | None:
        """Calls are booked at the price of the day on which they were sent, as they are billed."""
        price = price_at(Panel.objects.get(pk=self.lease.panel_id), sent_at)
        return replace(self.purse, price=price.in_batch) if self.purse and price else self.purse

    def _collectable(self, ids: Sequence[int]) -> list[int]:
        """Sessions of ours, and those that are over: the reply is stored, and used by nobody."""
        rows = Administration.objects.filter(pk__in=ids).select_for_update().order_by("pk")
        in_progress = Administration.Status.IN_PROGRESS
        return [
            pk
            for pk, owner, status in rows.values_list("pk", "lease_owner", "status")
            if owner == self.lease.worker or status != in_progress
        ]

    def _write_off(self, read: Sequence[Collected]) -> None:
        """Calls that fit no open turn may have been billed all the same."""
        lost = sum(call.reserved for one in read for call in one.stale)
        _settle(self.lease.panel_id, lost, spent=lost)

    def end(self, ticket: Ticket, status: str, usage: Usage, notes: Mapping[str, int]) -> bool:
        """Close a batch if everything of it is collected."""
        if BatchCall.objects.filter(batch=ticket.pk, collected=False).exists():
            return False
        left_out = {what: notes.get(what, 0) for what in BatchRemark.LINES_LEFT_OUT.arguments}
        Batch.objects.filter(pk=ticket.pk).update(
            status=Batch.Status.COLLECTED,
            provider_status=status[:40],
            remark=BatchRemark.LINES_LEFT_OUT if notes else "",
            remark_args=left_out if notes else {},
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            ended_at=timezone.now(),
        )
        return True

    def fail(self, ticket: Ticket, given_up: GivenUp) -> None:
        """Close a batch that brings nothing; its calls will be made again in another."""
        give_up_batch(self.lease.panel_id, ticket.pk, given_up)

    def _sessions_with(self, calls: Sequence[Sent]) -> Iterator[tuple[Session, list[Sent]]]:
        """The calls of each session, in the order of its turns, with the session rebuilt."""
        of_session = {
            pk: list(sent) for pk, sent in groupby(calls, key=lambda one: one.place.administration)
        }
        for part in _parts(sorted(of_session), _SESSIONS):
            for item in work_items(self.lease.panel_id, part):
                yield Session(item), of_session[item.administration]


def has_open_batches(panel_id: int) -> bool:
    """Whether a batch of the panel is prepared, or with its provider."""
    return _open_batches(panel_id).exists()


def _open_batches(panel_id: int) -> QuerySet[Batch]:
    over = (Batch.Status.COLLECTED, Batch.Status.FAILED)
    return Batch.objects.filter(panel=panel_id).exclude(status__in=over)


@transaction.atomic
def give_up_batch(panel_id: int, batch: int, given_up: GivenUp) -> int:
    """Close a batch that brings nothing more; what its calls held back is spent, or free again.

    Returns how many calls were still outstanding.
    """
    calls = _sent(BatchCall.objects.filter(batch=batch, collected=False))
    reserved = sum(call.reserved for call in calls)
    _settle(panel_id, reserved, spent=reserved if given_up.billed else 0)
    _mark_collected(calls)
    Batch.objects.filter(pk=batch).update(
        status=Batch.Status.FAILED,
        provider_status=given_up.status[:40],
        remark=given_up.remark,
        remark_args=dict(given_up.arguments),
        ended_at=timezone.now(),
    )
    return len(calls)


def _ticket(batch: Batch) -> Ticket:
    return Ticket(batch.pk, batch.key, batch.provider_id, batch.created_at, batch.submitted_at)


def _sent(calls: QuerySet[BatchCall]) -> list[Sent]:
    fields = ("pk", "administration_id", "turn", "number", "request_hash", "reserved_nano")
    rows = calls.order_by("administration", "turn").values_list(*fields)
    return [
        Sent(pk, Place(administration, turn, number), request_hash, reserved)
        for pk, administration, turn, number, request_hash, reserved in rows
    ]


def _mark_collected(calls: Sequence[Sent]) -> None:
    for part in _parts([call.pk for call in calls], _ROWS):
        BatchCall.objects.filter(pk__in=part).update(collected=True)


def _settle(panel_id: int, reserved: int, *, spent: int) -> None:
    if reserved:
        Panel.objects.filter(pk=panel_id).update(
            reserved_nano=F("reserved_nano") - reserved, spent_nano=F("spent_nano") + spent
        )


def _parts(rows: Sequence[_Row], size: int) -> Iterator[Sequence[_Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
