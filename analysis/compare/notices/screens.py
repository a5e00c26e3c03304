"""What screening the rows of a group has found: repeats, copies, straight lines."""

import math
from collections.abc import Iterator

from analysis.compare.codes import SHARED
from analysis.compare.intervals import CLUSTERS_FOR_SANDWICH
from analysis.compare.notices.rule import label, notice
from analysis.compare.plan import Kind
from analysis.compare.results import Comparison, GroupSummary, Notice
from analysis.language import digits, ngettext, percent
from analysis.language import gettext as _
from surveys.independence import FEWEST_CLUSTERS

# So many times what chance gives, and a twentieth of a group beside.
TIMES_CHANCE = 1.5
MANY_STRAIGHT_LINERS = 0.05
CRITICAL = 2.576


def too_few_clusters(comparison: Comparison) -> Iterator[Notice]:
    """Nothing is concluded from a handful of clusters: estimates alone are given."""
    for group in comparison.groups:
        if not group.has_enough_clusters:
            yield notice(
                "refusal",
                "too_few_clusters",
                _(
                    "Of {group} it cannot be told how far its paths are from zero: its {n} rows "
                    "are {clusters}, and {needed} are needed for standard errors, intervals, "
                    "p-values and verdicts."
                ).format(
                    group=group.label, n=group.n, clusters=_clusters(group), needed=FEWEST_CLUSTERS
                ),
                group=group.key,
            )


def _clusters(group: GroupSummary) -> str:
    clusters = _("{count} clusters").format(count=group.clusters)
    shared = _(SHARED.get(group.shared, ""))
    return f"{clusters} ({shared})" if shared else clusters


def pooled_repeats(comparison: Comparison) -> Iterator[Notice]:
    """Rows that share clusters are counted by them; copies are repeats of which no fit knows."""
    for group in comparison.groups:
        # Copies that fall within clusters are counted with them; others nobody counts.
        if group.copies and not group.clusters <= group.distinct_rows < group.n:
            told = (
                _(
                    "p-values of {group} are not printed: its {n} sessions are largely copies of "
                    "each other, which no estimator counts once."
                )
                if group.kind == Kind.LLM
                else _(
                    "p-values of {group} are not printed: its {n} rows hold copies of each other, "
                    "which no estimator counts once."
                )
            )
            sentence = told.format(group=group.label, n=group.n)
            yield notice("refusal", "pooled_repeats", sentence, group=group.key)
            continue
        if group.has_repeats and group.has_enough_clusters:
            freedom = group.clusters - 1
            few = group.clusters < CLUSTERS_FOR_SANDWICH
            yield notice(
                "warning",
                "pooled_repeats",
                _(
                    "The {n} rows of {group} are {clusters}, design effect {effect}: standard "
                    "errors and tests count clusters, with {df} degrees of freedom."
                ).format(
                    n=group.n,
                    group=group.label,
                    clusters=_clusters(group),
                    effect=digits(f"{group.design_effect:.2f}"),
                    df=_("at most {df}").format(df=freedom) if few else freedom,
                ),
                group=group.key,
            )


def copied_rows(comparison: Comparison) -> Iterator[Notice]:
    """Rows that are (near-)copies of each other; people's are measured against chance."""
    for group in comparison.groups:
        if group.copies:
            people = group.kind == Kind.HUMAN
            yield notice(
                "warning",
                "copied_rows",
                _copied_people(group) if people else _copied_sessions(group),
                group=group.key,
            )


def _copied_sessions(group: GroupSummary) -> str:
    return _(
        "The {n} sessions of {group} are largely copies of each other and hold about as much as "
        "{independent}: standard errors are far too small."
    ).format(n=group.n, group=group.label, independent=_independent(group))


def _copied_people(group: GroupSummary) -> str:
    equal = (
        _(
            "{repeated} of the {n} rows of {group} repeat another row answer by answer, where "
            "chance would give about {chance}"
        )
        if 2.0 * (group.repeated - group.repeated_by_chance) >= group.n - group.effective_n
        else _("The {n} rows of {group} are far more alike than independent ones")
    ).format(repeated=group.repeated, n=group.n, group=group.label, chance=group.repeated_by_chance)
    return _(
        "{equal}: they hold about as much as {independent}, and standard errors are too small. "
        "Look for people who were counted or imported more than once."
    ).format(equal=equal, independent=_independent(group))


def _independent(group: GroupSummary) -> str:
    n = round(group.effective_n)
    return ngettext("{n} independent one", "{n} independent ones", n).format(n=n)


def straight_lines(comparison: Comparison) -> Iterator[Notice]:
    """More respondents than chance allows gave one option throughout each of their scales."""
    sizes = {group.key: group.n for group in comparison.groups}
    for style in comparison.styles:
        share, chance = style.straight_liners, style.straight_liners_by_chance
        if share is None or chance is None:
            continue
        if share < TIMES_CHANCE * chance + MANY_STRAIGHT_LINERS:
            continue
        error = math.sqrt(share * (1.0 - share) / sizes[style.group])
        if share - CRITICAL * error <= TIMES_CHANCE * chance:
            continue
        yield notice(
            "warning",
            "straight_lining",
            _(
                "{share} of {group} gave one option throughout each of their scales, where answers "
                "so alike would give {chance} by chance. A plan can leave people out who do "
                "(exclusions, straight_lining)."
            ).format(
                share=percent(share),
                group=label(comparison, style.group),
                chance=percent(chance),
            ),
            group=style.group,
        )
