"""Which fits are refitted for which group, and their results in the plan's order of paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.compare.models.estimability import GroupModel
from analysis.compare.models.groups import GroupAnalysis, MatchedPeople
from analysis.compare.plan import Plan
from analysis.compare.uncertainty.draws import Array
from analysis.compare.uncertainty.refits import GroupRefits, Refits
from analysis.compare.uncertainty.resamples import Job, Member, ResampleKind


@dataclass(frozen=True, slots=True)
class Sources:
    """The analyses that refits are made from; the people are group 0."""

    plan: Plan
    people: GroupAnalysis
    models: tuple[GroupAnalysis, ...]
    matched: MatchedPeople

    def members(self) -> dict[str, Member]:
        """Every group model with a fit, under the name its jobs go by."""
        found = {}
        for number, one in enumerate((self.people, *self.models)):
            for model in one.models.values():
                if model.fit is not None:
                    member = Member(GroupRefits.of(model), number, one.sample.clusters)
                    found[name_of(one.spec.key, model)] = member
        for model in self.matched.extra.values():
            if model.fit is not None:
                member = Member(GroupRefits.of(model), 0, self.people.sample.clusters)
                found[name_of(self.people.spec.key, model)] = member
        return found

    def own(self, one: GroupAnalysis) -> list[str]:
        """Names of a group's own fits."""
        return [
            name_of(one.spec.key, model) for model in one.models.values() if model.fit is not None
        ]

    def beside(self, one: GroupAnalysis) -> list[str]:
        """Names of the people's fits that a model's are compared with."""
        matched = [self.matched.model(name, model.rung) for name, model in one.models.items()]
        return [name_of(self.people.spec.key, model) for model in matched if model.fit is not None]


def name_of(group: str, model: GroupModel) -> str:
    """The name of a fit among all that are refitted."""
    return f"{group}/{model.spec.name}/{model.rung.value}"


@dataclass(frozen=True, slots=True)
class RefitResults:
    """Refits by job, read in the plan's order."""

    plan: Plan
    members: Mapping[str, Member]
    refits: Mapping[Job, Refits]

    def paths(self, kind: ResampleKind, names: Sequence[str], draws: int, size: int = 0) -> Array:
        """Standardised paths over the fits of one group, (draws, P); NaN where there is none."""
        keys = [path.key for path in self.plan.paths]
        result = np.full((draws, len(keys)), np.nan)
        for name in names:
            done = self.refits[Job(kind, name, draws, size)]
            for column, key in enumerate(self.members[name].refits.paths):
                result[:, keys.index(key)] = done.paths[:, column]
        return result

    def r2(self, name: str, outcome: str, draws: int) -> Array:
        """Bootstrap draws of an outcome's explained variance, (draws,)."""
        column = self.members[name].refits.outcome_keys.index(outcome)
        drawn: Array = self.refits[Job(ResampleKind.BOOTSTRAP, name, draws)].r2[:, column]
        return drawn
