"""Standard errors of few clusters: each cluster left out in turn (the cluster jackknife, CR3).

Sandwich errors are too small where clusters are few or unlike each other, because a cluster that
pulls the estimate towards itself shows a residual that is too small. Leaving it out shows all of
it. With d_j = b_(-j) - b and J clusters,

    V = (J - 1) / J Σ d_j²      ν = 3 (Σ d_j²)² / Σ d_j⁴, at most J - 1

ν are Satterthwaite's degrees of freedom of a sum of squares whose parts have unequal variances v_j,
(Σ v_j)² / Σ v_j², with E d⁴ = 3 v² of a normal d. References: Bell & McCaffrey 2002 (Survey
Methodology 28, 169-181); Lipsitz, Ibrahim & Parzen 1999 (J. R. Statist. Soc. C 48, 505-516);
MacKinnon, Nielsen & Webb 2023 (J. Econometrics 232, 272-299).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.resampling.bootstrapping import without_each_cluster
from analysis.sem.results import Parameter, SemFit

__all__ = ["Jackknife", "jackknife"]


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Estimates of the samples that lack one cluster each.

    Attributes:
        parameters: those of the fit, in its order.
        estimates: clusters × parameters, NaN where the sample has no solution.
        converged: which samples have one.
        sizes: the number of clusters of each group, whose samples stand in this order.
    """

    parameters: tuple[Parameter, ...]
    estimates: FloatArray
    converged: Mask
    sizes: tuple[int, ...]

    @property
    def standard_errors(self) -> FloatArray:
        """One for each parameter."""
        return self.spread(self.estimates, self._point)[0]

    @property
    def degrees_of_freedom(self) -> FloatArray:
        """One for each parameter, for Student's t."""
        return self.spread(self.estimates, self._point)[1]

    @property
    def _point(self) -> FloatArray:
        return np.array([parameter.est for parameter in self.parameters])

    def spread(self, drawn: FloatArray, point: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Standard errors and degrees of freedom of what was computed without each cluster.

        `drawn` clusters × quantities, `point` those of the whole sample. Samples without a solution
        count as the mean of the others.
        """
        known = np.isfinite(drawn).all(axis=1)
        share = np.repeat([(size - 1.0) / size for size in self.sizes], self.sizes)
        square = share[known, None] * (drawn[known] - point) ** 2
        total, fourth = square.sum(axis=0), (square**2).sum(axis=0)
        most = len(drawn) - len(self.sizes)
        with np.errstate(divide="ignore", invalid="ignore"):
            freedom = np.where(fourth > 0.0, 3.0 * total**2 / fourth, most)
            return np.sqrt(total * len(drawn) / known.sum()), np.minimum(freedom, most)


def jackknife(fit: SemFit, cluster: npt.ArrayLike | None = None) -> Jackknife:
    """Refits `fit` without each cluster in turn; any estimator, one group or several.

    `cluster` has one id per row of the data given to `fit`; by default the fit's own, or the row.
    Raises ModelSpecificationError: the fit did not converge, or a group is a single cluster.
    """
    drawn, sizes = without_each_cluster(fit, cluster)
    return Jackknife(fit.parameters, drawn.estimates, drawn.converged, sizes)
