"""How good the fit is at least: T-size RMSEA and CFI (Yuan, Chan, Marcoulides & Bentler 2016).

Equivalence testing turns the question round: RMSEA_t is the smallest RMSEA, CFI_t the largest CFI
that the data exclude at the level asked for,

    RMSEA_t = √(m δ.05 / (df (N - m)))        CFI_t = 1 - δ_model / max(δ_model, δ_baseline)

where δ_p is the noncentrality with P(χ²(df, δ) ≤ T) = p (Marcoulides & Yuan 2017 for m groups).
Conventional cutoffs do not fit such sizes; those for one group are the authors' regressions.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.distributions import noncentrality, normal_quantile
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.results import SemFit

__all__ = ["TSize", "t_size", "t_size_of"]

LABELS = ("excellent", "close", "fair", "mediocre", "poor")


@dataclass(frozen=True, slots=True)
class TSize:
    """T-size indices; cutoffs (excellent, close, fair, mediocre) and labels for one group alone."""

    rmsea: float
    cfi: float
    rmsea_cutoffs: tuple[float, ...] | None
    cfi_cutoffs: tuple[float, ...] | None
    rmsea_label: str | None
    cfi_label: str | None


def t_size(fit: SemFit, *, alpha: float = 0.05, method: str = "exact") -> TSize:
    """The T-size indices of a fit, from its plain χ².

    `method` "exact" solves for the noncentrality, "venables" uses the published expansion
    (Venables 1975); they differ in the third digit where χ² < df.
    Raises ModelSpecificationError: another method, no degrees of freedom, ordered items.
    """
    if fit.estimation.options.is_ordinal or not fit.fit or fit.fit["df"] <= 0:
        raise ModelSpecificationError(
            "T-size indices need a converged fit of continuous variables with degrees of freedom"
        )
    present = fit.estimation.layout.present
    return t_size_of(
        (fit.fit["chisq"], fit.fit["df"]),
        (fit.fit["baseline.chisq"], fit.fit["baseline.df"]),
        n=fit.estimation.moments.total,
        n_groups=len(fit.groups),
        variables=int(present[0].sum()),
        alpha=alpha,
        method=method,
    )


def t_size_of(
    model: tuple[float, float],
    baseline: tuple[float, float],
    *,
    n: float,
    n_groups: int = 1,
    variables: int,
    alpha: float = 0.05,
    method: str = "exact",
) -> TSize:
    """The same from (χ², df) of model and baseline, for `n` rows of so many `variables`."""
    solve = {"exact": _exact, "venables": _venables}.get(method)
    if solve is None:
        raise ModelSpecificationError(f'method is "exact" or "venables", not {method!r}')
    chisq, df = model
    rows = n - n_groups
    rmsea = float(np.sqrt(n_groups * solve(alpha, chisq, df) / (df * rows)))
    of_model = solve(alpha / 2.0, chisq, df)
    of_baseline = solve(1.0 - alpha / 2.0, *baseline)
    cfi = 1.0 - of_model / max(of_model, of_baseline) if of_model > 0 else 1.0
    if n_groups > 1:
        return TSize(rmsea, cfi, None, None, None, None)
    for_rmsea = _rmsea_cutoffs(df, rows)
    for_cfi = _cfi_cutoffs(df, variables * (variables - 1) / 2.0, rows)
    return TSize(
        rmsea,
        cfi,
        for_rmsea,
        for_cfi,
        LABELS[sum(rmsea > cutoff for cutoff in for_rmsea)],
        LABELS[sum(cfi < cutoff for cutoff in for_cfi)],
    )


def _exact(probability: float, chisq: float, df: float) -> float:
    return noncentrality(chisq, df, probability)


def _venables(probability: float, chisq: float, df: float) -> float:
    """Venables' (1975) expansion, as in the appendix of Yuan et al. (2016)."""
    z = normal_quantile(1.0 - probability)
    sigma = np.sqrt(2.0 * (2.0 * chisq - df + 2.0))
    z3, z5 = z**3, z**5
    series = (
        z
        + (z**2 - 1.0) / sigma
        - z / sigma**2
        + 2.0 * (df - 1.0) * (z**2 - 1.0) / (3.0 * sigma**3)
        + (-(df - 1.0) * (4.0 * z3 - z) / 6.0 + (df - 2.0) * z / 2.0) / sigma**4
        + 4.0 * (df - 1.0) * (3.0 * z**4 + 2.0 * z**2 - 11.0) / (15.0 * sigma**5)
        + (
            -(df - 1.0) * (96.0 * z5 + 164.0 * z3 - 767.0 * z) / 90.0
            - 4.0 * (df - 1.0) * (df - 2.0) * (2.0 * z3 - 5.0 * z) / 9.0
            + (df - 2.0) * z / 2.0
        )
        / sigma**6
    )
    return float(max(chisq - df + 2.0 + sigma * series, 0.0))


def _rmsea_cutoffs(df: float, n: float) -> tuple[float, ...]:
    d, m = np.log(df), np.log(n)
    exponents = (
        1.34863 - 0.51999 * d + 0.01925 * d**2 - 0.59811 * m + 0.00902 * n**0.5
        + 0.01796 * d * m,
        2.06034 - 0.62974 * d + 0.02512 * d**2 - 0.98388 * m + 0.05442 * m**2
        - 0.00005188 * n + 0.05260 * d * m,
        2.84129 - 0.54809 * d + 0.02296 * d**2 - 0.76005 * m + 0.10229 * m**2
        - 1.11167 * n**0.2 + 0.04845 * d * m,
        2.36352 - 0.49440 * d + 0.02131 * d**2 - 0.64445 * m + 0.09043 * m**2
        - 1.01634 * n**0.2 + 0.04422 * d * m,
    )  # fmt: skip
    return tuple(float(np.exp(value)) for value in exponents)


def _cfi_cutoffs(df: float, baseline_df: float, n: float) -> tuple[float, ...]:
    d, b, m = np.log(df), np.log(baseline_df), np.log(n)
    exponents = (
        4.67603 - 0.50827 * d + 0.87087 * df**0.2 - 0.59613 * baseline_df**0.2 - 1.89602 * m
        + 0.10190 * m**2 + 0.03729 * d * m,
        4.12132 - 0.46285 * d + 0.52478 * df**0.2 - 0.31832 * baseline_df**0.2 - 1.74422 * m
        + 0.13042 * m**2 - 0.02360 * n**0.5 + 0.04215 * d * m,
        6.31234 - 0.41762 * d + 0.01554 * d**2 - 0.00563 * b**2 - 1.30229 * m
        + 0.19999 * m**2 - 2.17429 * n**0.2 + 0.05342 * d * m - 0.01520 * b * m,
        5.96633 - 0.40425 * d + 0.01384 * d**2 - 0.00411 * b**2 - 1.20242 * m
        + 0.18763 * m**2 - 2.06704 * n**0.2 + 0.05245 * d * m - 0.01533 * b * m,
    )  # fmt: skip
    return tuple(float(1.0 - np.exp(value)) for value in exponents)
