"""On what an estimate stands: rungs, missing estimates, refits, the estimator."""

from collections.abc import Iterator

from analysis.compare.notices.details import detail_in_words
from analysis.compare.notices.rule import first, label, notice
from analysis.compare.plan import Rung, SignSource
from analysis.compare.results import Comparison, Estimability, Notice, PathEstimate
from analysis.language import gettext as _
from analysis.language import gettext_noop, percent

MANY_FAILED_REFITS = 0.10
# Items with so few categories or such a skewness are rather ordered than continuous.
MOST_ORDINAL_CATEGORIES = 4
LARGEST_SKEWNESS = 2.0


# What a group stands on below the planned model; it follows "but on".
STANDING = {
    Rung.ITEMS_DROPPED: gettext_noop("items dropped"),
    Rung.COMPOSITE: gettext_noop("composite"),
    Rung.SINGLE_INDICATOR: gettext_noop("single indicator"),
}


def rung_differs(comparison: Comparison) -> Iterator[Notice]:
    """A group stands on another rung than the planned model."""
    for row in comparison.estimability:
        if row.rung in (Rung.ITEMS_DROPPED, Rung.COMPOSITE, Rung.SINGLE_INDICATOR):
            told = _("{group} stands not on the planned model but on {standing} ({why}).")
            if row.dropped_items:
                told = f"{told} {_('Left out: {items}.')}"
            yield notice(
                "warning",
                "rung_differs",
                told.format(
                    group=label(comparison, row.group),
                    standing=_(STANDING[row.rung]),
                    why=_why(row),
                    items=first(row.dropped_items),
                ),
                group=row.group,
                subject=row.model,
            )


def not_estimable(comparison: Comparison) -> Iterator[Notice]:
    """A path without an estimate, with the reason and what the engine said."""
    for row in comparison.paths:
        if row.std is None and row.reason is not None:
            said = _said_of(comparison, row)
            reason = _(row.reason.sentence)
            yield notice(
                "warning",
                "not_estimable",
                _("{path} could not be estimated in {group}: {reason}.").format(
                    path=row.path,
                    group=label(comparison, row.group),
                    reason=f"{reason} ({said})" if said else reason,
                ),
                group=row.group,
                subject=row.path,
            )


def _why(row: Estimability) -> str:
    """Why a group stands where it stands: the reason, and the engine's sentence with its names."""
    reason = _("reason not recorded") if row.reason is None else _(row.reason.sentence)
    return f"{reason}: {detail_in_words(row.detail)}" if row.detail else reason


def _said_of(comparison: Comparison, path: PathEstimate) -> str:
    model = comparison.plan.path(path.path).model
    return next(
        (
            detail_in_words(row.detail)
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
                _(
                    "{share} of the bootstrap refits of {group} did not converge: intervals of its "
                    "scores are widened to whatever those could have been."
                ).format(share=percent(share), group=label(comparison, score.group)),
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
            _(
                "{found} of {all} items have {categories} categories or fewer, or a skewness "
                "beyond {skewness} in some group ({named}): WLSMV, with items as indicators, takes "
                "them as ordered."
            ).format(
                found=len(found),
                all=len(comparison.plan.items),
                categories=MOST_ORDINAL_CATEGORIES,
                skewness=f"{LARGEST_SKEWNESS:.0f}",
                named=first(found),
            ),
        )


def ordinal_estimator(comparison: Comparison) -> Iterator[Notice]:
    """What an ordinal estimator leaves to normal theory."""
    if comparison.plan.is_ordinal:
        yield notice(
            "warning",
            "ordinal_estimator",
            _(
                "Each group's paths are estimated by {estimator}; joint models of people and "
                "models (invariance, differences) by MLR, and intervals of VAAR are not resampled."
            ).format(estimator=comparison.plan.estimator),
        )
