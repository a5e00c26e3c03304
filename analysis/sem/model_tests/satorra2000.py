"""The difference test of Satorra (2000), by the restriction that one model puts on another.

With D0, D1 the Jacobians of the moments by the parameters of the restricted and the free model,
H = D1⁺ D0 maps restricted to free parameters and A = null(H')' is the restriction A δ = 0.  The
difference of the test statistics is a mixture of χ² whose weights are the eigenvalues of

    X = (A P⁻ A')⁻¹ A P⁻ M P⁻ A'

with P⁻ the inverse information and M the covariance of the scores of the free model.
"""

import numpy as np
from scipy import linalg

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.model.constraints import null_space
from analysis.sem.model.representation import Implied, Slots
from analysis.sem.normal.estimation import Estimation
from analysis.sem.ordinal.model import OrdinalPoint

__all__ = ["moment_jacobian", "restriction", "scaled_and_shifted"]


def moment_jacobian(implied: Implied, group: int, slots: Slots, here: IntArray) -> FloatArray:
    """∂(μ, vech Σ)/∂θ of a group's parameters, over the variables `here`: (p + p*) × q."""
    columns = implied.columns[group][here]
    u, v = columns[:, slots.u], columns[:, slots.v]
    weights = implied.weights[group][slots.weight]
    i, j = np.tril_indices(len(columns))
    spread = slots.c * (u[i] * v[j] + u[j] * v[i])
    return np.vstack([weights * u, spread])


def _whole_jacobian(estimation: Estimation) -> FloatArray:
    """All groups' moments by the free parameters, within the constraints."""
    layout = estimation.layout
    parts = []
    point = estimation.search.point
    if isinstance(point, OrdinalPoint):
        basis, rank = null_space(estimation.jacobian)
        stacked = np.vstack(point.jacobians)
        return stacked @ basis if rank else stacked
    for group, slots in enumerate(layout.slots):
        here = np.flatnonzero(layout.present[group])
        slot = moment_jacobian(estimation.search.point.implied, group, slots, here)
        parts.append(layout.by_free(group, slot))
    basis, rank = null_space(estimation.jacobian)
    stacked = np.vstack(parts)
    return stacked @ basis if rank else stacked


def restriction(zero: Estimation, one: Estimation) -> FloatArray:
    """A (df × free parameters of the free model): what the restricted model adds."""
    basis, rank = null_space(one.jacobian)
    mapping = np.linalg.lstsq(_whole_jacobian(one), _whole_jacobian(zero), rcond=None)[0]
    inner = linalg.null_space(mapping.T).T
    return np.asarray(inner @ basis.T if rank else inner)


def scaled_and_shifted(
    restricting: FloatArray, bread: FloatArray, meat: FloatArray, difference: float, df: int
) -> tuple[float, float]:
    """The scaled and shifted difference (Asparouhov & Muthén 2010), and its scaling factor.

    a = √(df / tr X²), T = a (T0 - T1) + df - a tr X.
    """
    inner = restricting @ bread @ restricting.T
    outer = restricting @ bread @ meat @ bread @ restricting.T
    weights = np.linalg.solve(inner, outer)
    first, second = float(np.trace(weights)), float(np.einsum("ij,ji->", weights, weights))
    scale = np.sqrt(df / second)
    return float(scale * difference + df - scale * first), float(1.0 / scale)
