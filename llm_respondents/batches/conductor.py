"""The loop over waves: hand over what can be asked, wait, collect, until nothing is open.

It may stop, or be killed, at any point: a batch stays with its provider, and everything that the
next worker needs is in the store.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from asgiref.sync import sync_to_async

from llm_respondents.batches.door import Door, Seen
from llm_respondents.batches.files import read_results
from llm_respondents.batches.states import UNKNOWN
from llm_respondents.batches.store import BatchStore, GivenUp, Ticket
from llm_respondents.codes import SAID, BatchRemark, Halt, HaltReason
from llm_respondents.providers.base import Failure
from llm_respondents.runner.calls import halt_of, storable
from llm_respondents.runner.engine import ProgressCallback
from llm_respondents.runner.retry import RetryPolicy, decide
from llm_respondents.runner.types import Outcome, Progress, RunSummary, Standing
from llm_respondents.runner.usable import ReplyWatch
from llm_respondents.store.leases import release_leases, renew_leases

logger = logging.getLogger(__name__)

_STOP_SECONDS = 0.1
# A provider that is away for half an hour is no reason to give up a wait of a day.
_PATIENT_CALLS = 80

_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds: between two looks at a batch, and between two renewals of the leases.

    Without `waits` a run ends where there is nothing to do but to wait for a batch.
    """

    poll_seconds: float = 60.0
    heartbeat_seconds: float = 20.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    waits: bool = True


class Conductor:
    """One run of one worker over one panel, in batches. Use once, inside a running event loop."""

    def __init__(
        self,
        *,
        store: BatchStore,
        door: Door,
        pace: Pace,
        stop: threading.Event,
        replies: ReplyWatch,
        on_progress: ProgressCallback = lambda _progress: None,
    ) -> None:
        self._replies = replies
        self._store = store
        self._door = door
        self._pace = pace
        self._stop = stop
        self._on_progress = on_progress
        self._wake = asyncio.Event()
        self._standing: Standing = "run"
        self._progress = Progress()
        self._halt: Halt | None = None

    async def run(self, *, cancelled: bool = False) -> RunSummary:
        """Go on until no call is left to make, the stop event is set, or something is in the way.

        With `cancelled`, end the batches at the provider, and collect what they finished.
        """
        self._standing = "cancel" if cancelled else "run"
        services = [asyncio.create_task(self._heartbeat()), asyncio.create_task(self._watch_stop())]
        try:
            await sync_to_async(self._store.claim)()
            await self._waves()
            if self._standing == "cancel":
                await self._wind_up()
        finally:
            for service in services:
                service.cancel()
            await asyncio.gather(*services, return_exceptions=True)
            held = await sync_to_async(self._store.held)()
            await sync_to_async(release_leases)(self._store.lease, held)
        return RunSummary(
            self._progress, stopped=self._is_stopped and self._halt is None, halt=self._halt
        )

    # Waves

    async def _waves(self) -> None:
        while self._goes_on:
            await self._hand_over()
            if not await self._collect_next():
                return
            await sync_to_async(self._store.claim)()

    async def _hand_over(self) -> None:
        """Send what was prepared and perhaps sent before, then all that can be asked now."""
        for ticket in await sync_to_async(self._store.tickets)():
            if not ticket.provider_id and self._goes_on:
                await self._submit(ticket, fresh=False)
        number = await sync_to_async(self._store.next_wave)()
        while self._goes_on:
            wave = await sync_to_async(self._store.prepare)(number)
            if wave.ticket is not None and not await self._submit(wave.ticket, fresh=True):
                return
            if wave.short and not await sync_to_async(self._store.tickets)():
                self._give_up(Halt(HaltReason(wave.short)))
            if wave.short or wave.ticket is None:
                return

    async def _submit(self, ticket: Ticket, *, fresh: bool) -> bool:
        """Hand a batch over unless the provider has it already, under its key."""
        with tempfile.TemporaryFile() as file:
            first = fresh

            async def call() -> Seen | Failure:
                nonlocal first
                if not first and (found := await self._door.find(ticket.key, ticket.created_at)):
                    return found
                first = False
                if not file.tell():
                    await sync_to_async(self._store.write)(ticket, file)
                return await self._door.submit(ticket.key, file)

            seen = await self._reach(call)
        if seen is None:
            return False
        await sync_to_async(self._store.submitted)(ticket, seen.provider_id, seen.status)
        return True

    # Collecting

    async def _collect_next(self) -> bool:
        """Wait until a batch is over and collect it; False if there is none, or the run ends."""
        while True:
            tickets = [one for one in await sync_to_async(self._store.tickets)() if one.provider_id]
            over = [await self._look(ticket) for ticket in tickets]
            if any(over) or not tickets or self._halt is not None:
                return any(over)
            if not self._pace.waits or not await self._pause(self._pace.poll_seconds):
                return False

    async def _look(self, ticket: Ticket) -> bool:
        """See how far a batch is, and collect it if it is over."""
        patient = replace(
            self._pace.retry, max_calls=max(self._pace.retry.max_calls, _PATIENT_CALLS)
        )
        seen = await self._reach(
            lambda: self._door.look(ticket.provider_id), patient, lost=lambda: self._lost(ticket)
        )
        if seen is None:
            return False
        await sync_to_async(self._store.seen)(ticket, seen.status)
        if seen.failed:
            said = {SAID: storable(seen.errors)}
            refused = GivenUp(BatchRemark.REFUSED, said, seen.status, billed=False)
            await sync_to_async(self._store.fail)(ticket, refused)
            self._give_up(Halt(HaltReason.BATCH_FAILED, said))
            return True
        return seen.ended and await self._collect(ticket, seen)

    async def _lost(self, ticket: Ticket) -> None:
        """A batch that its provider does not know may have been worked on, and billed.

        Its calls are not made, and paid for, again unless somebody says so. Of a cancelled panel
        no call will be made any more.
        """
        if self._standing == "cancel":
            gone = GivenUp(BatchRemark.UNKNOWN, status=UNKNOWN, billed=True)
            await sync_to_async(self._store.fail)(ticket, gone)
            return
        await sync_to_async(self._store.seen)(ticket, UNKNOWN)
        lost = {
            "batch": ticket.provider_id,
            "panel": self._store.lease.panel_id,
            "number": ticket.pk,
        }
        self._give_up(Halt(HaltReason.BATCH_UNKNOWN, lost))

    async def _collect(self, ticket: Ticket, seen: Seen) -> bool:
        with tempfile.TemporaryFile() as file:
            size = await self._reach(
                lambda: self._door.read(seen.files, file), lost=lambda: self._lost(ticket)
            )
            if size is None:
                return False
            known = await sync_to_async(self._store.custom_ids)(ticket)
            read = self._store.api.read
            results = await asyncio.to_thread(read_results, file, known, read)
            results.expired = seen.expired
            more = True
            while more:
                portion = await sync_to_async(self._store.collect)(ticket, results)
                more = portion.more
                self._count(portion.outcomes)
                for halt in portion.halts:
                    self._give_up(halt)
        return await sync_to_async(self._store.end)(ticket, seen.status, seen.usage, results.notes)

    # Cancelling

    async def _wind_up(self) -> None:
        self._wake.clear()
        self._halt = None
        for ticket in await sync_to_async(self._store.tickets)():
            await self._cancel(ticket)
        while await self._collect_next():
            pass

    async def _cancel(self, ticket: Ticket) -> None:
        if not ticket.provider_id:
            found = await self._reach_or_none(ticket)
            if found is None:
                return
            await sync_to_async(self._store.submitted)(ticket, found.provider_id, found.status)
            ticket = replace(ticket, provider_id=found.provider_id)
        # A batch that is over meanwhile cannot be cancelled, and need not be.
        await self._door.cancel(ticket.provider_id)

    async def _reach_or_none(self, ticket: Ticket) -> Seen | None:
        """A batch that may have been sent; one that was not is given up."""
        nothing = Seen("", "never sent")

        async def call() -> Seen | Failure:
            return await self._door.find(ticket.key, ticket.created_at) or nothing

        found = await self._reach(call)
        if found is nothing:
            never = GivenUp(BatchRemark.NEVER_SENT, billed=False)
            await sync_to_async(self._store.fail)(ticket, never)
            return None
        return found

    # Reaching the endpoint

    async def _reach(
        self,
        call: Callable[[], Awaitable[_Found | Failure]],
        policy: RetryPolicy | None = None,
        lost: Callable[[], Awaitable[None]] | None = None,
    ) -> _Found | None:
        """Call until there is a reply; None if the run ends before, or the endpoint gives up.

        With `lost`, that is awaited where the endpoint does not know what it is asked for.
        """
        policy = policy or self._pace.retry
        failures = 0
        while True:
            found = await call()
            if not isinstance(found, Failure):
                return found
            failures += 1
            decision = decide(found, failed_calls=failures, policy=policy, jitter=0.0, proven=False)
            if not decision.retry:
                if found.kind == "not_found" and lost is not None:
                    await lost()
                else:
                    self._give_up(halt_of(found))
                return None
            if not await self._pause(decision.after):
                return None

    # Background

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self._pace.heartbeat_seconds)
            held = await sync_to_async(self._store.held)()
            standing = await sync_to_async(renew_leases)(self._store.lease, held)
            if standing != self._standing:
                self._standing = standing
                self._wake.set()

    async def _watch_stop(self) -> None:
        # A signal handler may only set a threading.Event, and nothing wakes the loop for one.
        while not self._stop.is_set():  # noqa: ASYNC110
            await asyncio.sleep(_STOP_SECONDS)
        self._wake.set()

    @property
    def _is_stopped(self) -> bool:
        return self._stop.is_set() or self._standing != "run"

    @property
    def _goes_on(self) -> bool:
        return not self._is_stopped and self._halt is None

    async def _pause(self, seconds: float) -> bool:
        """Sleep, but not through a stop; return whether to go on."""
        if self._stop.is_set():
            return False
        try:
            await asyncio.wait_for(self._wake.wait(), timeout=seconds)
        except TimeoutError:
            return True
        return False

    def _give_up(self, halt: Halt) -> None:
        if self._halt is None:
            self._halt = halt
            logger.error("run halted: %s: %s", halt.code, halt)

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if halt := self._replies.noted(outcome):
                self._give_up(halt)
        answers = [answer for outcome in outcomes for answer in outcome.answers]
        missing = sum(1 for answer in answers if answer.missing_reason)
        more = Progress(
            turns=sum(outcome.attempt.closes_turn for outcome in outcomes),
            calls=len(outcomes),
            answered=len(answers) - missing,
            missing=missing,
            sessions=sum(outcome.ends_session for outcome in outcomes),
        )
        self._progress = self._progress.plus(more)
        self._on_progress(self._progress)
