"""How reliably the sum of a factor's items measures it, group by group.

    ω = (Σ λ)² φ / Σ Σ cov(items)            McDonald (1999), congeneric items
    α = k / (k - 1) (1 - Σ var / Σ Σ cov)    Cronbach (1951); limits: Feldt (1965)
    AVE = Σ λ² φ / Σ var(items)              Fornell & Larcker (1981)

    ω of ordered items: of the sum of their codes        Green & Yang (2009)

Covariances are the observed ones, or the implied ones for the estimates with intervals (delta
method; Raykov 2002).  φ is the factor's implied variance.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.distributions import f_quantile
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.measurement.code_sums import CodeSum
from analysis.sem.measurement.delta_method import (
    DerivedQuantity,
    delta_method,
    delta_method_by_rows,
    quantities,
)
from analysis.sem.model.representation import Implied, Layout, exogenous_columns
from analysis.sem.results import SemFit

__all__ = ["FactorReliability", "factor_items", "reliability"]


@dataclass(frozen=True, slots=True)
class FactorReliability:
    """A factor's items in one group.

    `omega_observed`, `ave_observed` rest on observed (co)variances; `omega`, `ave` on implied ones.
    `alpha` and its 95 % limits are NaN with one item.  Of ordered items omega and alpha are of the
    sum of codes, average variance extracted of latent responses, as is `omega_responses`.
    """

    group: str
    factor: str
    items: tuple[str, ...]
    omega: DerivedQuantity
    omega_observed: float
    alpha: float
    alpha_ci_lower: float
    alpha_ci_upper: float
    ave: DerivedQuantity
    ave_observed: float
    omega_responses: float | None = None


def reliability(fit: SemFit) -> tuple[FactorReliability, ...]:
    """Omega, alpha and average variance extracted of every factor with items, in every group.

    Of ordered items by Green & Yang (2009).  Raises ModelSpecificationError for a factor with
    ordered and continuous items, and for ordered items with covariates.
    """
    estimation = fit.estimation
    if estimation.options.is_ordinal:
        return _of_ordered_items(fit)
    layout = estimation.layout
    scales = [
        (group, factor, columns)
        for group in range(layout.n_groups)
        for factor, columns in factor_items(layout, group).items()
    ]

    def compute(implied: Implied, matrices: dict[str, FloatArray]) -> FloatArray:
        found = []
        for group, factor, columns in scales:
            k = layout.latent.index(factor)
            loading = matrices["lambda"][group][columns, k]
            spread = implied.sigma[group][np.ix_(columns, columns)]
            found.append(_shares(loading, float(implied.factor[group, k, k]), spread))
        return np.array(found).ravel()

    values, covariance = delta_method(estimation, compute)
    every = quantities(values, covariance)
    matrices = layout.matrices(estimation.values)
    rows = []
    for number, (group, factor, columns) in enumerate(scales):
        k = layout.latent.index(factor)
        observed = estimation.saturated.cov[group][np.ix_(columns, columns)]
        variance = float(estimation.search.point.implied.factor[group, k, k])
        omega, ave = _shares(matrices["lambda"][group][columns, k], variance, observed)
        alpha = _alpha(observed)
        limits = _feldt(alpha, float(estimation.moments.group_sizes[group]), len(columns))
        rows.append(
            FactorReliability(
                group=fit.groups[group],
                factor=factor,
                items=tuple(layout.observed[column] for column in columns),
                omega=every[2 * number],
                omega_observed=omega,
                alpha=alpha,
                alpha_ci_lower=limits[0],
                alpha_ci_upper=limits[1],
                ave=every[2 * number + 1],
                ave_observed=ave,
            )
        )
    return tuple(rows)


def _of_ordered_items(fit: SemFit) -> tuple[FactorReliability, ...]:
    estimation = fit.estimation
    layout = estimation.layout
    sums = [
        (items, CodeSum(layout, group, factor, items))
        for group in range(layout.n_groups)
        for factor, items in factor_items(layout, group).items()
    ]
    if exogenous_columns(layout, 0) or not all(each.is_ordered for _, each in sums):
        raise ModelSpecificationError(
            "reliability of ordered items needs factors whose items are all ordered, without "
            'covariates; fit the codes as they are with estimator="MLR"',
            code="unsupported",
        )

    def compute(values: FloatArray) -> FloatArray:
        matrices = layout.matrices(values)
        implied = layout.implied_by(matrices)
        return np.array([each.shares(values, implied, matrices)[:2] for _, each in sums]).ravel()

    every = quantities(*delta_method_by_rows(estimation, compute))
    values, implied = estimation.values, estimation.search.point.implied
    matrices = layout.matrices(values)
    rows = []
    for number, (items, each) in enumerate(sums):
        responses = estimation.saturated.cov[each.group][np.ix_(items, items)]
        observed = each.shares(values, implied, matrices, responses)
        codes = estimation.sample.values[each.group][:, items]
        whole = ~np.isnan(codes).any(axis=1)
        weight = estimation.sample.weight(each.group)[whole]
        alpha = _alpha(np.atleast_2d(np.cov(codes[whole], rowvar=False, aweights=weight)))
        limits = _feldt(alpha, float(weight.sum()), len(items))
        rows.append(
            FactorReliability(
                group=fit.groups[each.group],
                factor=layout.latent[each.factor],
                items=tuple(layout.observed[column] for column in items),
                omega=every[2 * number],
                omega_observed=observed[0],
                alpha=alpha,
                alpha_ci_lower=limits[0],
                alpha_ci_upper=limits[1],
                ave=every[2 * number + 1],
                ave_observed=observed[1],
                omega_responses=observed[2],
            )
        )
    return tuple(rows)


def factor_items(layout: Layout, group: int) -> Mapping[str, list[int]]:
    """Columns of the items of each factor of a group."""
    found: dict[str, list[int]] = {}
    for row in layout.table.rows_of(group):
        if row.op == "=~" and row.rhs in layout.observed and row.lhs != row.rhs:
            found.setdefault(row.lhs, []).append(layout.observed.index(row.rhs))
    return found


def _shares(loading: FloatArray, variance: float, spread: FloatArray) -> tuple[float, float]:
    """Omega and average variance extracted."""
    omega = float(loading.sum()) ** 2 * variance / float(spread.sum())
    return omega, float(loading @ loading) * variance / float(np.trace(spread))


def _alpha(spread: FloatArray) -> float:
    k = len(spread)
    if k < 2:
        return float("nan")
    return k / (k - 1.0) * (1.0 - float(np.trace(spread) / spread.sum()))


def _feldt(alpha: float, n: float, k: int) -> tuple[float, float]:
    """95 % limits: (1 - α) / (1 - α̂) follows F(n - 1, (n - 1)(k - 1)) for parallel items."""
    if k < 2:
        return float("nan"), float("nan")
    quantiles = (f_quantile(p, n - 1.0, (n - 1.0) * (k - 1.0)) for p in (0.975, 0.025))
    low, high = (1.0 - (1.0 - alpha) * quantile for quantile in quantiles)
    return low, high
