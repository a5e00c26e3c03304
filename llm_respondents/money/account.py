"""What a panel has cost, will cost, and may cost. Amounts in billionths of the currency (nano)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Literal, TypeVar

from django.db.models import Count, Q, Sum

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.endpoints.file import NANO, Price
from llm_respondents.models import Attempt, Panel, PanelMember, StudyBudget
from llm_respondents.money.prices import batch_terms, price_now
from llm_respondents.money.projection import (
    CASES,
    FEWEST_FOR_INTERVAL,
    Projection,
    Tokens,
    project,
    session_tokens,
)
from llm_respondents.readout.progress import PanelProgress, panel_cost, panel_progress
from llm_respondents.store.leases import work_items
from surveys.models import Administration, Study

_Value = TypeVar("_Value")

# An estimate looks at this many sessions: those of one cell differ in the order of items only.
SAMPLED_SESSIONS = 20

NOTES: Mapping[str, str] = {
    "price_unknown": "No price is listed for the model: tokens only.",
    "no_session_over": "No session is over yet.",
    "few_sessions": f"Fewer than {FEWEST_FOR_INTERVAL} sessions: the interval is a rough one.",
    "no_interval": "One session gives no interval.",
    "cells_unseen": "Not every cell of the design has two sessions yet: costs of cells may differ.",
    "cached": "Part of the prompt tokens came from the endpoint's cache; without it a session "
    "costs more.",
    "not_counted": "Some calls have no count of tokens; they are held to cost the most they can.",
    "simulated": "A scripted respondent calls no endpoint and costs nothing.",
}


@dataclass(frozen=True, slots=True)
class CostFigure:
    """What a whole panel takes; `nano` is None without a price.

    `batch_nano` is what it takes in batches; None where its endpoint is not known to offer any.
    """

    calls: int
    prompt_tokens: int
    completion_tokens: int
    nano: int | None = None
    batch_nano: int | None = None


@dataclass(frozen=True, slots=True)
class CostRange:
    """A range for a whole panel of `sessions` sessions, what is already spent included.

    ``source`` is "texts": built from the questionnaire before any call, over the assumptions of
    `costs.CASES`; or "sessions": from `based_on` sessions that are over, low to high being a 95 %
    interval. `most` is what no reply can exceed. `notes` are keys of `NOTES`.
    """

    source: Literal["texts", "sessions"]
    sessions: int
    based_on: int
    low: CostFigure
    expected: CostFigure
    high: CostFigure
    most: CostFigure | None = None
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PanelBill:
    """A panel's account at this moment; None where there is no cap, budget or price."""

    spent_nano: int
    reserved_nano: int
    cap_nano: int | None
    study_cap_nano: int | None
    study_spent_nano: int
    study_reserved_nano: int
    # What the panel will have cost when its open questions are asked, by what it has cost so far.
    projected_nano: int | None
    priced: bool
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    reasoning_tokens: int
    calls_without_usage: int
    sessions: int
    sessions_over: int

    @property
    def study_room_nano(self) -> int | None:
        """What the study's budget leaves for all of its panels."""
        if self.study_cap_nano is None:
            return None
        return self.study_cap_nano - self.study_spent_nano - self.study_reserved_nano

    @property
    def room_nano(self) -> int | None:
        """What the next calls may cost, by whichever of the two caps leaves less."""
        own = None if self.cap_nano is None else self.cap_nano - self.committed_nano
        rooms = [room for room in (own, self.study_room_nano) if room is not None]
        return min(rooms) if rooms else None

    @property
    def committed_nano(self) -> int:
        """Spent, or held back for calls in flight."""
        return self.spent_nano + self.reserved_nano

    @property
    def exceeds_cap(self) -> bool:
        """Whether the panel is expected to halt at a cap before it is complete."""
        if self.projected_nano is None or self.room_nano is None:
            return False
        return self.projected_nano - self.committed_nano > self.room_nano

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        names = ("study_room_nano", "room_nano", "committed_nano", "exceeds_cap")
        return asdict(self) | {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class StudySpending:
    """Spent and held back by all panels of a study; `cap_nano` is None without a cap."""

    spent_nano: int
    reserved_nano: int
    cap_nano: int | None

    @property
    def cap(self) -> Decimal | None:
        """The cap in the currency of the bill."""
        return None if self.cap_nano is None else Decimal(self.cap_nano) / NANO


def study_spending(study: Study) -> StudySpending:
    """The account of all panels of a study."""
    sums = Panel.objects.filter(study=study).aggregate(
        spent=Sum("spent_nano", default=0), reserved=Sum("reserved_nano", default=0)
    )
    cap = StudyBudget.objects.filter(study=study).values_list("cap_nano", flat=True).first()
    return StudySpending(sums["spent"], sums["reserved"], cap)


def cost_of(panel: Panel, progress: PanelProgress | None = None) -> PanelBill:
    """The account of a panel: a handful of sums, cheap enough to be polled.

    Whoever has counted the panel's progress already hands it in.
    """
    panel.refresh_from_db(fields=("spent_nano", "reserved_nano", "spend_cap_nano", "status"))
    tokens, progress = panel_cost(panel), progress or panel_progress(panel)
    study = study_spending(panel.study)
    over = progress.completed + progress.stopped
    return PanelBill(
        spent_nano=panel.spent_nano,
        reserved_nano=panel.reserved_nano,
        cap_nano=panel.spend_cap_nano,
        study_cap_nano=study.cap_nano,
        study_spent_nano=study.spent_nano,
        study_reserved_nano=study.reserved_nano,
        projected_nano=_projected(panel, progress),
        priced=price_now(panel) is not None,
        prompt_tokens=tokens.prompt_tokens,
        completion_tokens=tokens.completion_tokens,
        cached_tokens=tokens.cached_tokens,
        reasoning_tokens=tokens.reasoning_tokens,
        calls_without_usage=tokens.calls_without_usage,
        sessions=progress.sessions,
        sessions_over=over,
    )


def _projected(panel: Panel, progress: PanelProgress) -> int | None:
    """By the mean of the sessions that are over; before there is one, by the questions closed.

    Later questions of a session cost more than earlier ones where the history is sent again, so
    that sessions under way are no measure once whole ones are known.
    """
    if panel.is_over:
        return panel.spent_nano
    if not panel.spent_nano or not progress.closed:
        return None
    over = progress.completed + progress.stopped
    if not over:
        return round(panel.spent_nano / progress.share)
    under_way = Q(administration__status=Administration.Status.IN_PROGRESS)
    paid = Attempt.objects.of(panel).aggregate(
        over=Sum("cost_nano", filter=~under_way, default=0),
        under_way=Sum("cost_nano", filter=under_way, default=0),
    )
    still = round((progress.sessions - over) * paid["over"] / over) - paid["under_way"]
    projected: int = panel.spent_nano + max(still, 0)
    return projected


def estimate_cost(panel: Panel) -> CostRange:
    """What a recruited panel will take from its first call to its last, from its texts alone.

    Nothing is called. At most `SAMPLED_SESSIONS` sessions, spread over the cells of the design,
    are built as they will be conducted.
    """
    spec = PanelSpec.from_stored(panel.spec)
    in_batches = batch_terms(spec, readable_endpoints()) is not None
    price = price_now(panel)
    cells = _cells(panel)
    chosen = _spread(cells)
    items = {
        item.administration: item
        for item in work_items(panel.pk, [pk for pks in chosen.values() for pk in pks])
    }
    # With more cells than may be looked at, those looked at stand for the others.
    scale = sum(map(len, cells.values())) / (sum(len(cells[cell]) for cell in chosen) or 1)
    figures = {}
    for case in CASES:
        total = Tokens()
        for cell, pks in chosen.items():
            parts = (session_tokens(items[pk], case, spec.sampling.max_tokens) for pk in pks)
            total += sum(parts, Tokens()) * (len(cells[cell]) / len(pks) * scale)
        figures[case.name] = _figure(total, price, in_batches=in_batches)
    notes = _price_notes(spec, price)
    sessions = sum(map(len, cells.values()))
    return CostRange("texts", sessions, len(items), notes=notes, **figures)


def _figure(tokens: Tokens, price: Price | None, *, in_batches: bool) -> CostFigure:
    calls, prompt, completion = (
        round(amount) for amount in (tokens.calls, tokens.prompt, tokens.completion)
    )
    if price is None:
        return CostFigure(calls, prompt, completion)
    batched = price.in_batch.nano(prompt, completion) if in_batches else None
    return CostFigure(calls, prompt, completion, price.nano(prompt, completion), batched)


def _price_notes(spec: PanelSpec, price: Price | None) -> tuple[str, ...]:
    if spec.simulated:
        return ("simulated",)
    return () if price else ("price_unknown",)


def _cells(panel: Panel) -> dict[str, list[int]]:
    """The administrations of each cell of the design, in the order of recruiting."""
    cells: dict[str, list[int]] = defaultdict(list)
    members = PanelMember.objects.filter(panel=panel).order_by("number")
    for cell, pk in members.values_list("cell", "respondent__administration"):
        cells[_cell_name(cell)].append(pk)
    return cells


def _cell_name(cell: Mapping[str, Any]) -> str:
    return json.dumps(cell, sort_keys=True)


def _spread(cells: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """A few sessions of each cell, evenly spaced; of too many cells, evenly spaced ones."""
    names = _evenly(list(cells), SAMPLED_SESSIONS)
    each = max(1, SAMPLED_SESSIONS // max(len(names), 1))
    return {name: _evenly(cells[name], each) for name in names}


def _evenly(values: Sequence[_Value], wanted: int) -> list[_Value]:
    count = min(wanted, len(values))
    return [values[index * len(values) // count] for index in range(count)]


def pilot_cost(panel: Panel) -> CostRange | None:
    """What a whole panel will take, by its sessions that are over; None if there is none.

    The sessions count as any others do: the first of a panel are its pilot.
    """
    rows = list(_session_sums(panel))
    cells = _cells(panel)
    sizes = {name: len(pks) for name, pks in cells.items()}
    cell_of = {pk: name for name, pks in cells.items() for pk in pks}
    names = ("calls", "prompt", "completion", "cost")
    observed: dict[str, dict[str, list[float]]] = {name: defaultdict(list) for name in names}
    for row in rows:
        for name in names:
            if row[name] is not None:
                observed[name][cell_of[row["administration"]]].append(row[name])
    sums = {name: project(observed[name], sizes) for name in names}
    if sums["calls"] is None:
        return None
    probe = int(panel.capabilities.get("probe_nano", 0))
    figures = {end: _projected_figure(sums, end, probe) for end in ("low", "expected", "high")}
    notes = _pilot_notes(panel, sums["calls"], cells, observed["calls"])
    return CostRange("sessions", len(cell_of), len(rows), notes=notes, **figures)


def _session_sums(panel: Panel) -> Iterable[dict[str, Any]]:
    """Calls, tokens and cost of each session that ended of itself."""
    status = Administration.Status
    ended = [status.COMPLETED]
    if panel.status != Panel.Status.CANCELLED:
        ended.append(status.STOPPED)
    return (
        Attempt.objects.of(panel)
        .filter(administration__status__in=ended)
        .values("administration")
        .annotate(
            calls=Count("pk"),
            prompt=Sum("prompt_tokens", default=0),
            completion=Sum("completion_tokens", default=0),
            cost=Sum("cost_nano"),
        )
        .order_by("administration")
    )


def _projected_figure(sums: Mapping[str, Projection | None], end: str, probe: int) -> CostFigure:
    amounts = {name: getattr(one, end) if one else None for name, one in sums.items()}
    cost = amounts["cost"]
    return CostFigure(
        round(amounts["calls"] or 0),
        round(amounts["prompt"] or 0),
        round(amounts["completion"] or 0),
        None if cost is None else round(cost) + probe,
    )


def _pilot_notes(
    panel: Panel,
    found: Projection,
    cells: Mapping[str, Sequence[int]],
    observed: Mapping[str, Sequence[float]],
) -> tuple[str, ...]:
    tokens, spec = panel_cost(panel), PanelSpec.from_stored(panel.spec)
    unseen = any(len(observed.get(cell, ())) < min(2, len(pks)) for cell, pks in cells.items())
    said = {
        "no_interval": not found.interval,
        "few_sessions": found.interval and found.sessions < FEWEST_FOR_INTERVAL,
        "cells_unseen": unseen,
        "cached": tokens.cached_tokens > 0,
        "not_counted": tokens.calls_without_usage > 0 and not spec.simulated,
    }
    notes = tuple(name for name, holds in said.items() if holds)
    return (*_price_notes(spec, price_now(panel)), *notes)
