"""Alignment of many groups without exact invariance (Asparouhov & Muthén 2014).

Configural loadings λ⁰ and intercepts ν⁰ (factor mean 0, variance 1 in each group) are carried over
to factor means α_g and variances ψ_g that make items differ as little as possible in as many
groups as possible:

    λ = λ⁰ / √ψ,  ν = ν⁰ - α λ
    loss = Σ_items Σ_{g<h} √(N_g N_h) [ f(λ_g - λ_h) + f(ν_g - ν_h) ],   f(x) = (x² + ε)^¼

FIXED sets α of the first group to 0, FREE estimates it (only weakly determined unless some items
differ).  The metric is that of the product, Π ψ = 1, or of the reference group, ψ_1 = 1, where
the loss may fall for ever as one variance grows.

Standard errors by the delta method, as the source has them: where the gradient of the loss by
u = (log √ψ, α) is zero, du/dp = -(∂²loss/∂u²)⁻¹ ∂²loss/∂u∂p for the configural parameters p, whose
covariance matrix is that of the configural fit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.measurement.delta_method import delta_method
from analysis.sem.measurement.reliability import factor_items
from analysis.sem.model.representation import Implied
from analysis.sem.normal.estimation import Estimation
from analysis.sem.results import SemFit

__all__ = ["Alignment", "align", "align_parameters"]

_EPSILON = 0.01
_STARTS = 40
_STEP = 1e-5
_RUNAWAY = 6.0  # log standard deviations beyond which no minimum is near
Objective = Callable[[FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True, slots=True)
class Alignment:
    """Aligned groups, in the order of `groups`.

    `mean`, `variance` (G,) are in the metric asked for, `relative_mean`, `relative_variance` in
    units of the first group's factor.  `loadings`, `intercepts` are items × G.  `r2_*`
    (items,) say how much of the configural parameters' variation over groups the factors' means
    and variances explain: near 1 where an item is invariant.  `n_minima` counts the different local
    minima that the starts reached; `degenerate` is True where the loss has no minimum.
    `relative_mean_se`, `relative_variance_se` (G,) are NaN for bare parameters, whose covariance is
    not known, and 0 for what is fixed.
    """

    groups: tuple[str, ...]
    items: tuple[str, ...]
    method: str
    metric: str
    loss: float
    mean: FloatArray
    variance: FloatArray
    relative_mean: FloatArray
    relative_variance: FloatArray
    loadings: FloatArray
    intercepts: FloatArray
    r2_loadings: FloatArray
    r2_intercepts: FloatArray
    relative_mean_se: FloatArray
    relative_variance_se: FloatArray
    n_minima: int
    degenerate: bool


def align(
    fit: SemFit, *, method: str = "FIXED", metric: str = "product", seed: int = 1
) -> dict[str, Alignment]:
    """Aligns every factor of a configural fit (no equalities across groups), by name.

    Raises ModelSpecificationError: one group, no means, ordered items, equal loadings, or a factor
    whose items differ between groups.
    """
    estimation = fit.estimation
    layout = estimation.layout
    if len(fit.groups) < 2 or estimation.options.is_ordinal or estimation.options.group_equal:
        raise ModelSpecificationError(
            "alignment starts from a configural fit: several groups, continuous items, and no "
            "group_equal"
        )
    items = factor_items(layout, 0)
    for factor, columns in items.items():
        others = [factor_items(layout, g).get(factor) for g in range(1, layout.n_groups)]
        if any(other != columns for other in others):
            raise ModelSpecificationError(f"the items of {factor} are not the same in all groups")
    values, covariance = _configural(estimation, items)
    aligned, start = {}, 0
    for factor, columns in items.items():
        size = len(columns) * layout.n_groups
        here = slice(start, start + 2 * size)
        start += 2 * size
        loadings, intercepts = values[here].reshape(2, len(columns), layout.n_groups)
        aligned[factor] = align_parameters(
            loadings,
            intercepts,
            estimation.moments.group_sizes,
            groups=fit.groups,
            items=tuple(layout.observed[column] for column in columns),
            method=method,
            metric=metric,
            seed=seed,
            covariance=covariance[here, here],
        )
    return aligned


def _configural(
    estimation: Estimation, items: Mapping[str, list[int]]
) -> tuple[FloatArray, FloatArray]:
    """Loadings, then intercepts (items × G each) of factors N(0, 1), factor after factor.

    With their covariance matrix.  A factor points the same way in every group.
    """
    latent = estimation.layout.latent

    def compute(implied: Implied, matrices: dict[str, FloatArray]) -> FloatArray:
        parts = []
        for factor, columns in items.items():
            k = latent.index(factor)
            loading = matrices["lambda"][:, columns, k]
            intercept = matrices["nu"][:, columns] + loading * implied.level[:, [k]]
            loading = loading * np.sqrt(implied.factor[:, k, k])[:, None]
            turned = np.sign((loading * loading[0]).sum(axis=1))
            parts += [(loading * turned[:, None]).T.ravel(), intercept.T.ravel()]
        return np.concatenate(parts)

    return delta_method(estimation, compute)


def align_parameters(
    loadings: FloatArray,
    intercepts: FloatArray,
    sizes: FloatArray,
    *,
    groups: tuple[str, ...],
    items: tuple[str, ...],
    method: str = "FIXED",
    metric: str = "product",
    seed: int = 1,
    covariance: FloatArray | None = None,
) -> Alignment:
    """The same from configural loadings and intercepts (items × G) of factors N(0, 1).

    `covariance` is that of all loadings, then all intercepts, item by item.
    Raises ModelSpecificationError for an unknown method or metric.
    """
    if method not in ("FIXED", "FREE") or metric not in ("product", "refgroup"):
        raise ModelSpecificationError(
            'method is "FIXED" or "FREE", metric is "product" or "refgroup"'
        )
    loss = _Loss(np.asarray(loadings), np.asarray(intercepts), np.asarray(sizes), method, metric)
    random = np.random.default_rng(seed)
    count = loss.basis.shape[1]
    starts = [np.zeros(count), *random.normal(0.0, 0.5, (_STARTS - 1, count))]
    ends = [_minimum(loss, start) for start in starts]
    values = np.array([loss(end)[0] for end in ends])
    best = ends[int(np.argmin(values))]
    spread, mean = loss.split(best)
    distinct = np.sort(values)
    n_minima = 1 + int((np.diff(distinct) > 1e-7 * abs(distinct[0])).sum())
    aligned, origin = loss.aligned(spread, mean)
    variance = np.exp(2.0 * spread)
    weight = loss.sizes / loss.sizes.sum()
    average, level = aligned @ weight, origin @ weight
    scale = np.exp(spread)
    unknown = np.full(len(spread), np.nan)
    found = Alignment(
        groups=groups,
        items=items,
        method=method,
        metric=metric,
        loss=float(values.min()),
        mean=mean,
        variance=variance,
        relative_mean=mean / scale[0],
        relative_variance=variance / variance[0],
        loadings=aligned,
        intercepts=origin,
        r2_loadings=_explained(loss.loadings, scale * average[:, None]),
        r2_intercepts=_explained(loss.intercepts, level[:, None] + mean * average[:, None]),
        relative_mean_se=unknown,
        relative_variance_se=unknown,
        n_minima=n_minima,
        degenerate=bool(np.abs(spread).max() > _RUNAWAY),
    )
    if covariance is None or found.degenerate:
        return found
    mean_se, variance_se = _standard_errors(loss, best, covariance)
    return replace(found, relative_mean_se=mean_se, relative_variance_se=variance_se)


def _standard_errors(
    loss: "_Loss", best: FloatArray, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Of means and variances in units of the first group's factor (G,), by the delta method."""
    n_groups = len(loss.sizes)
    unknown = np.full(n_groups, np.nan)
    hessian = _hessian(loss, best)
    if np.linalg.eigvalsh(hessian)[0] <= 0.0:
        return unknown, unknown
    by_parameters = np.linalg.solve(hessian, -_mixed(loss, best))
    both = loss.basis @ by_parameters
    spread, mean = loss.split(best)
    by_spread, by_mean = both[:n_groups], both[n_groups:]
    relative = mean / np.exp(spread[0])
    of_mean = by_mean / np.exp(spread[0]) - relative[:, None] * by_spread[0]
    of_variance = 2.0 * np.exp(2.0 * (spread - spread[0]))[:, None] * (by_spread - by_spread[0])
    errors = [
        np.sqrt(np.maximum(((slope @ covariance) * slope).sum(axis=1), 0.0))
        for slope in (of_mean, of_variance)
    ]
    return errors[0], errors[1]


def _mixed(loss: "_Loss", u: FloatArray) -> FloatArray:
    """∂²loss/∂u∂p by central differences: u × (loadings, then intercepts, item by item)."""
    given = np.concatenate([loss.loadings.ravel(), loss.intercepts.ravel()])
    columns = []
    for place in range(len(given)):
        step = np.zeros(len(given))
        step[place] = _STEP
        above, below = loss.of(given + step)(u)[1], loss.of(given - step)(u)[1]
        columns.append((above - below) / (2.0 * _STEP))
    return np.array(columns).T


def _hessian(function: Objective, x: FloatArray) -> FloatArray:
    """By central differences of the gradient."""
    steps = _STEP * np.eye(len(x))
    rows = np.array([(function(x + s)[1] - function(x - s)[1]) / (2.0 * _STEP) for s in steps])
    hessian: FloatArray = 0.5 * (rows + rows.T)
    return hessian


def _explained(given: FloatArray, fitted: FloatArray) -> FloatArray:
    rest: FloatArray = np.var(given - fitted, axis=1) / np.var(given, axis=1)
    return 1.0 - rest


class _Loss:
    """The loss and its gradient by u, with (log √ψ, α) = basis u."""

    def __init__(
        self,
        loadings: FloatArray,
        intercepts: FloatArray,
        sizes: FloatArray,
        method: str,
        metric: str,
    ) -> None:
        self.loadings, self.intercepts = loadings, intercepts
        self.sizes = sizes.astype(np.float64)
        self.method, self.metric = method, metric
        n_groups = len(sizes)
        self.first, self.second = np.triu_indices(n_groups, 1)
        # pairs × G: +1 for the first of a pair, -1 for the second
        self.signs = np.eye(n_groups)[self.first] - np.eye(n_groups)[self.second]
        self.weight = np.sqrt(self.sizes[self.first] * self.sizes[self.second])
        spreads = np.eye(n_groups)[:, 1:]
        if metric == "product":
            spreads = spreads.copy()
            spreads[0] = -1.0
        means = np.eye(n_groups)[:, 1:] if method == "FIXED" else np.eye(n_groups)
        self.basis = np.zeros((2 * n_groups, spreads.shape[1] + means.shape[1]))
        self.basis[:n_groups, : spreads.shape[1]] = spreads
        self.basis[n_groups:, spreads.shape[1] :] = means

    def of(self, parameters: FloatArray) -> "_Loss":
        """The loss of other configural loadings and intercepts, one after the other."""
        loadings, intercepts = parameters.reshape(2, *self.loadings.shape)
        return _Loss(loadings, intercepts, self.sizes, self.method, self.metric)

    def split(self, u: FloatArray) -> tuple[FloatArray, FloatArray]:
        """log √ψ and α of each group."""
        both = self.basis @ u
        half = len(both) // 2
        return both[:half], both[half:]

    def aligned(self, spread: FloatArray, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Loadings and intercepts, items × G."""
        loading = self.loadings * np.exp(-spread)
        return loading, self.intercepts - mean * loading

    def __call__(self, u: FloatArray) -> tuple[float, FloatArray]:
        spread, mean = self.split(u)
        if np.abs(spread).max() > 2.0 * _RUNAWAY:
            return np.inf, np.zeros(len(u))
        loading, origin = self.aligned(spread, mean)
        value, by_loading = self._component(loading)
        other, by_origin = self._component(origin)
        slope_spread = (loading * (by_origin * mean - by_loading)).sum(axis=0)
        slope_mean = -(loading * by_origin).sum(axis=0)
        return value + other, self.basis.T @ np.concatenate([slope_spread, slope_mean])

    def _component(self, values: FloatArray) -> tuple[float, FloatArray]:
        """Σ w f over pairs of groups, and its gradient by each value."""
        away = values[:, self.first] - values[:, self.second]
        inner = away**2 + _EPSILON
        slope = self.weight * 0.5 * away * inner**-0.75
        return float((self.weight * inner**0.25).sum()), slope @ self.signs


def _minimum(function: Objective, start: FloatArray) -> FloatArray:
    """BFGS (Nocedal & Wright 2006, ch. 6), then Newton steps with a differenced Hessian."""
    x, (value, slope) = start, function(start)
    inverse = np.eye(len(x)) / max(float(np.abs(slope).max()), 1e-12)
    for _ in range(300):
        step = -inverse @ slope
        found = _halved(function, x, step, value, float(slope @ step))
        if found is None:
            break
        moved, new_value, new_slope = found
        change, bend = moved - x, new_slope - slope
        along = float(change @ bend)
        if along > 1e-14:
            turn = np.eye(len(x)) - np.outer(change, bend) / along
            inverse = turn @ inverse @ turn.T + np.outer(change, change) / along
        x, done = moved, value - new_value < 1e-12 * abs(value)
        value, slope = new_value, new_slope
        if done:
            break
    return _polished(function, x)


def _halved(
    function: Objective, x: FloatArray, step: FloatArray, value: float, promised: float
) -> tuple[FloatArray, float, FloatArray] | None:
    length = 1.0
    while length > 1e-10 and promised < 0:
        moved = x + length * step
        new_value, new_slope = function(moved)
        if new_value <= value + 1e-4 * length * promised:
            return moved, new_value, new_slope
        length *= 0.5
    return None


def _polished(function: Objective, x: FloatArray) -> FloatArray:
    for _ in range(10):
        value, slope = function(x)
        hessian = _hessian(function, x)
        if np.linalg.eigvalsh(hessian)[0] <= 0:
            return x
        step = -np.linalg.solve(hessian, slope)
        if function(x + step)[0] > value + 1e-10 * abs(value):
            return x
        x = x + step
        if np.abs(step).max() < 1e-10:
            return x
    return x
