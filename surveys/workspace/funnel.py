"""How far those who came through links got, as amounts beside bars."""

from collections.abc import Mapping
from dataclasses import dataclass

from surveys.models import Kind, RespondentGroup, Study
from surveys.selectors import respondent_flows, study_groups


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
class Funnel:
    """A group of people, or of simulated people, and how far they got.

    Page loads are counted, not who loads: one person may stand for several.
    """

    group: RespondentGroup
    bars: tuple[Bar, ...]
    flow: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Flows:
    """People and panels of a study, kept apart."""

    people: tuple[Funnel, ...]
    panels: tuple[tuple[RespondentGroup, Mapping[str, int]], ...]


def study_flows(study: Study) -> Flows:
    """Everybody who was asked, by group: people first. Three queries."""
    flows = respondent_flows(study)
    groups = study_groups(study)
    return Flows(
        people=tuple(_funnel(one, flows[one.pk]) for one in groups if one.kind == Kind.HUMAN),
        panels=tuple((one, flows[one.pk]) for one in groups if one.kind != Kind.HUMAN),
    )


def _funnel(group: RespondentGroup, flow: Mapping[str, int]) -> Funnel:
    agreed = flow["consented"]
    counts = {"loads": flow["loads"], "agreed": agreed, "completed": flow["completed"]}
    if not flow["loads"]:
        # They came in by an import or a program: nobody loaded a page.
        del counts["loads"]
    longest = max(*counts.values(), 1)
    shares = {"completed": round(100 * flow["completed"] / agreed)} if agreed else {}
    bars = (
        Bar(stage, count, round(100 * count / longest, 1), shares.get(stage))
        for stage, count in counts.items()
    )
    return Funnel(group, tuple(bars), flow)
