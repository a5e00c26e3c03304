"""How far those who came through links got, as amounts beside bars."""

from collections.abc import Callable, Mapping
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


# Study and completed sessions of each group -> the panels by group.
PanelStates = Callable[[Study, Mapping[int, Mapping[str, int]]], Mapping[int, PanelState]]
_states: list[PanelStates] = []


def register_panels(states: PanelStates) -> None:
    """Let the app that asks models say how its panels are; a later one takes the place."""
    _states[:] = [states]


def study_flows(study: Study) -> Flows:
    """Everybody who was asked, by group: people first. Three queries, and one for panels."""
    flows = respondent_flows(study)
    groups = study_groups(study)
    panels = _states[0](study, flows) if _states else {}
    return Flows(
        people=tuple(_funnel(one, flows[one.pk]) for one in groups if one.kind == Kind.HUMAN),
        panels=tuple(
            PanelFlow(one, flows[one.pk], panels.get(one.pk))
            for one in groups
            if one.kind != Kind.HUMAN
        ),
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
