"""What each group can support: the ladder from the planned model down to "not estimable".

Every step is recorded with the reason why it was left. A path carries the rung it stands on, so
that groups on different rungs are never compared without a word.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from analysis.compare.data.measurement import (
    ModelSpec,
    composite_columns,
    composite_name,
    composite_syntax,
    indicator_columns,
    latent_name,
    latent_syntax,
    single_indicator_syntax,
    variable,
)
from analysis.compare.data.samples import Array, GroupSample, is_constant, weighted_variance
from analysis.compare.model_fit import ModelFit, fit_words, model_fit
from analysis.compare.models.attempt import Attempt, FitOptions, attempt
from analysis.compare.models.fits import indices_of
from analysis.compare.plan import Construct, GroupSpec, PathSpec, Plan, Rung
from analysis.compare.results import Estimability, Reason, RungAttempt
from analysis.sem.results import SemFit

# Two indicators are identified through the rest of the model; one is not.
FEWEST_INDICATORS = 2
LATENT_RUNGS = (Rung.FULL, Rung.FIT_NOT_SHOWN, Rung.ITEMS_DROPPED)


@dataclass(frozen=True, slots=True)
class GroupModel:
    """One group's fit of one model on the highest rung that could be had.

    ``names`` maps a construct to its name in the fitted model; ``lacking`` says why a construct is
    missing from it. ``absent`` are the indicators that the group's model lacks. Where standard
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
    lacking: Mapping[str, Reason] = field(default_factory=dict)

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
        ends = (path.outcome, path.predictor)
        return next((self.lacking[key] for key in ends if key not in self.names), None)


@dataclass(frozen=True, slots=True)
class _Try:
    """What one rung would fit, before it is fitted."""

    syntax: str
    columns: Mapping[str, Array]
    names: Mapping[str, str]
    absent: tuple[str, ...] = ()
    lacking: Mapping[str, Reason] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    """One group facing one model."""

    sample: GroupSample
    plan: Plan
    spec: ModelSpec
    unusable: Mapping[str, Reason]
    reliabilities: Mapping[str, float]

    @property
    def cause(self) -> Reason:
        """Why items are unusable: the reason of most of them."""
        return Counter(self.unusable.values()).most_common(1)[0][0]

    @property
    def causes(self) -> str:
        """Every unusable item; with its reason where they differ."""
        named: dict[Reason, list[str]] = {}
        for item, reason in self.unusable.items():
            named.setdefault(reason, []).append(item)
        if len(named) == 1:
            return ", ".join(self.unusable)
        return "; ".join(f"{reason.sentence}: {', '.join(of)}" for reason, of in named.items())


def unusable_items(
    sample: GroupSample, spec: ModelSpec, group: GroupSpec, limit: float
) -> dict[str, Reason]:
    """Items refused by more than ``limit`` of the group, answered by nobody, or constant in it."""
    constant, unanswered = sample.constant(spec.items), sample.unanswered(spec.items)
    unusable = {}
    for item in spec.items:
        if item in constant:
            unusable[item] = Reason.CONSTANT_ITEM
        elif group.refusal_shares.get(item, 0.0) > limit:
            unusable[item] = Reason.REFUSALS
        elif item in unanswered:
            unusable[item] = Reason.NOT_ANSWERED
    return unusable


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
    unusable = unusable_items(sample, spec, group, plan.maximum_refusal_share)
    known = {**(reliabilities or {}), **plan.reliabilities}
    case = _Case(sample, plan, spec, unusable, known)
    if len(sample) < 2:
        return _gave_up(case, Reason.TOO_FEW_ROWS if len(sample) else Reason.NO_ROWS, ())
    if _refusals(spec, group) > plan.maximum_refusal_share:
        return _gave_up(case, Reason.REFUSALS, ())
    if start in plan.rungs:
        above = _as_the_people(plan.rungs[: plan.rungs.index(start)], start)
        return _climb(case, plan.rungs[plan.rungs.index(start) :], above)
    return _climb(case, plan.rungs, ())


def _as_the_people(above: Collection[Rung], start: Rung) -> tuple[RungAttempt, ...]:
    """The planned model is not tried where the people could not have it."""
    detail = f"not tried: the people stand on {start.value.replace('_', ' ')}"
    return tuple(
        RungAttempt(rung, Reason.AS_THE_PEOPLE, detail) for rung in above if rung is Rung.FULL
    )


def _climb(case: _Case, rungs: Collection[Rung], above: tuple[RungAttempt, ...]) -> GroupModel:
    tried = list(above)
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
        if found.reason is None:
            return _reached(
                case, rung, prepared, found, _independent(case, prepared, options), tried
            )
        tried.append(RungAttempt(rung, found.reason, found.detail))
    reasons = [step.reason for step in tried[len(above) :] if step.reason]
    if Reason.CONSTANT_COMPOSITE in reasons:
        return _gave_up(case, Reason.CONSTANT_COMPOSITE, tuple(tried))
    return _gave_up(case, next(iter(reasons), Reason.NOT_FITTED), tuple(tried))


def _independent(case: _Case, prepared: _Try, options: FitOptions) -> SemFit | None:
    """The same fit with rows taken for independent, where errors are those of clusters."""
    if not case.sample.reference.counts_clusters:
        return None
    weights = case.sample.weights
    return attempt(prepared.syntax, prepared.columns, options, weights=weights).fit


def _reached(
    case: _Case,
    rung: Rung,
    prepared: _Try,
    found: Attempt,
    independent: SemFit | None,
    tried: list[RungAttempt],
) -> GroupModel:
    dropped = () if rung is Rung.FULL else tuple(case.unusable)
    step, rung = _judged(rung, found)
    tried = [*tried, step]
    return GroupModel(
        spec=case.spec,
        estimability=Estimability(
            group=case.sample.group,
            model=case.spec.name,
            rung=rung,
            reason=next((step.reason for step in tried if step.reason), None),
            constant_items=case.sample.constant(case.spec.items),
            dropped_items=dropped,
            attempts=tuple(tried),
        ),
        columns=prepared.columns,
        syntax=prepared.syntax,
        fit=found.fit,
        names=prepared.names,
        absent=prepared.absent,
        independent=independent,
        lacking=prepared.lacking,
    )


def _judged(rung: Rung, found: Attempt) -> tuple[RungAttempt, Rung]:
    """The planned model stands a rung lower where its fit was tested and is not acceptable."""
    assert found.fit is not None
    indices = indices_of(found.fit)
    if rung is Rung.FULL and model_fit(indices) in (ModelFit.POOR, ModelFit.UNCLEAR):
        detail = f"the model {fit_words(indices)}"
        return RungAttempt(rung, Reason.FIT_NOT_SHOWN, detail), Rung.FIT_NOT_SHOWN
    return RungAttempt(rung, None), rung


def _gave_up(case: _Case, reason: Reason, tried: tuple[RungAttempt, ...]) -> GroupModel:
    return GroupModel(
        case.spec,
        Estimability(
            group=case.sample.group,
            model=case.spec.name,
            rung=Rung.NONE,
            reason=reason,
            constant_items=case.sample.constant(case.spec.items),
            dropped_items=tuple(case.unusable),
            attempts=tried,
        ),
    )


def _refusals(spec: ModelSpec, group: GroupSpec) -> float:
    return float(np.mean([group.refusal_shares.get(item, 0.0) for item in spec.items]))


# ---------------------------------------------------------------- the rungs


def _full(case: _Case) -> _Try | RungAttempt | None:
    if case.unusable:
        return RungAttempt(Rung.FULL, case.cause, case.causes)
    names = {one.key: variable(one) for one in case.spec.constructs}
    columns = indicator_columns(case.sample, case.spec)
    return _Try(latent_syntax(case.spec), columns, names)


def _items_dropped(case: _Case) -> _Try | RungAttempt | None:
    if not case.unusable:
        return None
    columns = indicator_columns(case.sample, case.spec, tuple(case.unusable))
    usable = {name: values for name, values in columns.items() if not is_constant(values)}
    absent = tuple(one.name for one in case.spec.indicators if one.name not in usable)
    for construct in case.spec.constructs:
        left = sum(one.name in usable for one in construct.indicators)
        if left < min(FEWEST_INDICATORS, len(construct.indicators)):
            reason = case.cause if left else _why_lacking(case, construct)
            detail = f"{construct.key} keeps {left} of {len(construct.indicators)} indicators"
            return RungAttempt(Rung.ITEMS_DROPPED, reason, f"{detail} ({case.causes})")
    names = {one.key: variable(one) for one in case.spec.constructs}
    return _Try(latent_syntax(case.spec, absent), usable, names, absent)


def _composite(case: _Case) -> _Try | RungAttempt | None:
    usable, lacking = _composites(case)
    names = _names_of(case, usable)
    syntax = composite_syntax(case.spec, names)
    if not syntax:
        return _no_composites(Rung.COMPOSITE, lacking)
    return _Try(syntax, usable, names, lacking=lacking)


def _single_indicator(case: _Case) -> _Try | RungAttempt | None:
    usable, lacking = _composites(case)
    scores = _names_of(case, usable)
    present = [one for one in case.spec.constructs if one.key in scores]
    if unknown := [
        one.key for one in present if one.is_latent and one.key not in case.reliabilities
    ]:
        detail = f"no reliability is known for {', '.join(unknown)}"
        return RungAttempt(Rung.SINGLE_INDICATOR, Reason.NO_RELIABILITY, detail)
    errors = {
        one.key: (1.0 - case.reliabilities.get(one.key, 1.0))
        * weighted_variance(usable[scores[one.key]], case.sample.weights)
        for one in present
    }
    names = {one.key: latent_name(one.key) for one in present}
    syntax = single_indicator_syntax(case.spec, list(names), errors)
    if " ~ " not in syntax:
        return _no_composites(Rung.SINGLE_INDICATOR, lacking)
    return _Try(syntax, usable, names, lacking=lacking)


def _composites(case: _Case) -> tuple[dict[str, Array], dict[str, Reason]]:
    """The composites that vary, and why the others are none."""
    columns = composite_columns(case.sample, case.spec, tuple(case.unusable))
    usable = {name: values for name, values in columns.items() if not is_constant(values)}
    lacking = {
        one.key: _why_lacking(case, one) for one in case.spec.constructs if one.key not in usable
    }
    return usable, lacking


def _names_of(case: _Case, usable: Collection[str]) -> dict[str, str]:
    """Construct -> its composite, where that can be used."""
    names = {one.key: composite_name(one.key) for one in case.spec.constructs}
    return {key: name for key, name in names.items() if name in usable}


def _why_lacking(case: _Case, construct: Construct) -> Reason:
    """Why a construct has no composite that varies."""
    reasons = {case.unusable.get(item) for item in construct.items}
    if reasons <= {Reason.REFUSALS, Reason.NOT_ANSWERED}:
        return Reason.REFUSALS if Reason.REFUSALS in reasons else Reason.NOT_ANSWERED
    columns = composite_columns(case.sample, case.spec, tuple(case.unusable))
    values = columns.get(composite_name(construct.key))
    if values is not None and not np.isfinite(values).any():
        return Reason.NO_ROWS
    return Reason.CONSTANT_COMPOSITE


def _no_composites(rung: Rung, lacking: Mapping[str, Reason]) -> RungAttempt:
    detail = "; ".join(f"{key}: {reason.sentence}" for key, reason in lacking.items())
    reason = next(iter(lacking.values()), Reason.NOT_FITTED)
    return RungAttempt(rung, reason, detail)


_PREPARE: Mapping[Rung, Callable[[_Case], _Try | RungAttempt | None]] = {
    Rung.FULL: _full,
    Rung.ITEMS_DROPPED: _items_dropped,
    Rung.COMPOSITE: _composite,
    Rung.SINGLE_INDICATOR: _single_indicator,
}
