"""A panel's account, added up again from what the provider says of every call.

What was booked is a sum of single bookings, made while the panel ran. Here the tokens that the
provider counted are priced anew, and what lies between the two sums is named part by part, to the
billionth of the currency.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from llm_respondents.endpoints.file import NANO, Price
from llm_respondents.models import Attempt, Batch, BatchCall, Panel
from llm_respondents.money.prices import PricePeriod, price_at, price_now, price_periods
from surveys.models import MissingReason

_PRICED = ("prompt_tokens", "completion_tokens", "cached_tokens", "written_tokens")
_TOKENS = (*_PRICED, "reasoning_tokens")
_PROBE = ("probe_calls", "probe_tokens", "probe_nano")


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Amounts in billionths of the currency (nano). Exact for a panel that nobody runs meanwhile.

    ``booked = expected + bounds + probe + repriced + unrecorded`` holds without remainder.

    expected      tokens by the provider's usage fields, times the price; None without a price
    bounds        calls without a count, held to cost the most that they can: timeouts, broken
                  lines, replies without a usage field
    probe         asking the endpoint what it honours, before the first session
    repriced      calls that were booked at another price than the one noted for their time
    unrecorded    booked, but no call is stored: of sessions that were deleted, and of batches
                  that brought nothing
    attempts      what the stored calls were booked at, together
    reserved      held back at this moment; `abandoned` of it by workers that are gone
    provider      what the endpoint itself says that `provider_calls` calls cost, where it does
    batch_gap     tokens that `summed_batches` batches took by the provider's own sum of each, less
                  those of the replies that came of them, and their price: what of the bounds is
                  billed for lines that were lost
    """

    calls: int
    counted_calls: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    written_tokens: int
    reasoning_tokens: int
    booked_nano: int
    attempts_nano: int
    expected_nano: int | None
    bound_calls: int
    bound_nano: int
    # Of these: the calls that brought no reply, and those with a reply but no count.
    lost_calls: int
    uncounted_replies: int
    probe_calls: int
    probe_tokens: int
    probe_nano: int
    repriced_nano: int
    unrecorded_nano: int
    unpriced_calls: int
    reserved_nano: int
    abandoned_nano: int
    provider_calls: int
    provider_nano: int | None
    prices: tuple[Price, ...] = ()
    summed_batches: int = 0
    batch_gap_prompt_tokens: int = 0
    batch_gap_completion_tokens: int = 0
    batch_gap_nano: int | None = None

    @property
    def unreconciled_nano(self) -> int:
        """What the provider's own counts do not account for, and the bill may or may not hold."""
        return self.bound_nano + self.repriced_nano + self.unrecorded_nano + self.abandoned_nano

    @property
    def is_exact(self) -> bool:
        """Whether every booking is the price of tokens that the provider counted."""
        return not self.unreconciled_nano and not self.unpriced_calls

    @property
    def total_nano(self) -> int:
        """The most that the bill can be: what is booked, and what workers that are gone held."""
        return self.booked_nano + self.abandoned_nano

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs; prices as text."""
        facts = asdict(self)
        facts["prices"] = [
            {name: str(amount) for name, amount in price.items() if amount is not None}
            for price in facts["prices"]
        ]
        return {**facts, "unreconciled_nano": self.unreconciled_nano, "is_exact": self.is_exact}


@dataclass(frozen=True, slots=True)
class _Priced:
    """Calls that the provider counted: what they were booked at and what they should cost."""

    expected: int = 0
    booked: int = 0
    unpriced: int = 0

    def __add__(self, other: "_Priced") -> "_Priced":
        return _Priced(
            self.expected + other.expected,
            self.booked + other.booked,
            self.unpriced + other.unpriced,
        )


def reconcile_panel(panel: Panel) -> Reconciliation:
    """Add up a panel's account again. Reads every call: for a page of its own, not for polling."""
    panel.refresh_from_db(fields=("spent_nano", "reserved_nano", *_PROBE))
    attempts = Attempt.objects.of(panel)
    totals = _totals(attempts)
    periods = _periods(panel)
    priced = sum((_priced(attempts, *period) for period in _spans(periods)), _Priced())
    bounds, booked = totals.pop("bound_nano"), panel.spent_nano
    provider_calls, provider_nano = _by_the_endpoint(attempts)
    return Reconciliation(
        **totals,
        bound_nano=bounds,
        booked_nano=booked,
        expected_nano=priced.expected if periods else None,
        probe_calls=panel.probe_calls,
        probe_tokens=panel.probe_tokens,
        probe_nano=panel.probe_nano,
        repriced_nano=priced.booked - priced.expected,
        unrecorded_nano=booked - totals["attempts_nano"] - panel.probe_nano,
        unpriced_calls=priced.unpriced,
        reserved_nano=panel.reserved_nano,
        abandoned_nano=_abandoned(panel),
        provider_calls=provider_calls,
        provider_nano=provider_nano,
        prices=tuple(period.price for period in periods),
        **_by_the_batches(panel, attempts),
    )


def _totals(attempts: QuerySet[Attempt]) -> dict[str, Any]:
    uncounted = Q(prompt_tokens=None)
    at_bound = uncounted & Q(cost_nano__gt=0)
    lost = Q(outcome=MissingReason.TRANSPORT_ERROR)
    return attempts.aggregate(
        calls=Count("pk"),
        counted_calls=Count("pk", filter=~uncounted),
        attempts_nano=Sum("cost_nano", default=0),
        bound_calls=Count("pk", filter=at_bound),
        bound_nano=Sum("cost_nano", filter=at_bound, default=0),
        lost_calls=Count("pk", filter=at_bound & lost),
        uncounted_replies=Count("pk", filter=uncounted & ~lost),
        **{name: Sum(name, default=0) for name in _TOKENS},
    )


def _periods(panel: Panel) -> tuple[PricePeriod, ...]:
    """The noted prices; for a panel that ran before prices were noted, today's."""
    noted = price_periods(panel)
    if noted or not (now := price_now(panel)):
        return noted
    return (PricePeriod(timezone.now(), now),)


def _spans(periods: tuple[PricePeriod, ...]) -> Iterator[tuple[Price | None, Q]]:
    """Each price with the calls that were made at it; calls before the first belong to it."""
    if not periods:
        yield None, Q()
    for index, period in enumerate(periods):
        span = Q() if index == 0 else Q(started_at__gte=period.since)
        if index + 1 < len(periods):
            span &= Q(started_at__lt=periods[index + 1].since)
        yield period.price, span


def _priced(attempts: QuerySet[Attempt], price: Price | None, span: Q) -> _Priced:
    """Equal calls are priced once: the price of a call is rounded by itself, not in the sum."""
    # A call in a batch began when its batch was sent. By its place alone it could be one that was
    # made again, without a batch, because the batch had brought nothing of it.
    of_batch = BatchCall.objects.filter(
        administration=OuterRef("administration"),
        turn=OuterRef("turn"),
        number=OuterRef("number"),
        batch__submitted_at=OuterRef("started_at"),
    )
    counted = attempts.filter(span).exclude(prompt_tokens=None)
    unpriced = counted.filter(cost_nano=None).count()
    if price is None:
        return _Priced(unpriced=unpriced)
    rows = (
        counted.exclude(cost_nano=None)
        .annotate(batched=Exists(of_batch))
        .values_list(*_PRICED, "batched")
        .annotate(calls=Count("pk"), booked=Sum("cost_nano"))
        .order_by()
    )
    total = _Priced(unpriced=unpriced)
    for *tokens, batched, calls, booked in rows.iterator():
        of_call = price.in_batch if batched else price
        expected = of_call.nano(*(count or 0 for count in tokens)) * calls
        total += _Priced(expected, booked)
    return total


def _abandoned(panel: Panel) -> int:
    """What is held back although nobody works: only then is it known that no call is in flight."""
    leased = panel.sessions.exclude(lease_owner="")
    if leased.filter(lease_until__gte=timezone.now()).exists():
        return 0
    waiting = BatchCall.objects.filter(batch__panel=panel, collected=False)
    in_batches: int = waiting.aggregate(held=Sum("reserved_nano", default=0))["held"]
    return panel.reserved_nano - in_batches


def _by_the_batches(panel: Panel, attempts: QuerySet[Attempt]) -> dict[str, Any]:
    """What the provider's sums of whole batches hold beside the replies that came of them."""
    summed = Batch.objects.filter(panel=panel).exclude(prompt_tokens=None, completion_tokens=None)
    took = {
        sent_at: (prompt or 0, completion or 0)
        for sent_at, prompt, completion in summed.values_list(
            "submitted_at", "prompt_tokens", "completion_tokens"
        )
    }
    replies = (
        attempts.filter(started_at__in=took)
        .values_list("started_at")
        .annotate(Sum("prompt_tokens", default=0), Sum("completion_tokens", default=0))
        .order_by()
    )
    came = {sent_at: (prompt, completion) for sent_at, prompt, completion in replies}
    gap_prompt, gap_completion, nano = 0, 0, 0
    for sent_at, (prompt, completion) in took.items():
        of_replies = came.get(sent_at, (0, 0))
        more, longer = prompt - of_replies[0], completion - of_replies[1]
        gap_prompt, gap_completion = gap_prompt + more, gap_completion + longer
        if sent_at is not None and (price := price_at(panel, sent_at)):
            nano += price.in_batch.nano(more, longer)
    return {
        "summed_batches": len(took),
        "batch_gap_prompt_tokens": gap_prompt,
        "batch_gap_completion_tokens": gap_completion,
        "batch_gap_nano": nano if took and price_periods(panel) else None,
    }


def _by_the_endpoint(attempts: QuerySet[Attempt]) -> tuple[int, int | None]:
    """How many calls the endpoint prices itself (``usage.cost``), and at what together."""
    raw = attempts.filter(raw__contains='"cost"').values_list("raw", flat=True)
    costs = [cost for body in raw.iterator() if (cost := _own_cost(body)) is not None]
    return len(costs), round(sum(costs) * NANO) if costs else None


def _own_cost(body: str) -> Decimal | None:
    try:
        usage = json.loads(body, parse_float=Decimal)["usage"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    cost = usage.get("cost") if isinstance(usage, Mapping) else None
    return Decimal(cost) if isinstance(cost, int | Decimal) else None
