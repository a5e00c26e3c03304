"""Sandwich covariance matrices and scaled test statistics of normal theory.

MLR (Yuan & Bentler 2000; Asparouhov & Muthén 2005): V = A⁻ B A⁻ / N with A the Hessian of F and B
the mean outer product of casewise scores; T is divided by c = [tr(B₁ A₁⁻¹) - tr(B A⁻)] / df, where
A₁ and B₁ belong to the saturated model.

MLM (Satorra & Bentler 1994): V = I⁻ M I⁻ / N with I the expected information and
M = Σ f Cov(scores); c = tr(U Γ) / df with the distribution-free Γ (divisor n), where

    tr(U Γ) = Σ_g { tr(W S) + ½ [ mean_i (z_i' W z_i)² - tr(W S W S) ] } - tr(I⁻ M),   z = y - ȳ.

Where moments of observed predictors x are given, they do not vary: with ẑ the regression of z on x,
products z z' and scores are taken less those of ẑ, as are means (S becomes the residual one).
With clusters Γ and M are of products and scores added up by cluster, times C / (C - 1).

A⁻ = K (K'AK)⁻¹ K' keeps to the directions that labels and constraints leave free.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.data.moments import Sample
from analysis.sem.model.representation import exogenous_columns
from analysis.sem.normal.discrepancy import NormalModel, Point

__all__ = ["Scaling", "group_scores", "meat_of_scores", "trace_mlm"]


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

    `centred` takes rows from their own mean, less their regression on given predictors, and
    subtracts each group's mean score (MLM).  With clusters the scores of a cluster are added up and
    the result multiplied by C / (C - 1), C the clusters of the group.  Sampling weights multiply
    the scores.
    """
    n_free = model.layout.n_free
    total = np.zeros((n_free, n_free))
    for group, slots in enumerate(model.layout.slots):
        scores = group_scores(model, point, sample, group, centred=centred)
        if centred:
            scores = scores - scores.mean(axis=0)
        if sample.weights is not None:
            scores = scores * sample.weights[group][:, None]
        if sample.clusters is not None:
            scores = _by_cluster(scores, sample.clusters[group])
        part = scores.T @ scores / model.moments.total
        np.add.at(total, (slots.free[:, None], slots.free[None, :]), part)
    return total


def group_scores(
    model: NormalModel, point: Point, sample: Sample, group: int, *, centred: bool = False
) -> FloatArray:
    """Casewise scores of a group's parameters, n_g × q, in the order of the group's rows."""
    scores = np.zeros((len(sample.values[group]), len(model.layout.slots[group].free)))
    about_mean = centred or not model.layout.table.options.meanstructure
    for number, block in enumerate(sample.blocks):
        if block.group == group:
            rows = sample.values[group][block.rows]
            weight = sample.weight(group)[block.rows]
            centre = weight @ rows / weight.sum() if about_mean else point.implied.mu[group]
            scores[block.rows] = model.casewise_scores(point, group, number, rows, centre)
            given = exogenous_columns(model.layout, group)
            if centred and given:
                fitted = centre + _explained(rows - centre, given)
                scores[block.rows] -= model.casewise_scores(point, group, number, fitted, centre)
    return scores


def _explained(away: FloatArray, given: list[int]) -> FloatArray:
    """What the columns `given` explain of all columns of centred rows, by least squares.

    Columns that the block lacks (NaN) stay so.
    """
    x = away[:, given]
    fitted: FloatArray = x @ np.linalg.solve(x.T @ x, x.T @ away)
    return fitted


def _by_cluster(rows: FloatArray, clusters: IntArray) -> FloatArray:
    """Sums of rows by cluster times √(C / (C - 1))."""
    which = np.unique(clusters, return_inverse=True)[1].ravel()
    count = int(which.max()) + 1
    added = np.zeros((count, *rows.shape[1:]))
    np.add.at(added, which, rows)
    return added * np.sqrt(count / (count - 1)) if count > 1 else added


def trace_mlm(
    model: NormalModel, point: Point, sample: Sample, bread: FloatArray, meat: FloatArray
) -> float:
    """tr(U Γ) of MLM at a point; `bread` is I⁻, `meat` is M."""
    total = -float(np.trace(bread @ meat))
    means = model.layout.table.options.meanstructure
    for number, block in enumerate(sample.blocks):
        rows = sample.values[block.group][block.rows][:, block.mask]
        away = rows - rows.mean(axis=0)
        position = np.cumsum(block.mask) - 1
        given = [int(position[k]) for k in exogenous_columns(model.layout, block.group)]
        fitted = _explained(away, given) if given else None
        clusters = None if sample.clusters is None else sample.clusters[block.group][block.rows]
        root = np.linalg.cholesky(point.weight[number][np.ix_(block.mask, block.mask)])
        spread = _Spread(away @ root, None if fitted is None else fitted @ root, clusters)
        total += 0.5 * spread.of_products() + (spread.of_means() if means else 0.0)
    return total


@dataclass(frozen=True)
class _Spread:
    """Rows z (and their regression ẑ on given predictors) in the metric of W: z L with LL' = W."""

    rows: FloatArray
    fitted: FloatArray | None
    clusters: IntArray | None

    def of_means(self) -> float:
        """The trace of W times the (clustered) covariance matrix of the rows."""
        rest = self.rows if self.fitted is None else self.rows - self.fitted
        added = rest if self.clusters is None else _by_cluster(rest, self.clusters)
        return float((added**2).sum()) / len(self.rows)

    def of_products(self) -> float:
        """mean |Q_i - Q̄|² of the products Q = z z' - ẑ ẑ', by cluster where there are any."""
        n = len(self.rows)
        average = self._products(slice(None)) / n
        if self.clusters is None:
            squares = self._inner(self.rows, self.rows)
            if self.fitted is not None:
                squares += self._inner(self.fitted, self.fitted)
                squares -= 2.0 * self._inner(self.rows, self.fitted)
            return float(squares.mean() - (average**2).sum())
        total, members = 0.0, _members(self.clusters)
        for rows in members:
            total += float(((self._products(rows) - len(rows) * average) ** 2).sum())
        return total / n * len(members) / max(len(members) - 1, 1)

    def _inner(self, one: FloatArray, other: FloatArray) -> FloatArray:
        squares: FloatArray = np.einsum("ij,ij->i", one, other) ** 2
        return squares

    def _products(self, chosen: IntArray | slice) -> FloatArray:
        rows = self.rows[chosen]
        products: FloatArray = rows.T @ rows
        if self.fitted is not None:
            fitted = self.fitted[chosen]
            products = products - fitted.T @ fitted
        return products


def _members(clusters: IntArray) -> list[IntArray]:
    """The rows of each cluster."""
    order = np.argsort(clusters, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
