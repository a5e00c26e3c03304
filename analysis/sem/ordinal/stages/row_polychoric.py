"""Polychoric correlations given covariates: every row has intervals of its own.

P(both answers | x) is the probability of a rectangle under the bivariate normal distribution of the
latent responses' residuals, limits τ_k - x'β; the correlation maximises the sum of its logarithms
given the margins (Muthén 1984).  Without covariates rows of one cell are alike and `polychoric.py`
counts them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.ordinal.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    normal_density,
)
from analysis.sem.ordinal.pair_search import Curvature, highest_correlations
from analysis.sem.ordinal.stages.margins import Ordered
from analysis.sem.ordinal.stages.polyserial import PairResult

__all__ = ["polychoric_correlations_given"]

_SMALLEST = 1e-16  # the accuracy of Φ₂
_CHUNK = 60_000  # rows × pairs at a time: half a megabyte an array


def polychoric_correlations_given(one: Ordered, others: Sequence[Ordered]) -> PairResult:
    """Those of one ordered item with each of `others`, all given the same covariates."""
    step = max(1, _CHUNK // len(one.code))
    parts = [_chunk(one, others[k : k + step]) for k in range(0, len(others), step)]
    return PairResult(
        rho=np.concatenate([part.rho for part in parts]),
        converged=np.concatenate([part.converged for part in parts]),
        scores=np.hstack([part.scores for part in parts]),
        with_first=np.vstack([part.with_first for part in parts]),
        with_second=tuple(each for part in parts for each in part.with_second),
    )


def _chunk(one: Ordered, others: Sequence[Ordered]) -> PairResult:
    rectangles = _Rectangles(
        one.lower[:, None],
        one.upper[:, None],
        np.column_stack([other.lower for other in others]),
        np.column_stack([other.upper for other in others]),
        one.weight,
    )
    rho, converged = highest_correlations(rectangles.curvature, np.zeros(len(others)))
    probability = np.maximum(rectangles.over(bivariate_normal_cdf, rho), _SMALLEST)
    scores = rectangles.over(bivariate_normal_density, rho) / probability
    weight = scores / probability
    own = rectangles.flow(rho)
    across = rectangles.turned().flow(rho)
    return PairResult(
        rho=rho,
        converged=converged,
        scores=scores,
        with_first=one.carried(-weight * own[0], weight * own[1]),
        with_second=tuple(
            other.carried((-weight * across[0])[:, [k]], (weight * across[1])[:, [k]])[0]
            for k, other in enumerate(others)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Rectangles:
    """Lower and upper limits of two latent responses, rows × pairs (or × 1); weights of rows."""

    lower: FloatArray
    upper: FloatArray
    left: FloatArray
    right: FloatArray
    weight: FloatArray

    def turned(self) -> "_Rectangles":
        """The same with the two responses exchanged."""
        return _Rectangles(self.left, self.right, self.lower, self.upper, self.weight)

    def over(
        self,
        function: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
        rho: FloatArray,
    ) -> FloatArray:
        """The second difference of a function of (h, k, ρ) over the corners."""
        total: FloatArray = function(self.upper, self.right, rho)
        total = total - function(self.lower, self.right, rho)
        total = total - function(self.upper, self.left, rho)
        return total + function(self.lower, self.left, rho)

    def flow(self, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
        """φ(limit) P(other response in its interval | limit), at the lower and the upper limit."""
        spread = np.sqrt((1.0 - rho) * (1.0 + rho))

        def at(limit: FloatArray) -> FloatArray:
            inside = ndtr((self.right - rho * limit) / spread)
            inside -= ndtr((self.left - rho * limit) / spread)
            return np.asarray(normal_density(limit) * inside)

        return at(self.lower), at(self.upper)

    def curvature(self, rho: FloatArray, chosen: IntArray) -> Curvature:
        """Log-likelihood and derivatives of the chosen pairs."""
        left, right = self.left[:, chosen], self.right[:, chosen]
        part = _Rectangles(self.lower, self.upper, left, right, self.weight)
        probability = np.maximum(part.over(bivariate_normal_cdf, rho), _SMALLEST)
        slope = part.over(bivariate_normal_density, rho) / probability
        bend = part.over(_density_slope, rho) / probability - slope**2
        return Curvature(*(self.weight @ each for each in (np.log(probability), slope, bend)))


def _density_slope(h: FloatArray, k: FloatArray, rho: FloatArray) -> FloatArray:
    """∂φ₂(h, k; ρ)/∂ρ."""
    spread = (1.0 - rho) * (1.0 + rho)
    inner = h * k * (1.0 + rho**2) - rho * (h * h + k * k)
    slope: FloatArray = bivariate_normal_density(h, k, rho) * (rho / spread + inner / spread**2)
    return slope
