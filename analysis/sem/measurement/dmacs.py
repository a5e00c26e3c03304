"""How large the difference in measurement of an item is: dMACS (Nye & Drasgow 2011).

    dMACS = √ ∫ (ŷ_ref(η) - ŷ_foc(η))² N(η; κ_foc, Φ_foc) dη / sd

with ŷ(η) = τ + λ'η.  For a linear model the integral is (Δτ + Δλ'κ)² + Δλ'ΦΔλ.  sd is the average
of the two groups' standard deviations, weighted by n - 1.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.results import SemFit

__all__ = ["Dmacs", "dmacs", "dmacs_index"]


@dataclass(frozen=True, slots=True)
class Dmacs:
    """One item, the reference group against another.

    `size` is dMACS, `signed` the mean difference (reference less focal) in the same units,
    `mean_difference` what the item's mean is shifted by in the focal group, in its own units.
    """

    item: str
    focal: str
    size: float
    signed: float
    mean_difference: float


def dmacs(fit: SemFit, *, reference: str | None = None) -> tuple[Dmacs, ...]:
    """dMACS of every item in every other group, against `reference` (by default the first).

    The model must put all groups' factors on one metric: configural loadings with the same marker
    item, or partial invariance.  Raises ModelSpecificationError: one group, no such group, no
    means, or ordered items.
    """
    estimation = fit.estimation
    if len(fit.groups) < 2 or estimation.options.is_ordinal:
        raise ModelSpecificationError(
            "dMACS compares continuous items of two or more groups: fit with `group` and an "
            "estimator of continuous variables"
        )
    start = fit.groups[0] if reference is None else reference
    if start not in fit.groups:
        raise ModelSpecificationError(
            f"there is no group {start}; the fit has {', '.join(fit.groups)}"
        )
    layout, first = estimation.layout, fit.groups.index(start)
    matrices, implied = layout.matrices(estimation.values), estimation.search.point.implied
    found = []
    for group, label in enumerate(fit.groups):
        for column, item in enumerate(layout.observed):
            measured = item not in layout.latent and layout.present[[first, group], column].all()
            if group == first or not measured:
                continue
            sds = [_deviation(estimation.sample.values[g][:, column]) for g in (first, group)]
            found.append(
                Dmacs(
                    item,
                    label,
                    *dmacs_index(
                        matrices["lambda"][first, column] - matrices["lambda"][group, column],
                        float(matrices["nu"][first, column] - matrices["nu"][group, column]),
                        implied.level[group],
                        implied.factor[group],
                        sds,
                    ),
                )
            )
    return tuple(found)


def dmacs_index(
    loading: FloatArray,
    intercept: float,
    mean: FloatArray,
    covariance: FloatArray,
    spreads: list[tuple[int, float]],
) -> tuple[float, float, float]:
    """dMACS, its signed form and the mean difference.

    `loading` (m,) and `intercept` are reference less focal; `mean` (m,), `covariance` (m × m) the
    focal factors'; `spreads` n and standard deviation (divisor n - 1) of the two groups.
    """
    (n, sd), (n_focal, sd_focal) = spreads
    pooled = ((n - 1) * sd + (n_focal - 1) * sd_focal) / (n + n_focal - 2)
    shift = intercept + float(loading @ mean)
    size = np.sqrt(max(shift**2 + float(loading @ covariance @ loading), 0.0))
    return float(size / pooled), shift / pooled, shift


def _deviation(values: FloatArray) -> tuple[int, float]:
    seen = values[~np.isnan(values)]
    return len(seen), float(seen.std(ddof=1))
