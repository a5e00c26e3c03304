"""The tabs of a study. Apps register theirs when they are ready, each in one line."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab: its place in `ORDER`, its name, and the page it leads to.

    `page` is the name of an address that takes the study's slug. `pages` names further pages that
    stand below the tab and whose addresses do not begin with its own. `count` takes a query or two.
    """

    key: str
    label: Any  # a translatable string
    page: str
    count: Callable[[Study], Count | None] | None = None
    pages: tuple[str, ...] = ()


class ShownTab(NamedTuple):
    """A tab of one study; `number` is its key after `g`."""

    key: str
    label: str
    address: str
    number: int
    count: Count | None
    current: bool


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
    return [
        ShownTab(
            key,
            str(_tabs[key].label),
            address,
            (ORDER.index(key) + 1) % 10,
            _count(_tabs[key], study),
            key == current,
        )
        for key, address in addresses.items()
    ]


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


def _count(tab: Tab, study: Study) -> Count | None:
    return tab.count(study) if tab.count else None
