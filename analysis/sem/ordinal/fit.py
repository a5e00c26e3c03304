"""Fits a model to ordered items: thresholds and polychoric correlations first, then the model."""

from collections.abc import Sequence

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.data.moments import Sample
from analysis.sem.errors import ModelSpecificationError, NotIdentifiedError
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.identification import require_identified
from analysis.sem.model.options import Options
from analysis.sem.model.representation import Layout
from analysis.sem.normal.bounds import minimise_bounded
from analysis.sem.normal.discrepancy import Point
from analysis.sem.normal.estimation import Estimation
from analysis.sem.normal.optimise import Objective
from analysis.sem.normal.saturated import Saturated
from analysis.sem.normal.start import plain_start, start_values
from analysis.sem.ordinal.inference import (
    ordinal_baseline,
    ordinal_covariance,
    ordinal_scaling,
    ordinal_test,
)
from analysis.sem.ordinal.model import OrdinalModel, OrdinalPoint
from analysis.sem.ordinal.thresholds import ordinal_moments_by_group

__all__ = ["fit_ordinal", "ordinal_thresholds"]


def ordinal_thresholds(
    options: Options, names: Sequence[str], values: FloatArray
) -> dict[str, int]:
    """How many thresholds each ordered item has: its categories in all groups, less one.

    Raises ModelSpecificationError where some observed variable of the model is not ordered.
    """
    if not options.is_ordinal:
        return {}
    ordered = options.ordered or tuple(names)
    others = [name for name in names if name not in ordered]
    if others:
        raise ModelSpecificationError(
            f"{options.estimator} fits ordered items only; {', '.join(others)} "
            f"{'is' if len(others) == 1 else 'are'} not in `ordered`"
        )
    counts = {}
    for number, name in enumerate(names):
        column = values[:, number]
        counts[name] = len(np.unique(column[~np.isnan(column)])) - 1
    return counts


def fit_ordinal(layout: Layout, sample: Sample, options: Options) -> Estimation:
    """Thresholds, polychorics and Γ by group, then DWLS with the robust inference of WLSMV."""
    _require_plain(layout)
    samples = ordinal_moments_by_group(
        sample.values,
        names=sample.names,
        labels=sample.groups,
        missing="pairwise" if options.missing == "pairwise" else "listwise",
    )
    model = OrdinalModel(layout, samples)
    constraints = Constraints(layout.table)
    objective: Objective[Point] = model
    search, bounded = minimise_bounded(
        objective,
        _start(model),
        constraints,
        layout.table,
        n=model.effective_n,
        max_iterations=options.max_iterations,
    )
    point = search.point
    assert isinstance(point, OrdinalPoint)
    values = model.row_values(point.x)
    jacobian = bounded.constraints.jacobian(values)
    equations = jacobian[: len(constraints)]
    npar = layout.n_free - (int(np.linalg.matrix_rank(equations)) if len(equations) else 0)
    df = sum(len(item.statistics) for item in samples) - npar
    require_identified(model.expected_information(point), jacobian, layout, df)
    test, baseline = ordinal_test(model, point, df), ordinal_baseline(model)
    scaled = options.estimator == "WLSMV"
    return Estimation(
        options=options,
        sample=sample,
        layout=layout,
        constraints=constraints,
        moments=model.moments,
        saturated=Saturated(model.moments.mean, model.moments.cov, 0.0),
        model=model,
        search=search,
        values=values,
        jacobian=jacobian,
        npar=npar,
        vcov=ordinal_covariance(model, point, options, jacobian),
        test=test,
        baseline=baseline,
        scaling=ordinal_scaling(model, point, jacobian, test, baseline) if scaled else None,
        active=bounded.active,
    )


def _require_plain(layout: Layout) -> None:
    inner = [name for name in layout.latent if name in layout.observed]
    if inner:
        raise ModelSpecificationError(
            f"{', '.join(inner)}: ordered items take part in measurement only, not in regressions"
        )


def _start(model: OrdinalModel) -> Point:
    known = model.moments
    for start in (start_values, plain_start):
        point = model.point(model.start(start(model.layout, known.mean, known.cov)))
        if point is not None:
            return point
    raise NotIdentifiedError((), "no admissible starting values: check values fixed or given")
