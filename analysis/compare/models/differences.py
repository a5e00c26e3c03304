"""Model minus people, path by path: sizes, equality, equivalence.

Raw slopes are compared in a joint fit that holds loadings equal, because equality of raw slopes
says nothing about standardised ones, and the other way round. Without (partial) metric invariance
the latent slopes have no common metric and only zero-order correlations of scores are set side by
side.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.compare.companions import PathDifference
from analysis.compare.data.reference import Reference
from analysis.compare.models.attempt import difference_test
from analysis.compare.models.equivalence import (
    cohen_q,
    equivalence_of,
    independent_difference,
    tost,
    wald,
)
from analysis.compare.models.fits import summarise_fit
from analysis.compare.models.groups import GroupAnalysis, MatchedPeople
from analysis.compare.models.invariance import Ladder
from analysis.compare.models.joint.fit import Joint, JointFit, on_latent_rungs
from analysis.compare.models.joint.syntax import Ties, difference_name
from analysis.compare.plan import PathSpec, Plan, Rung
from analysis.compare.results import FitSummary, PathEstimate
from analysis.sem.results import Parameter, SemFit

# Why a difference is not one of comparable latent paths.
NO_METRIC = "metric_invariance"
OTHER_RUNG = "composite_scores"
NO_ESTIMATE = "not_estimable"
FEW_CLUSTERS = "too_few_clusters"


@dataclass(frozen=True)
class Tested:
    """A joint fit of the people and one model together with the ladder it climbed."""

    joint: Joint
    ladder: Ladder

    @cached_property
    def metric(self) -> JointFit | None:
        """Loadings equal but for those freed, slopes free, their differences defined.

        None where the ladder did not get that far.
        """
        if self.ladder.held is None or not self.ladder.verdict.paths_comparable:
            return None
        found = self.joint.fit(_metric_ties(self.ladder.held.ties), differences=True)
        return None if found.attempt.reason is not None else found

    def equal(self, path: PathSpec) -> SemFit | None:
        """The metric fit with one slope equal in all groups."""
        if self.metric is None:
            return None
        tied = replace(self.metric.ties, paths=frozenset({path.key}))
        found = self.joint.fit(tied).attempt.fit
        return found if found is not None and found.converged else None


def _metric_ties(ties: Ties) -> Ties:
    return replace(ties, intercepts=False, free_intercepts=frozenset())


def path_differences(
    model: GroupAnalysis, matched: MatchedPeople, tested: Mapping[str, Tested], plan: Plan
) -> list[PathDifference]:
    """One row per path of the plan. ``tested`` holds the joint fits of the models that have one."""
    people = matched.estimates(model)
    rows = []
    for name, fitted in model.models.items():
        for path in fitted.spec.paths:
            pair = model.estimates[path.key], people[path.key]
            reason = FEW_CLUSTERS if any(one.unsettled for one in pair) else NO_ESTIMATE
            row = PathDifference(model.spec.key, path.key, comparable=False, reason=reason)
            if pair[0].estimable and pair[1].estimable:
                against = reference_of(model, matched.people)
                joint = tested.get(name)
                if joint is None or (joint.metric is None and not on_latent_rungs(model, name)):
                    row = _independent(replace(row, reason=OTHER_RUNG), pair, plan, against)
                else:
                    row = _joint(row, path, joint, plan, against)
            rows.append(_with_cohen_q(row, pair, model, matched, plan.level))
    return rows


def reference_of(*groups: GroupAnalysis) -> Reference:
    """That of the group with the fewest clusters, where rows share them in any."""
    shared = [one.summary.clusters for one in groups if one.summary.has_repeats]
    return Reference(min(shared, default=None))


def metric_fits(tested: Mapping[str, Tested]) -> list[FitSummary]:
    """The joint fits that differences were taken from, labelled "metric"."""
    return [
        summarise_fit(
            one.metric.attempt.fit,
            model=name,
            label="metric",
            groups=one.joint.groups,
            rung=Rung.FULL,
            syntax=one.metric.syntax,
        )
        for name, one in tested.items()
        if one.metric is not None and one.metric.attempt.fit is not None
    ]


def _independent(
    row: PathDifference,
    pair: tuple[PathEstimate, PathEstimate],
    plan: Plan,
    against: Reference,
) -> PathDifference:
    """Observed scores: two samples, two regressions."""
    model, people = pair
    raw = independent_difference(model.raw_pair, people.raw_pair)
    std = independent_difference(model.std_pair, people.std_pair)
    return _filled(row, raw, std, plan, against)


def _joint(
    row: PathDifference, path: PathSpec, tested: Tested, plan: Plan, against: Reference
) -> PathDifference:
    """Slopes of the metric fit, their difference by the delta method, and its likelihood ratio."""
    if tested.metric is None or tested.metric.attempt.fit is None:
        return replace(row, reason=NO_METRIC)
    free = tested.metric.attempt.fit
    line = _defined(free, difference_name(path, 2))
    row = replace(row, comparable=True, reason="")
    row = _filled(row, (line.est, line.se), (line.std_all, line.std_all_se), plan, against)
    equal = tested.equal(path)
    if equal is None:
        return row
    test = difference_test(equal, free)
    return replace(row, lrt_chisq=test.chisq, lrt_df=test.df, lrt_pvalue=test.pvalue)


def _defined(fit: SemFit, name: str) -> Parameter:
    return next(row for row in fit.parameters if row.op == ":=" and row.lhs == name)


def _filled(
    row: PathDifference,
    raw: tuple[float, float],
    std: tuple[float, float],
    plan: Plan,
    against: Reference,
) -> PathDifference:
    chisq, pvalue = wald(*raw, against)
    return replace(
        row,
        raw=raw[0],
        raw_ci=against.interval(*raw, plan.level),
        std=std[0],
        std_ci=against.interval(*std, plan.level),
        tost_pvalue=tost(*std, plan.equivalence_bound, against),
        equivalence=equivalence_of(*std, plan.equivalence_bound, 1.0 - plan.level, against),
        wald_chisq=chisq,
        wald_pvalue=pvalue,
    )


def _with_cohen_q(
    row: PathDifference,
    pair: tuple[PathEstimate, PathEstimate],
    model: GroupAnalysis,
    matched: MatchedPeople,
    level: float,
) -> PathDifference:
    first, second = pair[0].zero_order_r, pair[1].zero_order_r
    if first is None or second is None:
        return row
    sizes = model.summary.effective_n, matched.people.summary.effective_n
    answer = cohen_q(first, second, *sizes, level)
    if answer is None:
        return row
    known = model.summary.has_enough_clusters and matched.people.summary.has_enough_clusters
    return replace(row, cohen_q=answer[0], cohen_q_ci=answer[1] if known else None)
