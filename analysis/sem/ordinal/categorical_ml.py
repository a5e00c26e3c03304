"""Robust CFI, TLI and RMSEA of ordered items, by likelihood of the polychorics (Savalei 2021).

With R the polychoric correlations, P(θ̂) those of the model at the least-squares estimates, and
residuals (I - D E⁻ D'W)(s - σ) as in `inference.py`,

    T = Σ n_g [ log|P| + tr(R P⁻¹) - log|R| - p ],    E T = k = tr(U'V U Γ),  c = k / df

V being the normal-theory weight of correlations at P.  T - c df estimates what the population's
misfit adds, so indices made of it are comparable with those of continuous variables.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.fitmeasures import ChiSquare
from analysis.sem.normal.inference import inverse_information
from analysis.sem.ordinal.model import OrdinalModel, OrdinalPoint

__all__ = ["CategoricalFit", "categorical_fit"]

_REPRODUCED = 1e-6  # thresholds farther from the sample's are restricted by the model


@dataclass(frozen=True, slots=True)
class CategoricalFit:
    """The statistics of model and baseline, and what their means under the models are."""

    model: ChiSquare
    mean: float
    baseline: ChiSquare
    baseline_mean: float


def categorical_fit(
    model: OrdinalModel, point: OrdinalPoint, jacobian: FloatArray, df: float
) -> CategoricalFit | None:
    """None where the model has continuous variables, covariates or restricted thresholds."""
    samples = model.samples
    if any(len(sample.continuous) or sample.slopes.size for sample in samples):
        return None
    if not all(_is_definite(sample.covariance) for sample in samples):
        return None
    value = base_value = mean = base_mean = 0.0
    pairs_in_all = 0
    cross, meat, complete = (np.zeros((len(point.x), len(point.x))) for _ in range(3))
    for share, sample, residual, slopes, precision in zip(
        model.shares, samples, point.residuals, point.jacobians, model.precisions, strict=True
    ):
        p = len(sample.names)
        first, second = np.triu_indices(p, 1)
        pairs = len(first)
        if np.abs(residual[:-pairs]).max(initial=0.0) > _REPRODUCED:
            return None
        fitted = np.eye(p)
        fitted[first, second] = fitted[second, first] = (sample.statistics - residual)[-pairs:]
        if not _is_definite(fitted):
            return None
        correlation = np.where(np.eye(p, dtype=np.bool_), 1.0, sample.covariance)
        value += sample.n * _discrepancy(correlation, fitted)
        base_value += sample.n * _discrepancy(correlation, np.eye(p))
        pairs_in_all += pairs
        weight = np.zeros_like(sample.gamma)
        weight[-pairs:, -pairs:] = _normal_weight(fitted)
        mean += float(np.einsum("ij,ji->", weight, sample.gamma))
        base_mean += float(np.trace(sample.gamma[-pairs:, -pairs:]))
        pulled, weighted = precision[:, None] * slopes, weight @ slopes
        spread = sample.gamma @ pulled
        cross += share * weighted.T @ spread
        meat += share * pulled.T @ spread
        complete += share * slopes.T @ weighted
    bread = inverse_information(model.expected_information(point), jacobian)
    mean -= 2.0 * float(np.einsum("ij,ji->", bread, cross))
    mean += float(np.einsum("ij,ji->", bread @ meat, bread @ complete))
    return CategoricalFit(
        ChiSquare(value, df), mean, ChiSquare(base_value, pairs_in_all), base_mean
    )


def _is_definite(matrix: FloatArray) -> bool:
    unit = np.where(np.eye(len(matrix), dtype=np.bool_), 1.0, matrix)
    return bool(np.linalg.eigvalsh(unit)[0] > 1e-8)


def _discrepancy(correlation: FloatArray, fitted: FloatArray) -> float:
    logs = np.linalg.slogdet(fitted)[1] - np.linalg.slogdet(correlation)[1]
    return float(logs + np.trace(np.linalg.solve(fitted, correlation)) - len(fitted))


def _normal_weight(fitted: FloatArray) -> FloatArray:
    """W_ik W_jl + W_il W_jk over pairs of pairs, W = P⁻¹."""
    weight = np.linalg.inv(fitted)
    i, j = np.triu_indices(len(fitted), 1)
    product: FloatArray = weight[i[:, None], i] * weight[j[:, None], j]
    product += weight[i[:, None], j] * weight[j[:, None], i]
    return product
