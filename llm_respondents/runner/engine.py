"""The loop: claim sessions, ask their turns, commit each turn before the next is asked.

One task a session, one writer for all, which commits outcomes that wait together, up to a share of
the calls at once. A worker that is killed therefore loses the turns in flight and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from llm_respondents.codes import Halt, HaltReason
from llm_respondents.conversation.prompts import Turn
from llm_respondents.conversation.turns import characters_of
from llm_respondents.providers.base import Failure, Provider, Reply
from llm_respondents.runner.admission import Admission
from llm_respondents.runner.calls import Called, begun, failed, outcome_of, replied
from llm_respondents.runner.concurrency import Adaptation
from llm_respondents.runner.limits import Limits, SharedGate, estimate_tokens
from llm_respondents.runner.orders import Orders
from llm_respondents.runner.purse import Purse
from llm_respondents.runner.retry import (
    CircuitBreaker,
    RetryDecision,
    RetryPolicy,
    StallWatch,
    decide,
)
from llm_respondents.runner.session import TRANSPORT_ERROR, Chained, Session
from llm_respondents.runner.types import (
    AttemptRecord,
    Gateway,
    Outcome,
    Progress,
    RunSummary,
    WorkItem,
)
from llm_respondents.runner.usable import Bounds, ReplyWatch

logger = logging.getLogger(__name__)

# Of calls that take their time, a transaction takes at most this share. What is committed together
# asks its next questions together, and the replies come together again: without a bound the
# sessions end up marching in step, the endpoint waits for the writer and the writer for it.
_SHARE = 7
_MOST_COMMITTED = 200
# How soon a stop signal is seen, and how often sessions held by other workers are looked at.
_POLL_SECONDS = 0.1
# How long the writer waits for company: little beside the time that a model takes to reply, and
# enough to let a transaction carry several turns.
_LINGER_SECONDS = 0.002
_WAIT_FOR_OTHERS_SECONDS = 1.0
# So many requests in a row that the endpoint does not take are no matter of single questions.
_REFUSED_IN_A_ROW = 5
ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How one worker runs; times in seconds."""

    limits: Limits = field(default_factory=Limits)
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    lease_seconds: float = 60.0
    longest_reply_tokens: int = 200
    # How long calls may bring no session forward before the run gives up.
    patience: float = 600.0
    adaptation: Adaptation = field(default_factory=Adaptation)
    # Whether replies are there at once, so that nothing is gained by committing only a few.
    immediate: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    # Whether the panel has had an answer before this run.
    answered_before: bool = False

    @property
    def most_committed(self) -> int:
        """How many outcomes a transaction takes."""
        share = 1 if self.immediate else _SHARE
        return min(_MOST_COMMITTED, max(1, self.limits.concurrency // share))


@dataclass(slots=True)
class _Pending:
    outcome: Outcome
    committed: asyncio.Future[str]


class Engine:
    """One run of one worker over one panel. Use once, inside a running event loop."""

    def __init__(
        self,
        *,
        gateway: Gateway,
        provider: Provider,
        settings: Settings,
        stop: threading.Event,
        on_progress: ProgressCallback = lambda _progress: None,
        purse: Purse | None = None,
        shared: SharedGate | None = None,
        orders: Orders | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._gateway = gateway
        self._provider = provider
        self._settings = settings
        self._stop = stop
        self._on_progress = on_progress
        self._purse = purse
        self._jitter = jitter
        self._admission = Admission(
            settings.limits, settings.adaptation, shared, self._pause, orders or Orders()
        )
        self._stall = StallWatch(settings.patience)
        self._replies = ReplyWatch(
            settings.bounds,
            token_limit=settings.longest_reply_tokens,
            proven=settings.answered_before,
        )
        self._breaker = CircuitBreaker(threshold=20 + 3 * settings.limits.concurrency)
        self._refusals = CircuitBreaker(threshold=_REFUSED_IN_A_ROW)
        self._queue: asyncio.Queue[_Pending] = asyncio.Queue()
        self._stopping = asyncio.Event()
        self._active: set[int] = set()
        self._calls_in_flight = 0
        self._progress = Progress()
        self._halt: Halt | None = None
        self._rejected: dict[int, str] = {}

    async def run(self) -> RunSummary:
        """Conduct sessions until none is left, the stop event is set, or the endpoint gives up.

        Errors of the store propagate: what is committed is committed, and leases run out.
        """
        try:
            async with asyncio.TaskGroup() as background:
                services = [
                    background.create_task(self._write()),
                    background.create_task(self._heartbeat()),
                    background.create_task(self._watch_stop()),
                    background.create_task(self._send_away()),
                ]
                await self._conduct_all()
                for service in services:
                    service.cancel()
        except BaseExceptionGroup as errors:
            raise _first_of(errors) from errors
        return RunSummary(
            progress=self._progress,
            stopped=self._stopping.is_set() and self._halt is None,
            halt=self._halt,
            lost_leases=sum(1 for why in self._rejected.values() if why == "lease_lost"),
            rejected=dict(self._rejected),
        )

    # Sessions

    async def _conduct_all(self) -> None:
        async with asyncio.TaskGroup() as sessions:
            running: set[asyncio.Task[None]] = set()
            while not self._stopping.is_set():
                if (room := self._admission.most - len(running)) <= 0:
                    await self._wait_for_room(running)
                    continue
                claim = await self._gateway.claim(room)
                for item in claim.items:
                    self._active.add(item.administration)
                    task = sessions.create_task(self._conduct(item))
                    running.add(task)
                    task.add_done_callback(running.discard)
                if not running and not claim.held_elsewhere:
                    return
                if not running:
                    await self._pause(_WAIT_FOR_OTHERS_SECONDS)
                elif len(claim.items) < room:
                    # Only a lease of another worker that ran out can bring more.
                    await asyncio.wait(running, timeout=_WAIT_FOR_OTHERS_SECONDS)

    async def _wait_for_room(self, running: set[asyncio.Task[None]]) -> None:
        """Wait until a session ends, or somebody may have ordered that more run at once."""
        one = asyncio.FIRST_COMPLETED
        await asyncio.wait(running, timeout=_WAIT_FOR_OTHERS_SECONDS, return_when=one)

    async def _conduct(self, item: WorkItem) -> None:
        session = Session(item)
        try:
            while turn := session.next_turn:
                if reason := session.ends_for:
                    await self._gateway.close(item.administration, reason)
                    break
                if self._stopping.is_set() or not await self._close_turn(session, turn):
                    await self._gateway.release([item.administration])
                    return
            self._count(Progress(sessions=1))
        finally:
            self._active.discard(item.administration)

    async def _close_turn(self, session: Session, turn: Turn) -> bool:
        """Ask until the turn is closed; False if the session cannot go on here."""
        while True:
            chained = session.next_request(turn)
            called = await self._call_in_turn(session, turn, chained)
            if called is None:
                return False
            outcome = outcome_of(session, called)
            if not await self._commit(outcome):
                return False
            record = called.record
            session.note(
                turn,
                outcome=record.outcome,
                closes_turn=record.closes_turn,
                reply=record.reply,
                raw=record.raw,
                answers=outcome.answers,
            )
            session.note_usage(turn, record.usage)
            if halt := called.halt or self._replies.noted(outcome):
                self._give_up(halt)
                return False
            if record.closes_turn:
                return True
            if called.decision is not None and not await self._pause(called.decision.after):
                return False

    async def _call_in_turn(self, session: Session, turn: Turn, chained: Chained) -> Called | None:
        """Call when the endpoint and the budget allow it; None if the run ends before."""
        estimate = self._estimate(chained)
        if not await self._admission.enter(estimate):
            return None
        try:
            parameters = self._provider.parameters(chained.request)
            reserved = await self._reserve(chained, parameters)
            if reserved is None:
                return None
            reply, record = await self._send(chained, parameters, estimate)
            return self._understood(session, turn, reply, self._settled(record, reserved, reply))
        finally:
            self._admission.leave()

    def _estimate(self, chained: Chained) -> int:
        characters = sum(map(characters_of, chained.request.messages))
        return estimate_tokens(characters, self._settings.longest_reply_tokens)

    async def _reserve(self, chained: Chained, parameters: Mapping[str, Any]) -> int | None:
        """Hold back what the call can cost at most; None if the cap leaves no room for it.

        While calls are in flight their settlement may make room, since a bound is well above the
        price. Only when nothing is left to settle is the budget spent.
        """
        if self._purse is None:
            return 0
        messages = len(chained.request.messages)
        bound = self._purse.bound_of(chained.text_bytes, messages, parameters)
        while spent := await self._purse.hold(bound):
            if not self._calls_in_flight:
                self._give_up(Halt(HaltReason(spent)))
                return None
            if not await self._pause(_POLL_SECONDS):
                return None
        self._calls_in_flight += 1
        return bound

    async def _send(
        self, chained: Chained, parameters: Mapping[str, Any], estimate: int
    ) -> tuple[Reply | Failure, AttemptRecord]:
        self._stall.called()
        self._admission.begun()
        started_at = datetime.now(UTC)
        clock = time.perf_counter()
        reply = await self._provider.ask(chained.request, parameters)
        latency_ms = round((time.perf_counter() - clock) * 1000)
        self._admission.finished(reply, estimate)
        return reply, begun(chained, parameters, started_at, latency_ms)

    def _settled(
        self, record: AttemptRecord, reserved: int, reply: Reply | Failure
    ) -> AttemptRecord:
        if self._purse is None:
            return record
        return replace(record, reserved=reserved, cost=self._purse.settled(reserved, reply))

    def _understood(
        self, session: Session, turn: Turn, reply: Reply | Failure, record: AttemptRecord
    ) -> Called:
        if isinstance(reply, Failure):
            return self._after_failure(session, turn, record, reply)
        self._breaker.succeeded()
        self._refusals.succeeded()
        return replied(session, turn, record, reply, self._settings.retry)

    def _after_failure(
        self, session: Session, turn: Turn, record: AttemptRecord, failure: Failure
    ) -> Called:
        if self._breaker.failed():
            return failed(turn, record, failure, RetryDecision("halt", "endpoint_down"))
        if failure.kind == "bad_request" and self._refusals.failed():
            return failed(turn, record, failure, RetryDecision("halt", failure.kind))
        decision = decide(
            failure,
            failed_calls=session.failed_calls(turn) + 1,
            policy=self._settings.retry,
            jitter=self._jitter(),
            proven=self._breaker.proven,
        )
        return failed(turn, record, failure, decision)

    # Committing

    async def _commit(self, outcome: Outcome) -> bool:
        pending = _Pending(outcome, asyncio.get_running_loop().create_future())
        await self._queue.put(pending)
        refused = await pending.committed
        if self._purse is not None:
            self._calls_in_flight -= 1
        if refused:
            self._rejected[outcome.administration] = refused
            return False
        if outcome.attempt.closes_turn and outcome.attempt.outcome != TRANSPORT_ERROR:
            self._stall.closed_turn()
        missing = sum(1 for answer in outcome.answers if answer.missing_reason)
        self._count(
            Progress(
                calls=1,
                turns=int(outcome.attempt.closes_turn),
                answered=len(outcome.answers) - missing,
                missing=missing,
            )
        )
        return True

    async def _write(self) -> None:
        while True:
            batch = [await self._queue.get()]
            # Let the sessions that are nearly ready hand in theirs: one transaction for all.
            await asyncio.sleep(_LINGER_SECONDS)
            while len(batch) < self._settings.most_committed and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            refusals = await self._gateway.save([pending.outcome for pending in batch])
            for pending, refused in zip(batch, refusals, strict=True):
                if not pending.committed.done():
                    pending.committed.set_result(refused)
            self._on_progress(self._progress)

    # Background

    async def _heartbeat(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_seconds / 3)
            standing = await self._gateway.renew(sorted(self._active))
            if standing != "run":
                self._stopping.set()

    async def _watch_stop(self) -> None:
        # A signal handler may only set a threading.Event, and nothing wakes the loop for one.
        while not self._stop.is_set():
            await asyncio.sleep(_POLL_SECONDS)
            if self._stall.stalled:
                self._give_up(_no_progress(self._stall.patience))
        self._stopping.set()

    async def _send_away(self) -> None:
        await self._stopping.wait()
        self._admission.close()

    async def _pause(self, seconds: float) -> bool:
        """Sleep, but not through a stop; return whether to go on."""
        if seconds <= 0:
            return not self._stopping.is_set()
        try:
            await asyncio.wait_for(self._stopping.wait(), timeout=seconds)
        except TimeoutError:
            return True
        return False

    def _give_up(self, halt: Halt) -> None:
        if self._halt is None:
            self._halt = halt
            logger.error("run halted: %s: %s", halt.code, halt)
        self._stopping.set()

    def _count(self, more: Progress) -> None:
        self._progress = self._progress.plus(more)


def _no_progress(patience: float) -> Halt:
    return Halt(HaltReason.NO_PROGRESS, {"seconds": round(patience)})


def _first_of(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """One error says more to whoever reads it than a group of groups."""
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
