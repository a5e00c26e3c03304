"""How well indicators measure their construct, and how well constructs are told apart.

References: McDonald 1999 (omega); Cronbach 1951 and Feldt 1965 (alpha and its interval); Fornell &
Larcker 1981 (AVE); Henseler, Ringle & Sarstedt 2015 (HTMT).
"""

import warnings
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from analysis.compare.data.samples import Array
from analysis.compare.intervals import Interval
from analysis.compare.results import Htmt, Reliability


def omega(loadings: Array, residuals: Array) -> float:
    """(sum of loadings)^2 / ((sum of loadings)^2 + sum of residual variances).

    ``loadings`` (k,) are in the units of the indicators, for a latent variance of one;
    ``residuals`` (k,) are residual variances.
    """
    common = float(np.sum(loadings)) ** 2
    return common / (common + float(np.sum(residuals)))


def average_variance_extracted(loadings: Array) -> float:
    """Mean squared standardised loading. ``loadings``: (k,)."""
    return float(np.mean(loadings**2))


def alpha(values: Array) -> tuple[float, Interval] | None:
    """Cronbach's alpha with Feldt's interval, on complete rows. ``values``: (n, k).

    None with fewer than two indicators, fewer than three complete rows, or nothing that varies.
    """
    complete = values[np.isfinite(values).all(axis=1)]
    if complete.shape[1] < 2 or len(complete) < 3 or not np.ptp(complete.sum(axis=1)) > 0.0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin warns of pandas' future, not of these data
        import pandas as pd
        import pingouin as pg

        value, (lower, upper) = pg.cronbach_alpha(pd.DataFrame(complete))
    return float(value), Interval(float(lower), float(upper), 0.95, "F")


def reliability_row(
    group: str, construct: str, scores: Array, standardised: tuple[Array, Array] | None
) -> Reliability:
    """Alpha from the scores; beside it omega and AVE where the measurement model was fitted.

    ``scores`` (n, k) are the indicators; ``standardised`` are their loadings and residual
    variances, (k,) each. Omega is for the sum of the indicators in their own units.
    """
    cronbach = alpha(scores)
    reliable: float | None = None
    extracted: float | None = None
    if standardised is not None and scores.shape[1] > 1:
        loadings, residuals = standardised
        spread = np.nanstd(scores, axis=0)
        reliable = omega(loadings * spread, residuals * spread**2)
        extracted = average_variance_extracted(loadings)
    return Reliability(
        group=group,
        construct=construct,
        indicators=scores.shape[1],
        omega=reliable,
        alpha=None if cronbach is None else cronbach[0],
        alpha_ci=None if cronbach is None else cronbach[1],
        ave=extracted,
    )


def htmt(first: Array, second: Array) -> float | None:
    """Mean absolute correlation across two constructs over the geometric mean of those within.

    ``first`` (n, k1) and ``second`` (n, k2) are indicators. None where a construct has one
    indicator, an indicator is constant, or the within correlations do not average above zero.
    """
    both = np.column_stack([first, second])
    both = both[np.isfinite(both).all(axis=1)]
    k = first.shape[1]
    if min(k, second.shape[1]) < 2 or len(both) < 3 or not np.all(np.ptp(both, axis=0) > 0.0):
        return None
    correlation = np.abs(np.corrcoef(both, rowvar=False))
    within = [_mean_off_diagonal(block) for block in (correlation[:k, :k], correlation[k:, k:])]
    product = within[0] * within[1]
    return float(correlation[:k, k:].mean() / np.sqrt(product)) if product > 0.0 else None


def htmt_rows(group: str, blocks: Sequence[tuple[str, Array]]) -> tuple[Htmt, ...]:
    """One row per pair of constructs; ``blocks`` are (construct, indicators)."""
    return tuple(
        Htmt(group, left, right, htmt(first, second))
        for (left, first), (right, second) in combinations(blocks, 2)
    )


def _mean_off_diagonal(matrix: Array) -> float:
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())
