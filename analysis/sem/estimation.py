"""A model with its data, ready to be fitted, refitted and tested."""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.constraints import Constraints, null_space
from analysis.sem.errors import NotIdentifiedError
from analysis.sem.moments import Moments, Sample
from analysis.sem.normal import NormalModel, Point
from analysis.sem.optimise import Search, minimise
from analysis.sem.options import Options
from analysis.sem.representation import Layout
from analysis.sem.start import plain_start, start_values

__all__ = ["Compiled", "Estimation", "inverse_information", "require_identified"]


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
        point = model.point(start) if start is not None else None
        return self.search(model, point)

    def model(self, moments: Moments) -> NormalModel:
        """The discrepancy function for these moments."""
        layout = self.layout.with_exogenous(moments.mean, moments.cov)
        return NormalModel(layout, moments)

    def search(self, model: NormalModel, point: Point | None) -> Search[Point]:
        """Minimises the discrepancy, from `point` or from starting values."""
        point = point or starting_point(model)
        return minimise(
            model,
            point,
            self.constraints,
            n=model.moments.total,
            max_iterations=self.max_iterations,
        )


def starting_point(model: NormalModel) -> Point:
    """The first admissible starting point: informed by the sample, else plain."""
    moments = model.moments
    for start in (start_values, plain_start):
        point = model.point(start(model.layout, moments.mean, moments.cov))
        if point is not None:
            return point
    raise NotIdentifiedError(
        (), "no admissible starting values: check values fixed or given by start()"
    )


@dataclass(frozen=True)
class Estimation:
    """Everything later tests need of a fit."""

    options: Options
    sample: Sample
    layout: Layout
    constraints: Constraints
    moments: Moments
    model: NormalModel
    search: Search[Point]
    vcov: FloatArray
    values: FloatArray
    df: int
    scaling_factor: float | None = None


def inverse_information(information: FloatArray, jacobian: FloatArray) -> FloatArray:
    """K (K' I K)^-1 K' with K spanning the directions the constraints leave free."""
    basis, rank = null_space(jacobian)
    if not rank:
        return np.asarray(np.linalg.inv(information))
    return np.asarray(basis @ np.linalg.inv(basis.T @ information @ basis) @ basis.T)


def require_identified(
    information: FloatArray, jacobian: FloatArray, layout: Layout, df: int
) -> None:
    """Raises NotIdentifiedError naming the parameters along flat directions of the information.

    The matrix is scaled to a unit diagonal first, so that units of measurement do not matter.
    """
    scale = np.sqrt(np.maximum(np.diag(information), 1e-300))
    basis, _ = null_space(jacobian * (1 / scale) if len(jacobian) else jacobian)
    scaled = information / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(basis.T @ scaled @ basis)
    flat = values < 1e-9 * max(values[-1], 1e-300)
    if not flat.any():
        return
    directions = np.abs(basis @ vectors[:, flat]).max(axis=1)
    names = _names_of(layout, directions > 0.05 * directions.max())
    count = int(flat.sum())
    over = f"; the model has {-df} more parameters than moments" if df < 0 else ""
    raise NotIdentifiedError(
        names,
        f"the model is not identified: {', '.join(names)} cannot be told apart "
        f"({count} flat direction{'s' if count > 1 else ''}{over}); fix one of them, "
        "set them equal, or add indicators",
    )


def _names_of(layout: Layout, chosen: FloatArray) -> list[str]:
    names: list[str] = []
    for row, free in zip(layout.table.rows, layout.table.index, strict=True):
        if free >= 0 and chosen[free]:
            where = f" in group {layout.table.groups[row.group]}" if layout.n_groups > 1 else ""
            names.append(row.name + where)
    return names
