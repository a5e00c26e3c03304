"""What screening the rows of a group has found: repeats, copies, keys."""

from collections.abc import Iterator

from analysis.compare.notices.rule import label, models_of, notice
from analysis.compare.plan import Plan
from analysis.compare.results import Comparison, GroupSummary, Notice


def pooled_repeats(comparison: Comparison) -> Iterator[Notice]:
    """No p-value on repeats pooled as if independent; with clusters in the estimator, a warning.

    Copies are repeats too, of which no estimator knows.
    """
    for group in comparison.groups:
        # Copies that fall within clusters are counted with them; others nobody counts.
        if group.copies and not group.clusters <= group.distinct_rows < group.n:
            sentence = (
                f"p-values of {group.label} are not printed: its {group.n} sessions are largely "
                "copies of each other, which no estimator counts once."
            )
            yield notice("refusal", "pooled_repeats", sentence, group=group.key)
            continue
        if group.clusters >= group.n:
            continue
        counted = (
            f"the {group.n} sessions of {group.label} are {group.clusters} clusters (design effect "
            f"{group.design_effect:.2f})"
        )
        if _is_robust(comparison.plan):
            sentence = f"Note that {counted}: tests count clusters, not sessions."
            yield notice("warning", "pooled_repeats", sentence, group=group.key)
        else:
            sentence = (
                f"p-values of {group.label} are not printed: {counted}, which "
                f"{comparison.plan.estimator} takes for independent. MLR counts clusters."
            )
            yield notice("refusal", "pooled_repeats", sentence, group=group.key)


def _is_robust(plan: Plan) -> bool:
    return plan.estimator.upper() == "MLR"


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
