"""Do the items of a scale run the way their key says?

Reference: Nunnally & Bernstein 1994 (corrected item-total correlation).
"""

import numpy as np
from numpy.typing import NDArray

from analysis.compare.companions import ItemKeying
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.plan import Construct

# A correlation nearer to zero is no sign of a wrong key, however many answered.
SMALLEST_AGAINST = 0.10
# Two-sided 99 %: every item of every scale is looked at.
CRITICAL = 2.576
FEWEST_ROWS = 10
# Beyond it two items are one question: the retest of a single item does not reach it.
SMALLEST_TWIN = 0.95


def keying_rows(sample: GroupSample, construct: Construct) -> tuple[ItemKeying, ...]:
    """One row per item of a construct of two or more; items that do not vary have no correlation.

    Which way the scale runs is the sign of the first principal component of the oriented items;
    the key is right where most of them run.
    """
    names = construct.items
    if len(names) < 2:
        return ()
    scores = _standardised(sample.block(names))
    varying = np.flatnonzero(np.isfinite(scores).any(axis=0))
    if len(varying) < 2:
        return tuple(ItemKeying(sample.group, construct.key, name, 0, None) for name in names)
    direction = np.zeros(len(names))
    direction[varying] = _direction(scores[:, varying])
    places = range(len(names))
    return tuple(_row(sample.group, construct, scores, direction, place) for place in places)


def twins(sample: GroupSample, names: tuple[str, ...]) -> dict[str, tuple[str, float]]:
    """Item -> the item that is answered nearly as if it were the same, and their correlation."""
    scores = _standardised(sample.block(names))
    filled, together = np.nan_to_num(scores), _together(scores)
    squares = (filled**2).T @ np.isfinite(scores)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = filled.T @ filled / np.sqrt(squares * squares.T)
    correlation[(together < FEWEST_ROWS) | ~np.isfinite(correlation)] = 0.0
    np.fill_diagonal(correlation, 0.0)
    nearest = np.abs(correlation).argmax(axis=1) if len(names) else ()
    return {
        name: (names[j], float(correlation[i, j]))
        for i, (name, j) in enumerate(zip(names, nearest, strict=True))
        if abs(correlation[i, j]) > SMALLEST_TWIN
    }


def _standardised(values: Array) -> Array:
    """Columns with mean 0 and standard deviation 1; NaN throughout where nothing varies."""
    result = np.full(values.shape, np.nan)
    for j, column in enumerate(values.T):
        given = column[np.isfinite(column)]
        if given.size and np.ptp(given) > 0.0:
            result[:, j] = (column - given.mean()) / given.std()
    return result


def _direction(scores: Array) -> Array:
    """+1 for the items that run as most do, -1 for the others, (k,)."""
    filled = np.nan_to_num(scores)
    _, vectors = np.linalg.eigh(filled.T @ filled / np.maximum(_together(scores), 1.0))
    first = vectors[:, -1]
    signs: Array = np.where(first < 0.0, -1.0, 1.0)
    majority = np.sign(signs.sum()) or np.sign(first.sum()) or 1.0
    return signs * float(majority)


def _together(scores: Array) -> Array:
    given = np.isfinite(scores).astype(np.float64)
    return given.T @ given


def _row(
    group: str, construct: Construct, scores: Array, direction: Array, item: int
) -> ItemKeying:
    others = np.flatnonzero((direction != 0.0) & (np.arange(len(direction)) != item))
    rest = _row_means(scores[:, others] * direction[others])
    both = np.isfinite(rest) & np.isfinite(scores[:, item])
    n = int(both.sum())
    correlation = _correlation(scores[both, item], rest[both]) if n >= FEWEST_ROWS else None
    against = (
        correlation is not None
        and direction[item] < 0.0
        and correlation < -max(SMALLEST_AGAINST, float(np.tanh(CRITICAL / np.sqrt(n - 3.0))))
    )
    half = against and float(direction.sum()) == 0.0
    return ItemKeying(
        group, construct.key, construct.items[item], n, correlation, None, bool(against), bool(half)
    )


def _row_means(values: Array) -> Array:
    given: NDArray[np.bool_] = np.isfinite(values)
    count = given.sum(axis=1)
    total = np.where(given, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _correlation(first: Array, second: Array) -> float | None:
    if not (np.ptp(first) > 0.0 and np.ptp(second) > 0.0):
        return None
    return float(np.corrcoef(first, second)[0, 1])
