"""What screening the rows of a group has found: repeats, copies, keys."""

from collections.abc import Iterator

from analysis.compare.codes import SHARED
from analysis.compare.intervals import FEWEST_CLUSTERS
from analysis.compare.notices.rule import label, models_of, notice
from analysis.compare.results import Comparison, GroupSummary, Notice


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
            sentence = (
                f"p-values of {group.label} are not printed: its {group.n} sessions are largely "
                "copies of each other, which no estimator counts once."
            )
            yield notice("refusal", "pooled_repeats", sentence, group=group.key)
            continue
        if group.has_repeats and group.has_enough_clusters:
            yield notice(
                "warning",
                "pooled_repeats",
                f"The {group.n} rows of {group.label} are {_clusters(group)}, design effect "
                f"{group.design_effect:.2f}: standard errors and tests count clusters, with "
                f"{group.clusters - 1} degrees of freedom.",
                group=group.key,
            )


def copied_rows(comparison: Comparison) -> Iterator[Notice]:
    """Sessions that are (near-)copies of each other."""
    for group in models_of(comparison):
        if group.copies:
            yield notice(
                "warning",
                "copied_rows",
                f"The {group.n} sessions of {group.label} are largely copies of each other and "
                f"hold about as much as {_independent(group)}: standard errors are far too small.",
                group=group.key,
            )


def _independent(group: GroupSummary) -> str:
    number = f"{group.effective_n:.0f}"
    return f"{number} independent {'one' if number == '1' else 'ones'}"


def orientation_unclear(comparison: Comparison) -> Iterator[Notice]:
    """Most loadings of a construct run against its marker: high does not mean what it should."""
    for fit in comparison.fits:
        if fit.label != "own":
            continue
        for construct in comparison.plan.constructs:
            rows = [
                row for row in fit.parameters if (row["lhs"], row["op"]) == (construct.key, "=~")
            ]
            against = [row for row in rows if isinstance(row["est"], float) and row["est"] < 0.0]
            if rows and 2 * len(against) >= len(rows):
                yield notice(
                    "warning",
                    "orientation_unclear",
                    f"Half or more of the loadings of {construct.key} in "
                    f"{label(comparison, fit.groups[0])} are negative: check which items are "
                    "reverse-keyed.",
                    group=fit.groups[0],
                    subject=construct.key,
                )
