"""All groups at once, where exact invariance over many cannot be hoped for: alignment.

Asparouhov & Muthén (2014), in the metric of the product; people are the first group.
"""

from collections.abc import Iterator, Sequence

from analysis.compare.codes import Untold
from analysis.compare.data.reference import Reference
from analysis.compare.models.attempt import Attempt
from analysis.compare.models.differences import reference_of
from analysis.compare.models.fits import finite
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.models.joint.fit import can_be_joined, join, on_latent_rungs
from analysis.compare.models.joint.syntax import Ties
from analysis.compare.plan import Plan
from analysis.compare.results import AlignedFactor, AlignedIndicator, AlignedMean, Interval
from analysis.sem import Alignment, SemError, align


def aligned_factors(
    people: GroupAnalysis, models: Sequence[GroupAnalysis], plan: Plan
) -> Iterator[AlignedFactor]:
    """One row per model of the plan and latent construct, over all groups that bear the model.

    Groups with too few clusters are left out: their part of a joint fit says nothing.
    """
    for name, fitted in people.models.items():
        members = _members(people, models, name)
        keys = tuple(one.spec.key for one in members)
        found = _aligned(members, name, plan)
        for construct in fitted.spec.constructs:
            if not construct.is_latent:
                continue
            row = AlignedFactor(name, construct.key, plan.measurement.alignment, keys)
            if isinstance(found, Untold):
                yield _without(row, found)
            else:
                yield _told(row, found[construct.key], reference_of(*members), plan.level)


def _members(
    people: GroupAnalysis, models: Sequence[GroupAnalysis], name: str
) -> list[GroupAnalysis]:
    if not (on_latent_rungs(people, name) and people.summary.has_enough_clusters):
        return []
    able = (one for one in models if can_be_joined(one, name) and one.summary.has_enough_clusters)
    return [people, *able]


def _aligned(
    members: Sequence[GroupAnalysis], name: str, plan: Plan
) -> dict[str, Alignment] | Untold:
    if len(members) < 2:
        return Untold.TOO_FEW_GROUPS
    joint = join(name, members, plan)
    if any(joint.absent):
        return Untold.INDICATORS_DIFFER
    found: Attempt = joint.fit(Ties()).attempt
    if found.fit is None or found.reason is not None:
        return Untold.NOT_ESTIMABLE
    try:
        return align(found.fit, method=plan.measurement.alignment.upper())
    except SemError:
        return Untold.NOT_ESTIMABLE


def _without(row: AlignedFactor, reason: Untold) -> AlignedFactor:
    return AlignedFactor(row.model, row.construct, row.method, row.groups, reason=reason)


def _told(row: AlignedFactor, found: Alignment, against: Reference, level: float) -> AlignedFactor:
    if found.degenerate:
        return _without(row, Untold.NO_MINIMUM)
    means = tuple(
        AlignedMean(
            group,
            float(found.relative_mean[at]),
            _interval(found.relative_mean[at], found.relative_mean_se[at], against, level),
            float(found.relative_variance[at]),
            _interval(found.relative_variance[at], found.relative_variance_se[at], against, level),
        )
        for at, group in enumerate(found.groups)
    )
    indicators = tuple(
        AlignedIndicator(name, finite(loading), finite(intercept))
        for name, loading, intercept in zip(
            found.items, found.r2_loadings, found.r2_intercepts, strict=True
        )
    )
    return AlignedFactor(
        row.model, row.construct, row.method, found.groups, means, indicators, found.n_minima
    )


def _interval(value: float, se: float, against: Reference, level: float) -> Interval | None:
    """None for what is fixed, and where the loss has no curvature to take errors from."""
    return against.interval(float(value), float(se), level) if se > 0.0 else None
