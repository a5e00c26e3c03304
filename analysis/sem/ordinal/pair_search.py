"""One-parameter maxima of many pairs at once: Newton's method on atanh ρ, so that |ρ| < 1."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask

__all__ = ["MOST_STEPS", "NEARLY_ONE", "STEP_TOLERANCE", "Curvature", "highest_correlations"]

MOST_STEPS = 100
STEP_TOLERANCE = 1e-11
# Beyond it two variables are copies of each other but for rounding: no inner maximum exists.
NEARLY_ONE = 0.9999
_LONGEST = 0.7
_ROUNDING = 1e-12


class Curvature(NamedTuple):
    """Log-likelihood of every pair with its first and second derivative by ρ (pairs,)."""

    value: FloatArray
    slope: FloatArray
    bend: FloatArray


def highest_correlations(
    likelihood: Callable[[FloatArray, IntArray], Curvature], start: FloatArray
) -> tuple[FloatArray, Mask]:
    """ρ at each pair's own maximum, and whether there is one inside (-1, 1).

    `likelihood(rho, chosen)` is asked for the chosen pairs only.  A step that lowers the likelihood
    is halved; where it bends upwards the search climbs instead.
    """
    angle = np.arctanh(np.clip(start, -0.95, 0.95))
    anchor, best = angle.copy(), np.full(len(angle), -np.inf)
    step = np.zeros(len(angle))
    waiting = np.arange(len(angle))
    converged = np.zeros(len(angle), dtype=np.bool_)
    for _ in range(MOST_STEPS):
        rho = np.tanh(angle[waiting])
        value, slope, bend = likelihood(rho, waiting)
        worse = value < best[waiting] - _ROUNDING * np.abs(value)
        fine = waiting[~worse]
        step[waiting[worse]] *= 0.5
        anchor[fine], best[fine] = angle[fine], value[~worse]
        step[fine] = _step(rho, slope, bend)[~worse]
        angle[waiting] = anchor[waiting] + step[waiting]
        done = np.abs(step[waiting]) < STEP_TOLERANCE
        converged[waiting[done]] = True
        within = np.abs(angle[waiting]) < np.arctanh(NEARLY_ONE)
        waiting = waiting[~done & within]
        if not len(waiting):
            break
    return np.tanh(angle), converged & (np.abs(np.tanh(angle)) < NEARLY_ONE)


def _step(rho: FloatArray, slope: FloatArray, bend: FloatArray) -> FloatArray:
    """Newton's step in atanh ρ (dρ = (1 - ρ²) d atanh ρ), at most `_LONGEST` long."""
    spread = 1.0 - rho * rho
    rise = slope * spread
    curve = bend * spread**2 - 2.0 * rho * rise
    newton = np.divide(rise, -curve, out=np.sign(rise) * _LONGEST, where=curve < 0.0)
    return np.asarray(np.clip(newton, -_LONGEST, _LONGEST))
