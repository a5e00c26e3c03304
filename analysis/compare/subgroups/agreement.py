"""How a model agrees with each subgroup of the people, and how far subgroups lie apart.

Two measures, 1 at their best:

direction   the normalised joint number: 1 where the model is as sure of the subgroup's directions
            as the subgroup's own data allow, 0 where it might toss a coin, negative where it points
            the other way
size        1 - root mean square of b_m - b_h, standardised paths, less what their standard errors
            alone would make of it

Both allow for the size of a subgroup, so that a small one does not look worse for that alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from analysis.compare.companions import ParityGap, SubgroupAgreement
from analysis.compare.data.sampling import kish_effective_n
from analysis.compare.intervals import Interval
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.plan import Plan, SignSource
from analysis.compare.subgroups.fits import Subgroup
from analysis.compare.vaar.rates import SMALLEST_SPAN, Families, PathArrays
from analysis.compare.vaar.score import arrays, scale_of

Array = NDArray[np.float64]
METHOD = "percentile bootstrap"
# Why there is no number.
TOO_FEW = "too_few"
TOO_FEW_CLUSTERS = "too_few_clusters"
NOT_ESTIMABLE = "not_estimable"
UNDIRECTED = "undirected"
# A share of resamples without a number beyond which there is no interval.
MOST_UNDEFINED = 0.10
# What is less than this is no gap, however narrow its interval.
SMALLEST_GAP = 0.01


@dataclass(frozen=True, slots=True)
class Against:
    """One model against one subgroup: the row, and its agreement in every resample, (draws,)."""

    row: SubgroupAgreement
    drawn: Array


def direction(model: PathArrays, people: PathArrays, plan: Plan, _drawn: bool = False) -> Array:
    """(J - 1/2) / (C - 1/2), NaN where C - 1/2 is below `SMALLEST_SPAN`.

    ``model`` and ``people``: (..., P). Returns (...).
    """
    numbers = scale_of(plan, people, SignSource.THEORY).score(model, people)
    span = numbers.ceiling - 0.5
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Array = np.where(span >= SMALLEST_SPAN, (numbers.joint - 0.5) / span, np.nan)
    return found


def size(model: PathArrays, people: PathArrays, plan: Plan, drawn: bool = False) -> Array:
    """1 - sqrt(max(0, mean of (b_m - b_h)^2 - SE_m^2 - SE_h^2)) over the paths that both have.

    A ``drawn`` difference varies twice, as the sample did and as the resample does, and both are
    taken off. ``model`` and ``people``: (..., P). Returns (...), NaN without such a path.
    """
    both = model.estimable & people.estimable & np.isfinite(model.se) & np.isfinite(people.se)
    with np.errstate(invalid="ignore"):
        square = (model.estimate - people.estimate) ** 2
        square = square - (2.0 if drawn else 1.0) * (model.se**2 + people.se**2)
    mean = _families(plan).mean(np.where(both, square, 0.0), both.astype(float))
    found: Array = 1.0 - np.sqrt(np.maximum(mean, 0.0))
    return found


MEASURES: Mapping[str, Callable[[PathArrays, PathArrays, Plan, bool], Array]] = {
    "direction": direction,
    "size": size,
}


def _families(plan: Plan) -> Families:
    return Families([path.family for path in plan.paths])


def agreement_row(
    model: GroupAnalysis, subgroup: Subgroup, measure: str, plan: Plan
) -> SubgroupAgreement:
    """The point estimate, or the reason why there is none."""
    row = SubgroupAgreement(
        group=model.spec.key,
        by=subgroup.by,
        subgroup=subgroup.name,
        measure=measure,
        n=len(subgroup.rows),
        effective_n=float(len(subgroup.rows)),
        reason=TOO_FEW,
    )
    if subgroup.analysis is None or subgroup.matched is None:
        return row
    row = replace(row, effective_n=kish_effective_n(subgroup.analysis.sample))
    if not all(one.summary.has_enough_clusters for one in (model, subgroup.analysis)):
        return replace(row, reason=TOO_FEW_CLUSTERS)
    people = arrays(plan.paths, subgroup.matched.estimates(model), plan.level)
    own = arrays(plan.paths, model.estimates, plan.level)
    if not (people.estimable & own.estimable).any():
        return replace(row, reason=NOT_ESTIMABLE)
    value = float(MEASURES[measure](own, people, plan, False))
    if np.isnan(value):
        return replace(row, reason=UNDIRECTED)
    return replace(row, agreement=value, reason="")


def against_all(
    models: Sequence[GroupAnalysis],
    subgroups: Sequence[Subgroup],
    plan: Plan,
    drawn: Mapping[tuple[str, str, str], Array],
) -> list[Against]:
    """Every model against every subgroup, measure by measure.

    ``drawn`` maps (measure, model, subgroup) to the agreement in every resample.
    """
    none: Array = np.zeros(0)
    return [
        Against(
            agreement_row(one, each, measure, plan),
            drawn.get((measure, one.spec.key, each.key), none),
        )
        for measure in MEASURES
        for one in models
        for each in subgroups
    ]


def with_interval(one: Against, level: float) -> SubgroupAgreement:
    """The row with the percentile interval of its draws, where nearly all of them have a number."""
    if one.row.agreement is None:
        return one.row
    return replace(one.row, interval=_percentile(one.drawn, level))


def parity_gaps(found: Sequence[Against], level: float) -> list[ParityGap]:
    """The best minus the worst subgroup of each question, for each measure and model.

    Which is best and which worst is read off the estimates and kept in every resample, so that the
    interval can hold zero; its level is for as many pairs as could have been chosen (Bonferroni).
    """

    def question(one: Against) -> tuple[str, str, str]:
        return one.row.measure, one.row.group, one.row.by

    return [_gap(list(rows), level) for _key, rows in groupby(found, key=question)]


def _gap(found: Sequence[Against], level: float) -> ParityGap:
    one = found[0].row
    known = [(each.row.agreement, each) for each in found if each.row.agreement is not None]
    compared = len(known)
    gap = ParityGap(one.group, one.by, one.measure, subgroups=len(found), compared=compared)
    if compared < 2:
        return gap
    (lowest, worst), *_between, (highest, best) = sorted(known, key=lambda pair: pair[0])
    pairs = compared * (compared - 1) // 2
    interval = _percentile(best.drawn - worst.drawn, 1.0 - (1.0 - level) / pairs)
    return replace(
        gap,
        best=best.row.subgroup,
        worst=worst.row.subgroup,
        gap=highest - lowest,
        interval=interval,
        resolved=None if interval is None else interval.lower >= SMALLEST_GAP,
    )


def _percentile(drawn: Array, level: float) -> Interval | None:
    known = drawn[np.isfinite(drawn)]
    if len(known) < 3 or len(known) < (1.0 - MOST_UNDEFINED) * len(drawn):
        return None
    tail = (1.0 - level) / 2.0
    lower, upper = np.quantile(known, [tail, 1.0 - tail])
    return Interval(float(lower), float(upper), level, METHOD)
