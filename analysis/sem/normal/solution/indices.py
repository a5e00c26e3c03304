"""All fit indices of an estimation, by lavaan's names."""

from typing import TYPE_CHECKING

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.data.moments import Moments
from analysis.sem.fitmeasures import (
    ChiSquare,
    absolute_indices,
    incremental_indices,
    information_criteria,
    residual_indices,
    rmsea,
    robust_indices,
)
from analysis.sem.model.representation import Layout, exogenous_columns
from analysis.sem.normal.discrepancy import Point
from analysis.sem.normal.saturated import (
    Saturated,
    independence_model,
    predictor_columns,
)

if TYPE_CHECKING:
    from analysis.sem.normal.estimation import Estimation

__all__ = ["baseline_test", "fit_indices", "model_test", "sample_moment_count"]

_CONVENTIONS = ("rmsea.ci.level", "rmsea.close.h0", "rmsea.notclose.h0")


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


def model_test(
    moments: Moments, point: Point, saturated: Saturated, df: int, *, wishart: bool = False
) -> ChiSquare:
    """χ² = 2 N (F - F_saturated); 2 Σ (n_g - 1) (F_g - F_g saturated) for a Wishart likelihood."""
    if wishart:
        parts = [_saturated_part(moments, group) for group in range(len(moments.n))]
        return ChiSquare(float(2.0 * (moments.n - 1.0) @ (point.parts - parts)), df)
    return ChiSquare(float(2.0 * moments.total * (point.value - saturated.value)), df)


def _saturated_part(moments: Moments, group: int) -> float:
    mask = moments.mask[group]
    return 0.5 * (_logdet(moments.cov[group], mask) + float(mask.sum()))


def baseline_test(
    layout: Layout, moments: Moments, saturated: Saturated, *, wishart: bool = False
) -> ChiSquare:
    """The model of uncorrelated variables; observed predictors stay correlated."""
    df = 0
    for group in range(layout.n_groups):
        p, x = int(layout.present[group].sum()), len(predictor_columns(layout, group))
        df += p * (p - 1) // 2 - x * (x - 1) // 2
    if not moments.is_complete:
        _, point = independence_model(layout, moments, saturated)
        return model_test(moments, point, saturated, df)
    value = 0.0
    for group, n in enumerate(moments.n):
        columns = predictor_columns(layout, group)
        cov, here = moments.cov[group], moments.mask[group]
        rest = [column for column in np.flatnonzero(here) if column not in columns]
        among_x = _logdet(cov, np.isin(np.arange(len(here)), columns)) if columns else 0.0
        value += (n - wishart) * (np.log(cov[rest, rest]).sum() + among_x - _logdet(cov, here))
    return ChiSquare(float(value), df)


def _logdet(cov: FloatArray, here: Mask) -> float:
    columns = np.flatnonzero(here)
    return float(np.linalg.slogdet(cov[np.ix_(columns, columns)])[1])


def fit_indices(estimation: "Estimation") -> dict[str, float]:
    """χ², indices against the baseline model, RMSEA, residual indices and information criteria."""
    moments, layout, npar = estimation.moments, estimation.layout, estimation.npar
    n, effective = moments.total, estimation.effective_n
    model, baseline = estimation.test, estimation.baseline
    logl, unrestricted = _log_likelihoods(estimation)
    return {
        "npar": npar,
        "fmin": estimation.search.point.value - estimation.saturated.value,
        **_tests(model, baseline),
        **incremental_indices(model, baseline),
        "logl": logl,
        "unrestricted.logl": unrestricted,
        **information_criteria(logl, npar, n),
        "ntotal": n,
        **rmsea(model, effective, layout.n_groups),
        **absolute_indices(model, npar, effective),
        **residual_indices(
            estimation.search.point.implied,
            estimation.saturated.mean,
            estimation.saturated.cov,
            layout.present,
            moments.group_sizes / n,
            means=estimation.options.meanstructure,
        ),
        **_scaled_indices(estimation),
        **_robust_indices(estimation),
    }


def _tests(model: ChiSquare, baseline: ChiSquare) -> dict[str, float]:
    return {
        "chisq": model.value,
        "df": model.df,
        "pvalue": model.pvalue,
        "baseline.chisq": baseline.value,
        "baseline.df": baseline.df,
        "baseline.pvalue": baseline.pvalue,
    }


def _scaled_indices(estimation: "Estimation") -> dict[str, float]:
    """The same from the scaled statistics."""
    scaling = estimation.scaling
    if scaling is None:
        return {}
    n, n_groups = estimation.moments.total, estimation.layout.n_groups
    factor = _model_factor(estimation)
    model = ChiSquare(estimation.test.value / factor, estimation.test.df)
    baseline = ChiSquare(estimation.baseline.value / scaling.baseline, estimation.baseline.df)
    # T on c·df degrees of freedom: the same point estimate as T / c on df, other bounds
    stretched = ChiSquare(estimation.test.value, factor * estimation.test.df)
    indices = {
        **_tests(model, baseline),
        **incremental_indices(model, baseline),
        **rmsea(stretched, n, n_groups),
    }
    scaled = {
        f"{name}.scaled": value for name, value in indices.items() if name not in _CONVENTIONS
    }
    scaled["chisq.scaling.factor"] = scaling.model
    scaled["baseline.chisq.scaling.factor"] = scaling.baseline
    if estimation.options.estimator == "MLR":
        scaled |= {"scaling.factor.h1": scaling.h1, "scaling.factor.h0": scaling.h0}
    return scaled


def _model_factor(estimation: "Estimation") -> float:
    """The scaling factor of the model's test; 1 for a saturated model, whose own is 0 / 0."""
    assert estimation.scaling is not None
    return estimation.scaling.model if estimation.test.df > 0 else 1.0


def _robust_indices(estimation: "Estimation") -> dict[str, float]:
    """CFI, TLI and RMSEA that estimate the population's, from statistics T, T_b with means c df.

    Complete data: T is the normal-theory statistic (Brosseau-Liard & Savalei 2012, 2014; bounds:
    Savalei 2018).  Incomplete data: the complete-data statistic (Zhang & Savalei 2023).
    """
    scaling, complete = estimation.scaling, estimation.complete_data_fit
    if complete is not None:
        test, factor = complete.model, complete.factor
        baseline, base_factor = complete.baseline, complete.baseline_factor
    elif scaling is not None:
        test, factor = estimation.test, _model_factor(estimation)
        baseline, base_factor = estimation.baseline, scaling.baseline
    else:
        return {}
    n, n_groups = estimation.moments.total, estimation.layout.n_groups
    return robust_indices(test, factor, baseline, base_factor, n, n_groups)


def _log_likelihoods(estimation: "Estimation") -> tuple[float, float]:
    """Log-likelihood of the model and of the saturated one, given exogenous predictors."""
    moments, layout = estimation.moments, estimation.layout
    constant = 0.5 * float(moments.n @ moments.mask.sum(axis=1)) * np.log(2.0 * np.pi)
    given = 0.0
    for group, n in enumerate(moments.group_sizes):
        columns = exogenous_columns(layout, group)
        if columns:
            chosen = np.isin(np.arange(len(layout.observed)), columns)
            logdet = _logdet(estimation.saturated.cov[group], chosen)
            given += 0.5 * n * (len(columns) * (np.log(2.0 * np.pi) + 1.0) + logdet)
    model, unrestricted = estimation.search.point.value, estimation.saturated.value
    return (
        float(given - constant - moments.total * model),
        float(given - constant - moments.total * unrestricted),
    )
