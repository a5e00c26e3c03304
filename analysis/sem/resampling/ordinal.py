"""Refits of a least-squares model to resampled rows with ordered items.

Counts of rows are no sufficient statistics of polychoric correlations, so margins, correlations
and weights are estimated again for every resample; the search starts at the original solution.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.errors import SemError
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.options import Options
from analysis.sem.normal.bounds import minimise_bounded
from analysis.sem.normal.estimation import Estimation
from analysis.sem.normal.solution.admissibility import admissible_stack
from analysis.sem.normal.solution.alignment import FactorSigns
from analysis.sem.ordinal.fit import ordinal_samples
from analysis.sem.ordinal.model import OrdinalModel
from analysis.sem.resampling.rows import Weights

__all__ = ["OrdinalRefits"]


@dataclass(frozen=True)
class OrdinalRefits:
    """All a process needs to refit any chunk of resamples of ordered items."""

    weights: Weights
    values: tuple[FloatArray, ...]
    sampling: tuple[FloatArray, ...]
    options: Options
    model: OrdinalModel
    constraints: Constraints
    solution: FloatArray
    signs: FactorSigns
    max_iterations: int

    @classmethod
    def of(cls, estimation: Estimation, weights: Weights, max_iterations: int) -> "OrdinalRefits":
        """What a fit's resamples need."""
        sample, model = estimation.sample, estimation.model
        assert isinstance(model, OrdinalModel)
        return cls(
            weights=weights,
            values=sample.values,
            sampling=tuple(sample.weight(group) for group in range(len(sample.groups))),
            options=estimation.options,
            model=model,
            constraints=estimation.constraints,
            solution=estimation.search.point.x,
            signs=FactorSigns.of(estimation.layout, estimation.values),
            max_iterations=max_iterations,
        )

    def chunk(self, numbers: Sequence[int]) -> tuple[FloatArray, Mask, Mask]:
        """Row values, converged, admissible of these resamples."""
        found = [self._refit(counts) for counts in self.weights.counts(numbers)]
        converged = np.array([values is not None for values in found])
        missing = np.full(len(self.model.layout.table.rows), np.nan)
        rows = np.array([missing if values is None else values for values in found])
        admissible = np.array([values is not None and self._admits(values) for values in found])
        return self.signs.align(rows), converged, admissible

    def _refit(self, counts: FloatArray) -> FloatArray | None:
        """Row values of one resample; None without a minimum, or with an empty category."""
        ends = np.cumsum([len(rows) for rows in self.values])
        repeats = np.split(counts.astype(np.intp), ends[:-1])
        try:
            samples = ordinal_samples(
                self.model.layout,
                [np.repeat(rows, n, axis=0) for rows, n in zip(self.values, repeats, strict=True)],
                self.options,
                weights=[np.repeat(w, n) for w, n in zip(self.sampling, repeats, strict=True)],
            )
        except (SemError, np.linalg.LinAlgError):
            return None
        if any(
            new.categories != old.categories
            for new, old in zip(samples, self.model.samples, strict=True)
        ):
            return None  # a category nobody of any group is left in
        model = OrdinalModel(self.model.layout, samples)
        start = model.point(self.solution)
        if start is None:
            return None
        search, _ = minimise_bounded(
            model,
            start,
            self.constraints,
            model.layout.table,
            n=model.effective_n,
            max_iterations=self.max_iterations,
        )
        return model.row_values(search.point.x) if search.converged else None

    def _admits(self, values: FloatArray) -> bool:
        matrices = self.model.layout.matrices(values)
        return bool(admissible_stack({name: part[None] for name, part in matrices.items()})[0])
