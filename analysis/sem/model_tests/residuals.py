"""Local misfit: which correlations a fitted model does not reproduce."""

from typing import NamedTuple

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.results import SemFit


class ResidualCorrelation(NamedTuple):
    """Observed minus implied correlation of two observed variables in one group."""

    group: str
    first: str
    second: str
    value: float


def residual_correlations(fit: SemFit, *, beyond: float = 0.10) -> tuple[ResidualCorrelation, ...]:
    """The residual correlations larger than `beyond` in size, largest first.

    cor(S) − cor(Σ̂), as in Bollen (1989, p. 257–258), with S from the saturated model where answers
    are missing. Empty for estimators of ordered variables, whose moments are of another kind.
    """
    saturated = getattr(fit.estimation, "saturated", None)
    if fit.estimator == "WLSMV" or saturated is None:
        return ()
    layout = fit.estimation.layout
    implied = fit.estimation.search.point.implied.sigma
    found = []
    for number, group in enumerate(fit.groups):
        here = np.flatnonzero(layout.present[number])
        part = np.ix_(here, here)
        residual = _correlation(saturated.cov[number][part]) - _correlation(implied[number][part])
        names = [layout.observed[column] for column in here]
        for i, j in zip(*np.tril_indices(len(here), -1), strict=True):
            if abs(residual[i, j]) > beyond:
                row = ResidualCorrelation(group, names[j], names[i], float(residual[i, j]))
                found.append(row)
    return tuple(sorted(found, key=lambda row: -abs(row.value)))


def _correlation(cov: FloatArray) -> FloatArray:
    sd = np.sqrt(cov.diagonal())
    correlation: FloatArray = cov / (sd[:, None] * sd)
    return correlation
