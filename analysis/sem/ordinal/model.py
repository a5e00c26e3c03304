"""Diagonally weighted least squares on thresholds and polychoric correlations (Muthén 1984).

With sample statistics s_g (thresholds, then correlations), their model counterparts σ_g(θ), the
diagonal weights W_g = diag(Γ_g)^-1 and w_g = (n_g - 1) / (N - G),

    F = ½ Σ_g w_g (s_g - σ_g)' W_g (s_g - σ_g)          χ² = 2 (N - G) F

The latent responses have moments μ*, Σ* as in `representation.py` and scales Δ:

    threshold  Δ_i (τ_ik - μ*_i)        correlation  Δ_i Δ_j Σ*_ij

Delta parameterisation: Δ are parameters (one in the first group) and the residual variances follow,
Θ_ii = Δ_i^-2 - (Λ A Ψ A' Λ')_ii.  Theta: Θ_ii are parameters and Δ_i = Σ*_ii^-1/2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.data.moments import Moments
from analysis.sem.model.representation import Layout, Place, Slots, slots_of
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.ordinal.thresholds import OrdinalMoments

__all__ = ["OrdinalModel", "OrdinalPoint", "latent_response_moments"]

_OWN = ("tau", "delta")  # thresholds and scales, no part of the latent responses' moments


@dataclass(frozen=True)
class OrdinalPoint(Point):
    """The model at one value of its free parameters.

    `scales` is Δ (G × p); `residuals[g]` s - σ and `jacobians[g]` ∂σ/∂x (m × n_free) of group g.
    """

    scales: FloatArray
    residuals: tuple[FloatArray, ...]
    jacobians: tuple[FloatArray, ...]


@dataclass(frozen=True)
class _Group:
    """Where a group's thresholds and scales are, in the table and among its statistics."""

    items: IntArray  # observed columns of the group's items
    first: IntArray  # positions within items of each pair's items
    second: IntArray
    owner: IntArray  # position within items of each threshold's item
    threshold_rows: IntArray  # row of the table of each threshold
    scale_rows: IntArray  # row of the table of each item's scale


def latent_response_moments(layout: Layout, samples: Sequence[OrdinalMoments]) -> Moments:
    """Means zero and polychoric correlations, as moments of the latent responses."""
    p, n_groups = len(layout.observed), layout.n_groups
    cov = np.zeros((n_groups, p, p))
    for group, sample in enumerate(samples):
        here = np.flatnonzero(layout.present[group])
        cov[group][np.ix_(here, here)] = sample.correlation
    sizes = np.array([float(sample.n) for sample in samples])
    return Moments(np.arange(n_groups), sizes, np.zeros((n_groups, p)), cov, layout.present.copy())


class OrdinalModel(NormalModel):
    """A layout with the thresholds and polychoric correlations it is fitted to."""

    def __init__(self, layout: Layout, samples: Sequence[OrdinalMoments]) -> None:
        super().__init__(layout, latent_response_moments(layout, samples))
        self.samples = tuple(samples)
        self.delta = layout.table.options.parameterization == "delta"

    @cached_property
    def effective_n(self) -> float:
        """N - G."""
        return self.moments.total - len(self.samples)

    @cached_property
    def weights(self) -> FloatArray:
        """w_g of the discrepancy."""
        return (self.moments.n - 1.0) / self.effective_n

    @cached_property
    def precisions(self) -> tuple[FloatArray, ...]:
        """The diagonal of W_g of each group."""
        return tuple(1.0 / np.diag(sample.gamma) for sample in self.samples)

    @cached_property
    def _groups(self) -> tuple[_Group, ...]:
        return tuple(self._group(number) for number in range(self.layout.n_groups))

    def _group(self, group: int) -> _Group:
        layout, sample = self.layout, self.samples[group]
        items = np.flatnonzero(layout.present[group])
        rows = {
            (row.lhs, row.op, row.rhs): number
            for number, row in enumerate(layout.table.rows)
            if row.group == group
        }
        names = [layout.observed[item] for item in items]
        thresholds = [
            rows[name, "|", f"t{k + 1}"]
            for name, count in zip(names, sample.categories, strict=True)
            for k in range(count - 1)
        ]
        first, second = np.triu_indices(len(items), 1)
        return _Group(
            items=items,
            first=first,
            second=second,
            owner=np.asarray(sample.threshold_owner, dtype=np.intp),
            threshold_rows=np.array(thresholds, dtype=np.intp),
            scale_rows=np.array([rows[name, "~*~", name] for name in names], dtype=np.intp),
        )

    # -- the point ----------------------------------------------------------------------------

    def row_values(self, x: FloatArray) -> FloatArray:
        """Values of all rows; residual variances (delta) or scales (theta) as they follow."""
        values = super().row_values(x)
        matrices = self.layout.matrices(values)
        explained = self.layout.implied_by({**matrices, "theta": 0.0 * matrices["theta"]}).sigma
        for number, (row, place) in enumerate(
            zip(self.layout.table.rows, self.layout.places, strict=True)
        ):
            if self.delta and place.matrix == "theta" and place.i == place.j:
                scale = values[self._scale_row(row.group, place.i)]
                values[number] = scale**-2 - explained[row.group, place.i, place.i]
        if not self.delta:
            sigma = self.layout.implied_by(matrices).sigma
            for group, known in enumerate(self._groups):
                diagonal = np.diag(sigma[group])[known.items]
                values[known.scale_rows] = np.abs(diagonal) ** -0.5
        return values

    def _scale_row(self, group: int, item: int) -> int:
        known = self._groups[group]
        return int(known.scale_rows[int(np.searchsorted(known.items, item))])

    def point(self, x: FloatArray) -> OrdinalPoint | None:
        """The model at `x`, or None where the variance of a latent response is not positive."""
        values = self.row_values(x)
        implied = self.layout.implied_by(self.layout.matrices(values))
        diagonal = np.diagonal(implied.sigma, axis1=1, axis2=2)
        if not np.isfinite(values).all() or (diagonal <= 0)[self.layout.present].any():
            return None
        scales = np.ones(diagonal.shape)
        residuals, jacobians, parts = [], [], []
        for group, known in enumerate(self._groups):
            scale = values[known.scale_rows]
            scales[group, known.items] = scale
            mean, sigma = implied.mu[group][known.items], implied.sigma[group]
            sigma = sigma[np.ix_(known.items, known.items)]
            away = values[known.threshold_rows] - mean[known.owner]
            expected = np.concatenate(
                [
                    scale[known.owner] * away,
                    scale[known.first] * scale[known.second] * sigma[known.first, known.second],
                ]
            )
            residual = self.samples[group].statistics - expected
            residuals.append(residual)
            parts.append(0.5 * float(residual @ (self.precisions[group] * residual)))
        none, nothing = np.zeros((0, 0, 0)), np.zeros((0, 0))
        point = OrdinalPoint(
            x, implied, none, nothing, np.array(parts), float(self.weights @ parts),
            scales, tuple(residuals), (),
        )  # fmt: skip
        jacobians = [self._jacobian(point, values, group) for group in range(len(self._groups))]
        return replace(point, jacobians=tuple(jacobians))

    def _jacobian(self, point: OrdinalPoint, values: FloatArray, group: int) -> FloatArray:
        known = self._groups[group]
        slopes = self._moment_slopes(point, values, group, self.layout.slots[group])
        total = self.layout.by_free(group, slopes)
        index = self.layout.table.index
        scale = point.scales[group][known.items]
        for number, (owner, row) in enumerate(zip(known.owner, known.threshold_rows, strict=True)):
            if index[row] >= 0:
                total[number, index[row]] += scale[owner]
        for item, row in enumerate(known.scale_rows):
            if self.delta and index[row] >= 0:
                total[:, index[row]] += self._scale_slope(point, values, group, item)
        return total

    def _moment_slopes(
        self, point: OrdinalPoint, values: FloatArray, group: int, slots: Slots
    ) -> FloatArray:
        """∂σ_g/∂θ of parameters of the latent responses' moments, m × q."""
        known = self._groups[group]
        columns = point.implied.columns[group][known.items]
        u, v = columns[:, slots.u], columns[:, slots.v]
        d_mean = point.implied.weights[group][slots.weight] * u
        i, j, owner = known.first, known.second, known.owner
        d_sigma = slots.c * (u[i] * v[j] + u[j] * v[i])
        scale = point.scales[group][known.items]
        sigma = point.implied.sigma[group][np.ix_(known.items, known.items)]
        away = values[known.threshold_rows] - point.implied.mu[group][known.items][owner]
        by_threshold = -scale[owner, None] * d_mean[owner]
        by_correlation = (scale[i] * scale[j])[:, None] * d_sigma
        if not self.delta:
            d_scale = -0.5 * scale[:, None] ** 3 * 2.0 * slots.c * u * v
            by_threshold = by_threshold + away[:, None] * d_scale[owner]
            by_correlation += sigma[i, j][:, None] * (
                d_scale[i] * scale[j][:, None] + scale[i][:, None] * d_scale[j]
            )
        return np.vstack([by_threshold, by_correlation])

    def _scale_slope(
        self, point: OrdinalPoint, values: FloatArray, group: int, item: int
    ) -> FloatArray:
        """∂σ_g/∂Δ_i of one item (position within the group's), m."""
        known = self._groups[group]
        scale = point.scales[group][known.items]
        mean = point.implied.mu[group][known.items[item]]
        covariance = point.implied.sigma[group][known.items[item], known.items]
        by_threshold = np.where(known.owner == item, values[known.threshold_rows] - mean, 0.0)
        by_correlation = np.zeros(len(known.first))
        for mine, other in ((known.first, known.second), (known.second, known.first)):
            pairs = np.flatnonzero(mine == item)
            by_correlation[pairs] = scale[other[pairs]] * covariance[other[pairs]]
        return np.concatenate([by_threshold, by_correlation])

    # -- derivatives --------------------------------------------------------------------------

    def gradient(self, point: Point) -> FloatArray:
        """∂F/∂x."""
        assert isinstance(point, OrdinalPoint)
        total = np.zeros(self.layout.n_free)
        for share, precision, residual, jacobian in zip(
            self.weights, self.precisions, point.residuals, point.jacobians, strict=True
        ):
            total -= share * (precision * residual) @ jacobian
        return total

    def expected_information(self, point: Point) -> FloatArray:
        """Σ f_g D'W D with f_g = n_g / N (Gauss-Newton)."""
        assert isinstance(point, OrdinalPoint)
        total = np.zeros((self.layout.n_free, self.layout.n_free))
        for share, precision, jacobian in zip(
            self.shares, self.precisions, point.jacobians, strict=True
        ):
            total += share * jacobian.T @ (precision[:, None] * jacobian)
        return total

    def place_gradient(self, point: Point, group: int, places: Sequence[Place]) -> FloatArray:
        """∂F/∂θ of single parameters of a group times (N - G) / N, as the score test takes it."""
        assert isinstance(point, OrdinalPoint)
        pull = self.precisions[group] * point.residuals[group]
        share = (self.moments.n[group] - 1.0) / self.moments.total
        slope: FloatArray = -share * pull @ self._place_slopes(point, group, places)
        return slope

    def cross_information(
        self, point: Point, group: int, rows: Sequence[Place], columns: Sequence[Place]
    ) -> tuple[FloatArray, FloatArray]:
        """f_g D'W D of two sets of a group's parameters; see `NormalModel`."""
        assert isinstance(point, OrdinalPoint)
        first = self._place_slopes(point, group, rows)
        weighted = self.shares[group] * self.precisions[group][:, None] * first
        own = np.einsum("ij,ij->j", weighted, first)
        return own, weighted.T @ self._place_slopes(point, group, columns)

    def _place_slopes(self, point: OrdinalPoint, group: int, places: Sequence[Place]) -> FloatArray:
        """∂σ_g/∂θ of single parameters, free or not, m × q (zero for what others determine)."""
        layout, known = self.layout, self._groups[group]
        values = self.row_values(point.x)
        moved = [number for number, place in enumerate(places) if place.matrix not in _OWN]
        slots = slots_of(
            [(0, 0, places[number]) for number in moved], len(layout.observed), len(layout.latent)
        )
        total = np.zeros((len(point.residuals[group]), len(places)))
        total[:, moved] = self._moment_slopes(point, values, group, slots)
        for number, place in enumerate(places):
            item = int(np.searchsorted(known.items, place.i))
            if place.matrix == "tau":
                threshold = int(np.searchsorted(known.owner, item)) + place.j
                total[threshold, number] = point.scales[group][place.i]
            elif place.matrix == "delta" and self.delta:
                total[:, number] = self._scale_slope(point, values, group, item)
        return total

    def observed_information(self, point: Point) -> FloatArray:
        """The Gauss-Newton matrix too: F is a sum of squares, small near its minimum."""
        return self.expected_information(point)

    def hessian(self, point: Point) -> FloatArray:
        """∂²F/∂x², from central differences of the analytic gradient."""
        n_free = self.layout.n_free
        total = np.zeros((n_free, n_free))
        for number in range(n_free):
            step = np.zeros(n_free)
            step[number] = 1e-5 * max(1.0, abs(point.x[number]))
            above, below = self.point(point.x + step), self.point(point.x - step)
            assert above is not None
            assert below is not None
            change = self.gradient(above) - self.gradient(below)
            total[number] = change / (2.0 * step[number])
        return 0.5 * (total + total.T)

    def meat(self, point: OrdinalPoint) -> FloatArray:
        """Σ f_g D'W Γ W D."""
        total = np.zeros((self.layout.n_free, self.layout.n_free))
        for group, share in enumerate(self.shares):
            weighted = self.precisions[group][:, None] * point.jacobians[group]
            total += share * weighted.T @ self.samples[group].gamma @ weighted
        return total

    def start(self, x: FloatArray) -> FloatArray:
        """`x` with thresholds from the sample, scales one, and room for unit residual variances."""
        values = np.zeros(len(self.layout.table.rows))
        chosen = np.zeros(len(values), dtype=bool)
        for known, sample in zip(self._groups, self.samples, strict=True):
            values[known.threshold_rows] = np.concatenate(sample.thresholds)
            values[known.scale_rows] = 1.0
            chosen[known.threshold_rows] = chosen[known.scale_rows] = True
        for number, (row, place) in enumerate(
            zip(self.layout.table.rows, self.layout.places, strict=True)
        ):
            if place.matrix == "theta" and place.i == place.j and row.free:
                values[number], chosen[number] = 1.0, True
            if place.matrix == "nu" and row.free:
                chosen[number] = True
        index = self.layout.table.index
        here = chosen & (index >= 0)
        moved = x.copy()
        total = np.bincount(index[here], weights=values[here], minlength=self.layout.n_free)
        count = np.bincount(index[here], minlength=self.layout.n_free)
        moved[count > 0] = total[count > 0] / count[count > 0]
        return moved
