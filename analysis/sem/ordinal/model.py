"""Diagonally weighted least squares on thresholds, regressions and correlations (Muthén 1984).

With sample statistics s_g (see `OrdinalMoments.statistics`), their model counterparts σ_g(θ), the
diagonal weights W_g of independent rows and w_g = (n_g - 1) / (N - G),

    F = ½ Σ_g w_g (s_g - σ_g)' W_g (s_g - σ_g)          χ² = 2 (N - G) F

The responses have moments μ*, Π*, Σ* given the covariates (`responses.py`) and scales Δ, one for
continuous variables:

    threshold  Δ_i (τ_ik - μ*_i)     slope  Δ_i Π*_ij     covariance  Δ_i Δ_j Σ*_ij

Delta parameterisation: the Δ of ordered items are parameters (one in the first group) and their
residual variances follow, so that Σ*_ii = Δ_i^-2.  Theta: residual variances are parameters and
Δ_i = Σ*_ii^-1/2.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.moments import Moments
from analysis.sem.model.representation import Implied, Layout, Place, Slots, slots_of
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.saturated import exogenous_columns
from analysis.sem.ordinal.responses import (
    Responses,
    covariate_mask,
    moment_slopes,
    responses_of,
    without_covariates,
)
from analysis.sem.ordinal.thresholds import OrdinalMoments

__all__ = ["OrdinalModel", "OrdinalPoint", "joint_moments"]

_STEP = 1e-4  # of numerical derivatives, in standard errors
_OWN = ("tau", "delta")  # thresholds and scales, no part of the responses' moments


@dataclass(frozen=True)
class OrdinalPoint(Point):
    """The model at one value of its free parameters.

    `conditional` holds the moments given the covariates at zero, `implied` those over them;
    `scales` is Δ (G × p), `residuals[g]` s - σ and `jacobians[g]` ∂σ/∂x (m × n_free) of group g.
    """

    conditional: Implied
    scales: FloatArray
    residuals: tuple[FloatArray, ...]
    jacobians: tuple[FloatArray, ...]


def joint_moments(layout: Layout, samples: Sequence[OrdinalMoments]) -> Moments:
    """Means and covariances of responses and covariates together."""
    p, n_groups = len(layout.observed), layout.n_groups
    mean, cov = np.zeros((n_groups, p)), np.zeros((n_groups, p, p))
    for group, sample in enumerate(samples):
        known = responses_of(layout, sample, group)
        x = np.array(exogenous_columns(layout, group), dtype=np.intp)
        across = sample.slopes @ sample.covariate_cov
        mean[group, known.items] = sample.intercepts + sample.slopes @ sample.covariate_mean
        mean[group, x] = sample.covariate_mean
        cov[group][np.ix_(known.items, known.items)] = sample.covariance + across @ sample.slopes.T
        cov[group][np.ix_(known.items, x)] = across
        cov[group][np.ix_(x, known.items)] = across.T
        cov[group][np.ix_(x, x)] = sample.covariate_cov
    sizes = np.array([float(sample.n) for sample in samples])
    return Moments(np.arange(n_groups), sizes, mean, cov, layout.present.copy())


class OrdinalModel(NormalModel):
    """A layout with the thresholds, regressions and correlations it is fitted to."""

    def __init__(self, layout: Layout, samples: Sequence[OrdinalMoments]) -> None:
        moments = joint_moments(layout, samples)
        super().__init__(layout.with_exogenous(moments.mean, moments.cov), moments)
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
        return tuple(1.0 / sample.spread for sample in self.samples)

    @cached_property
    def responses(self) -> tuple[Responses, ...]:
        """Where each group's responses stand in the table."""
        return tuple(
            responses_of(self.layout, sample, group) for group, sample in enumerate(self.samples)
        )

    @cached_property
    def _covariates(self) -> Mask:
        return covariate_mask(self.layout, self.responses)

    # -- the point ----------------------------------------------------------------------------

    def row_values(self, x: FloatArray) -> FloatArray:
        """Values of all rows; residual variances (delta) or scales (theta) as they follow."""
        values = super().row_values(x)
        if not self.delta:
            sigma = self._conditional(values).sigma
            for group, known in enumerate(self.responses):
                diagonal = np.diag(sigma[group])[known.items[known.ordered]]
                values[known.scale_rows] = np.abs(diagonal) ** -0.5
            return values
        self._settle_outcomes(values)
        for known in self.responses:
            values[known.residual_rows] = 0.0
        sigma = self._conditional(values).sigma
        for group, known in enumerate(self.responses):
            plain = known.residual_items
            scale = self._scales(values, known)[plain]
            values[known.residual_rows] = scale**-2 - np.diag(sigma[group])[known.items[plain]]
        return values

    def _settle_outcomes(self, values: FloatArray) -> None:
        """Residual variances in Ψ of ordered outcomes, from diag Σ* = Δ^-2, linear in them."""
        if not any(len(known.dependents.rows) for known in self.responses):
            return
        for known in self.responses:
            values[known.dependents.rows] = 0.0
        rest = self._conditional(values)
        for group, known in enumerate(self.responses):
            own = known.dependents
            columns = known.items[own.items]
            shares = rest.loading[group][np.ix_(columns, own.inner)] ** 2
            wanted = self._scales(values, known)[own.items] ** -2
            missing = wanted - np.diag(rest.sigma[group])[columns]
            values[own.rows] = np.linalg.lstsq(shares, missing, rcond=None)[0]

    def _conditional(self, values: FloatArray) -> Implied:
        matrices = without_covariates(self.layout.matrices(values), self._covariates)
        return self.layout.implied_by(matrices)

    def _scales(self, values: FloatArray, known: Responses) -> FloatArray:
        """Δ of a group's responses, one for continuous ones (p,)."""
        scales = np.ones(len(known.items))
        scales[known.ordered] = values[known.scale_rows]
        return scales

    def point(self, x: FloatArray) -> OrdinalPoint | None:
        """The model at `x`, or None where the variance of a response is not positive."""
        values = self.row_values(x)
        if not np.isfinite(values).all():
            return None
        conditional = self._conditional(values)
        given = self._covariates.any()
        implied = self.layout.implied_by(self.layout.matrices(values)) if given else conditional
        scales = np.ones(self.layout.present.shape)
        residuals, parts = [], []
        for group, known in enumerate(self.responses):
            stacked = known.stacked(conditional, group)
            if (stacked[known.variances] <= 0.0).any() or not np.isfinite(stacked).all():
                return None
            scale = self._scales(values, known)
            scales[group, known.items] = scale
            expected = known.statistics(stacked, scale, values[known.threshold_rows])
            residual = self.samples[group].statistics - expected
            residuals.append(residual)
            parts.append(0.5 * float(residual @ (self.precisions[group] * residual)))
        none, nothing = np.zeros((0, 0, 0)), np.zeros((0, 0))
        point = OrdinalPoint(
            x, implied, none, nothing, np.array(parts), float(self.weights @ parts),
            conditional, scales, tuple(residuals), (),
        )  # fmt: skip
        jacobians = [self._jacobian(point, values, group) for group in range(len(self.samples))]
        return replace(point, jacobians=tuple(jacobians))

    def _jacobian(self, point: OrdinalPoint, values: FloatArray, group: int) -> FloatArray:
        known, index = self.responses[group], self.layout.table.index
        free = known.ordered[index[known.scale_rows] >= 0] if self.delta else known.ordered[:0]
        slots = self.layout.slots[group]
        slopes = self._statistic_slopes(point, values, group, slots, free)
        total = self.layout.by_free(group, slopes[:, : len(slots.u)])
        scale_rows = known.scale_rows[np.searchsorted(known.ordered, free)]
        for column, row in enumerate(scale_rows, start=len(slots.u)):
            total[:, index[row]] += slopes[:, column]
        scale = point.scales[group][known.items]
        for number, (owner, row) in enumerate(zip(known.owner, known.threshold_rows, strict=True)):
            if index[row] >= 0:
                total[number, index[row]] += scale[owner]
        return total

    def _statistic_slopes(
        self,
        point: OrdinalPoint,
        values: FloatArray,
        group: int,
        slots: Slots,
        scaled: IntArray,
    ) -> FloatArray:
        """∂σ_g/∂θ of parameters of the responses' moments, then of the scales of the responses
        `scaled` (delta): m × (q + scales)."""
        known = self.responses[group]
        scale = point.scales[group][known.items]
        q = len(slots.u)
        moved = np.zeros((known.variances.stop + len(known.first), q + len(scaled)))
        moved[:, :q] = moment_slopes(known, point.conditional, group, slots)
        d_scale = np.zeros((len(scale), q + len(scaled)))
        d_scale[scaled, q + np.arange(len(scaled))] = 1.0
        variances = moved[known.variances]
        own = known.dependents
        if self.delta and len(own.items):
            # residual variances of ordered outcomes follow: diag Σ* stays Δ^-2
            follow = moment_slopes(known, point.conditional, group, own.slots)
            wanted = -2.0 * scale[own.items, None] ** -3 * d_scale[own.items]
            shares = follow[known.variances][own.items]
            moved += follow @ np.linalg.solve(shares, wanted - variances[own.items])
        elif not self.delta:
            at = known.ordered
            d_scale[at] = -0.5 * scale[at, None] ** 3 * variances[at]
        stacked = known.stacked(point.conditional, group)
        return known.statistic_slopes(stacked, moved, scale, d_scale, values[known.threshold_rows])

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

    def _place_slopes(self, point: Point, group: int, places: Sequence[Place]) -> FloatArray:
        """∂σ_g/∂θ of single parameters, free or not, m × q (zero for what others determine)."""
        assert isinstance(point, OrdinalPoint)
        layout, known = self.layout, self.responses[group]
        values = self.row_values(point.x)
        moved = [number for number, place in enumerate(places) if place.matrix not in _OWN]
        scales = [
            number for number, place in enumerate(places) if place.matrix == "delta" and self.delta
        ]
        slots = slots_of(
            [(0, 0, places[number]) for number in moved], len(layout.observed), len(layout.latent)
        )
        items = np.searchsorted(known.items, [place.i for place in places]).astype(np.intp)
        total = np.zeros((len(point.residuals[group]), len(places)))
        total[:, moved + scales] = self._statistic_slopes(
            point, values, group, slots, items[scales]
        )
        for number, place in enumerate(places):
            if place.matrix == "tau":
                threshold = int(np.searchsorted(known.owner, items[number])) + place.j
                total[threshold, number] = point.scales[group][place.i]
        return total

    def observed_information(self, point: Point) -> FloatArray:
        """The Gauss-Newton matrix too: F is a sum of squares, small near its minimum."""
        return self.expected_information(point)

    def hessian(self, point: Point) -> FloatArray:
        """∂²F/∂x², from central differences of the analytic gradient."""
        steps = self.steps(point)
        total = np.zeros((len(steps), len(steps)))
        for number, step in enumerate(np.diag(steps)):
            above, below = self.point(point.x + step), self.point(point.x - step)
            assert above is not None
            assert below is not None
            change = self.gradient(above) - self.gradient(below)
            total[number] = change / (2.0 * steps[number])
        return 0.5 * (total + total.T)

    def steps(self, point: Point) -> FloatArray:
        """Steps for numerical derivatives (n_free,): small beside any standard error, so that the
        units of a variable do not matter."""
        information = np.diag(self.expected_information(point))
        return np.asarray(_STEP / np.sqrt(self.moments.total * information))

    def meat(self, point: OrdinalPoint) -> FloatArray:
        """Σ f_g D'W Γ W D."""
        total = np.zeros((self.layout.n_free, self.layout.n_free))
        for group, share in enumerate(self.shares):
            weighted = self.precisions[group][:, None] * point.jacobians[group]
            total += share * weighted.T @ self.samples[group].gamma @ weighted
        return total

    def start(self, x: FloatArray) -> FloatArray:
        """`x` with thresholds from the sample, scales one, and room for unit residual variances."""
        rows = self.layout.table.rows
        values = np.zeros(len(rows))
        chosen = np.zeros(len(values), dtype=bool)
        for group, (known, sample) in enumerate(zip(self.responses, self.samples, strict=True)):
            values[known.threshold_rows] = np.concatenate(sample.thresholds)
            values[known.scale_rows] = 1.0
            chosen[known.threshold_rows] = chosen[known.scale_rows] = True
            names = {sample.names[item] for item in known.ordered}
            for number, row in enumerate(rows):
                if row.group != group or not row.free or row.lhs not in names:
                    continue
                if row.op == "~~" and row.lhs == row.rhs:
                    values[number], chosen[number] = 1.0, True
                if row.op == "~1":
                    chosen[number] = True
        index = self.layout.table.index
        here = chosen & (index >= 0)
        moved = x.copy()
        total = np.bincount(index[here], weights=values[here], minlength=self.layout.n_free)
        count = np.bincount(index[here], minlength=self.layout.n_free)
        moved[count > 0] = total[count > 0] / count[count > 0]
        return moved
