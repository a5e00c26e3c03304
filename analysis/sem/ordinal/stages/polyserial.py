"""Correlations with continuous variables: polyserial, and those of two continuous ones.

Given the margins, the correlation of an ordered item with a continuous variable maximises
Σ log[Φ((u - ρz)/s) - Φ((l - ρz)/s)], s = √(1 - ρ²), over rows with interval (l, u) and
standardised residual z (Olsson, Drasgow & Dorans 1982, Psychometrika 47, 337-347, equation 14 given
the margins).  That of two continuous variables maximises the bivariate normal likelihood given
their means and variances; with complete rows it is the product-moment correlation.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.ordinal.bivariate_normal import normal_density
from analysis.sem.ordinal.pair_search import Curvature, highest_correlations
from analysis.sem.ordinal.stages.margins import Continuous, Ordered

__all__ = ["PairResult", "continuous_correlations", "polyserial_correlations"]

_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class PairResult:
    """One variable's correlations with several others.

    Attributes:
        rho: (pairs,).
        converged: where the likelihood has a maximum inside (-1, 1).
        scores: ∂ log L/∂ρ of every row, without its weight, 0 where either is missing: n × pairs.
        with_first: weighted Σ scores × ∂ log L/∂ parameters of the one variable, pairs × q.
        with_second: the same for each of the others, pairs items of their own length.
    """

    rho: FloatArray
    converged: Mask
    scores: FloatArray
    with_first: FloatArray
    with_second: tuple[FloatArray, ...]


# -- ordered with continuous --------------------------------------------------------------------


def polyserial_correlations(item: Ordered, others: Sequence[Continuous]) -> PairResult:
    """Those of one ordered item with each of `others`."""
    z = np.column_stack([other.residual for other in others])
    seen = np.column_stack([other.seen & item.seen for other in others])
    serial = _Polyserial(item.lower, item.upper, z, seen, item.weight)
    rho, converged = highest_correlations(serial.curvature, serial.start(item.code))
    return _with_continuous(item, others, serial, rho, converged)


def _with_continuous(
    item: Ordered,
    others: Sequence[Continuous],
    serial: "_Polyserial",
    rho: FloatArray,
    converged: Mask,
) -> PairResult:
    every = np.arange(len(others))
    rows = serial.rows(rho, every)
    scores = rows.first
    spread = np.sqrt((1.0 - rho) * (1.0 + rho))
    by_lower, by_upper = -rows.at_lower / spread, rows.at_upper / spread
    by_residual = -serial.z - rho * (by_lower + by_upper)
    return PairResult(
        rho=rho,
        converged=converged,
        scores=scores,
        with_first=item.carried(scores * by_lower, scores * by_upper),
        with_second=tuple(
            other.carried(scores[:, [k]], by_residual[:, [k]])[0] for k, other in enumerate(others)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Log probability of each row's answer, its derivatives by ρ, and φ over the probability."""

    value: FloatArray
    first: FloatArray
    second: FloatArray
    at_lower: FloatArray
    at_upper: FloatArray


@dataclass(frozen=True, slots=True)
class _Polyserial:
    """An item's intervals (n,), standardised residuals of others, which rows have both, weights."""

    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    seen: Mask
    weight: FloatArray

    def start(self, code: IntArray) -> FloatArray:
        """The correlation with the category number: too small, but on the right side of zero."""
        away = np.where(self.seen, code[:, None] - _mean(code[:, None], self.seen), 0.0)
        size = np.sqrt((away**2).sum(axis=0) * (self.z**2 * self.seen).sum(axis=0))
        return np.asarray((away * self.z).sum(axis=0) / np.maximum(size, _SMALLEST))

    def curvature(self, rho: FloatArray, chosen: IntArray) -> Curvature:
        """Log-likelihood and derivatives of the chosen pairs."""
        rows = self.rows(rho, chosen)
        return Curvature(*(self.weight @ part for part in (rows.value, rows.first, rows.second)))

    def rows(self, rho: FloatArray, chosen: IntArray) -> _Rows:
        """Row by row, zero where either is missing (n × chosen)."""
        z, seen = self.z[:, chosen], self.seen[:, chosen]
        spread = np.sqrt((1.0 - rho) * (1.0 + rho))
        low, low_1, low_2 = _limit(self.lower[:, None], z, rho, spread)
        high, high_1, high_2 = _limit(self.upper[:, None], z, rho, spread)
        turned = low > 0.0
        probability = ndtr(np.where(turned, -low, high)) - ndtr(np.where(turned, -high, low))
        probability = np.maximum(probability, _SMALLEST)
        at_lower, at_upper = normal_density(low) / probability, normal_density(high) / probability
        first = at_upper * high_1 - at_lower * low_1
        second = at_upper * (high_2 - high * high_1**2) - at_lower * (low_2 - low * low_1**2)
        return _Rows(
            np.where(seen, np.log(probability), 0.0),
            np.where(seen, first, 0.0),
            np.where(seen, second - first**2, 0.0),
            at_lower,
            at_upper,
        )


def _mean(values: FloatArray | IntArray, seen: Mask) -> FloatArray:
    return np.asarray((values * seen).sum(axis=0) / np.maximum(seen.sum(axis=0), 1))


def _limit(
    edge: FloatArray, z: FloatArray, rho: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """t = (edge - ρz)/s and its first two derivatives by ρ."""
    slope = (rho * edge - z) / spread**3
    return (edge - rho * z) / spread, slope, edge / spread**3 + 3.0 * rho * slope / spread**2


# -- continuous with continuous -----------------------------------------------------------------


def continuous_correlations(one: Continuous, others: Sequence[Continuous]) -> PairResult:
    """Those of one continuous variable with each of `others`."""
    seen = np.column_stack([other.seen & one.seen for other in others])
    first = np.where(seen, one.residual[:, None], 0.0)
    second = np.where(seen, np.column_stack([other.residual for other in others]), 0.0)
    normal = _Bivariate(
        one.weight @ seen, one.weight @ (first**2 + second**2), one.weight @ (first * second)
    )
    size = np.sqrt((one.weight @ first**2) * (one.weight @ second**2))
    start = normal.product / np.maximum(size, _SMALLEST)
    rho, converged = highest_correlations(normal.curvature, start)
    spread = (1.0 - rho) * (1.0 + rho)
    product = first * second
    scores = rho / spread + product * (1.0 + rho**2) / spread**2
    scores = np.where(seen, scores - rho * (first**2 + second**2) / spread**2, 0.0)
    return PairResult(
        rho=rho,
        converged=converged,
        scores=scores,
        with_first=one.carried(scores, (rho * second - first) / spread),
        with_second=tuple(
            other.carried(scores[:, [k]], ((rho * first - second) / spread)[:, [k]])[0]
            for k, other in enumerate(others)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Bivariate:
    """Rows, Σ (z₁² + z₂²) and Σ z₁z₂ of every pair, weighted: its likelihood takes no more."""

    n: FloatArray
    squares: FloatArray
    product: FloatArray

    def curvature(self, rho: FloatArray, chosen: IntArray) -> Curvature:
        """log L = -½ n log(1 - ρ²) - (q - 2ρp) / (2(1 - ρ²))."""
        n, q, p = self.n[chosen], self.squares[chosen], self.product[chosen]
        spread = (1.0 - rho) * (1.0 + rho)
        slope = n * rho / spread + (p * (1.0 + rho**2) - rho * q) / spread**2
        bend = n * (1.0 + rho**2) / spread**2 + (2.0 * rho * p - q) / spread**2
        bend += 4.0 * rho * (p * (1.0 + rho**2) - rho * q) / spread**3
        return Curvature(
            -0.5 * n * np.log(spread) - (q - 2.0 * rho * p) / (2.0 * spread), slope, bend
        )
