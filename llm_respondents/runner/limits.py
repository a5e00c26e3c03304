"""Requests and tokens per minute, a worker's own and those that all workers share."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

_MINUTE = 60.0
# Characters per token, low for safety: a reservation that is too large only waits a little longer
# and is corrected when the reply says what was really used.
_CHARACTERS_PER_TOKEN = 3
# What is drawn of a shared rate at a time, in seconds of it, and how late a share may be used.
_SLICE_SECONDS = 1.0
_LATENESS_SECONDS = 0.25
_FARTHEST_AHEAD_SECONDS = 3600.0
# How much of what replies left unused may wait for later calls, in seconds of the rate.
_SPARE_SECONDS = 5.0
# Draw so much of a rate per minute; the time (seconds since 1970) at which its use may begin.
Draw = Callable[[str, float, float], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls at once, and what a minute may carry; 0 means no limit."""

    concurrency: int = 50
    requests_per_minute: int = 0
    tokens_per_minute: int = 0


class Rate:
    """A steady rate with a burst: virtual scheduling, so that waiters are served in turn.

    Each taking moves the time at which the next may start by its share of a minute; up to `burst`
    seconds of unused time may be caught up.
    """

    def __init__(
        self, per_minute: float, *, burst: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds_each = _MINUTE / per_minute if per_minute else 0.0
        self._burst = burst
        self._clock = clock
        self._next = clock() - burst

    def take(self, amount: float = 1.0) -> float:
        """Take `amount`; return the seconds to wait before using it."""
        if not self._seconds_each:
            return 0.0
        now = self._clock()
        start = max(self._next, now - self._burst)
        self._next = start + amount * self._seconds_each
        return max(0.0, start - now)

    def give_back(self, amount: float) -> None:
        """Correct an earlier taking that was too large (or, if negative, too small)."""
        self._next -= amount * self._seconds_each


class Gate:
    """Every call passes here and takes its request and its tokens."""

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._requests = Rate(limits.requests_per_minute, clock=clock)
        self._tokens = Rate(limits.tokens_per_minute, clock=clock)

    def enter(self, tokens: int) -> float:
        """Take a request and its estimated tokens; return the seconds to wait before sending it."""
        return max(self._requests.take(), self._tokens.take(tokens))

    def settle(self, *, estimated: int, used: int) -> None:
        """Replace an estimate by what the provider counted."""
        self._tokens.give_back(estimated - used)


def drawn(next_at: float, now: float, amount: float, per_minute: float) -> tuple[float, float]:
    """When the use of a draw of `amount` begins and ends, if the next may begin at `next_at`.

    Unused time is caught up only as far as shares may be used late. A time far ahead is that of a
    clock that was wrong: nobody waits for it.
    """
    if next_at - now > _FARTHEST_AHEAD_SECONDS:
        next_at = now
    start = max(next_at, now - _LATENESS_SECONDS)
    return start, start + amount * _MINUTE / per_minute


class SharedRate:
    """A worker's part of a rate that all workers of an endpoint draw from.

    A slice of about a second's worth is drawn at a time and lasts for several calls, evenly spread.
    What is not used in time is lost: it would come on top of what others drew meanwhile. What a
    reply left of its estimate stays with the worker, for its next calls.
    """

    def __init__(
        self, name: str, per_minute: float, draw: Draw, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._name = name
        self._per_minute = per_minute
        self._seconds_each = _MINUTE / per_minute if per_minute else 0.0
        self._draw = draw
        self._clock = clock
        # The slice in hand: so much is left of it, evenly spread from this time on.
        self._left = 0.0
        self._at = 0.0
        self._spare = 0.0
        self._most_spare = _SPARE_SECONDS * per_minute / _MINUTE

    async def take(self, amount: float = 1.0) -> float:
        """Take `amount`, drawing if need be; return the seconds to wait before using it."""
        if not self._seconds_each:
            return 0.0
        self._most_spare = max(self._most_spare, amount)
        from_spare = min(self._spare, amount)
        self._spare -= from_spare
        needed = amount - from_spare
        if needed <= 0:
            return 0.0
        self._forfeit()
        if needed > self._left:
            await self._draw_slice(needed - self._left)
        start = self._at
        self._left -= needed
        self._at += needed * self._seconds_each
        return max(0.0, start - self._clock())

    def give_back(self, amount: float) -> None:
        """Correct an earlier taking that was too large (or, if negative, too small)."""
        self._spare = min(self._spare + amount, self._most_spare)

    def _forfeit(self) -> None:
        late = self._clock() - _LATENESS_SECONDS - self._at
        lost = min(self._left, late / self._seconds_each)
        if lost > 0:
            self._left -= lost
            self._at += lost * self._seconds_each

    async def _draw_slice(self, at_least: float) -> None:
        amount = max(at_least, self._per_minute * _SLICE_SECONDS / _MINUTE)
        start = await self._draw(self._name, amount, self._per_minute)
        # A rest too small for a call moves up to the new slice.
        self._at = start - self._left * self._seconds_each
        self._left += amount


class SharedGate:
    """Every call passes here too, where an endpoint has limits, one after the other."""

    def __init__(
        self, limits: Limits, draw: Draw, *, clock: Callable[[], float] = time.time
    ) -> None:
        self.turn = asyncio.Lock()
        self._requests = SharedRate("requests", limits.requests_per_minute, draw, clock=clock)
        self._tokens = SharedRate("tokens", limits.tokens_per_minute, draw, clock=clock)

    async def enter(self, tokens: int) -> float:
        """Take a request and its estimated tokens; return the seconds to wait before sending it.

        Hold `turn` meanwhile and while waiting: who comes later cannot be sent sooner, and no more
        is drawn than can be used.
        """
        return max(await self._requests.take(), await self._tokens.take(tokens))

    def settle(self, *, estimated: int, used: int) -> None:
        """Replace an estimate by what the provider counted."""
        self._tokens.give_back(estimated - used)


def estimate_tokens(characters: int, longest_reply: int) -> int:
    """Return an upper estimate of the tokens of a call, before it is made."""
    return characters // _CHARACTERS_PER_TOKEN + longest_reply
