"""How many calls run at once: as many as configured, fewer while an endpoint turns many away.

The rule judges windows of calls, not single ones. Endpoints turn a few calls away at random, and a
rule that halves at each of them ends up with one call at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adaptation:
    """When a window is judged, and what follows from its share of rate-limited calls."""

    window_calls: int = 20
    window_seconds: float = 1.0
    shrink_above: float = 0.25
    grow_below: float = 0.15
    shrink_to: float = 0.7
    growth: float = 0.1


class AdaptiveConcurrency:
    """The number of calls that may run at once, between 1 and `configured`.

    A share between the two bounds leaves the number as it is. It shrinks faster than it grows, so
    that an endpoint that admits `n` at once is found within seconds and then tried again and again.
    """

    def __init__(
        self,
        configured: int,
        adaptation: Adaptation | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configured = configured
        self._rule = adaptation or Adaptation()
        self._clock = clock
        self.current = configured
        self._begin_window()

    def retune(self, configured: int) -> int:
        """Set how many calls may run at once at most; return how many may from now on.

        More than before are tried at once: what the endpoint turns away says how many it takes.
        """
        self._configured = self.current = configured
        self._begin_window()
        return self.current

    def finished(self, *, limited: bool, in_flight: int) -> int:
        """Note a finished call; return how many may run at once from now on.

        Calls in flight count as admitted: an endpoint turns calls away at once and takes its time
        to reply to the others, so that the first calls to finish are no fair sample.
        """
        self._calls += 1
        self._limited += limited
        rule = self._rule
        if self._calls >= rule.window_calls and (
            self._clock() - self._begun >= rule.window_seconds
        ):
            self._judge(self._limited / (self._calls + in_flight))
            self._begin_window()
        return self.current

    def _judge(self, share: float) -> None:
        if share > self._rule.shrink_above:
            self.current = max(1, round(self.current * self._rule.shrink_to))
        elif share < self._rule.grow_below:
            step = max(1, int(self.current * self._rule.growth))
            self.current = min(self._configured, self.current + step)

    def _begin_window(self) -> None:
        self._begun = self._clock()
        self._calls = 0
        self._limited = 0


class Slots:
    """A semaphore whose size may change; whoever waits is served in turn."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._waiting: deque[asyncio.Future[bool]] = deque()
        self._closed = False
        self.taken = 0

    async def take(self) -> bool:
        """Take a slot, waiting for one if need be; False if the slots were closed instead."""
        if self._closed:
            return False
        if self.taken < self._size and not self._waiting:
            self.taken += 1
            return True
        turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        return await turn

    def give_back(self) -> None:
        """Give a slot back to whoever waits longest."""
        self.taken -= 1
        self._serve()

    def resize(self, size: int) -> None:
        """Change the size; slots that are taken beyond a smaller one are waited for."""
        if size != self._size:
            self._size = size
            self._serve()

    def close(self) -> None:
        """Send away everybody who waits, or comes later."""
        self._closed = True
        while self._waiting:
            self._let_in(admitted=False)

    def _serve(self) -> None:
        while self._waiting and self.taken < self._size:
            self._let_in(admitted=True)

    def _let_in(self, *, admitted: bool) -> None:
        turn = self._waiting.popleft()
        # A session that was cancelled while it waited needs no slot.
        if not turn.done():
            self.taken += admitted
            turn.set_result(admitted)
