"""The tabs of a study. Apps register theirs when they are ready, each in one line.

A tab can also say which step of a study it stands for and how far that is, and what of the studies
of a user needs somebody: the overview and the list of studies show both.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.urls import NoReverseMatch, reverse

from surveys.models import Study

# The order of the tabs, and of the numbers that `g` takes: 1 to 9, then 0. Where an app is not
# installed its tab is absent, and the numbers of the others stay.
ORDER = (
    "overview",
    "design",
    "plan",
    "recruit",
    "people",
    "models",
    "quality",
    "compare",
    "data",
    "team",
)


class Count(NamedTuple):
    """What stands beside a tab's name: a number or a word; `attention` where somebody must look."""

    said: int | str
    attention: bool = False


class Progress(NamedTuple):
    """How far a step is: `state` is "done", "now" or "open"; `said` says it in a few words.

    `next_act` says what to do next where that is now this step's.
    """

    state: str
    said: str
    next_act: str = ""


class Need(NamedTuple):
    """Something of a study that somebody must do; `address` leads to where it is mended."""

    study: Study
    said: str
    act: str
    address: str
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its place in `ORDER`, its name, and the page it leads to.

    `page` is the name of an address that takes the study's slug. `pages` names further pages that
    stand below the tab and whose addresses do not begin with its own. `facts` are expressions over
    `Study` under names that no other tab has: those of all tabs are asked for by one query, and
    `count` reads them by name; without any it is handed the study, and asks for itself. `step`
    takes a query or two; `needs` takes as many for a hundred studies as for one.
    """

    key: str
    label: Any  # a translatable string
    page: str
    count: Callable[[Any], Count | None] | None = None
    pages: tuple[str, ...] = ()
    step: Callable[[Study], Progress] | None = None
    needs: Callable[[Sequence[Study]], Iterable[Need]] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab of one study; `number` is its key after `g`."""

    key: str
    label: str
    address: str
    number: int
    count: Count | None
    current: bool


class Step(NamedTuple):
    """A step of one study, and the tab that it stands for."""

    label: str
    address: str
    progress: Progress


_FACT = "fact_of_tab_"
_tabs: dict[str, Tab] = {}


def register(*tabs: Tab) -> None:
    """Add tabs to every study; one of the same key takes the place of the one before."""
    for tab in tabs:
        if tab.key not in ORDER:
            raise ValueError(f"{tab.key} has no place in the order of tabs")
        _tabs[tab.key] = tab


def study_tabs(study: Study, *, path: str, view_name: str) -> list[ShownTab]:
    """The tabs of a study whose pages are served here, in order; at most one is current.

    `path` and `view_name` say which page is shown.
    """
    addresses = {key: address for key in ORDER if (address := _address(key, study))}
    current = _current(addresses, path, view_name)
    facts = _facts(study, [_tabs[key] for key in addresses])
    return [
        ShownTab(
            key,
            str(_tabs[key].label),
            address,
            (ORDER.index(key) + 1) % 10,
            _count(_tabs[key], study, facts),
            key == current,
        )
        for key, address in addresses.items()
    ]


def study_steps(study: Study) -> list[Step]:
    """The steps of a study in the order of their tabs, derived from what is stored."""
    return [
        Step(str(tab.label), address, tab.step(study))
        for key in ORDER
        if (address := _address(key, study)) and (tab := _tabs[key]).step
    ]


def needs_of(studies: Sequence[Study]) -> list[Need]:
    """What needs somebody in these studies; what keeps respondents out comes first."""
    asked = [tab.needs for key in ORDER if (tab := _tabs.get(key)) and tab.needs]
    found = [need for needs in asked for need in needs(studies)]
    return sorted(found, key=lambda need: not need.blocks)


def _address(key: str, study: Study) -> str:
    if key not in _tabs:
        return ""
    try:
        return reverse(_tabs[key].page, kwargs={"slug": study.slug})
    except NoReverseMatch:
        return ""


def _current(addresses: dict[str, str], path: str, view_name: str) -> str:
    """The tab that names the page; else the one with the longest address that leads to it."""
    for key in addresses:
        if view_name in _tabs[key].pages:
            return key
    leading = [key for key, address in addresses.items() if path.startswith(address)]
    return max(leading, key=lambda key: len(addresses[key]), default="")


def _facts(study: Study, tabs: Sequence[Tab]) -> Mapping[str, Any]:
    """What the tabs count, by one query."""
    # A name of their own: some are those of relations of `Study`.
    asked = {f"{_FACT}{name}": one for tab in tabs for name, one in tab.facts.items()}
    found = Study.objects.filter(pk=study.pk).values(**asked).first() if asked else None
    return {name.removeprefix(_FACT): one for name, one in (found or {}).items()}


def _count(tab: Tab, study: Study, facts: Mapping[str, Any]) -> Count | None:
    if tab.count is None:
        return None
    return tab.count(facts if tab.facts else study)
