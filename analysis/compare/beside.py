"""Two comparisons side by side: every path and every number of VAAR in both, and how far apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from analysis.compare.plan import SignSource
from analysis.compare.results import Comparison, PathEstimate, VaarScore

NUMBERS = ("agree", "contradict", "undetermined", "not_estimable", "hard", "evidence", "joint")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number of one run with its interval; None where it was not estimated, or is not there."""

    value: float | None
    lower: float | None = None
    upper: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One number of one group in two runs; None in a run that does not have it.

    ``what`` is a path's key, or a number of VAAR.
    """

    group: str
    label: str
    what: str
    first: Estimate | None
    second: Estimate | None

    @property
    def difference(self) -> float | None:
        """The second minus the first, where both were estimated."""
        if self.first is None or self.second is None:
            return None
        if self.first.value is None or self.second.value is None:
            return None
        return self.second.value - self.first.value

    @property
    def apart(self) -> bool:
        """Whether one was estimated and the other was not, or neither interval holds the other."""
        if self.first is None or self.second is None:
            return True
        if self.difference is None:
            return (self.first.value is None) != (self.second.value is None)
        return not (_holds(self.first, self.second) or _holds(self.second, self.first))


def _holds(one: Estimate, other: Estimate) -> bool:
    if one.lower is None or one.upper is None or other.value is None:
        return one.value == other.value
    return one.lower <= other.value <= one.upper


def path_pairs(first: Comparison, second: Comparison) -> list[Pair]:
    """Every standardised path of every group of either, the groups of the first in their order."""
    keys = dict.fromkeys(path.key for one in (first, second) for path in one.plan.paths)
    return [
        Pair(group, label, key, _path(first, group, key), _path(second, group, key))
        for group, label in _groups(first, second)
        for key in keys
    ]


def score_pairs(first: Comparison, second: Comparison) -> list[Pair]:
    """The numbers of VAAR of every model of either, by the signs that were expected."""
    scores = [
        {one.group: one for one in run.vaar if one.signs is SignSource.THEORY}
        for run in (first, second)
    ]
    return [
        Pair(group, label, name, *(_number(known.get(group), name) for known in scores))
        for group, label in _groups(first, second)
        if any(group in known for known in scores)
        for name in NUMBERS
    ]


def groups_apart(first: Comparison, second: Comparison) -> tuple[list[str], list[str]]:
    """The labels of groups that only the first has, and of those that only the second has."""
    known = [{one.key: one.label for one in run.groups} for run in (first, second)]
    only = [
        [label for key, label in known[at].items() if key not in known[1 - at]] for at in (0, 1)
    ]
    return only[0], only[1]


def _groups(first: Comparison, second: Comparison) -> Iterator[tuple[str, str]]:
    return iter({one.key: one.label for run in (second, first) for one in run.groups}.items())


def _path(run: Comparison, group: str, key: str) -> Estimate | None:
    found: PathEstimate | None = next(
        (one for one in run.paths if one.group == group and one.path == key), None
    )
    if found is None:
        return None
    return Estimate(found.std, found.std_ci_lower, found.std_ci_upper, found.n)


def _number(score: VaarScore | None, name: str) -> Estimate | None:
    if score is None:
        return None
    found = score.intervals.get(name)
    value = getattr(score, name)
    return Estimate(value, found.lower, found.upper) if found else Estimate(value)
