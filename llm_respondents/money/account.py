"""What panels have cost, and may cost. Amounts in billionths of the currency (nano)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from llm_respondents.endpoints.file import NANO
from llm_respondents.models import Attempt, Panel, StudyBudget
from llm_respondents.models.panels import PANEL_OF_CALL
from llm_respondents.money.prices import price_listed, with_prices
from llm_respondents.readout.progress import (
    PanelCost,
    PanelProgress,
    costs_of,
    panel_progress,
)
from surveys.models import Administration, Study


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
    return spending_of_studies({study.pk})[study.pk]


def spending_of_studies(studies: Collection[int]) -> dict[int, StudySpending]:
    """The accounts of studies by their keys, in two queries."""
    caps = dict(StudyBudget.objects.filter(study__in=studies).values_list("study", "cap_nano"))
    sums = (
        Panel.objects.filter(study__in=studies)
        .order_by()
        .values_list("study")
        .annotate(Sum("spent_nano"), Sum("reserved_nano"))
    )
    spent = {study: (booked, reserved) for study, booked, reserved in sums}
    return {pk: StudySpending(*spent.get(pk, (0, 0)), caps.get(pk)) for pk in studies}


def cost_of(panel: Panel, progress: PanelProgress | None = None) -> PanelBill:
    """The account of a panel: a handful of sums, cheap enough to be polled.

    Whoever has counted the panel's progress already hands it in.
    """
    progress = progress or panel_progress(panel)
    return accounts_of([panel], {panel.pk: progress})[panel.pk]


def accounts_of(
    panels: Sequence[Panel],
    progress: Mapping[int, PanelProgress],
    studies: Mapping[int, StudySpending] | None = None,
) -> dict[int, PanelBill]:
    """The accounts of panels, by their keys; in as many queries for many of them as for one.

    The panels' own columns are read again, since workers book all the time. What all panels of
    their `studies` have spent may be at hand.
    """
    _refresh(panels)
    tokens, paid, noted = costs_of(panels), _paid(panels), with_prices(panels)
    if studies is None:
        studies = spending_of_studies({panel.study_id for panel in panels})
    return {
        panel.pk: _bill(
            panel,
            progress[panel.pk],
            tokens[panel.pk],
            studies[panel.study_id],
            _projected(panel, progress[panel.pk], *paid.get(panel.pk, (0, 0))),
            priced=(panel.is_over and panel.pk in noted) or price_listed(panel) is not None,
        )
        for panel in panels
    }


def _refresh(panels: Sequence[Panel]) -> None:
    names = ("spent_nano", "reserved_nano", "spend_cap_nano", "status")
    rows = Panel.objects.only(*names).in_bulk([panel.pk for panel in panels])
    for panel in panels:
        for name in names:
            setattr(panel, name, getattr(rows[panel.pk], name))


def with_spending_of_study(bill: PanelBill, study: StudySpending) -> PanelBill:
    """A bill that was kept, with what all panels of the study have spent by now."""
    return replace(
        bill,
        study_cap_nano=study.cap_nano,
        study_spent_nano=study.spent_nano,
        study_reserved_nano=study.reserved_nano,
    )


def _bill(
    panel: Panel,
    progress: PanelProgress,
    tokens: PanelCost,
    study: StudySpending,
    projected: int | None,
    *,
    priced: bool,
) -> PanelBill:
    return PanelBill(
        spent_nano=panel.spent_nano,
        reserved_nano=panel.reserved_nano,
        cap_nano=panel.spend_cap_nano,
        study_cap_nano=study.cap_nano,
        study_spent_nano=study.spent_nano,
        study_reserved_nano=study.reserved_nano,
        projected_nano=projected,
        priced=priced,
        prompt_tokens=tokens.prompt_tokens,
        completion_tokens=tokens.completion_tokens,
        cached_tokens=tokens.cached_tokens,
        reasoning_tokens=tokens.reasoning_tokens,
        calls_without_usage=tokens.calls_without_usage,
        sessions=progress.sessions,
        sessions_over=progress.completed + progress.stopped,
    )


def _projected(panel: Panel, progress: PanelProgress, over: int, under_way: int) -> int | None:
    """By the mean of the sessions that are over; before there is one, by the questions closed.

    Later questions of a session cost more than earlier ones where the history is sent again, so
    that sessions under way are no measure once whole ones are known. `over` and `under_way` are
    what the two kinds of sessions have cost.
    """
    if panel.is_over:
        return panel.spent_nano
    if not panel.spent_nano or not progress.closed:
        return None
    ended = progress.completed + progress.stopped
    if not ended:
        return round(panel.spent_nano / progress.share)
    still = round((progress.sessions - ended) * over / ended) - under_way
    projected: int = panel.spent_nano + max(still, 0)
    return projected


def _paid(panels: Sequence[Panel]) -> dict[int, tuple[int, int]]:
    """What the sessions of each panel have cost that are over, and those under way."""
    under_way = Q(administration__status=Administration.Status.IN_PROGRESS)
    sums = (
        Attempt.objects.of(*panels)
        .order_by()
        .values_list(PANEL_OF_CALL)
        .annotate(
            over=Sum("cost_nano", filter=~under_way, default=0),
            under_way=Sum("cost_nano", filter=under_way, default=0),
        )
    )
    return {panel: (over, still) for panel, over, still in sums}
