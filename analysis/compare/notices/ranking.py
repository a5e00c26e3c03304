"""When models are not ranked."""

from collections.abc import Iterator

from analysis.compare.notices.rule import label, models_of, notice
from analysis.compare.plan import SignSource
from analysis.compare.results import Comparison, Notice
from analysis.language import gettext as _

FEWEST_PATHS = 2


def ranking_refused(comparison: Comparison) -> Iterator[Notice]:
    """No ranking on too few sessions or too few paths; one notice with every reason."""
    reasons = [*too_few_sessions(comparison), *too_few_paths(comparison)]
    if reasons:
        sentence = _("Models are not ranked: {reasons}.").format(reasons="; ".join(reasons))
        yield notice("refusal", "ranking_refused", sentence)


def too_few_sessions(comparison: Comparison) -> list[str]:
    """Models below the plan's smallest effective n."""
    least = comparison.plan.minimum_effective_n
    return [
        _("{group} has an effective n of {n}, below {least}").format(
            group=group.label, n=f"{group.effective_n:.0f}", least=least
        )
        for group in models_of(comparison)
        if group.effective_n < least
    ]


def too_few_paths(comparison: Comparison) -> list[str]:
    """Families of two or more planned paths with fewer than two estimable."""
    return [
        _("in {group} only {estimable} of {paths} paths of {family} could be estimated").format(
            group=label(comparison, score.group),
            estimable=family.estimable,
            paths=family.paths,
            family=family.name,
        )
        for score in comparison.vaar
        if score.signs is SignSource.THEORY
        for family in score.by_family
        if family.paths >= FEWEST_PATHS > family.estimable
    ]
