"""Which price a panel's calls are booked at: today's price list, and the prices of its own runs.

A price list changes; what was paid does not. Each run notes the price that it books by with the
panel, so that its account can be added up again years later.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.endpoints.dialects import BATCHES_OF_PROVIDERS, DIALECTS, BatchTerms
from llm_respondents.endpoints.file import Endpoint, Price
from llm_respondents.models import Panel, PanelPrice

# From the path of chat completions to that of responses.
_RESPONSES = ("chat/completions", "responses")


@dataclass(frozen=True, slots=True)
class PricePeriod:
    """A price and the time from which a panel's calls were booked at it."""

    since: datetime
    price: Price


def price_of(spec: PanelSpec, known: Mapping[str, Endpoint]) -> Price | None:
    """The price of a panel's model in the operator's list `known`; None if there is none."""
    listed = (one for one in known.values() if is_at(spec, one))
    return next((one.models[spec.model] for one in listed if spec.model in one.models), None)


def is_at(spec: PanelSpec, listed: Endpoint) -> bool:
    """Whether a panel is one of this endpoint: an address may speak several interfaces."""
    return (listed.base_url, listed.api) == (spec.base_url, spec.api)


def batch_terms(spec: PanelSpec, known: Mapping[str, Endpoint]) -> BatchTerms | None:
    """On what terms a panel's endpoint takes batches, by its dialect and the operator's list
    `known`; None where nothing is known of any.
    """
    if spec.simulated:
        return None
    if own := BATCHES_OF_PROVIDERS.get(spec.api):
        return own
    listed = any(one.batch for one in known.values() if is_at(spec, one))
    terms = DIALECTS[spec.dialect].batch or (BatchTerms() if listed else None)
    if terms is None:
        return None
    return replace(terms, path=terms.path.replace(*_RESPONSES)) if spec.api != "chat" else terms


def price_periods(panel: Panel) -> tuple[PricePeriod, ...]:
    """The prices that a panel's runs were booked at, from the first; none before its first run."""
    return tuple(PricePeriod(noted.since, _price(noted.amounts)) for noted in panel.prices.all())


def with_prices(panels: Collection[Panel]) -> frozenset[int]:
    """The keys of the panels whose runs have noted a price."""
    return frozenset(PanelPrice.objects.filter(panel__in=panels).values_list("panel", flat=True))


def price_now(panel: Panel) -> Price | None:
    """What the panel's next call would be booked at; for one that is over, its last price.

    While the operator's list cannot be read no call is made, and no price is known.
    """
    if panel.is_over and (periods := price_periods(panel)):
        return periods[-1].price
    return price_listed(panel)


def price_listed(panel: Panel) -> Price | None:
    """The price in the operator's list as it is; None while that cannot be read."""
    return price_of(PanelSpec.from_stored(panel.spec), readable_endpoints())


def price_at(panel: Panel, moment: datetime) -> Price | None:
    """The price that was in force for a panel at a time, by what its runs noted."""
    periods = price_periods(panel)
    before = [period.price for period in periods if period.since <= moment]
    return before[-1] if before else next((period.price for period in periods), None)


@transaction.atomic
def note_price(panel: Panel, price: Price | None) -> None:
    """Note the price in force with the panel, unless it is the one that was noted last."""
    if price is None:
        return
    # Of two workers that begin at the same moment, the second sees what the first noted.
    Panel.objects.select_for_update().get(pk=panel.pk)
    last = PanelPrice.objects.filter(panel=panel).last()
    if last is None or _price(last.amounts) != price:
        amounts = price_as_json(price)
        PanelPrice.objects.create(panel=panel, since=timezone.now(), amounts=amounts)


def price_as_json(price: Price) -> dict[str, str]:
    """Name -> amount as text, exact; what is not set is left out."""
    amounts = {part.name: getattr(price, part.name) for part in fields(Price)}
    return {name: str(amount) for name, amount in amounts.items() if amount is not None}


def _price(noted: Mapping[str, Any]) -> Price:
    names = {part.name for part in fields(Price)} & set(noted)
    return Price(**{name: Decimal(noted[name]) for name in names})
