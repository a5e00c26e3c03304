"""Confidence limits from bootstrap draws."""

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.sem.arrays import FloatArray

__all__ = ["bca_limits", "percentile_limits"]


def percentile_limits(draws: FloatArray, level: float) -> FloatArray:
    """Lower and upper limit of each column of `draws` (R × k): k × 2."""
    tail = 0.5 * (1.0 - level)
    k = draws.shape[1]
    return _quantiles(draws, np.tile([tail, 1.0 - tail], (k, 1)))


def bca_limits(
    draws: FloatArray, point: FloatArray, influence: FloatArray, level: float
) -> FloatArray:
    """Bias-corrected and accelerated limits (Efron 1987): k × 2.

    z₀ = Φ⁻¹(share of draws below the estimate, ties counted half); a = Σ l³ / 6 (Σ l²)^{3/2} with l
    the influence of every row (n × k) on the estimate: the infinitesimal jackknife, pooled over
    groups as in Davison & Hinkley (1997, section 5.3).  The limits are the draws at
    Φ(z₀ + (z₀ + z) / (1 - a (z₀ + z))), z = Φ⁻¹ of the nominal tails.
    """
    below = (draws < point).mean(axis=0) + 0.5 * (draws == point).mean(axis=0)
    edge = 0.5 / len(draws)
    bias = ndtri(np.clip(below, edge, 1.0 - edge))[:, None]
    spread = (influence**2).sum(axis=0)
    skew = (influence**3).sum(axis=0)
    moving = spread > 0.0
    acceleration = np.where(moving, skew / (6.0 * np.where(moving, spread, 1.0) ** 1.5), 0.0)
    tail = 0.5 * (1.0 - level)
    shifted = bias + ndtri(np.array([tail, 1.0 - tail]))
    return _quantiles(draws, ndtr(bias + shifted / (1.0 - acceleration[:, None] * shifted)))


def _quantiles(draws: FloatArray, probabilities: FloatArray) -> FloatArray:
    """Draws at each column's probabilities (k × 2), interpolated on the normal scale.

    Between the j-th and next of R sorted draws, j = ⌊(R + 1) p⌋, at the share
    [Φ⁻¹(p) - Φ⁻¹(j/(R+1))] / [Φ⁻¹((j+1)/(R+1)) - Φ⁻¹(j/(R+1))] (Davison & Hinkley 1997, eq. 5.8).
    """
    ordered = np.sort(draws, axis=0)
    count = len(ordered)
    place = np.clip(probabilities * (count + 1), 1.0, count)
    lower = np.minimum(np.floor(place).astype(np.intp), count - 1)
    left, right = ndtri(lower / (count + 1)), ndtri((lower + 1) / (count + 1))
    share = np.clip((ndtri(place / (count + 1)) - left) / (right - left), 0.0, 1.0)
    columns = np.arange(ordered.shape[1])[:, None]
    low, high = ordered[lower - 1, columns], ordered[lower, columns]
    limits: FloatArray = low + share * (high - low)
    return limits
