"""What of two groups may be compared, and what is never added up."""

from collections.abc import Iterator

from analysis.compare.notices.rule import label, models_of, notice
from analysis.compare.plan import Kind
from analysis.compare.results import Comparison, Notice


def metric_invariance_fails(comparison: Comparison) -> Iterator[Notice]:
    """No comparison of latent paths without (partial) metric invariance."""
    for verdict in comparison.invariance:
        if not verdict.paths_comparable and len(verdict.groups) == 2:
            yield notice(
                "refusal",
                "metric_invariance_fails",
                f"Latent paths of {label(comparison, verdict.groups[1])} are not compared with "
                f"people's. {verdict.sentence}",
                group=verdict.groups[1],
                subject=verdict.model,
            )


def means_not_comparable(comparison: Comparison) -> Iterator[Notice]:
    """No latent means without (partial) scalar invariance."""
    for verdict in comparison.invariance:
        if not verdict.means_comparable and len(verdict.groups) == 2:
            yield notice(
                "refusal",
                "means_not_comparable",
                f"Latent means of {label(comparison, verdict.groups[1])} are not compared with "
                "people's: scalar invariance does not hold.",
                group=verdict.groups[1],
                subject=verdict.model,
            )


def kinds_kept_apart(comparison: Comparison) -> Iterator[Notice]:
    """People and model sessions are counted side by side; the reminder has both counts."""
    people = sum(group.n for group in comparison.groups if group.kind == Kind.HUMAN)
    sessions = sum(group.n for group in models_of(comparison))
    yield notice(
        "refusal",
        "people_and_models_added",
        f"{people:,} people and {sessions:,} model sessions are counted apart and never added.",
    )
