"""How far those who came through links got, as amounts beside bars."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import BigIntegerField, CharField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from surveys.models import Kind, RecruitingLink, RespondentGroup
from surveys.selectors.counting import flow_of, numbers_of_group
from surveys.selectors.studies import rows_of_member
from surveys.statements import Slot, Statement


@dataclass(frozen=True, slots=True)
class Bar:
    """One stage: how many, and how long its bar is, in per cent of the longest of its group.

    `share` is in per cent of those who agreed; None where that is no share of them.
    """

    stage: str
    count: int
    length: float
    share: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How many of each group, by its key, the latest comparison kept; what that is, and where."""

    by_group: Mapping[str, int]
    said: str
    address: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """A group of people, or of simulated people, and how far they got.

    Page loads are counted, not who loads: one person may stand for several.
    """

    group: RespondentGroup
    bars: tuple[Bar, ...]
    flow: Mapping[str, int]
    # Where the last bar comes from, if it is of those whom a plan kept.
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class PanelState:
    """What the app that asks models says of a panel, in the reader's language.

    `left` is how long what is left takes; `spent` is an amount, with the cap where there is one.
    """

    address: str
    state: str
    said: str
    left: str = ""
    spent: str = ""


@dataclass(frozen=True, slots=True)
class PanelFlow:
    """A group of model answers: how far it got, and its panel, if it is one's of this program."""

    group: RespondentGroup
    flow: Mapping[str, int]
    panel: PanelState | None


@dataclass(frozen=True, slots=True)
class Flows:
    """People and panels of a study, kept apart."""

    people: tuple[Funnel, ...]
    panels: tuple[PanelFlow, ...]

    @property
    def priced(self) -> bool:
        """Whether anything here costs something."""
        return any(one.panel and one.panel.spent for one in self.panels)


# A group, and how far its sessions are -> its panel, if it is one's of this program.
PanelOf = Callable[[RespondentGroup, Mapping[str, int]], PanelState | None]


@dataclass(slots=True)
class _Panels:
    """Who says how panels are, and the relation of a group that is read with it for that."""

    of: PanelOf | None = None
    relation: tuple[str, ...] = ()


_panels = _Panels()


def register_panels(panel_of: PanelOf, *, relation: str) -> None:
    """Let the app that asks models say how the panel of a group is; a later one takes the place."""
    _panels.of, _panels.relation = panel_of, (relation,)


# The runs of a study that may have kept people, latest first, for a query; and whom one kept.
RunsOf = Callable[[OuterRef], QuerySet[Any, int]]
KeptOf = Callable[[int], Kept | None]


@dataclass(slots=True)
class _Runs:
    """Who says which runs a study has, and whom one kept."""

    of_study: RunsOf | None = None
    kept: KeptOf | None = None


_runs = _Runs()


def register_runs(runs_of: RunsOf, *, kept: KeptOf) -> None:
    """Let the app that compares say whom it kept; a later one takes the place."""
    _runs.of_study, _runs.kept = runs_of, kept


def _latest_run() -> Subquery | Value:
    if _runs.of_study is None:
        return Value(None, output_field=BigIntegerField())
    return Subquery(_runs.of_study(OuterRef("study"))[:1])


def _counted_groups() -> QuerySet[RespondentGroup]:
    user, slug = Slot(0, BigIntegerField()), Slot(1, CharField())
    loads = RecruitingLink.objects.filter(
        study=OuterRef("study"), simulated=OuterRef("simulated")
    ).order_by()
    groups = rows_of_member(
        user, RespondentGroup.objects.select_related("study", *_panels.relation), "study"
    )
    return (
        groups.filter(study__slug=slug)
        .annotate(**numbers_of_group(), loads=_sum_of(loads), latest_run=_latest_run())
        .order_by("kind", "simulated", "pk")
    )


def _sum_of(links: QuerySet[RecruitingLink]) -> Coalesce:
    summed = links.values("study").annotate(all_loads=Sum("loads")).values("all_loads")
    return Coalesce(Subquery(summed, output_field=BigIntegerField()), 0)


_groups = Statement(_counted_groups)


def groups_with_flows(user: AbstractBaseUser | AnonymousUser, slug: str) -> list[RespondentGroup]:
    """The groups of a study of the user's, people first, with all that `flows_of` shows of them.

    One query, as a page asks it again and again. Nothing for a stranger, or while nobody was asked.
    """
    return _groups.rows(user.pk, slug) if user.pk else []


def flows_of(groups: Sequence[RespondentGroup]) -> Flows:
    """Everybody who was asked, by group, of `groups_with_flows`; no query but for a new run."""
    flows = {group.pk: _flow(group) for group in groups}
    kept = _kept_of(groups)
    return Flows(
        people=tuple(_funnel(one, flows[one.pk], kept) for one in groups if one.kind == Kind.HUMAN),
        panels=tuple(
            PanelFlow(one, flows[one.pk], _panels.of(one, flows[one.pk]) if _panels.of else None)
            for one in groups
            if one.kind != Kind.HUMAN
        ),
    )


def _kept_of(groups: Sequence[RespondentGroup]) -> Kept | None:
    number = getattr(groups[0], "latest_run", None) if groups else None
    return _runs.kept(number) if number and _runs.kept else None


def _flow(group: RespondentGroup) -> dict[str, int]:
    loads = getattr(group, "loads") if group.kind == Kind.HUMAN else 0  # noqa: B009 - annotated
    return {"loads": loads, **flow_of(vars(group))}


def _funnel(group: RespondentGroup, flow: Mapping[str, int], kept: Kept | None) -> Funnel:
    agreed = flow["consented"]
    counts = {"loads": flow["loads"], "agreed": agreed, "completed": flow["completed"]}
    if kept and group.key in kept.by_group:
        counts["kept"] = kept.by_group[group.key]
    else:
        kept = None
    if not flow["loads"]:
        # They came in by an import or a program: nobody loaded a page.
        del counts["loads"]
    longest = max(*counts.values(), 1)
    later = ("completed", "kept")
    shares = {one: round(100 * counts.get(one, 0) / agreed) for one in later} if agreed else {}
    bars = (
        Bar(stage, count, round(100 * count / longest, 1), shares.get(stage))
        for stage, count in counts.items()
    )
    return Funnel(group, tuple(bars), flow, kept)
