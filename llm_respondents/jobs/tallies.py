"""How far a panel is, kept where pages that ask again and again find it: in its own row.

Counting a panel of a thousand sessions reads a hundred thousand rows. Whoever is at the panel
counts it every few seconds; whoever looks reads one row.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.utils import timezone

from llm_respondents.batches.states import BatchState, batch_states
from llm_respondents.design.clusters import ClusterCount
from llm_respondents.models import Panel
from llm_respondents.money.account import PanelBill, cost_of
from llm_respondents.readout.progress import (
    PanelProgress,
    Replying,
    clusters_of_panels,
    panel_progress,
    seconds_of,
)


@dataclass(frozen=True, slots=True)
class Tally:
    """What is seen of a panel at a glance, as of `counted_at`."""

    progress: PanelProgress
    bill: PanelBill
    batches: tuple[BatchState, ...]
    counted_at: datetime
    # None where a version that did not keep it counted.
    clusters: ClusterCount | None = None


def count_panel(panel: Panel) -> Tally:
    """Count a panel now."""
    progress = panel_progress(panel)
    return Tally(
        progress,
        cost_of(panel, progress),
        tuple(batch_states(panel)),
        timezone.now(),
        clusters_of_panels([panel])[panel.pk],
    )


def count_and_keep(panel_id: int) -> Tally | None:
    """Count a panel and keep the count in its row; None where the panel is gone."""
    panel = Panel.objects.select_related("study", "group").filter(pk=panel_id).first()
    if panel is None:
        return None
    tally = count_panel(panel)
    _keep(Panel.objects.filter(pk=panel_id), tally)
    return tally


def _keep(panels: QuerySet[Panel], tally: Tally) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(json.dumps(asdict(tally), cls=DjangoJSONEncoder))
    panels.update(tally=kept)
    return kept


def count_once(panel: Panel) -> Tally:
    """Count a panel that nobody has counted since its sessions changed, and keep the count.

    Unless somebody changed them while it was counted: then the count is forgotten already.
    """
    tally = count_panel(panel)
    panel.tally = _keep(Panel.objects.filter(pk=panel.pk, tally=panel.tally), tally)
    return tally


def kept_tally(panel: Panel) -> Tally | None:
    """What was counted last, with what the panel's row alone says as of now; no query.

    None where nobody has counted yet, or another version of the program did.
    """
    try:
        return _read(panel, panel.tally)
    except (KeyError, TypeError, ValueError):
        return None


def _read(panel: Panel, kept: Mapping[str, Any]) -> Tally:
    progress, bill = dict(kept["progress"]), dict(kept["bill"])
    clusters = kept.get("clusters")
    progress["replying"] = [Replying(**one) for one in progress["replying"]]
    progress |= {
        "status": panel.status,
        "seconds": seconds_of(panel.started_at, panel.ended_at),
    }
    own: dict[str, Any] = {
        "spent_nano": panel.spent_nano,
        "reserved_nano": panel.reserved_nano,
        "cap_nano": panel.spend_cap_nano,
    }
    return Tally(
        PanelProgress(**progress),
        replace(PanelBill(**bill), **own),
        tuple(map(_batch, kept["batches"])),
        datetime.fromisoformat(kept["counted_at"]),
        ClusterCount(**clusters) if clusters else None,
    )


def _batch(kept: Mapping[str, Any]) -> BatchState:
    times = ("created_at", "submitted_at", "deadline", "ended_at")
    read = {name: kept[name] and datetime.fromisoformat(kept[name]) for name in times}
    return BatchState(**{**kept, **read})
