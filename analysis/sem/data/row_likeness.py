"""How alike the rows of one group are: copies, near-copies and what they leave of n.

A model asked two hundred times may give twenty answer sheets with a few items flipped.  Its
covariance matrix is positive definite and every fit converges, on data that hold twenty rows.
The yardstick is a surrogate sample with the group's own margins and correlations but independent
rows (a Gaussian copula), so that few items, coarse scales or strong factors raise no alarm.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray

# Two answers are the same when they differ by less than this many standard deviations: any step
# of a rating scale is a difference, a rounding of a parcel is not.
SAME_ANSWER = 0.1
# Rows compared with all others; above it every k-th row is taken, which leaves the medians alone.
MOST_QUERIES = 1000


@dataclass(frozen=True, slots=True)
class RowLikeness:
    """Figures of one group.

    Attributes:
        n: rows.
        distinct_share: distinct rows / n.
        nearest: median over rows of the share of items on which the most similar other row
            differs (Hamming distance, 0 = a copy).
        effective_n: n² / Σ mᵢ with mᵢ the rows closer to row i than `radius`, itself included:
            Kish's (1965) effective size of a sample of clusters whose members are copies.
        eigenvalue_ratio: largest / smallest eigenvalue of the correlation matrix.
    """

    n: int
    distinct_share: float
    nearest: float
    effective_n: float
    eigenvalue_ratio: float


def likeness(rows: FloatArray) -> tuple[RowLikeness, RowLikeness]:
    """Figures of `rows` (n × p, NaN = missing) and of its surrogate with independent rows.

    Constant items are left out.  The surrogate is seeded: the same rows give the same figures.
    """
    rows = rows[~np.isnan(rows).all(axis=1)]
    rows = rows[:, np.nanstd(rows, axis=0) > 0.0]
    correlation = _correlation(rows)
    surrogate = _surrogate(rows, correlation)
    distance_there = _distances(surrogate)
    radius = 0.5 * float(np.median(distance_there.min(axis=1)))
    ratio = _eigenvalue_ratio(correlation)
    return (
        _figures(rows, _distances(rows), radius, ratio),
        _figures(surrogate, distance_there, radius, ratio),
    )


def independent_rows(rows: FloatArray) -> FloatArray:
    """As many rows that nobody copied, with the margins and correlations of `rows` (n × p).

    Every column has to vary.  Seeded: the same rows give the same.
    """
    return _surrogate(rows, _correlation(rows))


def _figures(rows: FloatArray, distances: FloatArray, radius: float, ratio: float) -> RowLikeness:
    n = len(rows)
    close = 1.0 + (distances <= radius).sum(axis=1)
    return RowLikeness(
        n=n,
        distinct_share=len(np.unique(rows, axis=0)) / n,
        nearest=float(np.median(distances.min(axis=1))),
        effective_n=n / float(close.mean()),
        eigenvalue_ratio=ratio,
    )


def _distances(rows: FloatArray) -> FloatArray:
    """Share of items answered by both on which two rows differ; a row and itself: 2."""
    n, p = rows.shape
    queried = np.arange(0, n, max(1, n // MOST_QUERIES))
    answered = (~np.isnan(rows)).astype(np.float64)
    both = answered[queried] @ answered.T
    differing = np.zeros_like(both)
    for column, spread in zip(rows.T, np.nanstd(rows, axis=0), strict=True):
        differing += np.abs(column[queried, None] - column[None, :]) > SAME_ANSWER * spread
    # Rows that share less than half of the items tell nothing about being copies.
    share = np.where(both >= 0.5 * p, differing / np.maximum(both, 1.0), 1.0)
    share[np.arange(len(queried)), queried] = 2.0
    return share


def _correlation(rows: FloatArray) -> FloatArray:
    centred = np.nan_to_num((rows - np.nanmean(rows, axis=0)) / np.nanstd(rows, axis=0))
    covariance = centred.T @ centred
    scale = np.sqrt(np.diag(covariance))
    correlation: FloatArray = covariance / np.outer(scale, scale)
    return correlation


def _eigenvalue_ratio(correlation: FloatArray) -> float:
    eigenvalues = np.linalg.eigvalsh(correlation)
    smallest = max(float(eigenvalues[0]), float(np.finfo(np.float64).eps))
    return float(eigenvalues[-1]) / smallest


def _surrogate(rows: FloatArray, correlation: FloatArray) -> FloatArray:
    """Independent normal rows with this correlation, each column given the item's own answers."""
    eigenvalues, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(eigenvalues, 0.0))
    normal = np.random.default_rng(0).standard_normal(rows.shape) @ root.T
    surrogate = np.full(rows.shape, np.nan)
    for j, column in enumerate(rows.T):
        present = ~np.isnan(column)
        order = np.argsort(normal[present, j], kind="stable")
        values = np.empty(int(present.sum()))
        values[order] = np.sort(column[present])
        surrogate[present, j] = values
    return surrogate
