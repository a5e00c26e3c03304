"""Fit indices of the ordinal estimators, by lavaan's names and conventions.

χ², RMSEA and their kin use N - G; SRMR compares covariances only, `srmr_bentler` thresholds too.
"""

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.fitmeasures import ChiSquare, absolute_indices, incremental_indices, rmsea
from analysis.sem.normal.estimation import Estimation
from analysis.sem.ordinal.model import OrdinalModel, OrdinalPoint

__all__ = ["ordinal_indices"]

_CONVENTIONS = ("rmsea.ci.level", "rmsea.close.h0", "rmsea.notclose.h0")


def ordinal_indices(estimation: Estimation) -> dict[str, float]:
    """Fit indices from the plain and from the scaled and shifted statistic."""
    test, baseline, scaling = estimation.test, estimation.baseline, estimation.scaling
    point, model = estimation.search.point, estimation.model
    assert isinstance(point, OrdinalPoint)
    assert isinstance(model, OrdinalModel)
    n, n_groups = model.effective_n, estimation.layout.n_groups
    statistics = sum(len(sample.statistics) for sample in model.samples)
    indices = {
        "npar": float(estimation.npar),
        "fmin": test.value / (2.0 * model.moments.total),
        **_tests(test, baseline),
        **incremental_indices(test, baseline),
        **rmsea(test, n, n_groups),
        **absolute_indices(test, estimation.npar, n),
        **_residual_indices(model, point),
        "ntotal": model.moments.total,
        "wrmr": float(np.sqrt(test.value * n_groups / statistics)),
    }
    if scaling is None:
        return indices
    scaled = _scaled(test, scaling.model, scaling.shift)
    base = _scaled(baseline, scaling.baseline, scaling.baseline_shift)
    both = {
        **_tests(scaled, base),
        **incremental_indices(scaled, base),
        **rmsea(scaled, n, n_groups),
    }
    indices |= {f"{name}.scaled": value for name, value in both.items() if name not in _CONVENTIONS}
    indices["chisq.scaling.factor"] = scaling.model
    indices["baseline.chisq.scaling.factor"] = scaling.baseline
    return indices


def _scaled(test: ChiSquare, factor: float, shift: float) -> ChiSquare:
    return ChiSquare(test.value / factor + shift, test.df) if test.df > 0 else test


def _tests(model: ChiSquare, baseline: ChiSquare) -> dict[str, float]:
    return {
        "chisq": model.value,
        "df": model.df,
        "pvalue": model.pvalue,
        "baseline.chisq": baseline.value,
        "baseline.df": baseline.df,
        "baseline.pvalue": baseline.pvalue,
    }


def _residual_indices(model: OrdinalModel, point: OrdinalPoint) -> dict[str, float]:
    """RMR, SRMR and CRMR of residual covariances, with and without thresholds.

    As in lavaan 0.6-14 variances, intercepts and slopes on covariates do not enter, and every
    covariate adds one to the number of residuals that RMR and SRMR average over.
    """
    names = ("rmr", "rmr_nomean", "srmr_bentler", "srmr_bentler_nomean", "crmr", "crmr_nomean")
    total = dict.fromkeys(names, 0.0)
    for share, sample, residual in zip(model.shares, model.samples, point.residuals, strict=True):
        p, count, k = len(sample.names), len(sample.threshold_owner), sample.slopes.shape[1]
        pairs = p * (p - 1) // 2
        deviation = np.sqrt(np.diag(sample.covariance))
        first, second = np.triu_indices(p, 1)
        cross = residual[len(residual) - pairs :]
        own = residual[len(residual) - pairs - len(sample.continuous) : len(residual) - pairs]
        implied = np.diag(sample.covariance).copy()
        implied[sample.continuous] -= own
        spread = np.sqrt(implied)
        correlation = sample.correlation[second, first]
        theirs = (sample.covariance[second, first] - cross) / (spread[first] * spread[second])
        thresholds = _square(residual[:count])
        raw = _square(cross)
        scaled = _square(cross / (deviation[first] * deviation[second]))
        places = pairs + p + k
        squares = (
            (raw + thresholds, places + count),
            (raw, places),
            (scaled + thresholds, places + count),
            (scaled, places),
            (_square(correlation - theirs) + thresholds, pairs + count),
            (_square(correlation - theirs), pairs),
        )
        for name, (square, number) in zip(names, squares, strict=True):
            total[name] += float(share) * float(np.sqrt(square / number)) if number else 0.0
    total["srmr"] = total["srmr_bentler_nomean"]
    return total


def _square(residual: FloatArray) -> float:
    return float(residual @ residual)
