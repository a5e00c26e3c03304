"""How reliably the sum of a factor's items measures it, group by group.

    ω = (Σ λ)² φ / Σ Σ cov(items)            McDonald (1999), congeneric items
    α = k / (k - 1) (1 - Σ var / Σ Σ cov)    Cronbach (1951); limits: Feldt (1965)
    AVE = Σ λ² φ / Σ var(items)              Fornell & Larcker (1981)
    HTMT = mean heterotrait correlation / √(mean monotrait × mean monotrait)
                                             Henseler, Ringle & Sarstedt (2015)

Covariances are the observed ones, or the implied ones for the estimates with intervals (delta
method; Raykov 2002).  φ is the factor's implied variance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.distributions import f_quantile
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.measurement.delta_method import DerivedQuantity, delta_method, quantities
from analysis.sem.model.representation import Implied, Layout
from analysis.sem.results import SemFit

__all__ = ["FactorReliability", "HtmtRatio", "htmt", "reliability"]


@dataclass(frozen=True, slots=True)
class FactorReliability:
    """A factor's items in one group.

    `omega_observed`, `ave_observed` rest on observed (co)variances; `omega`, `ave` on implied ones.
    `alpha` and its 95 % limits are NaN with one item.
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


@dataclass(frozen=True, slots=True)
class HtmtRatio:
    """The ratio for two factors in one group.

    `ratio` takes correlations as they are, `absolute` their sizes, `geometric` (HTMT2, Roemer,
    Schuberth & Henseler 2021) geometric means of sizes. NaN where a factor has one item, or mean
    correlations within a factor are not positive.
    """

    group: str
    first: str
    second: str
    ratio: float
    absolute: float
    geometric: float


def reliability(fit: SemFit) -> tuple[FactorReliability, ...]:
    """Omega, alpha and average variance extracted of every factor with items, in every group.

    Raises ModelSpecificationError for ordered items, whose sums are of codes and not of responses.
    """
    estimation = fit.estimation
    if estimation.options.is_ordinal:
        raise ModelSpecificationError(
            "reliability of ordered items is not supported; fit the codes as they are with "
            'estimator="MLR"',
            code="unsupported",
        )
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


def htmt(fit: SemFit) -> tuple[HtmtRatio, ...]:
    """The heterotrait-monotrait ratios of all pairs of factors, in every group.

    Pearson correlations of the items, from the saturated moments where answers are missing; of the
    codes where items are ordered.
    """
    estimation = fit.estimation
    layout, sample = estimation.layout, estimation.sample
    rows = []
    for group, label in enumerate(fit.groups):
        values = sample.values[group]
        ordinal = estimation.options.is_ordinal
        covariance = _raw_covariance(values) if ordinal else estimation.saturated.cov[group]
        spread = np.sqrt(np.where(layout.present[group], np.diag(covariance), 1.0))
        correlation = covariance / np.outer(spread, spread)
        for (one, first), (other, second) in combinations(factor_items(layout, group).items(), 2):
            rows.append(HtmtRatio(label, one, other, *_ratios(correlation, first, second)))
    return tuple(rows)


def _raw_covariance(values: FloatArray) -> FloatArray:
    complete = values[~np.isnan(values).any(axis=1)]
    return np.asarray(np.cov(complete, rowvar=False), dtype=np.float64)


def _ratios(
    correlation: FloatArray, first: list[int], second: list[int]
) -> tuple[float, float, float]:
    """Plain, absolute and geometric."""
    across = correlation[np.ix_(first, second)].ravel()
    within = [
        correlation[np.ix_(items, items)][np.triu_indices(len(items), 1)]
        for items in (first, second)
    ]
    if min(map(len, within)) == 0:
        return (float("nan"),) * 3
    return (
        _ratio(float(across.mean()), [float(part.mean()) for part in within]),
        _ratio(float(np.abs(across).mean()), [float(np.abs(part).mean()) for part in within]),
        _ratio(_geometric(across), [_geometric(part) for part in within]),
    )


def _ratio(across: float, within: list[float]) -> float:
    product = within[0] * within[1]
    return across / float(np.sqrt(product)) if min(within) > 0 else float("nan")


def _geometric(values: FloatArray) -> float:
    """The geometric mean of sizes; 0 where one is 0."""
    sizes = np.abs(values)
    return float(np.exp(np.log(sizes).mean())) if (sizes > 0).all() else 0.0
