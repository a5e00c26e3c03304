"""How like the people a model answers, in a few numbers per model."""

from collections.abc import Iterable, Sequence

import numpy as np

from analysis.compare.companions import GroupFidelity, ItemFidelity, OutcomeFidelity
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.intervals import Interval
from analysis.compare.models.equivalence import profile_icc, r2_ratio, variance_ratio_interval
from analysis.compare.models.groups import GroupAnalysis, MatchedPeople
from analysis.compare.plan import Plan


def group_fidelity(
    model: GroupAnalysis,
    matched: MatchedPeople,
    items: Sequence[ItemFidelity],
    of_people: Sequence[ItemFidelity],
    plan: Plan,
) -> GroupFidelity:
    """Medians over items, the profile's agreement, and explained variance per outcome.

    ``items`` are the model's own rows, ``of_people`` the people's, in the same order. R-squared is
    set beside the people's on the same rung.
    """
    people = matched.people
    profile = profile_icc(facet_profile(model.sample, plan), facet_profile(people.sample, plan))
    return GroupFidelity(
        group=model.spec.key,
        variance_ratio=_median([row.variance_ratio for row in items]),
        wasserstein=_median([row.wasserstein for row in items]),
        jensen_shannon=_median([row.jensen_shannon for row in items]),
        profile_icc=None if profile is None else profile[0],
        profile_icc_ci=None if profile is None else profile[1],
        outcomes=tuple(
            outcome_fidelity(model, matched, name, outcome, plan.level)
            for name in plan.models
            for outcome in model.models[name].spec.outcomes
        ),
        variance_ratio_ci=_variance_interval(
            model, people, zip(items, of_people, strict=True), plan
        ),
    )


def _variance_interval(
    model: GroupAnalysis,
    people: GroupAnalysis,
    items: Iterable[tuple[ItemFidelity, ItemFidelity]],
    plan: Plan,
) -> Interval | None:
    """Interval of the median variance ratio; None where too few clusters can tell."""
    sizes = model.summary, people.summary
    if not all(one.has_enough_clusters for one in sizes):
        return None
    worth = [one.effective_n / max(one.n, 1) for one in sizes]
    ends = [
        variance_ratio_interval(
            own.variance_ratio,
            (own.kurtosis, own.n * worth[0]),
            (human.kurtosis, human.n * worth[1]),
            plan.level,
        )
        for own, human in items
        if own.variance_ratio is not None
    ]
    known = [one for one in ends if one is not None]
    if not known:
        return None
    lower, upper = (np.median([(one.lower, one.upper) for one in known], axis=0)).tolist()
    return Interval(lower, upper, plan.level, "medians of items' intervals")


def outcome_fidelity(
    model: GroupAnalysis, matched: MatchedPeople, name: str, outcome: str, level: float
) -> OutcomeFidelity:
    """R-squared of one outcome in the model over that in the people."""
    fitted = model.models[name]
    own, human = fitted.r2(outcome), matched.model(name, fitted.rung).r2(outcome)
    sizes = model.summary.effective_n, matched.people.summary.effective_n
    enough = all(one.summary.has_enough_clusters for one in (model, matched.people))
    known = own is not None and human is not None
    answer = r2_ratio(own or 0.0, human or 0.0, *sizes, level) if known else None
    return OutcomeFidelity(
        group=model.spec.key,
        outcome=outcome,
        model=name,
        r2=own,
        human_r2=human,
        ratio=None if answer is None else answer[0],
        ratio_ci=answer[1] if answer is not None and enough else None,
    )


def facet_profile(sample: GroupSample, plan: Plan) -> Array:
    """Mean of every facet as a share of its response range, in the plan's order. Shape (facets,).

    A construct without facets is one facet.
    """
    facets: dict[tuple[str, str], list[str]] = {}
    for construct in plan.constructs:
        for indicator in construct.indicators:
            facets.setdefault((construct.key, indicator.facet), []).extend(indicator.items)
    return np.array([_share_of_range(sample, plan, items) for items in facets.values()])


def _share_of_range(sample: GroupSample, plan: Plan, items: Sequence[str]) -> float:
    specs = [plan.item(name) for name in items]
    low = np.array([item.minimum for item in specs])
    span = np.array([item.maximum - item.minimum for item in specs])
    shares = (sample.block(items) - low) / span
    return float(np.mean(shares[np.isfinite(shares)])) if np.isfinite(shares).any() else np.nan


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
