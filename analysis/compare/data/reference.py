"""What an estimate over its standard error is held against."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.compare.intervals import CLUSTERS_FOR_SANDWICH, Interval
from surveys.independence import FEWEST_CLUSTERS


@dataclass(frozen=True, slots=True)
class Reference:
    """Student's t where rows share ``clusters``, the normal where they are independent (None).

    ``freedom`` are its degrees of freedom, by default one less than there are clusters, the usual
    correction of cluster-robust standard errors (Cameron & Miller 2015).
    """

    clusters: int | None = None
    freedom: float | None = None

    @classmethod
    def of(cls, clusters: NDArray[np.int64]) -> "Reference":
        """The reference of rows with these clusters, (n,)."""
        number = len(np.unique(clusters))
        return cls(number if number < len(clusters) else None)

    @property
    def suffices(self) -> bool:
        """False where there are too few clusters for a standard error to mean anything."""
        return self.clusters is None or self.clusters >= FEWEST_CLUSTERS

    @property
    def counts_clusters(self) -> bool:
        """Whether standard errors are taken from clusters."""
        return self.clusters is not None and self.suffices

    @property
    def has_few_clusters(self) -> bool:
        """Whether clusters suffice, but not for standard errors of the sandwich."""
        return self.counts_clusters and (self.clusters or 0) < CLUSTERS_FOR_SANDWICH

    def quantile(self, level: float) -> float:
        """How many standard errors an interval of this level reaches to either side."""
        tail = 0.5 + level / 2.0
        return float(ndtri(tail) if self.clusters is None else stdtrit(self._freedom, tail))

    def below(self, ratio: float) -> float:
        """Probability of a smaller ratio where the true value is zero."""
        return float(ndtr(ratio) if self.clusters is None else stdtr(self._freedom, ratio))

    def two_sided(self, ratio: float) -> float:
        """p-value of the ratio of an estimate to its standard error."""
        return 2.0 * self.below(-abs(ratio))

    def interval(self, value: float, se: float, level: float) -> Interval:
        """The interval about an estimate."""
        half = self.quantile(level) * se
        return Interval(
            value - half, value + half, level, "normal" if self.clusters is None else "t"
        )

    @property
    def _freedom(self) -> float:
        assert self.clusters is not None
        return self.clusters - 1.0 if self.freedom is None else self.freedom


NORMAL = Reference()
