"""Notices beside agreement: high VAAR on thin answers, directions that people leave open."""

from collections.abc import Iterator

from analysis.compare.companions import GroupFidelity
from analysis.compare.intervals import Interval
from analysis.compare.notices.rule import label, notice
from analysis.compare.plan import SignSource
from analysis.compare.results import Comparison, Notice, VaarScore
from analysis.language import digits
from analysis.language import gettext as _

HIGH_VAAR = 0.80
LOW_VARIANCE_RATIO = 0.60
R2_RATIO_NEAR = (0.50, 2.00)


def variance_ratio_low(comparison: Comparison) -> Iterator[Notice]:
    """Signs agree, but the model's answers vary much less than people's: the interval says so."""
    for score, fidelity in _high(comparison):
        ratio, ends = fidelity.variance_ratio, fidelity.variance_ratio_ci
        if ratio is not None and ends is not None and ends.upper < LOW_VARIANCE_RATIO:
            yield notice(
                "warning",
                "variance_ratio_low",
                _(
                    "{group} has a high VAAR, but its answers vary only {ratio} times as much as "
                    "people's (at most {most}): directions agree, people do not."
                ).format(
                    group=label(comparison, score.group),
                    ratio=digits(f"{ratio:.2f}"),
                    most=digits(f"{ends.upper:.2f}"),
                ),
                group=score.group,
            )


def r2_ratio_far(comparison: Comparison) -> Iterator[Notice]:
    """Signs agree, but the attitudes explain far more, or less, than in people: the whole interval
    of the ratio is far from one.
    """
    for score, fidelity in _high(comparison):
        for outcome in fidelity.outcomes:
            if outcome.ratio is not None and _is_far(outcome.ratio_ci):
                yield notice(
                    "warning",
                    "r2_ratio_far",
                    _(
                        "{group} has a high VAAR, but R-squared of {outcome} is {ratio} times that "
                        "of people, and not by chance."
                    ).format(
                        group=label(comparison, score.group),
                        outcome=outcome.outcome,
                        ratio=digits(f"{outcome.ratio:.2f}"),
                    ),
                    group=score.group,
                    subject=outcome.outcome,
                )


def _is_far(ends: Interval | None) -> bool:
    low, high = R2_RATIO_NEAR
    return ends is not None and (ends.upper < low or ends.lower > high)


def _high(comparison: Comparison) -> Iterator[tuple[VaarScore, GroupFidelity]]:
    fidelity = {row.group: row for row in comparison.fidelity}
    for score in comparison.vaar:
        high = max(score.hard, score.agree, score.evidence or 0.0) >= HIGH_VAAR
        if score.signs is SignSource.THEORY and high and score.group in fidelity:
            yield score, fidelity[score.group]


def human_unresolved(comparison: Comparison) -> Iterator[Notice]:
    """Paths whose direction the people leave open."""
    people = comparison.plan.reference_group
    known = {row.path for row in comparison.paths if row.group == people and row.estimable}
    unknown = {row.path for row in comparison.paths if row.group == people} - known
    for path in dict.fromkeys(path for score in comparison.vaar for path in score.unresolved):
        told = (
            _(
                "The people give no direction of {path}, which could not be estimated in them: it "
                "carries no weight in evidence."
            )
            if path in unknown
            else _(
                "The human direction of {path} is unresolved: it carries almost no weight in "
                "evidence and lowers the ceiling of joint."
            )
        ).format(path=path)
        yield notice("warning", "human_unresolved", told, subject=path)


def signs_disagree(comparison: Comparison) -> Iterator[Notice]:
    """Theory and people point different ways; VAAR-T and VAAR-H are both printed."""
    if any(score.signs is SignSource.HUMAN for score in comparison.vaar):
        yield notice(
            "warning",
            "signs_disagree",
            _(
                "Theory and the people of this study point different ways on at least one path: "
                "VAAR-T and VAAR-H are both given."
            ),
        )


def suppressed_paths(comparison: Comparison) -> Iterator[Notice]:
    """A resolved path against the sign of its zero-order correlation."""
    for row in comparison.paths:
        if row.suppressed:
            yield notice(
                "warning",
                "suppression",
                _(
                    "{path} in {group} has the opposite sign of its zero-order correlation: both "
                    "are given."
                ).format(path=row.path, group=label(comparison, row.group)),
                group=row.group,
                subject=row.path,
            )
