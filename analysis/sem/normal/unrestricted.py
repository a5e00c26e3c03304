"""The unrestricted moments of each group as parameters: their information and scores.

Group by group, so that nothing of the size of all groups' moments squared is ever formed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.data.moments import Moments, Sample
from analysis.sem.model.representation import Implied, Layout
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.robust import meat_of_scores
from analysis.sem.normal.saturated import Saturated, reference_model

__all__ = ["GroupMoments", "Unrestricted"]


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
        return self.model.observed_information(self.point)

    @cached_property
    def meat(self) -> FloatArray:
        """B₁, m × m."""
        return meat_of_scores(self.model, self.point, self.sample)

    @cached_property
    def complete(self) -> FloatArray:
        """Expected information of complete rows with these moments, m × m."""
        implied, moments = self.point.implied, self.model.moments
        whole = Moments(
            np.zeros(1, dtype=np.intp),
            np.array([moments.total]),
            implied.mu,
            implied.sigma,
            np.ones((1, len(self.columns)), dtype=np.bool_),
        )
        model = NormalModel(self.model.layout, whole)
        point = model.point(self.point.x)
        assert point is not None
        return model.expected_information(point)

    def slopes(self, layout: Layout, implied: Implied, group: int) -> FloatArray:
        """∂(moments)/∂x of a model of the same variables, m × n_free."""
        slots, here = layout.slots[group], implied.columns[group][self.columns]
        u, v = here[:, slots.u], here[:, slots.v]
        weight = implied.weights[group][slots.weight]
        column = {name: number for number, name in enumerate(self.model.layout.observed)}
        rows = [row for row in self.model.layout.table.rows if row.free]
        first = np.array([column[row.lhs] for row in rows])
        second = np.array([column[row.rhs or row.lhs] for row in rows])
        mean = np.array([row.op == "~1" for row in rows])
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
