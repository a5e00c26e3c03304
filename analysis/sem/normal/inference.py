"""Covariance matrices of the estimates and scaling of the tests, for each estimator."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import lapack

from analysis.sem.arrays import FloatArray
from analysis.sem.data.moments import Sample
from analysis.sem.errors import ComparisonError
from analysis.sem.fitmeasures import ChiSquare
from analysis.sem.model.constraints import null_space
from analysis.sem.model.options import Options
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.robust import Scaling, meat_of_scores, trace_mlm
from analysis.sem.normal.saturated import Saturated, independence_model
from analysis.sem.normal.solution.indices import sample_moment_count
from analysis.sem.normal.unrestricted import Unrestricted

if TYPE_CHECKING:
    from analysis.sem.normal.estimation import Estimation

__all__ = ["Inference", "infer", "inverse_information", "scaling_at"]


@dataclass(frozen=True)
class Inference:
    """Covariance matrix of the free parameters, and the scaling of the tests if robust."""

    vcov: FloatArray
    scaling: Scaling | None


def inverse_information(information: FloatArray, jacobian: FloatArray) -> FloatArray:
    """K (K' I K)^-1 K' with K spanning the directions the constraints leave free."""
    if not len(jacobian):
        return _inverse(information)
    basis, _ = null_space(jacobian)
    return np.asarray(basis @ _inverse(basis.T @ information @ basis) @ basis.T)


def _inverse(matrix: FloatArray) -> FloatArray:
    """Inverse of a symmetric matrix, by Cholesky where it is positive definite."""
    root, failed = lapack.dpotrf(matrix, lower=1)
    if failed:
        return np.asarray(np.linalg.inv(matrix))
    lower, _ = lapack.dpotri(root, lower=1)
    return np.asarray(np.tril(lower) + np.tril(lower, -1).T)


def infer(
    options: Options,
    sample: Sample,
    model: NormalModel,
    point: Point,
    unrestricted: Unrestricted,
    expected: FloatArray,
    jacobian: FloatArray,
    test: ChiSquare,
    baseline: ChiSquare,
) -> Inference:
    """The estimator's covariance matrix and scaling at the solution."""
    information = (
        model.observed_information(point) if options.information == "observed" else expected
    )
    bread = inverse_information(information, jacobian)
    n = model.moments.total
    if options.estimator == "ML" and sample.clusters is None and sample.weights is None:
        lost = model.layout.n_groups if options.likelihood == "wishart" else 0
        return Inference(bread / (n - lost), None)
    meat = meat_of_scores(model, point, sample, centred=options.estimator == "MLM")
    vcov = bread @ meat @ bread / n
    if options.estimator == "MLM":
        saturated = unrestricted.saturated
        scaling = _scaling_mlm(sample, model, point, saturated, bread, meat, test, baseline)
    else:
        scaling = _scaling_mlr(sample, model, unrestricted, bread, meat, test, baseline)
    return Inference(vcov, scaling)


def _ratio(trace: float, df: float) -> float:
    return trace / df if df > 0 else float("nan")


def _scaling_mlr(
    sample: Sample,
    model: NormalModel,
    unrestricted: Unrestricted,
    bread: FloatArray,
    meat: FloatArray,
    test: ChiSquare,
    baseline: ChiSquare,
) -> Scaling:
    trace = unrestricted.trace()
    restricted = float(np.einsum("ij,ji->", bread, meat))
    reference, at = independence_model(model.layout, model.moments, unrestricted.saturated)
    base = float(
        np.trace(
            np.linalg.solve(
                reference.observed_information(at), meat_of_scores(reference, at, sample)
            )
        )
    )
    # lavaan's convention: parameters of one label are counted one by one
    npar = sum(row.free for row in model.layout.table.rows)
    count = sample_moment_count(model.layout, means=model.layout.table.options.meanstructure)
    return Scaling(
        model=_ratio(trace - restricted, test.df),
        baseline=_ratio(trace - base, baseline.df),
        h0=restricted / npar,
        h1=trace / count,
    )


def _scaling_mlm(
    sample: Sample,
    model: NormalModel,
    point: Point,
    saturated: Saturated,
    bread: FloatArray,
    meat: FloatArray,
    test: ChiSquare,
    baseline: ChiSquare,
) -> Scaling:
    reference, at = independence_model(model.layout, model.moments, saturated)
    base_bread = _inverse(reference.expected_information(at))
    base_meat = meat_of_scores(reference, at, sample, centred=True)
    return Scaling(
        model=_ratio(trace_mlm(model, point, sample, bread, meat), test.df),
        baseline=_ratio(trace_mlm(reference, at, sample, base_bread, base_meat), baseline.df),
    )


def scaling_at(estimation: "Estimation", x: FloatArray) -> float:
    """The scaling factor of a fit's test, evaluated at other parameter values (Satorra 2010).

    Raises ComparisonError where the model is not defined there.
    """
    model, options, sample = estimation.model, estimation.options, estimation.sample
    point = model.point(x)
    if point is None:
        raise ComparisonError("the free model is not defined at the restricted model's estimates")
    centred = options.estimator == "MLM"
    observed = options.information == "observed"
    information = (
        model.observed_information(point) if observed else model.expected_information(point)
    )
    bread = inverse_information(information, estimation.jacobian)
    meat = meat_of_scores(model, point, sample, centred=centred)
    if centred:
        return _ratio(trace_mlm(model, point, sample, bread, meat), estimation.test.df)
    unrestricted = Unrestricted(model.layout, sample, model.moments, estimation.saturated)
    restricted = float(np.einsum("ij,ji->", bread, meat))
    return _ratio(unrestricted.trace() - restricted, estimation.test.df)
