"""What each group can support: the ladder from the planned model down to "not estimable".

Every step is recorded with the reason why it was left. A path carries the rung it stands on, so
that groups on different rungs are never compared without a word.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.compare.data.measurement import (
    ModelSpec,
    composite_columns,
    composite_name,
    composite_syntax,
    indicator_columns,
    is_latent,
    latent_name,
    latent_syntax,
    single_indicator_syntax,
    variable,
)
from analysis.compare.data.samples import Array, GroupSample, is_constant, weighted_variance
from analysis.compare.models.attempt import Attempt, FitOptions, attempt
from analysis.compare.plan import GroupSpec, PathSpec, Plan, Rung
from analysis.compare.results import Estimability, Reason, RungAttempt
from analysis.sem.results import SemFit

# Two indicators are identified through the rest of the model; one is not.
FEWEST_INDICATORS = 2
LATENT_RUNGS = (Rung.FULL, Rung.ITEMS_DROPPED)


@dataclass(frozen=True, slots=True)
class GroupModel:
    """One group's fit of one model on the highest rung that could be had.

    ``names`` maps a construct to its name in the fitted model; a construct that is missing from it
    had no variance. ``absent`` are the indicators that the group's model lacks. Where standard
    errors are those of clusters, ``independent`` is the same fit with rows taken for independent.
    """

    spec: ModelSpec
    estimability: Estimability
    columns: Mapping[str, Array] = field(default_factory=dict)
    syntax: str = ""
    fit: SemFit | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    independent: SemFit | None = None

    @property
    def rung(self) -> Rung:
        """The rung that holds."""
        return self.estimability.rung

    def r2(self, outcome: str) -> float | None:
        """Explained variance of an outcome, None where the model has no estimate of it."""
        if self.fit is None or outcome not in self.names:
            return None
        return next(iter(self.fit.r2.values())).get(self.names[outcome])

    def reason_for(self, path: PathSpec) -> Reason | None:
        """Why this path has no estimate, None where it has."""
        if self.fit is None:
            return self.estimability.reason
        present = path.predictor in self.names and path.outcome in self.names
        return None if present else Reason.CONSTANT_COMPOSITE


@dataclass(frozen=True, slots=True)
class _Try:
    """What one rung would fit, before it is fitted."""

    syntax: str
    columns: Mapping[str, Array]
    names: Mapping[str, str]
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Case:
    """One group facing one model."""

    sample: GroupSample
    plan: Plan
    spec: ModelSpec
    unusable: tuple[str, ...]
    cause: Reason
    reliabilities: Mapping[str, float]


def unusable_items(
    sample: GroupSample, spec: ModelSpec, group: GroupSpec, limit: float
) -> list[str]:
    """Items that are constant in the group, or refused by more than ``limit`` of it."""
    constant = sample.constant(spec.items)
    refused = [item for item in spec.items if group.refusal_shares.get(item, 0.0) > limit]
    return [item for item in spec.items if item in constant or item in refused]


def climb_down(
    sample: GroupSample,
    plan: Plan,
    spec: ModelSpec,
    group: GroupSpec,
    *,
    start: Rung | None = None,
    reliabilities: Mapping[str, float] | None = None,
) -> GroupModel:
    """Fit one group's model on the first rung of the plan, from ``start`` on, that holds.

    ``reliabilities`` serve the single-indicator rung where the plan names none.
    """
    unusable = tuple(unusable_items(sample, spec, group, plan.maximum_refusal_share))
    if _refusals(spec, group) > plan.maximum_refusal_share:
        return _gave_up(sample, spec, Reason.REFUSALS, unusable, ())
    constant = bool(sample.constant(unusable))
    cause = Reason.CONSTANT_ITEM if constant else Reason.REFUSALS
    known = {**(reliabilities or {}), **plan.reliabilities}
    case = _Case(sample, plan, spec, unusable, cause, known)
    rungs = plan.rungs[plan.rungs.index(start) :] if start in plan.rungs else plan.rungs
    return _climb(case, rungs)


def _climb(case: _Case, rungs: Collection[Rung]) -> GroupModel:
    tried: list[RungAttempt] = []
    planned = FitOptions.of(case.plan)
    for rung in rungs:
        prepared = _PREPARE[rung](case)
        if prepared is None:
            continue
        if isinstance(prepared, RungAttempt):
            tried.append(prepared)
            continue
        options = planned if rung in LATENT_RUNGS else planned.for_scores
        found = attempt(
            prepared.syntax,
            prepared.columns,
            options,
            clusters=case.sample.clusters,
            weights=case.sample.weights,
        )
        tried.append(RungAttempt(rung, found.reason, found.detail if found.reason else ""))
        if found.reason is None:
            independent = None
            if case.sample.reference.counts_clusters:
                weights = case.sample.weights
                independent = attempt(
                    prepared.syntax, prepared.columns, options, weights=weights
                ).fit
            return _reached(case, rung, prepared, found, independent, tuple(tried))
    first = next((step.reason for step in tried if step.reason), Reason.NON_CONVERGENCE)
    composite = [step.reason for step in tried if step.reason is Reason.CONSTANT_COMPOSITE]
    reason = composite[0] if composite else first
    return _gave_up(case.sample, case.spec, reason, case.unusable, tuple(tried))


def _reached(
    case: _Case,
    rung: Rung,
    prepared: _Try,
    found: Attempt,
    independent: SemFit | None,
    tried: tuple[RungAttempt, ...],
) -> GroupModel:
    dropped = () if rung is Rung.FULL else case.unusable
    return GroupModel(
        spec=case.spec,
        estimability=Estimability(
            group=case.sample.group,
            model=case.spec.name,
            rung=rung,
            reason=next((step.reason for step in tried if step.reason), None),
            constant_items=case.sample.constant(case.spec.items),
            dropped_items=dropped,
            attempts=tried,
        ),
        columns=prepared.columns,
        syntax=prepared.syntax,
        fit=found.fit,
        names=prepared.names,
        absent=prepared.absent,
        independent=independent,
    )


def _gave_up(
    sample: GroupSample,
    spec: ModelSpec,
    reason: Reason,
    unusable: tuple[str, ...],
    tried: tuple[RungAttempt, ...],
) -> GroupModel:
    return GroupModel(
        spec,
        Estimability(
            group=sample.group,
            model=spec.name,
            rung=Rung.NONE,
            reason=reason,
            constant_items=sample.constant(spec.items),
            dropped_items=unusable,
            attempts=tried,
        ),
    )


def _refusals(spec: ModelSpec, group: GroupSpec) -> float:
    return float(np.mean([group.refusal_shares.get(item, 0.0) for item in spec.items]))


# ---------------------------------------------------------------- the rungs


def _full(case: _Case) -> _Try | RungAttempt | None:
    if case.unusable:
        return RungAttempt(Rung.FULL, case.cause, f"unusable: {', '.join(case.unusable)}")
    names = {one.key: variable(one) for one in case.spec.constructs}
    columns = indicator_columns(case.sample, case.spec)
    return _Try(latent_syntax(case.spec), columns, names)


def _items_dropped(case: _Case) -> _Try | RungAttempt | None:
    if not case.unusable:
        return None
    columns = indicator_columns(case.sample, case.spec, case.unusable)
    usable = {name: values for name, values in columns.items() if not is_constant(values)}
    absent = tuple(one.name for one in case.spec.indicators if one.name not in usable)
    for construct in case.spec.constructs:
        left = sum(one.name in usable for one in construct.indicators)
        if left < min(FEWEST_INDICATORS, len(construct.indicators)):
            reason = Reason.CONSTANT_ITEM if left else Reason.CONSTANT_COMPOSITE
            return RungAttempt(Rung.ITEMS_DROPPED, reason, f"{construct.key}: {left} indicators")
    names = {one.key: variable(one) for one in case.spec.constructs}
    return _Try(latent_syntax(case.spec, absent), usable, names, absent)


def _composite(case: _Case) -> _Try | RungAttempt | None:
    usable = _varying_composites(case)
    names = _names_of(case, usable)
    syntax = composite_syntax(case.spec, names)
    if not syntax:
        return _constant_composites(Rung.COMPOSITE, case, usable)
    return _Try(syntax, usable, names)


def _single_indicator(case: _Case) -> _Try | RungAttempt | None:
    usable = _varying_composites(case)
    scores = _names_of(case, usable)
    present = [one for one in case.spec.constructs if one.key in scores]
    if unknown := [
        one.key for one in present if is_latent(one) and one.key not in case.reliabilities
    ]:
        detail = f"no reliability is known for {', '.join(unknown)}"
        return RungAttempt(Rung.SINGLE_INDICATOR, Reason.NOT_POSITIVE_DEFINITE, detail)
    errors = {
        one.key: (1.0 - case.reliabilities.get(one.key, 1.0))
        * weighted_variance(usable[scores[one.key]], case.sample.weights)
        for one in present
    }
    names = {one.key: latent_name(one.key) for one in present}
    syntax = single_indicator_syntax(case.spec, list(names), errors)
    if " ~ " not in syntax:
        return _constant_composites(Rung.SINGLE_INDICATOR, case, usable)
    return _Try(syntax, usable, names)


def _varying_composites(case: _Case) -> dict[str, Array]:
    columns = composite_columns(case.sample, case.spec, case.unusable)
    return {name: values for name, values in columns.items() if not is_constant(values)}


def _names_of(case: _Case, usable: Collection[str]) -> dict[str, str]:
    """Construct -> its composite, where that can be used."""
    names = {one.key: composite_name(one.key) for one in case.spec.constructs}
    return {key: name for key, name in names.items() if name in usable}


def _constant_composites(rung: Rung, case: _Case, usable: Collection[str]) -> RungAttempt:
    known = _names_of(case, usable)
    constant = [one.key for one in case.spec.constructs if one.key not in known]
    return RungAttempt(rung, Reason.CONSTANT_COMPOSITE, f"constant: {', '.join(constant)}")


_PREPARE: Mapping[Rung, Callable[[_Case], _Try | RungAttempt | None]] = {
    Rung.FULL: _full,
    Rung.ITEMS_DROPPED: _items_dropped,
    Rung.COMPOSITE: _composite,
    Rung.SINGLE_INDICATOR: _single_indicator,
}
