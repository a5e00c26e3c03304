"""Fisher scoring, then Newton's method, with halved steps and equality constraints.

Each step solves the quadratic model of F subject to the linearised constraints,

    [ H  J' ] [ δ ]     [ -∇F ]
    [ J  0  ] [ λ ]  =  [ -c  ]

with H the expected information far from the solution (always positive semi-definite, so every step
descends) and the exact Hessian once the step is within a standard error or two.  Where constraints
identify the model, H alone is singular: J'WJ is added, which changes λ by -Wc and no step.
"""

from dataclasses import dataclass
from typing import Generic, NamedTuple, Protocol, TypeVar

import numpy as np
from scipy.linalg import lapack

from analysis.sem.arrays import FloatArray
from analysis.sem.model.constraints import Constraints

__all__ = ["Evaluated", "Objective", "Search", "minimise"]

_NEAR = 4.0  # squared distance, in standard errors, below which the exact Hessian is used
_CLOSE = 0.5  # distance, in standard errors, within which a Hessian is used again
_DONE = 1e-12  # the same, below which one last step ends the search
_SUFFICIENT = 1e-4  # Armijo's fraction of the decrease promised
_FEASIBLE = 1e-10
_SHORTEST = 1e-10
_ROUNDING = 1e-14


class Evaluated(Protocol):
    """A discrepancy function at one point."""

    @property
    def x(self) -> FloatArray:
        """The free parameters."""
        ...

    @property
    def value(self) -> float:
        """F, per observation."""
        ...


PointT = TypeVar("PointT", bound=Evaluated)


class Objective(Protocol[PointT]):
    """What the search needs of a discrepancy function."""

    def point(self, x: FloatArray) -> PointT | None:
        """F at `x`, or None where it is not defined."""
        ...

    def row_values(self, x: FloatArray) -> FloatArray:
        """Values of all rows of the parameter table at `x`."""
        ...

    def gradient(self, point: PointT) -> FloatArray:
        """∂F/∂x."""
        ...

    def expected_information(self, point: PointT) -> FloatArray:
        """A positive semi-definite approximation of the Hessian."""
        ...

    def observed_information(self, point: PointT) -> FloatArray:
        """The Hessian."""
        ...


@dataclass(frozen=True)
class Search(Generic[PointT]):
    """Where a search ended.

    `distance` is how far the next step would go, in standard errors; `gradient` ∂F/∂x there;
    `multipliers` one per constraint, with ∇F + J'λ = 0 at a solution.
    """

    point: PointT
    converged: bool
    iterations: int
    distance: float
    gradient: FloatArray
    multipliers: FloatArray


def minimise(
    objective: Objective[PointT],
    start: PointT,
    constraints: Constraints,
    *,
    n: float,
    max_iterations: int = 500,
) -> Search[PointT]:
    """Minimises F from `start`; `n` observations set the scale of "close enough".

    The search ends when the next step is less than a millionth of a standard error, after taking
    it, or after `max_iterations` steps, or where no step lowers F.
    """
    point, near, distance, kept = start, False, np.inf, None
    multipliers = np.zeros(len(constraints))
    slope = objective.gradient(point)
    for iteration in range(max_iterations):
        residual, jacobian = _constraints_at(objective, constraints, point)
        step, multipliers, factor, exact = _step(
            objective, point, slope, residual, jacobian, near=near, kept=kept
        )
        before = distance
        squared = (
            n * abs(float(slope @ step))
            if not len(residual)
            else n * float(step @ objective.expected_information(point) @ step)
        )
        distance = float(np.sqrt(squared))
        feasible = not len(residual) or float(np.abs(residual).max()) < _FEASIBLE
        if squared < _DONE and feasible:
            last = objective.point(point.x + step)
            point = last if last is not None else point
            slope = objective.gradient(point)
            return Search(point, True, iteration, distance, slope, multipliers)
        moved = _line_search(objective, constraints, point, step, slope, multipliers)
        if moved is None:
            if not exact and not near:
                break
            # the exact Hessian misled the search: go on by scoring alone
            near = False
            step, multipliers, factor, exact = _step(
                objective, point, slope, residual, jacobian, near=False
            )
            moved = _line_search(objective, constraints, point, step, slope, multipliers)
            if moved is None:
                break
        point = moved
        slope = objective.gradient(point)
        near = squared < _NEAR or (near and squared < 10 * _NEAR)
        # so near, the Hessian hardly changes: it serves as long as each step gains a digit or more
        gains = factor is not kept or distance < 0.05 * before
        kept = factor if exact and near and distance < _CLOSE and gains else None
    return Search(point, False, max_iterations, distance, slope, multipliers)


def _constraints_at(
    objective: Objective[PointT], constraints: Constraints, point: PointT
) -> tuple[FloatArray, FloatArray]:
    if not len(constraints):
        return np.zeros(0), np.zeros((0, len(point.x)))
    values = objective.row_values(point.x)
    return constraints.residual(values), constraints.jacobian(values)


class _Factor(NamedTuple):
    """Cholesky factor of a Hessian scaled to a unit diagonal, with `weight` × J'J in it."""

    root: FloatArray
    scale: FloatArray
    weight: FloatArray

    def solve(
        self, slope: FloatArray, residual: FloatArray, jacobian: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Step and multipliers of the quadratic model under the linearised constraints."""
        right = np.column_stack([-slope, jacobian.T]) / self.scale[:, None]
        solved, _ = lapack.dpotrs(self.root, right, lower=1)
        solved /= self.scale[:, None]
        if not len(residual):
            return solved[:, 0], residual
        free, along = solved[:, 0], solved[:, 1:]
        multipliers = np.linalg.lstsq(jacobian @ along, residual + jacobian @ free, rcond=None)[0]
        return free - along @ multipliers, multipliers - self.weight * residual


def _step(
    objective: Objective[PointT],
    point: PointT,
    slope: FloatArray,
    residual: FloatArray,
    jacobian: FloatArray,
    *,
    near: bool,
    kept: _Factor | None = None,
) -> tuple[FloatArray, FloatArray, _Factor, bool]:
    """The step, the multipliers, the factor that gave them, and whether of the exact Hessian.

    `kept` is the factor of an exact Hessian nearby, to be used again.
    """
    factor = kept
    if factor is None and near:
        factor = _factor(objective.observed_information(point), 0.0, jacobian)
    exact = factor is not None
    if factor is None:
        hessian = objective.expected_information(point)
        damping = 0.0
        while (factor := _factor(hessian, damping, jacobian)) is None:
            damping = max(1e-7, 10 * damping)
    return (*factor.solve(slope, residual, jacobian), factor, exact)


def _factor(hessian: FloatArray, damping: float, jacobian: FloatArray) -> _Factor | None:
    """None where the (scaled, damped) Hessian is not positive definite along the constraints."""
    scale = np.sqrt(np.maximum(hessian.diagonal(), 1e-300))
    scaled = hessian / (scale[:, None] * scale)
    across = jacobian / scale
    weight = 1.0 / np.maximum((across**2).sum(axis=1), 1e-300)
    if len(jacobian):
        scaled += (across.T * weight) @ across
    if damping:
        scaled[np.diag_indices_from(scaled)] += damping
    root, failed = lapack.dpotrf(scaled, lower=1)
    if failed or root.diagonal().min() < 1e-7:
        return None
    return _Factor(root, scale, weight)


def _line_search(
    objective: Objective[PointT],
    constraints: Constraints,
    point: PointT,
    step: FloatArray,
    slope: FloatArray,
    multipliers: FloatArray,
) -> PointT | None:
    """The first of the steps 1, 1/2, 1/4 … that lowers the merit F + ρ |c|₁ enough."""
    penalty = 2.0 * float(np.abs(multipliers).max(initial=0.0)) + 1e-3

    def violation(x: FloatArray) -> float:
        if not len(constraints):
            return 0.0
        return penalty * float(np.abs(constraints.residual(objective.row_values(x))).sum())

    before = violation(point.x)
    promised = float(slope @ step) - before
    allowance = _ROUNDING * (1.0 + abs(point.value))
    length = 1.0
    while length > _SHORTEST:
        x = point.x + length * step
        candidate = objective.point(x)
        if candidate is not None:
            change = candidate.value - point.value + violation(x) - before
            if change <= _SUFFICIENT * length * promised + allowance:
                return candidate
        length /= 2.0
    return None
