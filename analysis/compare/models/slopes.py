"""The slopes of a group's paths, raw and standardised, in any number of solutions of its model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.compare.data.samples import Array
from analysis.compare.models.estimability import GroupModel
from analysis.compare.plan import PathSpec
from analysis.sem.model.representation import Layout


@dataclass(frozen=True, slots=True)
class Slopes:
    """Where the slopes of P paths stand in a solution: numbers of their outcomes and predictors."""

    outcomes: NDArray[np.int64]
    predictors: NDArray[np.int64]

    @classmethod
    def of(cls, model: GroupModel, layout: Layout, paths: Sequence[PathSpec]) -> "Slopes":
        """Those of ``paths``, which the model has."""
        at = layout.latent.index
        return cls(
            np.array([at(model.names[path.outcome]) for path in paths], dtype=np.int64),
            np.array([at(model.names[path.predictor]) for path in paths], dtype=np.int64),
        )

    def raw(self, beta: Array) -> Array:
        """``beta``: (C, m, m). Returns (C, P)."""
        found: Array = beta[:, self.outcomes, self.predictors]
        return found

    def standardised(self, beta: Array, variance: Array) -> Array:
        """Slopes by the model's own variances, (C, m), NaN where one of them is not positive."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = variance[:, self.predictors] / variance[:, self.outcomes]
            found: Array = self.raw(beta) * np.sqrt(ratio)
        return found


def implied_variances(beta: Array, psi: Array) -> Array:
    """Variances of the structural part, diag((I - B)^-1 Psi (I - B)^-T), (C, m)."""
    inverse = np.linalg.inv(np.eye(beta.shape[-1]) - beta)
    found: Array = np.diagonal(inverse @ psi @ inverse.swapaxes(1, 2), axis1=1, axis2=2)
    return found
