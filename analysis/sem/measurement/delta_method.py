"""Standard errors of whatever a solution implies, by the delta method.

se² = diag(J V J') with J the derivative of the quantities by the free parameters, here by central
differences: a relative error of about 1e-9, far below any standard error.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.distributions import normal_quantile, two_sided
from analysis.sem.model.representation import Implied
from analysis.sem.normal.estimation import Estimation

__all__ = ["DerivedQuantity", "delta_method", "delta_method_by_rows", "quantities"]

_STEP = 1e-5


@dataclass(frozen=True, slots=True)
class DerivedQuantity:
    """An estimate with its standard error, z against zero and 95 % limits est ∓ 1.96 se."""

    est: float
    se: float
    z: float
    pvalue: float
    ci_lower: float
    ci_upper: float

    @classmethod
    def of(cls, est: float, se: float, *, level: float = 0.95) -> "DerivedQuantity":
        """From an estimate and its standard error."""
        z = est / se if se > 0 else float("nan")
        reach = normal_quantile(0.5 + level / 2.0) * se
        return cls(est, se, z, two_sided(z), est - reach, est + reach)


def delta_method(
    estimation: Estimation, function: Callable[[Implied, dict[str, FloatArray]], FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Values (k,) of `function` at the solution, and their covariance matrix (k × k).

    `function` takes the implied moments and the model matrices of all groups.
    """
    layout = estimation.layout

    def by_rows(values: FloatArray) -> FloatArray:
        matrices = layout.matrices(values)
        return function(layout.implied_by(matrices), matrices)

    return delta_method_by_rows(estimation, by_rows)


def delta_method_by_rows(
    estimation: Estimation, function: Callable[[FloatArray], FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """The same of a function of the values of all rows of the parameter table."""
    x = estimation.search.point.x

    def at(x: FloatArray) -> FloatArray:
        return function(estimation.model.row_values(x))

    value = at(x)
    slopes = np.zeros((len(value), len(x)))
    spread = np.sqrt(np.maximum(np.nan_to_num(np.diag(estimation.vcov)), 0.0))
    for number in range(len(x)):
        step = np.zeros(len(x))
        step[number] = _STEP * max(1.0, abs(float(x[number])), float(spread[number]))
        slopes[:, number] = (at(x + step) - at(x - step)) / (2.0 * step[number])
    return value, slopes @ estimation.vcov @ slopes.T


def quantities(values: FloatArray, covariance: FloatArray) -> list[DerivedQuantity]:
    """Each value with its standard error; none (0) where nothing it depends on is free."""
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    errors = np.where(errors > 1e-10 * (1.0 + np.abs(values)), errors, 0.0)
    return [DerivedQuantity.of(float(v), float(e)) for v, e in zip(values, errors, strict=True)]
