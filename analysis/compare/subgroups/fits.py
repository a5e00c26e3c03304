"""The planned model in every subgroup of the people that is large enough to be fitted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.compare.models.groups import GroupAnalysis, MatchedPeople, analyse_group
from analysis.compare.plan import GroupSpec, Plan, Subgroups
from analysis.compare.subgroups.division import divide, present

# Fewer people than this cannot carry a model of their own.
SMALLEST_SUBGROUP = 30


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One subgroup of the people: the numbers of its rows among them, and its fits.

    ``analysis`` and ``matched`` are None where there are too few people.
    """

    by: str
    name: str
    rows: NDArray[np.int64]
    analysis: GroupAnalysis | None = None
    matched: MatchedPeople | None = None

    @property
    def key(self) -> str:
        """The name that its fits go by."""
        return f"{self.by}={self.name}"


def fit_subgroups(
    people: GroupAnalysis, plan: Plan, reliabilities: Mapping[str, float]
) -> tuple[Subgroup, ...]:
    """Every subgroup of every question that divides the people, in the order of the plan.

    ``reliabilities`` serve the single-indicator rung.
    """
    return tuple(
        _fitted(people, plan, one, reliabilities)
        for rule in plan.people.subgroups
        for one in _members(people, rule)
    )


def _members(people: GroupAnalysis, rule: Subgroups) -> Iterator[Subgroup]:
    labels = divide(people.sample.about[rule.by], rule)
    for name in present(labels, rule):
        yield Subgroup(rule.by, name, np.flatnonzero(labels == name).astype(np.int64))


def _fitted(
    people: GroupAnalysis, plan: Plan, one: Subgroup, reliabilities: Mapping[str, float]
) -> Subgroup:
    if len(one.rows) < SMALLEST_SUBGROUP:
        return one
    spec = GroupSpec(one.key, one.name, people.spec.kind, people.spec.simulated)
    sample = replace(people.sample.take(one.rows), group=one.key)
    analysis = analyse_group(sample, spec, plan, reliabilities=reliabilities)
    return replace(one, analysis=analysis, matched=MatchedPeople(analysis, plan, reliabilities))
