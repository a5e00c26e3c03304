"""What a report must say, and what it must not print: one rule, one coded notice.

A warning is printed beside the numbers it is about. A refusal keeps numbers from being printed:
``withheld`` answers whether one applies. Rules read a finished comparison and change nothing in it.
"""

from collections.abc import Iterable
from dataclasses import replace

from analysis.compare.notices.agreement import (
    human_unresolved,
    r2_ratio_far,
    signs_disagree,
    suppressed_paths,
    variance_ratio_low,
)
from analysis.compare.notices.comparability import (
    invariance_not_tested,
    invariance_undecided,
    kinds_kept_apart,
    means_not_comparable,
    metric_invariance_fails,
)
from analysis.compare.notices.people import (
    adjusted_in_people_only,
    lone_strata,
    parity_gaps,
    small_subgroups,
)
from analysis.compare.notices.ranking import ranking_refused
from analysis.compare.notices.rule import Rule
from analysis.compare.notices.screens import (
    copied_rows,
    pooled_repeats,
    straight_lines,
    too_few_clusters,
)
from analysis.compare.notices.standing import (
    failed_refits,
    not_estimable,
    ordinal_estimator,
    ordinal_proposed,
    rung_differs,
)
from analysis.compare.notices.yardstick import (
    collinear_predictors,
    items_against_key,
    items_alike,
    orientation_unclear,
    poor_fit,
    small_sample,
)
from analysis.compare.results import Comparison, Notice

# Codes of the refusals, by what they keep from being printed.
RANKING = ("ranking_refused",)
LATENT_PATHS = ("metric_invariance_fails", "invariance_not_tested")
LATENT_MEANS = ("means_not_comparable",)
P_VALUES = ("pooled_repeats", "too_few_clusters")

RULES: tuple[Rule, ...] = (
    ranking_refused,
    metric_invariance_fails,
    invariance_not_tested,
    means_not_comparable,
    too_few_clusters,
    pooled_repeats,
    kinds_kept_apart,
    items_against_key,
    orientation_unclear,
    poor_fit,
    copied_rows,
    items_alike,
    straight_lines,
    collinear_predictors,
    small_sample,
    invariance_undecided,
    variance_ratio_low,
    r2_ratio_far,
    rung_differs,
    not_estimable,
    human_unresolved,
    signs_disagree,
    suppressed_paths,
    failed_refits,
    ordinal_estimator,
    ordinal_proposed,
    lone_strata,
    small_subgroups,
    parity_gaps,
    adjusted_in_people_only,
)


def notices(comparison: Comparison) -> tuple[Notice, ...]:
    """Every warning and refusal that applies, refusals first."""
    found = [notice for rule in RULES for notice in rule(comparison)]
    return tuple(sorted(found, key=lambda notice: notice.severity != "refusal"))


def with_notices(comparison: Comparison) -> Comparison:
    """The comparison with its notices, and without what they refuse.

    Ranking is emptied and p-values of pooled repeats are taken out, so that no reader of the
    result can print them by mistake.
    """
    said = notices(comparison)
    comparison = replace(comparison, notices=said)
    if withheld(said, RANKING):
        comparison = replace(comparison, ranking=())
    paths = tuple(
        replace(row, pvalue=None, pvalue_holm=None) if withheld(said, P_VALUES, row.group) else row
        for row in comparison.paths
    )
    means = tuple(
        replace(row, pvalue=None) if withheld(said, P_VALUES, row.group) else row
        for row in comparison.latent_means
    )
    return replace(comparison, paths=paths, latent_means=means)


def withheld(said: Iterable[Notice], codes: tuple[str, ...], group: str | None = None) -> bool:
    """True where one of these refusals applies: to this group or to all, or (None) to any."""
    return any(
        notice.severity == "refusal"
        and notice.code in codes
        and (group is None or notice.group in ("", group))
        for notice in said
    )
