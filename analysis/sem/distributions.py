"""Tail probabilities and quantiles of the normal and the (noncentral) χ² distribution.

The functions of `scipy.special` on floats: the classes of `scipy.stats` cost a hundred times as
much per call, and most of a second to import.
"""

import math

import numpy as np
from scipy.special import chdtr, chdtrc, chdtri, fdtri, gammaln, ndtri

from analysis.sem.arrays import FloatArray

__all__ = [
    "chi_square_quantile",
    "chi_square_tail",
    "f_quantile",
    "noncentral_cdf",
    "noncentral_tail",
    "noncentrality",
    "normal_quantile",
    "normal_tail",
    "two_sided",
]

_SPREAD = 12.0  # Poisson weights farther from their mean than this many deviations are below 1e-30


def two_sided(z: float) -> float:
    """P(|Z| > |z|) of a standard normal Z; NaN stays NaN."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def normal_tail(z: float) -> float:
    """P(Z > z) of a standard normal Z."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def normal_quantile(probability: float) -> float:
    """Φ⁻¹."""
    return float(ndtri(probability))


def chi_square_tail(value: float, df: float) -> float:
    """P(χ²(df) > value)."""
    return float(chdtrc(df, max(value, 0.0)))


def chi_square_quantile(probability: float, df: float) -> float:
    """The value a χ²(df) stays below with this probability."""
    return float(chdtri(df, 1.0 - probability))


def f_quantile(probability: float, numerator: float, denominator: float) -> float:
    """The value an F of these degrees of freedom stays below with this probability."""
    return float(fdtri(numerator, denominator, probability))


def noncentral_tail(value: float, df: float, shift: float) -> float:
    """P(χ²(df, λ = shift) > value): central tails weighted by Poisson(λ/2) probabilities."""
    counts, weights = _poisson(0.5 * shift)
    return float(weights @ chdtrc(df + 2.0 * counts, value))


def noncentral_cdf(value: float, df: float, shift: float) -> float:
    """P(χ²(df, λ = shift) ≤ value)."""
    counts, weights = _poisson(0.5 * shift)
    return float(weights @ chdtr(df + 2.0 * counts, value))


def noncentrality(value: float, df: float, probability: float) -> float:
    """The λ ≥ 0 with P(χ²(df, λ) ≤ value) = probability, 0 where there is none.

    Newton's method inside a shrinking bracket; ∂P/∂λ = [P(χ²(df + 2, λ) ≤ value) - P] / 2.
    """
    if chdtr(df, max(value, 0.0)) < probability:
        return 0.0
    low, high = 0.0, max(value, df) + 10.0
    while noncentral_cdf(value, df, high) > probability:
        low, high = high, 2.0 * high
    shift = min(max(value - df, low), high)
    for _ in range(200):
        reached = noncentral_cdf(value, df, shift)
        low, high = (shift, high) if reached > probability else (low, shift)
        slope = 0.5 * (noncentral_cdf(value, df + 2.0, shift) - reached)
        step = shift - (reached - probability) / slope if slope < 0.0 else -1.0
        following = step if low < step < high else 0.5 * (low + high)
        if abs(following - shift) <= 1e-13 * (1.0 + shift):
            return following
        shift = following
    return shift


def _poisson(mean: float) -> tuple[FloatArray, FloatArray]:
    """Counts that matter and their probabilities."""
    if mean <= 0.0:
        return np.zeros(1), np.ones(1)
    reach = _SPREAD * np.sqrt(mean) + 40.0
    counts = np.arange(max(0.0, np.floor(mean - reach)), np.ceil(mean + reach))
    return counts, np.exp(counts * np.log(mean) - mean - gammaln(counts + 1.0))
