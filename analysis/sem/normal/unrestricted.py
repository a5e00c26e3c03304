"""The unrestricted moments of each group as parameters: their information and scores.

Group by group, so that nothing of the size of all groups' moments squared is ever formed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.moments import Moments, Sample
from analysis.sem.fitmeasures import ChiSquare
from analysis.sem.model.representation import Implied, Layout
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.robust import meat_of_scores
from analysis.sem.normal.saturated import Saturated, reference_model

__all__ = ["GroupMoments", "Unrestricted"]


@dataclass(frozen=True, slots=True)
class CompleteDataFit:
    """Complete-data statistics of the model and the baseline, and what to divide each by."""

    model: ChiSquare
    factor: float
    baseline: ChiSquare
    baseline_factor: float


@dataclass(frozen=True)
class GroupMoments:
    """The free moments of one group, in the order of its variables: m of them.

    `information` (A₁, observed) and `meat` (B₁) are per observation of the group; `complete` is
    the information that the same moments would have if nothing were missing.
    """

    columns: IntArray  # of the layout's variables
    model: NormalModel
    point: Point
    sample: Sample

    @cached_property
    def information(self) -> FloatArray:
        """A₁, m × m."""
        moments, weight = self.model.moments, self.point.weight
        pull = (weight @ self.point.residual[..., None])[..., 0]
        bend = weight - weight @ moments.cov @ weight - pull[:, :, None] * pull[:, None, :]
        return self._information(weight, bend, pull, self.model.shares)

    @cached_property
    def meat(self) -> FloatArray:
        """B₁, m × m."""
        return meat_of_scores(self.model, self.point, self.sample)

    @cached_property
    def complete(self) -> FloatArray:
        """Expected information of complete rows with these moments, m × m."""
        weight = np.asarray(np.linalg.inv(self.point.implied.sigma), dtype=np.float64)
        zero = np.zeros_like(weight)
        return self._information(weight, zero, zero[:, 0], np.ones(1))

    def _information(
        self, weight: FloatArray, bend: FloatArray, pull: FloatArray, shares: FloatArray
    ) -> FloatArray:
        """The Hessian by the moments from W, R and W d of each block (b first), see `normal.py`.

        With M = W - R the element of two covariances is c c' Σ f [M ⊗ M - R ⊗ R], summed over the
        two ways to pair their variables: one product of b × p² matrices.
        """
        mean, first, second = self._places
        p = weight.shape[1]
        plain, bent = ((weight - bend).reshape(-1, p * p), bend.reshape(-1, p * p))
        scaled = shares[:, None]
        products = (plain.T @ (scaled * plain) - bent.T @ (scaled * bent)).reshape(p, p, p, p)
        i, j = first[~mean], second[~mean]
        factor = np.where(i == j, 0.5, 1.0)
        spread = products[i[:, None], i, j[:, None], j] + products[i[:, None], j, j[:, None], i]
        across = np.einsum("b,bik,bl->ikl", shares, weight, pull, optimize=True)
        k = first[mean]
        mixed = factor * (across[k[:, None], i, j] + across[k[:, None], j, i])
        total = np.zeros((len(mean), len(mean)))
        total[np.ix_(~mean, ~mean)] = np.outer(factor, factor) * spread
        total[np.ix_(mean, ~mean)] = mixed
        total[np.ix_(~mean, mean)] = mixed.T
        total[np.ix_(mean, mean)] = np.tensordot(shares, weight, 1)[np.ix_(k, k)]
        return total

    @cached_property
    def _places(self) -> tuple[Mask, IntArray, IntArray]:
        """Which of the moments are means, and their variables (twice the same for a mean)."""
        layout = self.model.layout
        column = {name: number for number, name in enumerate(layout.observed)}
        rows = [row for row in layout.table.rows if row.free]
        return (
            np.array([row.op == "~1" for row in rows]),
            np.array([column[row.lhs] for row in rows]),
            np.array([column[row.rhs or row.lhs] for row in rows]),
        )

    def slopes(self, layout: Layout, implied: Implied, group: int) -> FloatArray:
        """∂(moments)/∂x of a model of the same variables, m × n_free."""
        slots, here = layout.slots[group], implied.columns[group][self.columns]
        u, v = here[:, slots.u], here[:, slots.v]
        weight = implied.weights[group][slots.weight]
        mean, first, second = self._places
        spread = slots.c * (u[first] * v[second] + u[second] * v[first])
        return layout.by_free(group, np.where(mean[:, None], weight * u[first], spread))


@dataclass(frozen=True)
class Unrestricted:
    """The saturated model of a sample, group by group; what is costly is computed when needed."""

    layout: Layout
    sample: Sample
    moments: Moments
    saturated: Saturated

    @cached_property
    def groups(self) -> Sequence[GroupMoments]:
        """The moments of each group."""
        return tuple(self._group(group) for group in range(self.layout.n_groups))

    def _group(self, group: int) -> GroupMoments:
        table, sample = self.layout.table, self.sample
        role = table.roles[group]
        columns = np.array([self.layout.observed.index(name) for name in role.observed])
        own = self.moments.group == group
        moments = Moments(
            np.zeros(int(own.sum()), dtype=np.intp),
            self.moments.n[own],
            self.moments.mean[own][:, columns],
            self.moments.cov[own][:, columns][:, :, columns],
            self.moments.mask[own][:, columns],
        )
        model, point = reference_model(
            replace(table, groups=(table.groups[group],), roles=(role,)),
            moments,
            self.saturated.mean[[group]][:, columns],
            self.saturated.cov[[group]][:, columns][:, :, columns],
            correlated=True,
        )
        part = Sample(
            role.observed,
            (sample.groups[group],),
            (sample.values[group][:, columns],),
            (sample.rows[group],),
            np.ones((1, len(columns)), dtype=np.bool_),
            None if sample.clusters is None else (sample.clusters[group],),
            None if sample.weights is None else (sample.weights[group],),
        )
        return GroupMoments(columns, model, point, part)

    def trace(self) -> float:
        """tr(B₁ A₁⁻¹), summed over groups."""
        plain = self.sample.clusters is None and self.sample.weights is None
        given = self.layout.table.options.fixed_x and any(
            role.exogenous for role in self.layout.table.roles
        )
        if self.moments.is_complete and plain and not given:
            means = self.layout.table.options.meanstructure
            return sum(
                _complete_trace(self.sample.values[block.group][:, block.mask], means=means)
                for block in self.sample.blocks
            )
        return sum(
            float(np.trace(np.linalg.solve(group.information, group.meat))) for group in self.groups
        )


def _complete_trace(rows: FloatArray, *, means: bool) -> float:
    """p + ½ [ mean d⁴ - p ], d² the Mahalanobis distances at mean and covariance of the rows.

    The first p belongs to the means.
    """
    away = rows - rows.mean(axis=0)
    cov = away.T @ away / len(rows)
    distance = np.einsum("ij,ij->i", away, np.linalg.solve(cov, away.T).T)
    p = rows.shape[1]
    of_means = float(p) if means else 0.0
    return of_means + 0.5 * float(np.mean(distance**2) - p)
