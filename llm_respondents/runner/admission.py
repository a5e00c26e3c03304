"""The way of every call to the endpoint: a slot, the worker's own rates, the shared rates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from llm_respondents.providers.base import Failure, Reply
from llm_respondents.runner.concurrency import Adaptation, AdaptiveConcurrency, Slots
from llm_respondents.runner.limits import Gate, Limits, SharedGate
from llm_respondents.runner.orders import Orders

# Sleep so many seconds, but not through a stop; whether to go on.
Pause = Callable[[float], Awaitable[bool]]


class Admission:
    """Lets calls in, one worker's, as fast as the endpoint takes them."""

    def __init__(
        self,
        limits: Limits,
        adaptation: Adaptation,
        shared: SharedGate | None,
        pause: Pause,
        orders: Orders,
    ) -> None:
        self._limits = limits
        self._orders = orders
        self._most = limits.concurrency
        self._slots = Slots(limits.concurrency)
        self._concurrency = AdaptiveConcurrency(limits.concurrency, adaptation)
        self._gate = Gate(limits)
        self._shared = shared
        self._pause = pause
        self._in_flight = 0

    async def enter(self, estimate: int) -> bool:
        """Wait until a call of about so many tokens may be made; False if the run ends before.

        Whoever was let in says `leave` in any case.
        """
        self._hear()
        if not await self._slots.take():
            return False
        try:
            admitted = await self._rates_allow(estimate)
        except BaseException:
            self._slots.give_back()
            raise
        if not admitted:
            self._slots.give_back()
        return admitted

    def leave(self) -> None:
        """Make room for the next call."""
        self._slots.give_back()

    @property
    def most(self) -> int:
        """How many calls are to run at once where the endpoint takes them: as told last."""
        self._hear()
        return self._most

    def _hear(self) -> None:
        """Do as was ordered meanwhile; calls in flight beyond a smaller number are waited for."""
        told = self._orders.concurrency or self._limits.concurrency
        if told != self._most:
            self._most = told
            self._slots.resize(self._concurrency.retune(told))

    @property
    def at_once(self) -> int:
        """How many calls may run at once now."""
        return self._concurrency.current

    def begun(self) -> None:
        """Note that a call is on its way."""
        self._in_flight += 1

    def finished(self, outcome: Reply | Failure, estimate: int) -> None:
        """Learn from what became of a call that was estimated to cost so many tokens."""
        self._in_flight -= 1
        # A server with fewer slots lets calls wait until their time is over.
        limited = isinstance(outcome, Failure) and outcome.kind in ("rate_limit", "timeout")
        size = self._concurrency.finished(limited=limited, in_flight=self._in_flight)
        self._slots.resize(size)
        if isinstance(outcome, Reply):
            used = outcome.usage.total or estimate
            self._gate.settle(estimated=estimate, used=used)
            if self._shared is not None:
                self._shared.settle(estimated=estimate, used=used)

    def close(self) -> None:
        """Send away everybody who waits for a slot."""
        self._slots.close()

    async def _rates_allow(self, estimate: int) -> bool:
        if not await self._pause(self._gate.enter(estimate)):
            return False
        if self._shared is None:
            return True
        async with self._shared.turn:
            # Whoever waited here through a stop draws nothing any more.
            return await self._pause(0) and await self._pause(await self._shared.enter(estimate))
