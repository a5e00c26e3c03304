"""Which fits are refitted for which group, and their results in the plan's order of paths."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.compare.data.sampling import within_strata
from analysis.compare.models.estimability import GroupModel
from analysis.compare.models.groups import GroupAnalysis, MatchedPeople
from analysis.compare.plan import Plan
from analysis.compare.subgroups.fits import Subgroup
from analysis.compare.uncertainty.draws import Array, Integers
from analysis.compare.uncertainty.refits import GroupRefits, Refits
from analysis.compare.uncertainty.resamples import Job, Member, ResampleKind


@dataclass(frozen=True, slots=True)
class Sources:
    """The analyses that refits are made from; the people, subgroups included, are group 0."""

    plan: Plan
    people: GroupAnalysis
    models: tuple[GroupAnalysis, ...]
    matched: MatchedPeople
    subgroups: tuple[Subgroup, ...] = ()

    def members(self) -> dict[str, Member]:
        """Every group model with a fit, under the name its jobs go by."""
        found = {}
        for number, one in enumerate(self.models, start=1):
            clusters = one.sample.clusters
            for model in _fitted(one.models.values()):
                found[name_of(one.spec.key, model)] = Member(
                    GroupRefits.of(model), number, clusters
                )
        clusters, strata = within_strata(self.people.sample)
        for key, model, rows in self._of_people():
            refits = GroupRefits.of(model)
            found[name_of(key, model)] = Member(refits, 0, clusters, strata, rows)
        return found

    def _of_people(self) -> Iterator[tuple[str, GroupModel, Integers | None]]:
        """The people's fits, then those of their subgroups with the rows that they rest on."""
        everyone = _fitted([*self.people.models.values(), *self.matched.extra.values()])
        yield from ((self.people.spec.key, model, None) for model in everyone)
        for one in self.subgroups:
            if one.analysis is not None and one.matched is not None:
                models = [*one.analysis.models.values(), *one.matched.extra.values()]
                yield from ((one.key, model, one.rows) for model in _fitted(models))

    def number(self, one: GroupAnalysis) -> int:
        """The number of a model's group."""
        return 1 + [each.spec.key for each in self.models].index(one.spec.key)

    def own(self, one: GroupAnalysis) -> list[str]:
        """Names of a group's own fits."""
        return [
            name_of(one.spec.key, model) for model in one.models.values() if model.fit is not None
        ]

    def beside(self, one: GroupAnalysis) -> list[str]:
        """Names of the people's fits that a model's are compared with."""
        return _beside(self.people.spec.key, self.matched, one)

    def beside_in(self, subgroup: Subgroup, one: GroupAnalysis) -> list[str]:
        """Names of a subgroup's fits that a model's are compared with."""
        return [] if subgroup.matched is None else _beside(subgroup.key, subgroup.matched, one)


def _fitted(models: Iterable[GroupModel]) -> list[GroupModel]:
    return [model for model in models if model.fit is not None]


def _beside(key: str, matched: MatchedPeople, one: GroupAnalysis) -> list[str]:
    found = [matched.model(name, model.rung) for name, model in one.models.items()]
    return [name_of(key, model) for model in _fitted(found)]


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
