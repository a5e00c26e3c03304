"""Likelihood-ratio tests of nested models, scaled as the estimator requires.

    satorra.bentler.2001   T_d = (T0 - T1) / c_d,  c_d = (df0 c0 - df1 c1) / (df0 - df1)
    satorra.bentler.2010   the same with c1 at the restricted model's estimates: never negative
    satorra.2000           T0 - T1 scaled and shifted by the first two moments of its mixture of χ²

T0, T1 are the unscaled statistics, c0, c1 the scaling factors of the fits.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.distributions import chi_square_tail
from analysis.sem.errors import ComparisonError
from analysis.sem.model_tests.satorra2000 import restriction, scaled_and_shifted
from analysis.sem.normal.estimation import Estimation
from analysis.sem.normal.inference import inverse_information, scaling_at
from analysis.sem.normal.robust import meat_of_scores
from analysis.sem.ordinal.model import OrdinalModel, OrdinalPoint
from analysis.sem.results import SemFit

__all__ = ["METHODS", "ModelComparison", "compare"]

METHODS = ("standard", "satorra.bentler.2001", "satorra.bentler.2010", "satorra.2000")


@dataclass(frozen=True, slots=True)
class ModelComparison:
    """A difference test: `statistic` ~ χ²(df) if the restriction holds.

    `chisq_restricted`, `chisq_free` are the models' unscaled statistics; `scaling` what their
    difference was divided by (1 for the plain test).
    """

    method: str
    statistic: float
    df: int
    pvalue: float
    chisq_restricted: float
    chisq_free: float
    df_restricted: int
    df_free: int
    scaling: float


def compare(restricted: SemFit, free: SemFit, *, method: str = "default") -> ModelComparison:
    """Tests a model against one it is nested in.

    Args:
        restricted: the model with fewer free parameters.
        free: the model with more, fitted to the same rows with the same estimator.
        method: "default" takes the plain difference for ML, Satorra-Bentler 2001 for MLM and MLR,
            Satorra 2000 for WLSMV; or one of METHODS.

    Raises:
        ComparisonError: other data or estimators, models that did not converge, no difference in
            degrees of freedom, or (2001) a negative scaling factor.
    """
    _require_comparable(restricted, free)
    chosen = _method(restricted, method)
    zero, one = restricted.estimation, free.estimation
    difference = zero.test.value - one.test.value
    df = int(zero.test.df - one.test.df)
    if chosen == "satorra.2000":
        statistic, scaling = _satorra_2000(zero, one, difference, df)
    else:
        scaling = _scaling(zero, one, chosen, df)
        statistic = difference / scaling
    return ModelComparison(
        method=chosen,
        statistic=float(statistic),
        df=df,
        pvalue=chi_square_tail(statistic, df),
        chisq_restricted=zero.test.value,
        chisq_free=one.test.value,
        df_restricted=int(zero.test.df),
        df_free=int(one.test.df),
        scaling=float(scaling),
    )


def _method(fit: SemFit, method: str) -> str:
    robust = fit.estimation.scaling is not None
    if method == "default":
        if fit.estimation.options.is_ordinal:
            return "satorra.2000"
        return "satorra.bentler.2001" if robust else "standard"
    if method not in METHODS:
        raise ComparisonError(f"method={method!r} is unknown; choose among {', '.join(METHODS)}")
    if fit.estimation.options.is_ordinal and method.startswith("satorra.bentler"):
        raise ComparisonError(
            f"{method} divides by a scaling factor, but tests of ordered items are scaled and "
            'shifted; use method="satorra.2000"',
            code="method_for_ordered_items",
        )
    if method != "standard" and not robust:
        raise ComparisonError(
            f'{method} needs a robust estimator; fit both models with estimator="MLR"'
        )
    return method


def _require_comparable(restricted: SemFit, free: SemFit) -> None:
    zero, one = restricted.estimation, free.estimation
    if not (restricted.converged and free.converged):
        raise ComparisonError("a model that did not converge cannot be compared")
    if (restricted.estimator, restricted.missing) != (free.estimator, free.missing):
        raise ComparisonError(
            "the models were fitted with different estimators or treatments of missing values"
        )
    same_rows = len(zero.sample.rows) == len(one.sample.rows) and all(
        np.array_equal(a, b) for a, b in zip(zero.sample.rows, one.sample.rows, strict=True)
    )
    if not same_rows or set(zero.sample.names) != set(one.sample.names):
        raise ComparisonError("the models were fitted to different rows or variables")
    if zero.test.df <= one.test.df:
        raise ComparisonError(
            f"the restricted model has {zero.test.df} degrees of freedom, the free one "
            f"{one.test.df}: give the model with fewer free parameters first"
        )


def _scaling(zero: Estimation, one: Estimation, method: str, df: int) -> float:
    if method == "standard":
        return 1.0
    assert zero.scaling is not None
    assert one.scaling is not None
    c_free = one.scaling.model if one.test.df > 0 else 0.0
    if method == "satorra.bentler.2010":
        c_free = scaling_at(one, _carried_over(zero, one)) if one.test.df > 0 else 0.0
    scaling = (zero.test.df * zero.scaling.model - one.test.df * c_free) / df
    if scaling <= 0:
        raise ComparisonError(
            f"the scaling factor of the difference is {scaling:.3g}, not positive; use "
            'method="satorra.bentler.2010" or "satorra.2000"'
        )
    return float(scaling)


def _carried_over(zero: Estimation, one: Estimation) -> FloatArray:
    """The restricted model's estimates as free parameters of the free model."""
    known = {
        (row.lhs, row.op, row.rhs, row.group): value
        for row, value in zip(zero.layout.table.rows, zero.values, strict=True)
    }
    x = one.search.point.x.copy()
    for row, index in zip(one.layout.table.rows, one.layout.table.index, strict=True):
        key = (row.lhs, row.op, row.rhs, row.group)
        if index >= 0:
            x[index] = known.get(key, 0.0)
    return x


def _satorra_2000(
    zero: Estimation, one: Estimation, difference: float, df: int
) -> tuple[float, float]:
    """Statistic and scaling factor; moments of the mixture from X = (A P⁻A')⁻¹ A P⁻ M P⁻ A'."""
    observed = one.options.information == "observed" and not one.options.is_ordinal
    information = (
        one.model.observed_information(one.search.point)
        if observed
        else one.model.expected_information(one.search.point)
    )
    bread = inverse_information(information, one.jacobian)
    point = one.search.point
    if isinstance(one.model, OrdinalModel) and isinstance(point, OrdinalPoint):
        meat = one.model.meat(point)
    else:
        meat = meat_of_scores(one.model, point, one.sample, centred=True)
    return scaled_and_shifted(restriction(zero, one), bread, meat, difference, df)
