"""Whether to call again, as data: a table that can be read, tested and stored."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from llm_respondents.providers.base import Failure, FailureKind

Action = Literal["retry", "give_up", "halt"]

# What a failure says about the next call. "halt" stops the run: every further call would fail the
# same way, and a panel full of transport errors is worse than one that has not begun.
_ACTIONS: Mapping[FailureKind, Action] = {
    "rate_limit": "retry",
    "server": "retry",
    "timeout": "retry",
    "connection": "retry",
    "malformed": "retry",
    "not_an_api": "retry",
    "context_length": "give_up",
    "bad_request": "give_up",
    "quota": "halt",
    "auth": "halt",
    "not_found": "halt",
}
_CONFIGURED = frozenset({"bad_request", "context_length", "not_an_api"})
_BACKOFF_EXPONENT_CAP = 16
# How many times more often a turn is asked whose calls come too fast: that says nothing about the
# question, and it passes when fewer calls run at once.
_RATE_LIMITED_FACTOR = 4


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Bounds of asking again; times in seconds.

    `max_calls` bounds the failed calls of one turn (four times as many where the last one came too
    fast), `max_reasks` the replies that were no answer.
    `longest_wait` is the most that a server's Retry-After may ask for.
    """

    max_calls: int = 8
    max_reasks: int = 2
    first_wait: float = 0.5
    longest_backoff: float = 30.0
    longest_wait: float = 300.0


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """What to do after a call that failed, and how long to wait first (seconds)."""

    action: Action
    kind: str
    after: float = 0.0

    @property
    def retry(self) -> bool:
        """Whether the same request is sent again."""
        return self.action == "retry"


def decide(
    failure: Failure, *, failed_calls: int, policy: RetryPolicy, jitter: float, proven: bool = True
) -> RetryDecision:
    """Return what follows the `failed_calls`-th failed call of a turn (1 for the first).

    Waits double from `first_wait`, less up to a quarter by `jitter` (0 to 1); a Retry-After of the
    server is a lower bound. `proven` is False until the endpoint has accepted one request: a bad
    request, one that is too long, or a web page in reply, is then a matter of configuration and
    halts the run.
    """
    action = _ACTIONS[failure.kind]
    if failure.kind in _CONFIGURED and not proven:
        action = "halt"
    if action != "retry":
        return RetryDecision(action, failure.kind)
    factor = _RATE_LIMITED_FACTOR if failure.kind == "rate_limit" else 1
    if failed_calls >= factor * policy.max_calls:
        return RetryDecision("give_up", failure.kind)
    wanted = failure.retry_after or 0.0
    if wanted > policy.longest_wait:
        return RetryDecision("halt", failure.kind, wanted)
    exponent = min(failed_calls - 1, _BACKOFF_EXPONENT_CAP)
    backoff = min(policy.first_wait * 2**exponent, policy.longest_backoff)
    return RetryDecision("retry", failure.kind, max(backoff * (1 - 0.25 * jitter), wanted))


# Replies that are no answer and worth one more try. A refusal is not among them: a respondent who
# declines is not pressed, whether person or model.
REASKED = frozenset({"schema_violation", "unparsable", "no_answer", "out_of_range", "truncated"})


def asks_again(outcome: str, *, reasks: int, policy: RetryPolicy) -> bool:
    """Whether a reply with this outcome is asked for again after `reasks` earlier re-asks."""
    return outcome in REASKED and reasks < policy.max_reasks


class CircuitBreaker:
    """Opens after so many failed calls in a row, over all sessions of a worker.

    Single failures are the retry policy's business; an unbroken row means that the endpoint is
    down, and going on would turn questions into transport errors.
    """

    def __init__(self, threshold: int) -> None:
        self.threshold = threshold
        self.proven = False
        self._failures = 0

    def succeeded(self) -> None:
        """Note a reply, whatever it says."""
        self.proven = True
        self._failures = 0

    def failed(self) -> bool:
        """Note a failed call; return whether the row is now too long."""
        self._failures += 1
        return self._failures >= self.threshold


class StallWatch:
    """Notices that calls are made and bring no session forward, for `patience` seconds.

    The time counts from the first call since a turn was closed: where none is made, because a rate
    or another worker is waited for, nothing stalls.
    """

    def __init__(self, patience: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.patience = patience
        self._clock = clock
        self._since: float | None = None

    def called(self) -> None:
        """Note that a call begins."""
        if self._since is None:
            self._since = self._clock()

    def closed_turn(self) -> None:
        """Note that a reply closed a turn."""
        self._since = None

    @property
    def stalled(self) -> bool:
        """Whether calls have been in vain for too long."""
        return self._since is not None and self._clock() - self._since > self.patience
