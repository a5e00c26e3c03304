"""Fit indices under lavaan's names and multi-group conventions.

χ² = 2 N F;  CFI, TLI, NFI, … against the model of uncorrelated variables (Bentler 1990);  RMSEA
with the factor √G of Steiger (1998), bounds by inverting the noncentral χ²;  SRMR of Bentler,
averaged over groups with weights n_g / N on the index itself;  AIC, BIC and BIC2 with N the total.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.distributions import (
    chi_square_quantile,
    chi_square_tail,
    noncentral_tail,
    noncentrality,
)
from analysis.sem.model.representation import Implied

__all__ = [
    "ChiSquare",
    "absolute_indices",
    "incremental_indices",
    "information_criteria",
    "residual_indices",
    "rmsea",
]


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A test statistic and its degrees of freedom."""

    value: float
    df: float

    @property
    def pvalue(self) -> float:
        """Upper tail probability; NaN without degrees of freedom."""
        return chi_square_tail(self.value, self.df) if self.df > 0 else float("nan")


def incremental_indices(model: ChiSquare, baseline: ChiSquare) -> dict[str, float]:
    """CFI, TLI (= NNFI), RFI, NFI, PNFI, IFI and RNI."""
    t, df, tb, dfb = model.value, model.df, baseline.value, baseline.df
    excess, excess_b = t - df, tb - dfb
    worst = max(excess, excess_b, 0.0)
    indices = {"cfi": 1.0 - max(excess, 0.0) / worst if worst > 0 else 1.0}
    if df > 0 and dfb > 0:
        indices["tli"] = (tb / dfb - t / df) / (tb / dfb - 1.0)
        indices["nnfi"] = indices["tli"]
        rfi = (tb / dfb - t / df) / (tb / dfb)
        indices["rfi"] = rfi if rfi >= 0 else 1.0
    else:
        indices |= {"tli": 1.0, "nnfi": 1.0, "rfi": 1.0}
    indices["nfi"] = (tb - t) / tb if tb > 0 else float("nan")
    indices["pnfi"] = df / dfb * indices["nfi"] if dfb > 0 else 0.0
    indices["ifi"] = (tb - t) / (tb - df) if tb != df else float("nan")
    indices["rni"] = (excess_b - excess) / excess_b if excess_b != 0 else 1.0
    return indices


def rmsea(test: ChiSquare, n: float, n_groups: int, *, scale: float = 1.0) -> dict[str, float]:
    """RMSEA, its 90 % bounds and the probabilities of close fit (.05) and of not (.08).

    `scale` multiplies point and bounds: √c for a statistic that was scaled by c.
    """
    t, df = test.value, test.df
    if df <= 0:
        return {
            "rmsea": 0.0, "rmsea.ci.lower": 0.0, "rmsea.ci.upper": 0.0, "rmsea.ci.level": 0.90,
            "rmsea.pvalue": float("nan"), "rmsea.close.h0": 0.05,
            "rmsea.notclose.pvalue": float("nan"), "rmsea.notclose.h0": 0.08,
        }  # fmt: skip
    root_groups = np.sqrt(n_groups)
    point = np.sqrt(max(t / n / df - 1.0 / n, 0.0)) * root_groups * scale
    lower = np.sqrt(noncentrality(t, df, 0.95) / (n * df)) * root_groups * scale
    upper = np.sqrt(noncentrality(t, df, 0.05) / (n * df)) * root_groups * scale

    def tail(h0: float) -> float:
        return noncentral_tail(t, df, n * df * (h0 / scale) ** 2 / n_groups)

    return {
        "rmsea": float(point),
        "rmsea.ci.lower": float(lower),
        "rmsea.ci.upper": float(upper),
        "rmsea.ci.level": 0.90,
        "rmsea.pvalue": tail(0.05),
        "rmsea.close.h0": 0.05,
        "rmsea.notclose.pvalue": 1.0 - tail(0.08),
        "rmsea.notclose.h0": 0.08,
    }


def absolute_indices(model: ChiSquare, npar: int, n: float) -> dict[str, float]:
    """Hoelter's critical N at .05 and .01, McDonald's MFI and the ECVI."""
    t, df = model.value, model.df
    indices = {
        "mfi": float(np.exp(-0.5 * (t - df) / n)),
        "ecvi": t / n + 2.0 * npar / n,
    }
    for name, level in (("cn_05", 0.95), ("cn_01", 0.99)):
        if df > 0 and t > 0:
            indices[name] = chi_square_quantile(level, df) / (t / n) + 1.0
        elif df == 0:
            indices[name] = 1.0
    return indices


def information_criteria(logl: float, npar: int, n: float) -> dict[str, float]:
    """AIC, BIC and the sample-size adjusted BIC2."""
    return {
        "aic": -2.0 * logl + 2.0 * npar,
        "bic": -2.0 * logl + npar * np.log(n),
        "bic2": -2.0 * logl + npar * np.log((n + 2.0) / 24.0),
    }


def residual_indices(
    implied: Implied,
    mean: FloatArray,
    cov: FloatArray,
    present: Mask,
    shares: FloatArray,
    *,
    means: bool,
) -> dict[str, float]:
    """RMR, SRMR (Bentler), CRMR and Mplus's SRMR, with and without the mean part."""
    names = ("rmr", "srmr_bentler", "crmr", "srmr_mplus")
    total = dict.fromkeys([*names, *(f"{name}_nomean" for name in names)], 0.0)
    for group, share in enumerate(shares):
        here = np.flatnonzero(present[group])
        part = np.ix_(here, here)
        one = _residual_indices(
            implied.sigma[group][part],
            implied.mu[group][here],
            cov[group][part],
            mean[group][here],
            means=means,
        )
        for name, value in one.items():
            total[name] += share * value
    if not means:
        for name in names:
            total[name] = total[f"{name}_nomean"]
    total["srmr"] = total["srmr_bentler"]
    return total


def _residual_indices(
    sigma: FloatArray, mu: FloatArray, cov: FloatArray, mean: FloatArray, *, means: bool
) -> dict[str, float]:
    p = len(mean)
    s_var, m_var = cov.diagonal(), sigma.diagonal()
    s_sd, m_sd = np.sqrt(s_var), np.sqrt(m_var)
    sd_products = s_sd[:, None] * s_sd
    raw_mean = mean - mu
    correlation = cov / sd_products - sigma / (m_sd[:, None] * m_sd)
    relative = (s_var - m_var) / s_var
    bentler_mean = raw_mean / s_sd
    standard_mean = mean / s_sd - mu / m_sd
    mplus = _lower_square(correlation) + float(relative @ relative)
    count = p * (p + 1) / 2
    squares = {
        "rmr": (_lower_square(cov - sigma), float(raw_mean @ raw_mean), count, count + p),
        "srmr_bentler": (
            _lower_square((cov - sigma) / sd_products),
            float(bentler_mean @ bentler_mean),
            count,
            count + p,
        ),
        "crmr": (
            _lower_square(correlation), float(bentler_mean @ bentler_mean), count - p, count
        ),
        "srmr_mplus": (mplus, float(standard_mean @ standard_mean), count, count + p),
    }  # fmt: skip
    result: dict[str, float] = {}
    for name, (covariance, of_means, n_cov, n_all) in squares.items():
        result[f"{name}_nomean"] = float(np.sqrt(covariance / n_cov)) if n_cov > 0 else 0.0
        result[name] = float(np.sqrt((covariance + of_means) / n_all)) if means and n_all else 0.0
    return result


def _lower_square(matrix: FloatArray) -> float:
    """Sum of squares over the lower triangle of a symmetric matrix, diagonal included."""
    diagonal = matrix.diagonal()
    return 0.5 * float(np.vdot(matrix, matrix) + diagonal @ diagonal)
