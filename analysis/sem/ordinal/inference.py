"""Standard errors, tests and indices of the ordinal estimators (DWLS, WLSMV).

Robust covariance V = E⁻ M E⁻ / (N - G) with E = Σ f D'W D, M = Σ f D'W Γ W D.  The test is scaled
and shifted by the first two moments of its mixture of χ² (Asparouhov & Muthén 2010): with
U = W - W D E⁻ D'W over all groups at once, t1 = tr(U Γ), t2 = tr(U Γ U Γ),

    T* = a T + b,   a = √(df / t2),   b = df - a t1

Standard errors use the expected (Gauss-Newton) matrix E as bread, the classic WLSMV.  With
information="observed" the Hessian of F takes its place, times (N - G) / N: its groups then weigh
(n_g - 1) / N, as in lavaan since 0.7-2.
"""

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.fitmeasures import ChiSquare
from analysis.sem.model.options import Options
from analysis.sem.normal.inference import inverse_information
from analysis.sem.normal.robust import Scaling
from analysis.sem.ordinal.model import OrdinalModel, OrdinalPoint

__all__ = ["ordinal_baseline", "ordinal_covariance", "ordinal_scaling", "ordinal_test"]


def ordinal_test(model: OrdinalModel, point: OrdinalPoint, df: int) -> ChiSquare:
    """χ² = 2 (N - G) F."""
    return ChiSquare(2.0 * model.effective_n * point.value, df)


def ordinal_baseline(model: OrdinalModel) -> ChiSquare:
    """Responses uncorrelated given the covariates, with margins of their own.

    Observed predictors whose moments are parameters (`fixed_x` false) stay correlated.
    """
    value, df = 0.0, 0
    for group, sample in enumerate(model.samples):
        pairs = _unrelated(model, group)
        precision = model.precisions[group][pairs]
        value += (sample.n - 1.0) * float(precision @ sample.statistics[pairs] ** 2)
        df += len(pairs)
    return ChiSquare(value, df)


def _unrelated(model: OrdinalModel, group: int) -> IntArray:
    """Positions among a group's statistics of the covariances that the baseline sets to zero."""
    sample, exogenous = model.samples[group], model.layout.table.roles[group].exogenous
    first, second = np.triu_indices(len(sample.names), 1)
    free = np.array([name in exogenous for name in sample.names], dtype=np.bool_)
    chosen = np.flatnonzero(~(free[first] & free[second]))
    return np.asarray(len(sample.statistics) - len(first) + chosen, dtype=np.intp)


def ordinal_covariance(
    model: OrdinalModel, point: OrdinalPoint, options: Options, jacobian: FloatArray
) -> FloatArray:
    """Covariance matrix of the free parameters; robust for WLSMV."""
    expected = model.expected_information(point)
    information = (
        model.hessian(point) * model.effective_n / model.moments.total
        if options.information == "observed"
        else expected
    )
    bread = inverse_information(information, jacobian)
    if options.estimator == "DWLS":
        return bread / model.effective_n
    return bread @ model.meat(point) @ bread / model.effective_n


def ordinal_scaling(
    model: OrdinalModel,
    point: OrdinalPoint,
    jacobian: FloatArray,
    test: ChiSquare,
    baseline: ChiSquare,
) -> Scaling:
    """Scale and shift of the model's and the baseline's test."""
    bread = inverse_information(model.expected_information(point), jacobian)
    meat = model.meat(point)
    first = second = base_first = base_second = 0.0
    twice = np.zeros(bread.shape)
    for group, share in enumerate(model.shares):
        gamma, precision = model.samples[group].gamma, model.precisions[group]
        weighted = precision[:, None] * gamma
        first += float(np.trace(weighted))
        second += float(np.einsum("ij,ji->", weighted, weighted))
        slopes = precision[:, None] * point.jacobians[group]
        twice += share * slopes.T @ gamma @ (precision[:, None] * (gamma @ slopes))
        pairs = _unrelated(model, group)
        corner = weighted[np.ix_(pairs, pairs)]
        base_first += float(np.trace(corner))
        base_second += float(np.einsum("ij,ji->", corner, corner))
    inner = bread @ meat
    first -= float(np.trace(inner))
    second += float(np.einsum("ij,ji->", inner, inner))
    second -= 2.0 * float(np.einsum("ij,ji->", bread, twice))
    scale = np.sqrt(test.df / second) if test.df > 0 else float("nan")
    base_scale = np.sqrt(baseline.df / base_second) if baseline.df > 0 else float("nan")
    return Scaling(
        model=float(1.0 / scale),
        baseline=float(1.0 / base_scale),
        shift=float(test.df - scale * first),
        baseline_shift=float(baseline.df - base_scale * base_first),
    )
