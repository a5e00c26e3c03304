"""What many draws come to: means, intervals, spreads, and what became of those that failed."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.compare.intervals import Interval
from analysis.compare.results import PathEstimate
from analysis.compare.uncertainty.draws import Array
from analysis.compare.vaar.rates import Numbers, PathArrays, Scale
from analysis.compare.vaar.sizes import percentile

# Standardised; its share is 0 or 1 with any standard error.
FAR = 1e6
NUMBERS = (
    "hard",
    "agree",
    "contradict",
    "undetermined",
    "not_estimable",
    "evidence",
    "joint",
    "log",
)
TESTED = ("hard", "agree", "evidence", "joint", "log")


def solved(drawn: Array, wanted: NDArray[np.bool_]) -> Array:
    """The draws (C, P) that have every wanted path (P,)."""
    return drawn[np.isfinite(drawn[:, wanted]).all(axis=1)]


def spread(drawn: Array) -> Array:
    """Standard deviation of each path over the draws that have it, (P,); NaN with fewer than 3."""
    known = [values[np.isfinite(values)] for values in drawn.T]
    return np.array([np.std(one, ddof=1) if len(one) >= 3 else np.nan for one in known])


def shares_as_high(observed: Numbers, null: Numbers) -> dict[str, float]:
    """p of each number: (1 + draws as high) / (1 + draws), of those that are defined.

    The observed one counts among the draws (Phipson & Smyth 2010): p is never 0.
    """
    result = {}
    for name in TESTED:
        value, drawn = float(getattr(observed, name)), getattr(null, name)
        if np.isfinite(value):
            as_high = np.sum(drawn >= value - 1e-12)
            result[name] = float((1.0 + as_high) / (1.0 + len(drawn)))
    return result


def means(numbers: Numbers | None) -> dict[str, float]:
    """Mean of each number over the draws in which it is defined."""
    drawn = {} if numbers is None else {name: getattr(numbers, name) for name in NUMBERS}
    known = {name: values[np.isfinite(values)] for name, values in drawn.items()}
    return {name: float(values.mean()) for name, values in known.items() if len(values)}


def intervals(numbers: Numbers | None, level: float) -> dict[str, Interval]:
    """Percentile interval of each number that has one; none without draws."""
    if numbers is None:
        return {}
    found = {name: percentile(getattr(numbers, name), level) for name in NUMBERS}
    return {name: interval for name, interval in found.items() if interval is not None}


def hull(first: Mapping[str, Interval], second: Mapping[str, Interval]) -> dict[str, Interval]:
    """Each interval widened to hold its namesake."""
    return {name: widest(interval, second.get(name, interval)) for name, interval in first.items()}


def widest(first: Interval, *others: Interval | None) -> Interval:
    """From the lowest to the highest end; named for what was done."""
    every = [first, *(one for one in others if one is not None)]
    return Interval(
        min(one.lower for one in every),
        max(one.upper for one in every),
        first.level,
        "percentile bootstrap, widened",
    )


def with_refits(row: PathEstimate, drawn: Array) -> PathEstimate:
    """The estimate with what became of its refits, ``drawn`` (draws,)."""
    if not row.estimable:
        return row
    known = np.isfinite(drawn)
    return replace(
        row,
        positive_share=float(np.where(known, drawn > 0.0, 0.5).mean()),
        nonconverged_share=float(np.mean(~known)),
    )


def mean_share(*groups: Mapping[str, PathEstimate]) -> float | None:
    """Share of refits without a solution, the largest over groups of the mean over paths."""
    found = []
    for rows in groups:
        shares = [row.nonconverged_share for row in rows.values()]
        known = [share for share in shares if share is not None]
        found += [float(np.mean(known))] if known else []
    return max(found, default=None)


def towards(filled: float, scale: Scale) -> Array:
    """Where a refit that failed may lie: as expected (positive), otherwise, or nowhere (NaN)."""
    small = FAR * (filled < 0.0)
    return np.where(scale.null & np.isfinite(filled), small, filled * scale.signs)


def refitted(drawn: Array, point: PathArrays, filled: Array) -> PathArrays:
    """Refits of one group, failed ones filled; the standard errors are those of its fit."""
    failed = np.isnan(drawn) & np.isfinite(point.estimate)
    return PathArrays(np.where(failed, filled, drawn), like(point.se, drawn))


def like(se: Array, drawn: Array) -> Array:
    """The same standard errors in every draw."""
    return np.broadcast_to(se, drawn.shape)
