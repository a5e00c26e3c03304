"""Requests and tokens per minute, and calls at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

_MINUTE = 60.0
# Characters per token, low for safety: a reservation that is too large only waits a little longer
# and is corrected when the reply says what was really used.
_CHARACTERS_PER_TOKEN = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """What an endpoint allows this worker; 0 means no limit."""

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


def estimate_tokens(characters: int, longest_reply: int) -> int:
    """Return an upper estimate of the tokens of a call, before it is made."""
    return characters // _CHARACTERS_PER_TOKEN + longest_reply
