"""Sandwich covariance matrices and scaled test statistics of normal theory.

MLR (Yuan & Bentler 2000; Asparouhov & Muthén 2005): V = A⁻ B A⁻ / N with A the Hessian of F and B
the mean outer product of casewise scores; T is divided by c = [tr(B₁ A₁⁻¹) - tr(B A⁻)] / df, where
A₁ and B₁ belong to the saturated model.

MLM (Satorra & Bentler 1994): V = I⁻ M I⁻ / N with I the expected information and
M = Σ f Cov(scores); c = tr(U Γ) / df with the distribution-free Γ (divisor n), where

    tr(U Γ) = Σ_g { tr(W S) + ½ [ mean_i (z_i' W z_i)² - tr(W S W S) ] } - tr(I⁻ M),   z = y - ȳ.

A⁻ = K (K'AK)⁻¹ K' keeps to the directions that labels and constraints leave free.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.data.moments import Sample
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.saturated import Saturated, exogenous_columns, saturated_model

__all__ = ["Scaling", "group_scores", "meat_of_scores", "saturated_trace", "trace_mlm"]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Scaling of the test statistics: T / model + shift ~ χ²(df), the same for the baseline.

    `h0`, `h1` are the scaling factors of the two log-likelihoods (MLR; NaN otherwise); shifts are
    zero but for WLSMV.
    """

    model: float
    baseline: float
    h0: float = float("nan")
    h1: float = float("nan")
    shift: float = 0.0
    baseline_shift: float = 0.0


def meat_of_scores(
    model: NormalModel, point: Point, sample: Sample, *, centred: bool = False
) -> FloatArray:
    """(1/N) Σ s s' over rows (or over clusters of rows), n_free × n_free.

    `centred` takes rows from their own mean and subtracts each group's mean score (MLM).  With
    clusters the scores of a cluster are added up and the result multiplied by C / (C - 1), C the
    clusters of the group.
    """
    n_free = model.layout.n_free
    total = np.zeros((n_free, n_free))
    for group, slots in enumerate(model.layout.slots):
        scores = group_scores(model, point, sample, group, centred=centred)
        if centred:
            scores = scores - scores.mean(axis=0)
        if sample.clusters is not None:
            scores = _by_cluster(scores, sample, group)
        part = scores.T @ scores / model.moments.total
        np.add.at(total, (slots.free[:, None], slots.free[None, :]), part)
    return total


def group_scores(
    model: NormalModel, point: Point, sample: Sample, group: int, *, centred: bool = False
) -> FloatArray:
    """Casewise scores of a group's parameters, n_g × q, in the order of the group's rows."""
    scores = np.zeros((len(sample.values[group]), len(model.layout.slots[group].free)))
    for number, block in enumerate(sample.blocks):
        if block.group == group:
            rows = sample.values[group][block.rows]
            about_mean = centred or not model.layout.table.options.meanstructure
            centre = np.nanmean(rows, axis=0) if about_mean else point.implied.mu[group]
            scores[block.rows] = model.casewise_scores(point, group, number, rows, centre)
    return scores


def _by_cluster(scores: FloatArray, sample: Sample, group: int) -> FloatArray:
    assert sample.clusters is not None
    which = np.unique(sample.clusters[group], return_inverse=True)[1].ravel()
    count = int(which.max()) + 1
    added = np.zeros((count, scores.shape[1]))
    np.add.at(added, which, scores)
    return added * np.sqrt(count / (count - 1)) if count > 1 else added


def saturated_trace(model: NormalModel, sample: Sample, saturated: Saturated) -> float:
    """tr(B₁ A₁⁻¹) at the unrestricted moments, summed over groups."""
    layout = model.layout
    given = any(exogenous_columns(layout, group) for group in range(layout.n_groups))
    if model.moments.is_complete and sample.clusters is None and not given:
        return sum(
            _complete_trace(
                sample.values[block.group][block.rows][:, block.mask],
                means=layout.table.options.meanstructure,
            )
            for block in sample.blocks
        )
    reference, point = saturated_model(layout, model.moments, saturated)
    information = reference.observed_information(point)
    meat = meat_of_scores(reference, point, sample)
    total = 0.0
    for slots in reference.layout.slots:
        part = np.ix_(slots.free, slots.free)
        total += float(np.trace(np.linalg.solve(information[part], meat[part])))
    return total


def _complete_trace(rows: FloatArray, *, means: bool) -> float:
    """p + ½ [ mean d⁴ - p ], d² the Mahalanobis distances at mean and covariance of the rows.

    The first p belongs to the means.
    """
    away = rows - rows.mean(axis=0)
    cov = away.T @ away / len(rows)
    distance = np.einsum("ij,ij->i", away, np.linalg.solve(cov, away.T).T)
    p = rows.shape[1]
    of_means = float(p) if means else 0.0
    return of_means + 0.5 * float(np.mean(distance**2) - p)


def trace_mlm(
    model: NormalModel, point: Point, sample: Sample, bread: FloatArray, meat: FloatArray
) -> float:
    """tr(U Γ) of MLM at a point; `bread` is I⁻, `meat` is M."""
    total = -float(np.trace(bread @ meat))
    for number, block in enumerate(sample.blocks):
        rows = sample.values[block.group][block.rows][:, block.mask]
        weight = point.weight[number][np.ix_(block.mask, block.mask)]
        away = rows - rows.mean(axis=0)
        spread = weight @ (away.T @ away / len(rows))
        fourth = np.mean(np.einsum("ij,jk,ik->i", away, weight, away) ** 2)
        of_means = float(np.trace(spread)) if model.layout.table.options.meanstructure else 0.0
        total += of_means + 0.5 * float(fourth - np.trace(spread @ spread))
    return total
