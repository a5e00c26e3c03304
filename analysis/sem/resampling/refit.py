"""Many fits of one model to resampled moments at once, each started at the original solution.

A resample moves the minimum by about a standard error, and there the Hessian has hardly changed:
one Cholesky factor, of the original's information H, serves them all.  The search is a limited-
memory BFGS (Nocedal 1980, Math. Comp. 35, 773-782) with H⁻¹ for its initial matrix; each step costs
a gradient, some products of p × p matrices, computed for a whole stack of resamples together.

    F = ½ Σ_b f_b [ log|Σ| + tr(S W) + d'W d ],   W = Σ⁻¹, d = ȳ - μ, R = W - W S W - (Wd)(Wd)'
    ∂F/∂Λ = RΛΦ - t(Aα)'   ∂F/∂B = (ΛA)'[RΛΦ - t(Aα)']   ∂F/∂Ψ = (ΛA)'R(ΛA)/2   ∂F/∂Θ = R/2
    ∂F/∂ν = -t   ∂F/∂α = -(ΛA)'t,   with Φ = AΨA', t = Wd          (Jöreskog 1971; Bollen 1989)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.model.representation import Layout

__all__ = ["BatchRefit", "BlockMoments", "Refitted"]

MOST_ITERATIONS = 60
MEMORY = 8
DONE = 1e-12  # squared distance to the minimum, in squared standard errors
SUFFICIENT = 1e-4  # Armijo's fraction of the decrease promised
ROUNDING = 1e-14
SHORTEST = 1e-3


@dataclass(frozen=True, slots=True)
class BlockMoments:
    """What C resamples are fitted to.

    Shapes: n C × b, mean C × b × p, cov C × b × p × p (divisor n); `fixed` C × rows holds the value
    of every fixed row of the parameter table (those of exogenous variables follow the resample).
    """

    n: FloatArray
    mean: FloatArray
    cov: FloatArray
    fixed: FloatArray

    def chosen(self, which: IntArray | Mask) -> "BlockMoments":
        """Those of some of the resamples."""
        return BlockMoments(self.n[which], self.mean[which], self.cov[which], self.fixed[which])


@dataclass(frozen=True, slots=True)
class Refitted:
    """Free parameters C × n_free, and which of the C searches reached their minimum."""

    x: FloatArray
    converged: Mask


@dataclass(frozen=True, slots=True)
class _Values:
    """F (C,) and ∂F/∂x (C × n_free); F is infinite where Σ is not positive definite."""

    value: FloatArray
    gradient: FloatArray

    def chosen(self, which: Mask) -> "_Values":
        return _Values(self.value[which], self.gradient[which])


class BatchRefit:
    """A model, its solution and the inverse information there, ready for any number of resamples.

    `group` (b,) and `mask` (b × p) describe the blocks: a group, or a pattern of missing values
    within one.  `inverse_information` is K (K'HK)⁻¹ K' of the information per observation, so that
    steps keep linear constraints.
    """

    def __init__(
        self,
        layout: Layout,
        solution: FloatArray,
        inverse_information: FloatArray,
        group: IntArray,
        mask: Mask,
    ) -> None:
        self.layout = layout
        self.solution = solution
        self.inverse_information = inverse_information
        self.group = group
        self.complete = bool(mask.all())
        self.cross = (mask[:, :, None] & mask[:, None, :]).astype(np.float64)
        self.absent_diagonal = np.eye(mask.shape[1]) * ~mask[:, None, :]
        self.mask = mask.astype(np.float64)
        self.one_block_each = len(group) == layout.n_groups

    def run(self, moments: BlockMoments) -> Refitted:
        """Minimises F for every resample; a search that fails is returned where it stopped."""
        return _Search(self, moments).run()

    def values(self, x: FloatArray, moments: BlockMoments) -> _Values:
        """F and its gradient at one `x` per resample."""
        matrices = self.matrices(x, moments.fixed)
        loading, slope = matrices["lambda"], matrices["beta"]
        inverse: FloatArray = np.asarray(
            np.linalg.inv(np.eye(slope.shape[-1]) - slope), dtype=np.float64
        )
        total = loading @ inverse
        factor = inverse @ matrices["psi"] @ _turned(inverse)
        scaled = loading @ factor
        level = inverse @ matrices["alpha"][..., None]
        sigma = scaled @ _turned(loading) + matrices["theta"]
        mu = matrices["nu"] + (loading @ level)[..., 0]
        value, pull, curvature = self._discrepancy(sigma, mu, moments)
        by_loading = curvature @ scaled - pull[..., None] * _turned(level)
        gradient = {
            "lambda": by_loading,
            "beta": _turned(total) @ by_loading,
            "psi": 0.5 * _turned(total) @ curvature @ total,
            "theta": 0.5 * curvature,
            "nu": -pull,
            "alpha": -(_turned(total) @ pull[..., None])[..., 0],
        }
        return _Values(value, self._by_parameter(gradient))

    def row_values(self, x: FloatArray, fixed: FloatArray) -> FloatArray:
        """Values of all rows of the parameter table, C × rows."""
        layout = self.layout
        values = fixed.copy()
        values[:, layout.free_rows] = x[:, layout.table.index[layout.free_rows]]
        return values

    def matrices(self, x: FloatArray, fixed: FloatArray) -> dict[str, FloatArray]:
        """Λ, B, Ψ, Θ, ν, α of all resamples (first axis) and groups (second)."""
        layout = self.layout
        buffer = np.tile(layout.base, (len(x), 1))
        buffer[:, layout.target] = self.row_values(x, fixed)[:, layout.source]
        parts: dict[str, FloatArray] = {}
        start = 0
        for name, shape in layout.shapes.items():
            size = int(np.prod(shape))
            parts[name] = buffer[:, start : start + size].reshape(len(x), *shape)
            start += size
        return parts

    def _discrepancy(
        self, sigma: FloatArray, mu: FloatArray, moments: BlockMoments
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """F, and f-weighted sums over the blocks of each group of t and R."""
        shares = moments.n / moments.n.sum(axis=1, keepdims=True)
        sigma, residual = sigma[:, self.group], moments.mean - mu[:, self.group]
        if not self.complete:
            sigma = sigma * self.cross + self.absent_diagonal
            residual = residual * self.mask
        root, definite = _root(sigma)
        if not definite.all():
            sigma = np.where(definite[:, None, None, None], sigma, np.eye(sigma.shape[-1]))
        weight = np.linalg.inv(sigma)
        logdet = 2.0 * np.log(np.diagonal(root, axis1=2, axis2=3)).sum(axis=2)
        if not self.complete:
            weight = weight * self.cross
        inner = weight @ moments.cov
        pull = (weight @ residual[..., None])[..., 0]
        trace = np.trace(inner, axis1=2, axis2=3)
        each = logdet + trace + (residual * pull).sum(axis=2)
        value = np.where(definite, 0.5 * (shares * each).sum(axis=1), np.inf)
        curvature = weight - inner @ weight - pull[..., None] * pull[..., None, :]
        return (
            value,
            self._by_group(pull * shares[..., None]),
            self._by_group(curvature * shares[..., None, None]),
        )

    def _by_group(self, blocks: FloatArray) -> FloatArray:
        if self.one_block_each:
            return blocks
        total = np.zeros((len(blocks), self.layout.n_groups, *blocks.shape[2:]))
        for number, group in enumerate(self.group):
            total[:, group] += blocks[:, number]
        return total

    def _by_parameter(self, gradient: Mapping[str, FloatArray]) -> FloatArray:
        """Sums the elements of the matrices over the places of each free parameter."""
        parts = [gradient[name].reshape(len(gradient[name]), -1) for name in self.layout.shapes]
        places, starts = self.places
        return np.add.reduceat(np.hstack(parts)[:, places], starts, axis=1)

    @cached_property
    def places(self) -> tuple[IntArray, IntArray]:
        """Places in the matrices' buffer ordered by free parameter, and where each one's start."""
        layout = self.layout
        free = layout.table.index[layout.source]
        order = np.argsort(free, kind="stable")[np.count_nonzero(free < 0) :]
        return layout.target[order], np.searchsorted(free[order], np.arange(layout.n_free))


class _Search:
    """L-BFGS for a stack of resamples; those that are done, or stuck, leave it."""

    def __init__(self, model: BatchRefit, moments: BlockMoments) -> None:
        self.model = model
        self.moments = moments
        self.n = moments.n.sum(axis=1)
        self.result = np.tile(model.solution, (len(self.n), 1))
        self.converged = np.zeros(len(self.n), dtype=np.bool_)
        self.number = np.arange(len(self.n))
        self.x = self.result.copy()
        self.at = model.values(self.x, moments)
        self.steps: list[FloatArray] = []
        self.changes: list[FloatArray] = []

    def run(self) -> Refitted:
        """Searches until every resample is done or stuck, at most MOST_ITERATIONS steps."""
        for _ in range(MOST_ITERATIONS):
            direction = self._direction()
            slope = (direction * self.at.gradient).sum(axis=1)
            done = self.n * np.abs(slope) < DONE
            self.result[self.number] = self.x
            self.converged[self.number[done]] = True
            self._keep(~done)
            if not len(self.number):
                break
            self._step(direction[~done], slope[~done])
        return Refitted(self.result, self.converged)

    def _keep(self, which: Mask) -> None:
        if which.all():
            return
        self.moments, self.n = self.moments.chosen(which), self.n[which]
        self.number, self.x, self.at = self.number[which], self.x[which], self.at.chosen(which)
        self.steps = [step[which] for step in self.steps]
        self.changes = [change[which] for change in self.changes]

    def _direction(self) -> FloatArray:
        """-H⁻¹∇F by the two loops of Nocedal (1980), over the stack."""
        rest = self.at.gradient
        memory = []
        for step, change in zip(reversed(self.steps), reversed(self.changes), strict=True):
            bend = (step * change).sum(axis=1, keepdims=True)
            factor = np.where(bend > 0.0, 1.0 / np.where(bend > 0.0, bend, 1.0), 0.0)
            along = factor * (step * rest).sum(axis=1, keepdims=True)
            rest = rest - along * change
            memory.append((step, change, factor, along))
        direction = rest @ self.model.inverse_information
        for step, change, factor, along in reversed(memory):
            back = factor * (change * direction).sum(axis=1, keepdims=True)
            direction = direction + (along - back) * step
        return -direction

    def _step(self, direction: FloatArray, slope: FloatArray) -> None:
        """The longest of the steps 1, 1/2, 1/4 … that lowers F enough; none ends the search."""
        length = np.ones(len(direction))
        waiting = np.arange(len(direction))
        new = _Values(np.full(len(direction), np.inf), np.zeros_like(direction))
        while len(waiting):
            trial = self.x[waiting] + length[waiting, None] * direction[waiting]
            values = self.model.values(trial, self.moments.chosen(waiting))
            promised = SUFFICIENT * length[waiting] * slope[waiting]
            allowance = ROUNDING * (1.0 + np.abs(self.at.value[waiting]))
            enough = values.value <= self.at.value[waiting] + promised + allowance
            new.value[waiting[enough]] = values.value[enough]
            new.gradient[waiting[enough]] = values.gradient[enough]
            waiting = waiting[~enough]
            length[waiting] *= 0.5
            waiting = waiting[length[waiting] > SHORTEST]
        step = length[:, None] * direction
        self.steps = [*self.steps[1 - MEMORY :], step]
        self.changes = [*self.changes[1 - MEMORY :], new.gradient - self.at.gradient]
        self.x, self.at = self.x + step, new
        self._keep(np.isfinite(new.value))


def _turned(matrices: FloatArray) -> FloatArray:
    return matrices.swapaxes(-1, -2)


def _root(sigma: FloatArray) -> tuple[FloatArray, Mask]:
    """Cholesky factors, and which of the C stacks of matrices are positive definite throughout.

    The factors of the others are unit matrices.
    """
    definite = np.ones(len(sigma), dtype=np.bool_)
    try:
        return np.asarray(np.linalg.cholesky(sigma), dtype=np.float64), definite
    except np.linalg.LinAlgError:
        definite = np.asarray(np.linalg.eigvalsh(sigma)[..., 0].min(axis=1) > 1e-12)
        safe = np.where(definite[:, None, None, None], sigma, np.eye(sigma.shape[-1]))
        return np.asarray(np.linalg.cholesky(safe), dtype=np.float64), definite
