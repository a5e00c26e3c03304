"""On what an estimate stands: rungs, missing estimates, refits, the estimator."""

from collections.abc import Iterator

from analysis.compare.notices.rule import first, label, notice
from analysis.compare.plan import Rung, SignSource
from analysis.compare.results import Comparison, Estimability, Notice, PathEstimate

MANY_FAILED_REFITS = 0.10
# Items with so few categories or such a skewness are rather ordered than continuous.
MOST_ORDINAL_CATEGORIES = 4
LARGEST_SKEWNESS = 2.0


def rung_differs(comparison: Comparison) -> Iterator[Notice]:
    """A group stands on another rung than the planned model."""
    for row in comparison.estimability:
        if row.rung in (Rung.ITEMS_DROPPED, Rung.COMPOSITE, Rung.SINGLE_INDICATOR):
            dropped = f" Left out: {first(row.dropped_items)}." if row.dropped_items else ""
            standing = row.rung.value.replace("_", " ")
            yield notice(
                "warning",
                "rung_differs",
                f"{label(comparison, row.group)} stands not on the planned model but on "
                f"{standing} ({_why(row)}).{dropped}",
                group=row.group,
                subject=row.model,
            )


def not_estimable(comparison: Comparison) -> Iterator[Notice]:
    """A path without an estimate, with the reason and what the engine said."""
    for row in comparison.paths:
        if row.std is None and row.reason is not None:
            said = _said_of(comparison, row)
            yield notice(
                "warning",
                "not_estimable",
                f"{row.path} could not be estimated in {label(comparison, row.group)}: "
                f"{row.reason.sentence}{f' ({said})' if said else ''}.",
                group=row.group,
                subject=row.path,
            )


def _why(row: Estimability) -> str:
    """Why a group stands where it stands: the reason, and the engine's sentence with its names."""
    reason = "reason not recorded" if row.reason is None else row.reason.sentence
    return f"{reason}: {row.detail}" if row.detail else reason


def _said_of(comparison: Comparison, path: PathEstimate) -> str:
    model = comparison.plan.path(path.path).model
    return next(
        (
            row.detail
            for row in comparison.estimability
            if (row.group, row.model, row.reason) == (path.group, model, path.reason)
        ),
        "",
    )


def failed_refits(comparison: Comparison) -> Iterator[Notice]:
    """Many resamples without a solution."""
    for score in comparison.vaar:
        share = score.failed_refit_share
        if score.signs is SignSource.THEORY and share is not None and share > MANY_FAILED_REFITS:
            yield notice(
                "warning",
                "failed_refits",
                f"{share:.0%} of the bootstrap refits of {label(comparison, score.group)} did not "
                "converge: intervals of its scores are widened to whatever those could have been.",
                group=score.group,
            )


def ordinal_proposed(comparison: Comparison) -> Iterator[Notice]:
    """Items too coarse or too skewed to be taken for continuous."""
    if comparison.plan.is_ordinal:
        return
    coarse = [
        item.name
        for item in comparison.plan.items
        if item.maximum - item.minimum < MOST_ORDINAL_CATEGORIES
    ]
    skewed = {
        row.item
        for row in comparison.items
        if row.skewness is not None and abs(row.skewness) > LARGEST_SKEWNESS
    }
    found = [item.name for item in comparison.plan.items if item.name in {*coarse, *skewed}]
    if found:
        yield notice(
            "warning",
            "ordinal_proposed",
            f"{len(found)} of {len(comparison.plan.items)} items have {MOST_ORDINAL_CATEGORIES} "
            f"categories or fewer, or a skewness beyond {LARGEST_SKEWNESS:.0f} in some group "
            f"({first(found)}): WLSMV, with items as indicators, takes them as ordered.",
        )


def ordinal_estimator(comparison: Comparison) -> Iterator[Notice]:
    """What an ordinal estimator leaves to normal theory."""
    if comparison.plan.is_ordinal:
        yield notice(
            "warning",
            "ordinal_estimator",
            f"Each group's paths are estimated by {comparison.plan.estimator}; joint models of "
            "people and models (invariance, differences) by MLR, and intervals of VAAR are not "
            "resampled.",
        )
