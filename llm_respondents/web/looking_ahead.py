"""What a panel will still take, kept from one view of its page to the next.

It is worked out of texts and of every session; only a count of the panel, a price or a pace makes
it another.
"""

from dataclasses import dataclass
from hashlib import blake2b

from django.core.cache import cache

from llm_respondents import services
from llm_respondents.batches.states import waves_ahead
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.models import Panel
from llm_respondents.money.duration import Duration, duration_of
from llm_respondents.money.forecast import (
    AskingAgain,
    CostRange,
    cost_of_asking_again,
    estimate_cost,
    pilot_cost,
)
from llm_respondents.money.prices import batch_terms, price_now

SECONDS_KEPT = 3600


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is ahead of a panel; None where nothing is, or where nobody can know.

    `waves` are batches one after the other, where its endpoint takes them.
    """

    forecast: CostRange | None
    duration: Duration | None
    waves: int | None
    lost: AskingAgain | None


def ahead_of(panel: Panel, *, busy: bool) -> Ahead:
    """What is ahead of a panel that has been counted; while it is `busy` nothing can be lost."""
    spec = PanelSpec.from_stored(panel.spec)
    pace = services.pace_of_panel(panel, spec)
    terms = batch_terms(spec, readable_endpoints())
    depends_on = (
        *(panel.pk, panel.status, panel.tally.get("counted_at"), panel.probe_nano, busy),
        *(panel.capabilities, panel.prompt_version, price_now(panel), terms, pace),
    )
    key = f"ahead-{blake2b(repr(depends_on).encode(), digest_size=16).hexdigest()}"
    found: Ahead | None = cache.get(key)
    if found is None:
        found = _worked_out(panel, spec, busy=busy, is_batched=terms is not None)
        cache.set(key, found, SECONDS_KEPT)
    return found


def _worked_out(panel: Panel, spec: PanelSpec, *, busy: bool, is_batched: bool) -> Ahead:
    forecast = None if panel.is_over or panel.group.simulated else _forecast(panel)
    pace = services.pace_of_panel(panel, spec)
    return Ahead(
        forecast,
        duration_of(panel, pace, forecast) if forecast else None,
        waves_ahead(panel.pk) if is_batched and not panel.is_over else None,
        None if busy else cost_of_asking_again(panel),
    )


def _forecast(panel: Panel) -> CostRange:
    """What the panel will take: by its sessions that are over or, before there is one, its texts.

    A text tells nothing of what an endpoint's prompts and replies will be, a session does.
    """
    return pilot_cost(panel) or estimate_cost(panel)
