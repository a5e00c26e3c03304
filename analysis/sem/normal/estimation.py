"""A model with its data, ready to be fitted, refitted and tested."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.data.moments import Moments, Sample
from analysis.sem.errors import ModelSpecificationError, NotIdentifiedError
from analysis.sem.fitmeasures import ChiSquare
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.options import Options
from analysis.sem.model.representation import Layout
from analysis.sem.normal.bounds import Bounded, first_minimum, minimise_bounded
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.optimise import Search
from analysis.sem.normal.robust import Scaling
from analysis.sem.normal.saturated import Saturated
from analysis.sem.normal.start import plain_start, start_values
from analysis.sem.normal.unrestricted import CompleteDataFit

__all__ = ["Compiled", "Estimation"]


@dataclass(frozen=True)
class Compiled:
    """A model compiled once, to be fitted to many sets of sufficient statistics.

    `refit(moments, start)` costs a few scoring steps: no table, no standard errors, no indices.
    """

    layout: Layout
    constraints: Constraints
    max_iterations: int = 500

    def refit(self, moments: Moments, start: FloatArray | None = None) -> Search[Point]:
        """Fits the model to `moments`, from `start` (free parameters) or from scratch.

        The result's `point.x` holds the free parameters; check `converged`.
        """
        model = self.model(moments)
        return self.search(model, None if start is None else model.point(start))

    def model(self, moments: Moments) -> NormalModel:
        """The discrepancy function for these moments."""
        return NormalModel(self.layout.with_exogenous(*moments.pooled()), moments)

    def search(
        self, model: NormalModel, point: Point | None, saturated: Saturated | None = None
    ) -> Search[Point]:
        """Minimises the discrepancy, from `point` or from starting values."""
        return self.bounded_search(model, point, saturated)[0]

    def bounded_search(
        self, model: NormalModel, point: Point | None, saturated: Saturated | None = None
    ) -> tuple[Search[Point], Bounded]:
        """The same, and which of the model's bounds bind at the minimum."""
        starts = _starting_points(model, saturated) if point is None else iter([point])
        return first_minimum(self._bounded_from(model, start) for start in starts)

    def _bounded_from(self, model: NormalModel, start: Point) -> tuple[Search[Point], Bounded]:
        residual = self.constraints.residual(model.row_values(start.x))
        if not np.isfinite(residual).all():
            text = self.constraints.expressions[int(np.argmin(np.isfinite(residual)))].text
            raise ModelSpecificationError(
                f"the constraint {text} == 0 is not defined at the starting values; give others "
                "with start()"
            )
        return minimise_bounded(
            model,
            start,
            self.constraints,
            self.layout.table,
            n=model.moments.total,
            max_iterations=self.max_iterations,
        )


def _starting_points(model: NormalModel, saturated: Saturated | None) -> Iterator[Point]:
    """The admissible starting points: one informed by the sample, then a plain one."""
    mean, cov = model.moments.pooled() if saturated is None else (saturated.mean, saturated.cov)
    admissible = False
    for start in (start_values, plain_start):
        point = model.point(start(model.layout, mean, cov))
        if point is not None:
            admissible = True
            yield point
    if not admissible:
        raise NotIdentifiedError(
            (), "no admissible starting values: check values fixed or given by start()"
        )


@dataclass(frozen=True)
class Estimation:
    """Everything later tests need of a fit.

    `values` are those of all rows of the table, `jacobian` that of the constraints and of the
    bounds that bind, `vcov` the covariance matrix of the free parameters; `active` numbers the
    binding bounds, `complete_data_fit` belongs to incomplete data.
    """

    options: Options
    sample: Sample
    layout: Layout
    constraints: Constraints
    moments: Moments
    saturated: Saturated
    model: NormalModel
    search: Search[Point]
    values: FloatArray
    jacobian: FloatArray
    npar: int
    vcov: FloatArray
    test: ChiSquare
    baseline: ChiSquare
    scaling: Scaling | None = None
    complete_data_fit: CompleteDataFit | None = None
    active: tuple[int, ...] = ()

    @property
    def effective_n(self) -> float:
        """N, or N - G for a Wishart likelihood: what standard errors and RMSEA divide by."""
        wishart = self.options.likelihood == "wishart"
        return self.moments.total - (self.layout.n_groups if wishart else 0)

    @property
    def df(self) -> float:
        """Degrees of freedom of the model's test."""
        return self.test.df
