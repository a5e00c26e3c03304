"""How long the rest of a panel takes, by the latency that was met and what limits the pace."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Literal, NamedTuple

from django.db.models import Avg

from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt, Panel
from llm_respondents.money.forecast import CostRange, estimate_cost, pilot_cost
from llm_respondents.readout.progress import panel_cost, panel_progress
from llm_respondents.runner.limits import Limits
from llm_respondents.store.leases import unfinished

# Histories that grow from turn to turn, so that the last request is the longest.
_GROWING = ("full", "swapped", "own")
Limit = Literal["calls_at_once", "requests_per_minute", "tokens_per_minute"]


class _Latency(NamedTuple):
    """How long a call takes (seconds), and what that rests on."""

    low: float
    high: float
    source: Literal["calls", "probe"]


@dataclass(frozen=True, slots=True)
class Duration:
    """What is left of a panel takes from `low` to `high` seconds without a break.

    `source` says whether latencies are those of the panel's own calls or of its probe, `limit` what
    keeps it from being faster. By its own calls there is one figure.
    """

    low: float
    high: float
    source: Literal["calls", "probe"]
    limit: Limit
    at_once: int
    calls: int

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs; times in seconds."""
        return asdict(self)


def duration_of(panel: Panel, pace: Limits, forecast: CostRange | None = None) -> Duration | None:
    """How long what is left of a panel takes; None until a call was made, or for a scripted one.

    Sessions are conducted in rounds of as many as calls are made at once, each turn after the other
    of its session. A rate of the endpoint that allows less decides. A `forecast` may be at hand.
    """
    latency = _latency(panel)
    sessions = unfinished(panel.pk).count()
    if latency is None or not sessions:
        return None
    forecast = forecast or pilot_cost(panel) or estimate_cost(panel)
    calls = max(forecast.expected.calls - panel_progress(panel).calls, 1)
    used = panel_cost(panel)
    tokens = forecast.expected.prompt_tokens + forecast.expected.completion_tokens
    tokens = max(tokens - used.prompt_tokens - used.completion_tokens, 0)
    at_once = min(pace.concurrency, sessions)
    turns = ceil(sessions / at_once) * calls / sessions
    rates: dict[Limit, float] = {
        "requests_per_minute": _minutes(calls, pace.requests_per_minute),
        "tokens_per_minute": _minutes(tokens, pace.tokens_per_minute),
    }
    low, high = turns * latency.low, turns * latency.high
    slowest = max(rates, key=lambda name: rates[name])
    limit: Limit = slowest if rates[slowest] > high else "calls_at_once"
    floor = rates[slowest]
    return Duration(max(low, floor), max(high, floor), latency.source, limit, at_once, calls)


def _minutes(amount: float, per_minute: float) -> float:
    """How long an amount takes at a rate, in seconds; 0 without one."""
    return 60 * amount / per_minute if per_minute else 0.0


def _latency(panel: Panel) -> _Latency | None:
    """That of replies so far; those of batches waited for others. Before there are any, the
    probe's: of short requests and, where histories grow, on the way to that of the longest.
    """
    if panel.group.simulated:
        return None
    replies = Attempt.objects.of(panel).exclude(model="", reply="")
    if not panel.batches.exists():
        mean = replies.aggregate(mean=Avg("latency_ms"))["mean"]
        if mean is not None:
            return _Latency(mean / 1000, mean / 1000, "calls")
    found = panel.capabilities.get("seconds")
    if not found:
        return None
    median, most = found
    grows = any(arm.history in _GROWING for arm in PanelSpec.from_stored(panel.spec).arms)
    return _Latency(median, most if grows else median, "probe")
