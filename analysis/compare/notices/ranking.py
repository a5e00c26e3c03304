"""When models are not ranked."""

from collections.abc import Iterator

from analysis.compare.notices.rule import label, models_of, notice
from analysis.compare.plan import SignSource
from analysis.compare.results import Comparison, Notice

FEWEST_PATHS = 2


def ranking_refused(comparison: Comparison) -> Iterator[Notice]:
    """No ranking on too few sessions or too few paths; one notice with every reason."""
    reasons = [*too_few_sessions(comparison), *too_few_paths(comparison)]
    if reasons:
        yield notice("refusal", "ranking_refused", f"Models are not ranked: {'; '.join(reasons)}.")


def too_few_sessions(comparison: Comparison) -> list[str]:
    """Models below the plan's smallest effective n."""
    least = comparison.plan.minimum_effective_n
    return [
        f"{group.label} has an effective n of {group.effective_n:.0f}, below {least}"
        for group in models_of(comparison)
        if group.effective_n < least
    ]


def too_few_paths(comparison: Comparison) -> list[str]:
    """Families of two or more planned paths with fewer than two estimable."""
    return [
        f"in {label(comparison, score.group)} only {family.estimable} of {family.paths} paths of "
        f"{family.name} could be estimated"
        for score in comparison.vaar
        if score.signs is SignSource.THEORY
        for family in score.by_family
        if family.paths >= FEWEST_PATHS > family.estimable
    ]
