"""What screening the rows of a group has found: repeats, copies, straight lines."""

import math
from collections.abc import Iterator

from analysis.compare.codes import SHARED
from analysis.compare.intervals import CLUSTERS_FOR_SANDWICH
from analysis.compare.notices.rule import label, notice
from analysis.compare.plan import Kind
from analysis.compare.results import Comparison, GroupSummary, Notice
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
                f"Of {group.label} it cannot be told how far its paths are from zero: its "
                f"{group.n} rows are {_clusters(group)}, and {FEWEST_CLUSTERS} are needed for "
                "standard errors, intervals, p-values and verdicts.",
                group=group.key,
            )


def _clusters(group: GroupSummary) -> str:
    shared = SHARED.get(group.shared, "")
    return f"{group.clusters} clusters{f' ({shared})' if shared else ''}"


def pooled_repeats(comparison: Comparison) -> Iterator[Notice]:
    """Rows that share clusters are counted by them; copies are repeats of which no fit knows."""
    for group in comparison.groups:
        # Copies that fall within clusters are counted with them; others nobody counts.
        if group.copies and not group.clusters <= group.distinct_rows < group.n:
            copies = "are largely" if group.kind == Kind.LLM else "hold"
            rows = "sessions" if group.kind == Kind.LLM else "rows"
            sentence = (
                f"p-values of {group.label} are not printed: its {group.n} {rows} {copies} "
                "copies of each other, which no estimator counts once."
            )
            yield notice("refusal", "pooled_repeats", sentence, group=group.key)
            continue
        if group.has_repeats and group.has_enough_clusters:
            few = group.clusters < CLUSTERS_FOR_SANDWICH
            yield notice(
                "warning",
                "pooled_repeats",
                f"The {group.n} rows of {group.label} are {_clusters(group)}, design effect "
                f"{group.design_effect:.2f}: standard errors and tests count clusters, with "
                f"{'at most ' if few else ''}{group.clusters - 1} degrees of freedom.",
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
    return (
        f"The {group.n} sessions of {group.label} are largely copies of each other and "
        f"hold about as much as {_independent(group)}: standard errors are far too small."
    )


def _copied_people(group: GroupSummary) -> str:
    equal = (
        f"{group.repeated} of the {group.n} rows of {group.label} repeat another row answer by "
        f"answer, where chance would give about {group.repeated_by_chance}"
        if 2.0 * (group.repeated - group.repeated_by_chance) >= group.n - group.effective_n
        else f"The {group.n} rows of {group.label} are far more alike than independent ones"
    )
    return (
        f"{equal}: they hold about as much as {_independent(group)}, and standard errors are too "
        "small. Look for people who were counted or imported more than once."
    )


def _independent(group: GroupSummary) -> str:
    number = f"{group.effective_n:.0f}"
    return f"{number} independent {'one' if number == '1' else 'ones'}"


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
            f"{share:.0%} of {label(comparison, style.group)} gave one option throughout each of "
            f"their scales, where answers so alike would give {chance:.0%} by chance. A plan can "
            "leave people out who do (exclusions, straight_lining).",
            group=style.group,
        )
