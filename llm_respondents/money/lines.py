"""What a panel costs, in lines for whoever started it. Amounts are in the currency of the bill."""

from datetime import timedelta

from llm_respondents.codes import CostNote
from llm_respondents.endpoints.file import NANO, Price
from llm_respondents.money.account import PanelBill
from llm_respondents.money.duration import Duration
from llm_respondents.money.forecast import AskingAgain, CostFigure, CostRange
from llm_respondents.money.reconciliation import Reconciliation
from llm_respondents.readout.sentences import sentence_of


def in_currency(nano: int | None) -> str:
    """An amount as people read it: two decimals or four figures; "?" without a price."""
    if nano is None:
        return "?"
    amount = nano / NANO
    return f"{amount:,.2f}" if abs(amount) >= 10 or not nano else f"{amount:.4g}"


def range_lines(found: CostRange) -> list[str]:
    """A range for a whole panel, and what qualifies it."""
    pilot = found.source == "sessions"
    source = f"the {_sessions(found.based_on)} that ended" if pilot else "the texts alone"
    between = f"{'95 %: ' if pilot else ''}{_of(found.low)} to {_of(found.high)}"
    span = "" if CostNote.NO_INTERVAL in found.notes else f" ({between})"
    lines = [f"By {source}, all {_sessions(found.sessions)} cost {_of(found.expected)}{span}."]
    low, expected, high = (one.batch_nano for one in (found.low, found.expected, found.high))
    if expected is not None:
        reach = f"{in_currency(low)} to {in_currency(high)}"
        lines.append(f"With --batch: {in_currency(expected)} ({reach}), and up to a day a wave.")
    if found.most is not None:
        lines.append(f"Without failed calls, no reply can make it more than {_of(found.most)}.")
    return [*lines, *(sentence_of(note) for note in found.notes)]


def again_lines(found: AskingAgain | None) -> list[str]:
    """Which questions were lost, and what asking those meant again takes."""
    if found is None:
        return ["No question was lost for want of a reply."]
    lost = ", ".join(f"{count} {reason}" for reason, count in found.questions.items())
    lines = [f"Lost questions: {lost}."]
    if found.low and found.expected and found.high and found.most:
        reach = f"{_of(found.low)} to {_of(found.high)}, {_of(found.most)} at most"
        takes = f"{_of(found.expected)} ({reach})"
        lines.append(f"Asking again in {_sessions(found.sessions)} costs {takes}.")
    return lines


def duration_line(found: Duration | None) -> str:
    """How long what is left takes."""
    if found is None:
        return "How long it takes is unknown until the probe."
    low, high = timedelta(seconds=round(found.low)), timedelta(seconds=round(found.high))
    span = f"about {low}" if low == high else f"{low} to {high}"
    by = "calls so far" if found.source == "calls" else "the probe's calls"
    rate = "" if found.limit == "calls_at_once" else f"; {found.limit} decides"
    return f"What is left takes {span} (h:mm:ss), by {by}, {found.at_once} at once{rate}."


def _sessions(count: int) -> str:
    return "1 session" if count == 1 else f"{count} sessions"


def _of(figure: CostFigure) -> str:
    """Money where a price is known, otherwise tokens."""
    if figure.nano is not None:
        return in_currency(figure.nano)
    return f"{figure.prompt_tokens:,} + {figure.completion_tokens:,} tokens"


def bill_lines(bill: PanelBill) -> list[str]:
    """The account at this moment; nothing for a panel without a price."""
    if not bill.spent_nano and not bill.priced:
        return []
    parts = [f"{in_currency(bill.spent_nano)} spent"]
    if bill.reserved_nano:
        parts.append(f"{in_currency(bill.reserved_nano)} held back")
    if bill.cap_nano is not None:
        parts.append(f"cap {in_currency(bill.cap_nano)}")
    if bill.study_room_nano is not None:
        parts.append(f"the study's budget leaves {in_currency(bill.study_room_nano)}")
    if bill.projected_nano is not None and bill.projected_nano != bill.spent_nano:
        parts.append(f"{in_currency(bill.projected_nano)} when complete")
    lines = [f"Cost: {', '.join(parts)}."]
    if bill.exceeds_cap:
        lines.append("That is more than the caps leave: the panel will halt before it is complete.")
    return lines


def reconciliation_lines(found: Reconciliation) -> list[str]:
    """What the provider's counts come to, and what lies between that and the bookings."""
    cached = _of_the_cache(found)
    tokens = f"{found.prompt_tokens:,} prompt{cached} and {found.completion_tokens:,} completion"
    if found.expected_nano is None:
        return [f"{tokens} tokens by the provider's count; no price is listed."]
    lines = [f"{tokens} tokens by the provider's count: {in_currency(found.expected_nano)}."]
    lines.extend(f"{what}: {in_currency(nano)}." for what, nano in _parts(found) if nano)
    if found.unpriced_calls:
        lines.append(f"{found.unpriced_calls} calls were made before a price was listed.")
    if found.batch_gap_prompt_tokens or found.batch_gap_completion_tokens:
        lines.append(
            "By the provider's own sums batches took "
            f"{found.batch_gap_prompt_tokens:,} prompt and "
            f"{found.batch_gap_completion_tokens:,} completion tokens beside the replies that "
            f"came of them: {in_currency(found.batch_gap_nano)}."
        )
    if found.provider_nano is not None:
        theirs = in_currency(found.provider_nano)
        lines.append(f"The endpoint's own price of {found.provider_calls} calls: {theirs}.")
    return lines


def method_text(found: Reconciliation) -> str:
    """The cost of a panel as a report states it: tokens, prices, total, and what is uncertain."""
    cached = _of_the_cache(found)
    tokens = f"{found.prompt_tokens:,} prompt{cached} and {found.completion_tokens:,} completion"
    parts = [f"{tokens} tokens"]
    if found.probe_calls:
        parts.append(f"beside them a probe of {found.probe_tokens:,} tokens")
    if found.expected_nano is not None:
        prices = " then ".join(_price_text(price) for price in found.prices)
        parts.append(f"{in_currency(found.total_nano)} in the currency of the price list {prices}")
        uncertain = f"{in_currency(found.unreconciled_nano)} not covered by the provider's counts"
        reason = f" ({found.bound_calls} calls without a count)" if found.bound_calls else ""
        parts.append(uncertain + reason if found.unreconciled_nano else "reconciled exactly")
    if found.provider_nano is not None:
        parts.append(f"{in_currency(found.provider_nano)} by the endpoint's own account")
    return "; ".join(parts)


def _of_the_cache(found: Reconciliation) -> str:
    """Which tokens of the prompt came out of the endpoint's cache or went into it; "" if none."""
    counts = ((found.cached_tokens, "cached"), (found.written_tokens, "written into the cache"))
    said = [f"{count:,} {what}" for count, what in counts if count]
    return f" ({', '.join(said)})" if said else ""


def _price_text(price: Price) -> str:
    own, written = price.cached_input_per_million, price.cache_write_per_million
    cached = "" if own is None else f", {own:f} for cached ones"
    cached += "" if written is None else f", {written:f} for those written into the cache"
    return (
        f"(per million: {price.input_per_million:f} for prompt tokens, "
        f"{price.output_per_million:f} for completion tokens{cached})"
    )


def _parts(found: Reconciliation) -> list[tuple[str, int]]:
    silent = f"{found.bound_calls} calls without a count, held to cost the most they can"
    return [
        (f"Probe of the endpoint, {found.probe_calls} calls", found.probe_nano),
        (silent, found.bound_nano),
        ("Booked at other prices than those noted", found.repriced_nano),
        ("Booked for calls of which no record is left", found.unrecorded_nano),
        ("Held by workers that are gone, perhaps billed", found.abandoned_nano),
    ]
