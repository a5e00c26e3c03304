"""All fit indices of an estimation, by lavaan's names."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.fitmeasures import (
    ChiSquare,
    absolute_indices,
    incremental_indices,
    information_criteria,
    residual_indices,
    rmsea,
)
from analysis.sem.moments import Moments
from analysis.sem.representation import Layout

if TYPE_CHECKING:
    from analysis.sem.estimation import Estimation

__all__ = ["fit_indices", "sample_moment_count"]


def exogenous_columns(layout: Layout, group: int) -> list[int]:
    """Columns of the observed predictors whose moments are taken as given."""
    return [
        layout.observed.index(row.lhs)
        for row in layout.table.rows_of(group)
        if row.exogenous and row.op == "~~" and row.lhs == row.rhs
    ]


def sample_moment_count(layout: Layout, *, means: bool) -> int:
    """How many sample moments the model explains, over all groups."""
    total = 0
    for group in range(layout.n_groups):
        p = int(layout.present[group].sum())
        x = len(exogenous_columns(layout, group))
        total += p * (p + 1) // 2 - x * (x + 1) // 2
        if means:
            total += p - x
    return total


def fit_indices(estimation: "Estimation", npar: int) -> dict[str, float]:
    """χ², indices against the baseline model, RMSEA, residual indices and information criteria."""
    moments, layout = estimation.moments, estimation.layout
    n = moments.total
    model = ChiSquare(_chi_square(estimation), estimation.df)
    baseline = _baseline(layout, moments)
    logl, saturated = _log_likelihoods(estimation)
    present = layout.present
    return {
        "npar": npar,
        "fmin": model.value / (2.0 * n),
        "chisq": model.value,
        "df": model.df,
        "pvalue": model.pvalue,
        "baseline.chisq": baseline.value,
        "baseline.df": baseline.df,
        "baseline.pvalue": baseline.pvalue,
        **incremental_indices(model, baseline),
        "logl": logl,
        "unrestricted.logl": saturated,
        **information_criteria(logl, npar, n),
        "ntotal": n,
        **absolute_indices(model, npar, n),
        **rmsea(model, n, layout.n_groups),
        **residual_indices(
            estimation.search.point.implied,
            moments.mean,
            moments.cov,
            present,
            moments.group_sizes / n,
            means=estimation.options.meanstructure,
        ),
    }


def _chi_square(estimation: "Estimation") -> float:
    moments = estimation.moments
    saturated = 0.5 * float(
        (moments.n / moments.total)
        @ [
            _logdet(moments.cov[b], moments.mask[b]) + moments.mask[b].sum()
            for b in range(len(moments.n))
        ]
    )
    return float(2.0 * moments.total * (estimation.search.point.value - saturated))


def _logdet(cov: FloatArray, here: Mask) -> float:
    columns = np.flatnonzero(here)
    return float(np.linalg.slogdet(cov[np.ix_(columns, columns)])[1])


def _baseline(layout: Layout, moments: Moments) -> ChiSquare:
    """The model of uncorrelated variables; predictors taken as given stay correlated."""
    value, df = 0.0, 0
    for group, n in enumerate(moments.n):
        x = exogenous_columns(layout, group)
        cov = moments.cov[group]
        here = moments.mask[group]
        p = int(here.sum())
        rest = [column for column in np.flatnonzero(here) if column not in x]
        among_x = _logdet(cov, np.isin(np.arange(len(here)), x)) if x else 0.0
        value += n * (np.log(cov[rest, rest]).sum() + among_x - _logdet(cov, here))
        df += p * (p - 1) // 2 - len(x) * (len(x) - 1) // 2
    return ChiSquare(float(value), df)


def _log_likelihoods(estimation: "Estimation") -> tuple[float, float]:
    """Log-likelihood of the model and of the saturated one, given exogenous predictors."""
    moments, layout = estimation.moments, estimation.layout
    constant = 0.5 * float(moments.n @ moments.mask.sum(axis=1)) * np.log(2.0 * np.pi)
    logl = -moments.total * estimation.search.point.value - constant
    for group, n in enumerate(moments.group_sizes):
        x = exogenous_columns(layout, group)
        if x:
            logdet = _logdet(moments.cov[group], np.isin(np.arange(len(layout.observed)), x))
            logl += 0.5 * n * (len(x) * np.log(2.0 * np.pi) + logdet + len(x))
    return logl, logl + 0.5 * _chi_square(estimation)
