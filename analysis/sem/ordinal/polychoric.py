"""Polychoric correlations of all pairs of ordered items at once, by maximum likelihood.

Given the thresholds, the correlation of a pair maximises Σ n_ab log π_ab(ρ) over the cells of its
contingency table (Olsson 1979, Psychometrika 44, 443-460).  Tables are padded to the widest item,
so that every step is a few array operations over pairs × K × K.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.ordinal.bivariate_normal import bivariate_normal_cdf, bivariate_normal_density
from analysis.sem.ordinal.pair_search import MOST_STEPS, NEARLY_ONE, STEP_TOLERANCE

# The accuracy of Φ₂: what a cell probability below it really is cannot be told from rounding.
SMALLEST_PROBABILITY = 1e-16


def pairs_of(p: int) -> tuple[IntArray, IntArray]:
    """Columns j < i of every pair (i, j), down the columns of the lower triangle."""
    first, second = np.triu_indices(p, 1)
    return first.astype(np.intp), second.astype(np.intp)


@dataclass(frozen=True, slots=True)
class PairTables:
    """Everything about the pairs (row item i, column item j) in arrays with pairs first.

    `row_limits`, `column_limits`: category limits -∞, τ₁, …, +∞, padded with +∞ so that the cells
    of a category an item does not have hold no probability: pairs × (K + 1).
    """

    counts: FloatArray
    row_limits: FloatArray
    column_limits: FloatArray
    both_binary: Mask

    @classmethod
    def of(cls, counts: FloatArray, thresholds: Sequence[FloatArray]) -> "PairTables":
        """`counts` is pairs × K × K (row item first), `thresholds` one array per item."""
        limits = np.full((len(thresholds), counts.shape[1] + 1), np.inf)
        limits[:, 0] = -np.inf
        for row, tau in zip(limits, thresholds, strict=True):
            row[1 : 1 + len(tau)] = tau
        first, second = pairs_of(len(thresholds))
        widths = np.array([len(tau) + 1 for tau in thresholds])
        both_binary = (widths[first] == 2) & (widths[second] == 2)
        return cls(counts, limits[second], limits[first], both_binary)

    def probabilities(self, rho: FloatArray, chosen: IntArray | slice = slice(None)) -> FloatArray:
        """Cell probabilities π(ρ): the second difference of Φ₂, pairs × K × K."""
        return _cells(
            bivariate_normal_cdf, self.row_limits[chosen], self.column_limits[chosen], rho
        )

    def slopes(self, rho: FloatArray, chosen: IntArray | slice = slice(None)) -> FloatArray:
        """∂π/∂ρ: the second difference of φ₂ (Olsson 1979, equation 11), pairs × K × K."""
        return _cells(
            bivariate_normal_density, self.row_limits[chosen], self.column_limits[chosen], rho
        )

    def fit(self) -> tuple[FloatArray, Mask]:
        """ρ of every pair by Fisher scoring on atanh ρ (so |ρ| < 1), and whether it converged.

        It does not where the likelihood keeps rising towards ±1.
        """
        counts = self._without_empty_corners()
        angle = np.zeros(len(counts))
        open_pairs = np.arange(len(counts))
        for _ in range(MOST_STEPS):
            step = self._fisher_step(angle[open_pairs], counts[open_pairs], open_pairs)
            angle[open_pairs] += np.clip(step, -1.0, 1.0)
            within = np.abs(angle[open_pairs]) < np.arctanh(NEARLY_ONE)
            open_pairs = open_pairs[(np.abs(step) > STEP_TOLERANCE) & within]
            if not len(open_pairs):
                break
        rho: FloatArray = np.tanh(angle)
        converged = np.abs(rho) < NEARLY_ONE
        converged[open_pairs] = False
        return rho, converged

    def _fisher_step(self, angle: FloatArray, counts: FloatArray, chosen: IntArray) -> FloatArray:
        rho = np.tanh(angle)
        cells = np.maximum(self.probabilities(rho, chosen), SMALLEST_PROBABILITY)
        slopes = self.slopes(rho, chosen)
        ratio = slopes / cells
        gradient = (counts * ratio).sum(axis=(1, 2))
        information = counts.sum(axis=(1, 2)) * (slopes * ratio).sum(axis=(1, 2))
        step: FloatArray = gradient / (information * (1.0 - rho * rho))
        return step

    def _without_empty_corners(self) -> FloatArray:
        """Half an observation moved into the empty cell of a 2 × 2 table, its margins kept.

        Without it the correlation would be ±1.  Larger tables are left as they are.
        """
        counts = self.counts.copy()
        empty = counts[:, :2, :2] == 0.0
        corner = np.array([[0.5, -0.5], [-0.5, 0.5]])
        for pair in np.flatnonzero(self.both_binary & (empty.sum(axis=(1, 2)) == 1)):
            on_diagonal = empty[pair, 0, 0] or empty[pair, 1, 1]
            counts[pair, :2, :2] += corner if on_diagonal else -corner
        return counts

    def scores(self, rho: FloatArray) -> "PairScores":
        """The derivatives of the log-likelihood that Γ is made of, at ρ."""
        cells = np.maximum(self.probabilities(rho), SMALLEST_PROBABILITY)
        ratio = self.slopes(rho) / cells
        weight = self.counts * ratio / cells
        across = weight.transpose(0, 2, 1)
        rows = _boundary_flow(self.row_limits, self.column_limits, rho)
        columns = _boundary_flow(self.column_limits, self.row_limits, rho)
        return PairScores(
            by_cell=ratio,
            information=(self.counts * ratio**2).sum(axis=(1, 2)),
            with_row_thresholds=(rows * (weight[:, :-1] - weight[:, 1:])).sum(axis=2),
            with_column_thresholds=(columns * (across[:, :-1] - across[:, 1:])).sum(axis=2),
        )


@dataclass(frozen=True, slots=True)
class PairScores:
    """Scores of the correlations and their cross-products, summed over rows of data.

    Attributes:
        by_cell: ∂ log π/∂ρ of an answer in each cell, pairs × K × K.
        information: Σ (∂ log π/∂ρ)², pairs.
        with_row_thresholds, with_column_thresholds: Σ (∂ log π/∂ρ)(∂ log π/∂τ_k), pairs × (K - 1).
            Moving τ_k adds ∂Φ₂/∂h(τ_k, ·) to category k and takes it from category k + 1.
    """

    by_cell: FloatArray
    information: FloatArray
    with_row_thresholds: FloatArray
    with_column_thresholds: FloatArray


def _cells(
    function: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
    row: FloatArray,
    column: FloatArray,
    rho: FloatArray,
) -> FloatArray:
    corners = function(row[:, :, None], column[:, None, :], rho[:, None, None])
    return np.diff(np.diff(corners, axis=1), axis=2)


def _boundary_flow(moving: FloatArray, other: FloatArray, rho: FloatArray) -> FloatArray:
    """φ(τ_k) P(other item in category b | latent response at τ_k): pairs × (K - 1) × K."""
    tau = moving[:, 1:-1, None]
    real = np.isfinite(tau)
    tau = np.where(real, tau, 0.0)
    density = np.where(real, np.exp(-0.5 * tau * tau) / np.sqrt(2.0 * np.pi), 0.0)
    spread = np.sqrt((1.0 - rho) * (1.0 + rho))[:, None, None]
    below = ndtr((other[:, None, :] - rho[:, None, None] * tau) / spread)
    flow: FloatArray = density * np.diff(below, axis=2)
    return flow
