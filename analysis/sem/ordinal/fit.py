"""Fits a model to ordered items: thresholds and polychoric correlations first, then the model."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.data.moments import Sample
from analysis.sem.errors import (
    DataError,
    ModelSpecificationError,
    NotIdentifiedError,
    UnknownVariableError,
)
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.identification import require_identified
from analysis.sem.model.options import Options
from analysis.sem.model.representation import Layout, exogenous_columns
from analysis.sem.normal.bounds import first_minimum, minimise_bounded
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
from analysis.sem.ordinal.refusals import require_supported
from analysis.sem.ordinal.thresholds import OrdinalMoments, ordinal_moments_by_group

__all__ = ["fit_ordinal", "ordinal_samples", "ordinal_thresholds"]


def ordinal_thresholds(
    options: Options, names: Sequence[str], values: FloatArray, available: Collection[str]
) -> dict[str, int]:
    """How many thresholds each ordered item has: its categories in all groups, less one.

    Raises ModelSpecificationError where no item is said to be ordered, UnknownVariableError where
    one is that neither the model nor the data have.
    """
    if not options.is_ordinal:
        return {}
    unknown = [name for name in options.ordered if name not in names and name not in available]
    if unknown:
        raise UnknownVariableError(unknown, tuple(available), where="`ordered` names")
    counts = {}
    for number, name in enumerate(names):
        if name in options.ordered:
            column = values[:, number]
            counts[name] = len(np.unique(column[~np.isnan(column)])) - 1
    if not counts:
        raise ModelSpecificationError(
            f"{options.estimator} wants to know which items are ordinal: name them in `ordered` "
            f'({", ".join(names[:3])}, …), or use estimator="MLR" if none is',
            code="ordered_not_named",
        )
    return counts


def ordinal_samples(
    layout: Layout,
    values: Sequence[FloatArray],
    options: Options,
    clusters: Sequence[IntArray] | None = None,
    weights: Sequence[FloatArray] | None = None,
) -> tuple[OrdinalMoments, ...]:
    """First- and second-stage statistics of every group's rows (n_g × observed variables)."""
    given = [exogenous_columns(layout, group) for group in range(layout.n_groups)]
    present = layout.present.copy()
    for group, columns in enumerate(given):
        present[group, columns] = False
    return ordinal_moments_by_group(
        values,
        names=layout.observed,
        labels=layout.table.groups,
        missing="pairwise" if options.missing == "pairwise" else "listwise",
        ordered=tuple(layout.table.options.thresholds),
        present=present,
        covariates=[rows[:, columns] for rows, columns in zip(values, given, strict=True)],
        clusters=clusters,
        weights=weights,
    )


def fit_ordinal(layout: Layout, sample: Sample, options: Options) -> Estimation:
    """Thresholds, correlations and Γ by group, then DWLS with the robust inference of WLSMV.

    Raises DataError coded weights where raw weights leave a group no more than one row's worth.
    """
    require_supported(layout, options)
    _require_rows_worth(sample)
    samples = ordinal_samples(layout, sample.values, options, sample.clusters, sample.weights)
    model = OrdinalModel(layout, samples)
    constraints = Constraints(layout.table)
    objective: Objective[Point] = model
    search, bounded = first_minimum(
        minimise_bounded(
            objective,
            start,
            constraints,
            layout.table,
            n=model.effective_n,
            max_iterations=options.max_iterations,
        )
        for start in _starting_points(model)
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
        layout=model.layout,
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


def _require_rows_worth(sample: Sample) -> None:
    """The discrepancy weighs a group by the sum of its weights less one."""
    for number, label in enumerate(sample.groups):
        total = float(sample.weight(number).sum())
        if total <= 1.0:
            raise DataError(
                f"the sampling weights of group {label} sum to {total:g}, fewer than two rows; "
                'leave weights_normalization at "total", or take "group"',
                code="weights",
            )


def _starting_points(model: OrdinalModel) -> Iterator[Point]:
    """The admissible starting points: one informed by the sample, then a plain one."""
    known, admissible = model.moments, False
    for start in (start_values, plain_start):
        point = model.point(model.start(start(model.layout, known.mean, known.cov)))
        if point is not None:
            admissible = True
            yield point
    if not admissible:
        raise NotIdentifiedError((), "no admissible starting values: check values fixed or given")
