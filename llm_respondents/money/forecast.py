"""What a whole panel will cost: from its texts before any call, then from sessions that are over.

Amounts in billionths of the currency (nano).
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar

from django.db.models import Count, Sum

from llm_respondents.codes import CostNote
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoint_list import readable_endpoints
from llm_respondents.endpoints.file import Price
from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.money.prices import batch_terms, price_now
from llm_respondents.money.projection import (
    CASES,
    FEWEST_FOR_INTERVAL,
    Projection,
    Tokens,
    project,
    session_tokens,
    tokens_ahead,
)
from llm_respondents.readout.progress import panel_cost
from llm_respondents.store.leases import work_items
from llm_respondents.store.lost_turns import (
    USUAL_REASONS,
    items_of,
    lost_questions,
    reopened,
    sessions_with_losses,
)
from surveys.models import Administration, MissingReason

_Value = TypeVar("_Value")

# An estimate looks at this many sessions: those of one cell differ in the order of items only.
SAMPLED_SESSIONS = 20


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
    `projection.CASES`; or "sessions": from `based_on` sessions that are over, low to high being a
    95 % interval. `most` is what no reply can exceed.
    """

    source: Literal["texts", "sessions"]
    sessions: int
    based_on: int
    low: CostFigure
    expected: CostFigure
    high: CostFigure
    most: CostFigure | None = None
    notes: tuple[CostNote, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AskingAgain:
    """Questions that were lost, by reason, and what asking those meant again takes.

    `sessions` are those that would be opened, `based_on` those that were looked at.
    """

    questions: Mapping[MissingReason, int]
    sessions: int
    based_on: int
    low: CostFigure | None = None
    expected: CostFigure | None = None
    high: CostFigure | None = None
    most: CostFigure | None = None

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return asdict(self)


def estimate_cost(panel: Panel) -> CostRange:
    """What a recruited panel will take from its first call to its last, from its texts alone.

    Nothing is called. At most `SAMPLED_SESSIONS` sessions, spread over the cells of the design,
    are built as they will be conducted.
    """
    spec = PanelSpec.from_stored(panel.spec)
    price, in_batches = price_now(panel), batch_terms(spec, readable_endpoints()) is not None
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


def cost_of_asking_again(panel: Panel, reasons: Collection[str] = ()) -> AskingAgain | None:
    """What it takes to ask the lost turns of a panel again; None if none can be.

    `reasons` are those of `store.lost_turns.askable_reasons`; without any, the usual ones are
    meant. At most `SAMPLED_SESSIONS` sessions are looked at, evenly spaced.
    """
    lost = lost_questions(panel)
    wanted = [one for one in lost if one in (reasons or USUAL_REASONS)]
    sessions = list(sessions_with_losses(panel, wanted).values_list("pk", flat=True))
    if not sessions:
        return AskingAgain(lost, 0, 0) if lost else None
    spec, price = PanelSpec.from_stored(panel.spec), price_now(panel)
    in_batches = batch_terms(spec, readable_endpoints()) is not None
    looked_at = items_of(panel, _evenly(sessions, SAMPLED_SESSIONS))
    items = [reopened(item, wanted) for item in looked_at]
    figures = {}
    for case in CASES:
        parts = (tokens_ahead(item, case, spec.sampling.max_tokens) for item in items)
        total = sum(parts, Tokens()) * (len(sessions) / len(items))
        figures[case.name] = _figure(total, price, in_batches=in_batches)
    return AskingAgain(lost, len(sessions), len(items), **figures)


def _figure(tokens: Tokens, price: Price | None, *, in_batches: bool) -> CostFigure:
    calls, prompt, completion = (
        round(amount) for amount in (tokens.calls, tokens.prompt, tokens.completion)
    )
    if price is None:
        return CostFigure(calls, prompt, completion)
    batched = price.in_batch.nano(prompt, completion) if in_batches else None
    return CostFigure(calls, prompt, completion, price.nano(prompt, completion), batched)


def _price_notes(spec: PanelSpec, price: Price | None) -> tuple[CostNote, ...]:
    if spec.simulated:
        return (CostNote.SIMULATED,)
    return () if price else (CostNote.PRICE_UNKNOWN,)


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
    figures = {
        end: _projected_figure(sums, end, panel.probe_nano) for end in ("low", "expected", "high")
    }
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
) -> tuple[CostNote, ...]:
    tokens, spec = panel_cost(panel), PanelSpec.from_stored(panel.spec)
    unseen = any(len(observed.get(cell, ())) < min(2, len(pks)) for cell, pks in cells.items())
    said = {
        CostNote.NO_INTERVAL: not found.interval,
        CostNote.FEW_SESSIONS: found.interval and found.sessions < FEWEST_FOR_INTERVAL,
        CostNote.CELLS_UNSEEN: unseen,
        CostNote.CACHED: tokens.cached_tokens > 0,
        CostNote.NOT_COUNTED: tokens.calls_without_usage > 0 and not spec.simulated,
    }
    notes = tuple(note for note, holds in said.items() if holds)
    return (*_price_notes(spec, price_now(panel)), *notes)
