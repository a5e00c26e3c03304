"""Notices beside agreement: high VAAR on thin answers, directions that people leave open."""

from collections.abc import Iterator

from analysis.compare.companions import GroupFidelity, OutcomeFidelity
from analysis.compare.notices.rule import label, notice
from analysis.compare.plan import SignSource
from analysis.compare.results import Comparison, Notice, VaarScore

HIGH_VAAR = 0.80
LOW_VARIANCE_RATIO = 0.60
R2_RATIO_NEAR = (0.50, 2.00)


def variance_ratio_low(comparison: Comparison) -> Iterator[Notice]:
    """Signs agree, but the model's answers vary much less than people's."""
    for score, fidelity in _high(comparison):
        ratio = fidelity.variance_ratio
        if ratio is not None and ratio < LOW_VARIANCE_RATIO:
            yield notice(
                "warning",
                "variance_ratio_low",
                f"{label(comparison, score.group)} has a high VAAR, but its answers vary only "
                f"{ratio:.2f} times as much as people's: directions agree, people do not.",
                group=score.group,
            )


def r2_ratio_far(comparison: Comparison) -> Iterator[Notice]:
    """Signs agree, but the attitudes explain far more, or less, than in people."""
    for score, fidelity in _high(comparison):
        for outcome in fidelity.outcomes:
            if _is_far(outcome):
                yield notice(
                    "warning",
                    "r2_ratio_far",
                    f"{label(comparison, score.group)} has a high VAAR, but R-squared of "
                    f"{outcome.outcome} is {outcome.ratio:.2f} times that of people.",
                    group=score.group,
                    subject=outcome.outcome,
                )


def _is_far(outcome: OutcomeFidelity) -> bool:
    low, high = R2_RATIO_NEAR
    return outcome.ratio is not None and not low <= outcome.ratio <= high


def _high(comparison: Comparison) -> Iterator[tuple[VaarScore, GroupFidelity]]:
    fidelity = {row.group: row for row in comparison.fidelity}
    for score in comparison.vaar:
        high = max(score.hard, score.agree, score.evidence or 0.0) >= HIGH_VAAR
        if score.signs is SignSource.THEORY and high and score.group in fidelity:
            yield score, fidelity[score.group]


def human_unresolved(comparison: Comparison) -> Iterator[Notice]:
    """Paths whose direction the people leave open."""
    for path in dict.fromkeys(path for score in comparison.vaar for path in score.unresolved):
        yield notice(
            "warning",
            "human_unresolved",
            f"The human direction of {path} is unresolved: it carries almost no weight in "
            "evidence and lowers the ceiling of joint.",
            subject=path,
        )


def signs_disagree(comparison: Comparison) -> Iterator[Notice]:
    """Theory and people point different ways; VAAR-T and VAAR-H are both printed."""
    if any(score.signs is SignSource.HUMAN for score in comparison.vaar):
        yield notice(
            "warning",
            "signs_disagree",
            "Theory and the people of this study point different ways on at least one path: "
            "VAAR-T and VAAR-H are both given.",
        )


def suppressed_paths(comparison: Comparison) -> Iterator[Notice]:
    """A resolved path against the sign of its zero-order correlation."""
    for row in comparison.paths:
        if row.suppressed:
            yield notice(
                "warning",
                "suppression",
                f"{row.path} in {label(comparison, row.group)} has the opposite sign of its "
                "zero-order correlation: both are given.",
                group=row.group,
                subject=row.path,
            )
