"""Whether a path is equal in all subgroups of the people: slopes on one metric, and a Wald test."""

from collections.abc import Iterator, Sequence

from analysis.compare.companions import Moderation, SubgroupSlope
from analysis.compare.models.differences import Tested
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.models.invariance import climb_invariance
from analysis.compare.models.joint.fit import JointFit, join, on_latent_rungs
from analysis.compare.models.joint.syntax import Ties, slope_label
from analysis.compare.plan import PathSpec, Plan, Subgroups
from analysis.compare.subgroups.fits import Subgroup
from analysis.sem.errors import SemError
from analysis.sem.model_tests.wald import wald_test
from analysis.sem.results import SemFit

TOO_FEW = "too_few"
TOO_FEW_CLUSTERS = "too_few_clusters"
NOT_ESTIMABLE = "not_estimable"
NO_METRIC = "metric_invariance"


def moderations(subgroups: Sequence[Subgroup], plan: Plan) -> tuple[Moderation, ...]:
    """One row per question and path that the plan wants tested.

    Subgroups are fitted together with loadings held equal, as far as (partial) metric invariance
    across them allows; they are taken for independent samples, which is said where clusters of
    people reach across them.
    """
    return tuple(
        row for rule in plan.people.subgroups for row in _of_question(rule, subgroups, plan)
    )


def _of_question(
    rule: Subgroups, subgroups: Sequence[Subgroup], plan: Plan
) -> Iterator[Moderation]:
    fitted = [one.analysis for one in subgroups if one.by == rule.by and one.analysis is not None]
    shared = _shares_clusters(fitted)
    joint: dict[str, JointFit | str] = {}
    for key in rule.moderates:
        path = plan.path(key)
        if path.model not in joint:
            joint[path.model] = _joint(path.model, fitted, plan)
        found = joint[path.model]
        if isinstance(found, str) or found.attempt.fit is None:
            reason = found if isinstance(found, str) else NOT_ESTIMABLE
            yield Moderation(key, rule.by, reason=reason, clusters_shared=shared)
        else:
            yield _tested(path, rule.by, found.attempt.fit, found.ties, fitted, shared)


def _joint(model: str, fitted: Sequence[GroupAnalysis], plan: Plan) -> JointFit | str:
    """The fit that slopes are read from, or why there is none."""
    if len(fitted) < 2:
        return TOO_FEW
    if not all(one.summary.has_enough_clusters for one in fitted):
        return TOO_FEW_CLUSTERS
    if not all(on_latent_rungs(one, model) for one in fitted):
        return NOT_ESTIMABLE
    joint = join(model, fitted, plan)
    if not joint.has_latent:
        found = joint.fit(Ties())
        return NOT_ESTIMABLE if found.attempt.reason is not None else found
    ladder = climb_invariance(joint, plan.maximum_freed_share, 1.0 - plan.level)
    tested = Tested(joint, ladder)
    return tested.metric or NO_METRIC


def _tested(
    path: PathSpec,
    by: str,
    fit: SemFit,
    ties: Ties,
    fitted: Sequence[GroupAnalysis],
    shared: bool,
) -> Moderation:
    labels = [slope_label(path, number, ties) for number in range(1, len(fitted) + 1)]
    slopes = {row.label: row for row in fit.parameters if row.label in labels}
    sizes = [fit.group_sizes[name] for name in fit.groups]
    found = tuple(
        SubgroupSlope(one.spec.label, n, slopes[label].est, slopes[label].se)
        for one, n, label in zip(fitted, sizes, labels, strict=True)
    )
    try:
        test = wald_test(fit, [f"{label} == {labels[0]}" for label in labels[1:]])
    except SemError:
        return Moderation(path.key, by, found, reason=NOT_ESTIMABLE, clusters_shared=shared)
    return Moderation(
        path.key, by, found, test.statistic, test.df, test.pvalue, clusters_shared=shared
    )


def _shares_clusters(fitted: Sequence[GroupAnalysis]) -> bool:
    """Whether some cluster has people of several subgroups."""
    members = [set(one.sample.clusters.tolist()) for one in fitted]
    return bool(members) and len(set.union(*members)) < sum(map(len, members))
