"""Factor means by group, their differences from the reference group, and tests of these.

    κ = A α,   d = (κ_g - κ_ref) / √φ̄,   φ̄ the factor variances weighted by n_g    (Hancock 2001)

A difference means something where intercepts are equal, at least of most items (Meredith 1993).
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.distributions import chi_square_tail
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.measurement.delta_method import DerivedQuantity, delta_method, quantities
from analysis.sem.model.representation import Implied
from analysis.sem.model_tests.wald import TestResult
from analysis.sem.results import SemFit

__all__ = ["LatentMean", "LatentMeans", "latent_means"]


@dataclass(frozen=True, slots=True)
class LatentMean:
    """The mean of a factor in a group; `difference` from the reference group's, raw and as `d`.

    Both are None in the reference group.
    """

    group: str
    factor: str
    mean: DerivedQuantity
    difference: DerivedQuantity | None
    d: DerivedQuantity | None


@dataclass(frozen=True, slots=True)
class LatentMeans:
    """All means, and Wald tests that the groups have equal ones: by factor, and all together.

    A test is None where no mean can differ (factor means fixed in all groups).
    """

    rows: tuple[LatentMean, ...]
    by_factor: dict[str, TestResult | None]
    together: TestResult | None


def latent_means(fit: SemFit) -> LatentMeans:
    """Means of the factors in every group, tested against the first group.

    Raises ModelSpecificationError for a fit without means or without factors.
    """
    estimation = fit.estimation
    layout = estimation.layout
    factors = [name for name in layout.latent if name not in layout.observed]
    if not factors or not estimation.options.meanstructure:
        raise ModelSpecificationError(
            "the fit has no factor means: fit factors in several groups, or meanstructure=True"
        )
    places = [layout.latent.index(name) for name in factors]
    share = estimation.moments.group_sizes / estimation.moments.total

    def compute(implied: Implied, _: dict[str, FloatArray]) -> FloatArray:
        level = implied.level[:, places]
        spread = np.sqrt(share @ np.diagonal(implied.factor, axis1=1, axis2=2)[:, places])
        away = level - level[0]
        return np.concatenate([level.ravel(), away.ravel(), (away / spread).ravel()])

    values, covariance = delta_method(estimation, compute)
    every = quantities(values, covariance)
    count = len(fit.groups) * len(factors)
    rows = []
    for number, (group, factor) in enumerate(product(fit.groups, factors)):
        first = group == fit.groups[0]
        rows.append(
            LatentMean(
                group,
                factor,
                every[number],
                None if first else every[count + number],
                None if first else every[2 * count + number],
            )
        )
    of_factor = {
        name: [count + g * len(factors) + k for g in range(1, len(fit.groups))]
        for k, name in enumerate(factors)
    }
    together = [place for members in of_factor.values() for place in members]
    return LatentMeans(
        tuple(rows),
        {name: _wald(values, covariance, members) for name, members in of_factor.items()},
        _wald(values, covariance, together),
    )


def _wald(values: FloatArray, covariance: FloatArray, chosen: list[int]) -> TestResult | None:
    """r'V⁻r of differences that can vary."""
    free = [k for k in chosen if covariance[k, k] > 1e-14]
    if not free:
        return None
    part = covariance[np.ix_(free, free)]
    statistic = float(values[free] @ np.linalg.solve(part, values[free]))
    return TestResult(statistic, len(free), chi_square_tail(statistic, len(free)))
