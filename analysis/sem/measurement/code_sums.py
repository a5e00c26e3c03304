"""The sum of the codes of ordered items: what of its variance a factor makes (Green & Yang 2009).

With limits h of the standardised latent responses and their correlation ρ, the codes of two items
have the covariance

    Σ_c Σ_d Φ₂(h_c, k_d; ρ) - Σ_c Φ(h_c) Σ_d Φ(k_d)

(of an item with itself: the variance of its codes, or with ρ the share of the factor).  Omega is
the sum over all pairs with ρ = λ_i φ λ_j, over the same sum with the correlations of responses.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtr

from analysis.sem.arrays import FloatArray
from analysis.sem.model.representation import Implied, Layout
from analysis.sem.ordinal.bivariate_normal import bivariate_normal_cdf

__all__ = ["CodeSum"]


class CodeSum:
    """A factor's items in one group, ready for any point of the model."""

    def __init__(self, layout: Layout, group: int, factor: str, columns: Sequence[int]) -> None:
        self.group, self.factor = group, layout.latent.index(factor)
        self.columns = np.array(columns)
        names = [layout.observed[column] for column in columns]
        rows = [
            (names.index(row.lhs), number)
            for number, row in enumerate(layout.table.rows)
            if row.op == "|" and row.group == group and row.lhs in names
        ]
        self.item = np.array([item for item, _ in rows], dtype=np.intp)
        self.rows = np.array([number for _, number in rows], dtype=np.intp)
        first, second = np.meshgrid(range(len(self.item)), range(len(self.item)), indexing="ij")
        self.first, self.second = first.ravel(), second.ravel()

    @property
    def is_ordered(self) -> bool:
        """Whether every item has thresholds."""
        return len(np.unique(self.item)) == len(self.columns)

    def shares(
        self,
        values: FloatArray,
        implied: Implied,
        matrices: dict[str, FloatArray],
        responses: FloatArray | None = None,
    ) -> tuple[float, float, float]:
        """Omega of the sum of codes, average variance extracted, omega of the latent responses.

        `values` are those of all rows of the table, `implied` and `matrices` what they imply;
        `responses` is the observed correlation matrix of the latent responses, without which it is
        the implied.
        """
        sigma = implied.sigma[self.group][np.ix_(self.columns, self.columns)]
        spread = np.sqrt(np.diag(sigma))
        loading = matrices["lambda"][self.group][self.columns, self.factor]
        variance = float(implied.factor[self.group, self.factor, self.factor])
        common = variance * np.outer(loading, loading)
        limits = (values[self.rows] - implied.mu[self.group][self.columns][self.item]) / spread[
            self.item
        ]
        scale = np.outer(spread, spread)
        between = sigma / scale if responses is None else responses
        omega = self._variance(limits, common / scale) / self._variance(limits, between)
        extracted = float(np.trace(common) / np.trace(sigma))
        return omega, extracted, float(common.sum() / sigma.sum())

    def _variance(self, limits: FloatArray, correlation: FloatArray) -> float:
        """Sum of the covariances of codes over all pairs of items."""
        rho = correlation[self.item[self.first], self.item[self.second]]
        h, k = limits[self.first], limits[self.second]
        same = rho >= 1.0 - 1e-12
        together = np.where(
            same,
            ndtr(np.minimum(h, k)),
            bivariate_normal_cdf(h, k, np.where(same, 0.0, rho)),
        )
        return float(together.sum() - ndtr(limits).sum() ** 2)
