"""The first stage: every variable by itself, given the covariates.

An ordered item by ordered probit regression, P(answer ≤ k | x) = Φ(τ_k - x'β) (McKelvey & Zavoina
1975), a continuous one by the regression y = μ + x'β + e with Var(e) = σ² of divisor n (Muthén
1984, Psychometrika 49, 115-132).  Covariates enter centred and in units of their standard
deviation; `influence.py` turns the results back.  Sampling weights multiply every row's
log-likelihood, and so its score and its share of each sum (pseudo maximum likelihood, Asparouhov
2005).

What the second stage needs of a margin is where each row stands: an ordered item's interval
(lower, upper) on the scale of its latent response, a continuous variable's standardised residual.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.errors import DataError
from analysis.sem.ordinal.bivariate_normal import FARTHEST, normal_density

__all__ = ["Continuous", "Covariates", "Margin", "Ordered", "continuous_margin", "ordered_margin"]

_MOST_STEPS = 60
_STEP_TOLERANCE = 1e-11
_SINGULAR = 1e-10  # smallest eigenvalue of the covariates' correlations
_SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Covariates:
    """The predictors of a group: n × k, mean (k,), standard deviation (k,), standardised rows, and
    each row's weight (n,)."""

    rows: FloatArray
    mean: FloatArray
    spread: FloatArray
    standard: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, rows: FloatArray, weight: FloatArray, group: str) -> "Covariates":
        """Raises DataError coded collinear_covariates."""
        share = weight / weight.sum()
        mean = share @ rows
        spread = np.sqrt(share @ (rows - mean) ** 2)
        standard = (rows - mean) / np.where(spread > 0.0, spread, 1.0)
        products = standard.T @ (share[:, None] * standard)
        smallest = np.linalg.eigvalsh(products)[0] if rows.shape[1] else 1.0
        if smallest < _SINGULAR:
            raise DataError(
                f"the covariates are constant or copies of one another in group {group}; leave "
                "one of them out",
                code="collinear_covariates",
            )
        return cls(rows, mean, spread, standard, weight)

    @property
    def cov(self) -> FloatArray:
        """Covariances, k × k, divisor n - 1 (they only enter the standardised solution)."""
        products = self.standard.T @ (self.weight[:, None] * self.standard)
        products /= max(float(self.weight.sum()) - 1.0, 1.0)
        return np.asarray(products * np.outer(self.spread, self.spread))


@dataclass(frozen=True, slots=True)
class Ordered:
    """An ordered item: thresholds (K - 1,), slopes (k,), both for standardised covariates.

    Attributes:
        code: each row's category from 0; 0 where missing.
        lower, upper: the interval of each row's answer, ±FARTHEST where open or missing.
        x: standardised covariates, n × k; `weight` each row's weight (n,).
        influence: of each row on (thresholds, slopes), n × (K - 1 + k).
        seen: which rows have an answer.
    """

    thresholds: FloatArray
    slopes: FloatArray
    code: IntArray
    lower: FloatArray
    upper: FloatArray
    x: FloatArray
    weight: FloatArray
    influence: FloatArray
    seen: Mask

    def carried(self, by_lower: FloatArray, by_upper: FloatArray) -> FloatArray:
        """Weighted sums over rows of derivatives by a row's limits, as those by the parameters.

        Both arguments are n × pairs; the result is pairs × (K - 1 + k).
        """
        count, weight = len(self.thresholds), self.weight[:, None]
        at_upper = np.where(self.code[:, None] == np.arange(count), weight, 0.0)
        at_lower = np.where(self.code[:, None] == np.arange(1, count + 1), weight, 0.0)
        by_threshold = by_upper.T @ at_upper + by_lower.T @ at_lower
        return np.hstack([by_threshold, -(by_upper + by_lower).T @ (weight * self.x)])


@dataclass(frozen=True, slots=True)
class Continuous:
    """A continuous variable: mean (of rows at mean covariates), slopes (k,), residual variance.

    `residual` is (y - μ - x'β) / σ (n,), 0 where missing; `influence` n × (1 + k + 1).
    """

    mean: float
    slopes: FloatArray
    variance: float
    residual: FloatArray
    x: FloatArray
    weight: FloatArray
    influence: FloatArray
    seen: Mask

    def carried(self, scores: FloatArray, by_residual: FloatArray) -> FloatArray:
        """Weighted Σ scores × ∂ log f/∂(μ, β, σ²), with ∂ log f/∂z as `by_residual` (n × pairs).

        z = (y - μ - x'β)/σ and a density of y holds -log σ besides: pairs × (1 + k + 1).
        """
        weighted = self.weight[:, None] * scores
        pull = weighted * by_residual
        scale = np.sqrt(self.variance)
        by_variance = -(weighted + pull * self.residual[:, None]).sum(axis=0)
        return np.hstack(
            [
                -pull.sum(axis=0)[:, None] / scale,
                -pull.T @ self.x / scale,
                by_variance[:, None] / (2.0 * self.variance),
            ]
        )


Margin = Ordered | Continuous


def continuous_margin(values: FloatArray, covariates: Covariates) -> Continuous:
    """The regression of one variable (n,), NaN = missing, on the covariates."""
    seen = ~np.isnan(values)
    design = np.column_stack([np.ones(len(values)), covariates.standard])
    y, own, weight = values[seen], design[seen], covariates.weight[seen]
    root = np.sqrt(weight)
    solved = np.linalg.lstsq(root[:, None] * own, root * y, rcond=None)[0]
    coefficients = np.asarray(solved, dtype=np.float64)
    away = y - own @ coefficients
    variance = float(weight @ away**2 / weight.sum())
    # cross-products of scores for information throughout, as the later stages have it
    scores = np.column_stack(
        [own * (away / variance)[:, None], 0.5 * (away**2 / variance - 1.0) / variance]
    )
    influence = np.zeros((len(values), scores.shape[1]))
    if _are_independent(scores, weight):
        influence[seen] = _influence(scores, weight)
    else:
        influence[seen] = _two_valued_influence(own, away, variance, weight)
    residual = np.zeros(len(values))
    residual[seen] = away / np.sqrt(variance)
    return Continuous(
        float(coefficients[0]), coefficients[1:], variance, residual, covariates.standard,
        covariates.weight, influence, seen,
    )  # fmt: skip


def _influence(scores: FloatArray, weight: FloatArray) -> FloatArray:
    """w S (S' w S)⁻¹."""
    weighted = weight[:, None] * scores
    return np.asarray(np.linalg.solve(scores.T @ weighted, weighted.T).T)


def _are_independent(scores: FloatArray, weight: FloatArray) -> bool:
    """Whether their cross-products can be inverted: of a variable with two values, y = y², the
    scores of mean and variance are multiples of each other."""
    products = scores.T @ (weight[:, None] * scores)
    size = np.sqrt(np.diag(products))
    return bool(np.linalg.eigvalsh(products / np.outer(size, size))[0] > _SINGULAR)


def _two_valued_influence(
    design: FloatArray, away: FloatArray, variance: float, weight: FloatArray
) -> FloatArray:
    """The same from second derivatives of the likelihood, which exist all the same."""
    weighted = weight[:, None] * design
    on_mean = np.linalg.solve(design.T @ weighted, weighted.T).T * away[:, None]
    on_variance = weight * (away**2 - variance) / weight.sum()
    return np.column_stack([on_mean, on_variance])


def ordered_margin(
    codes: IntArray, categories: int, covariates: Covariates, *, name: str, group: str
) -> Ordered:
    """The ordered probit regression of one item; `codes` (n,) from 0, -1 = missing.

    Raises DataError coded separation where the covariates foretell the answers without error.
    """
    seen = codes >= 0
    weight = covariates.weight[seen]
    fit = _Probit(codes[seen], categories, covariates.standard[seen], weight)
    parameters = fit.parameters()
    if parameters is None:
        raise DataError(
            f"the covariates foretell the answers to {name} in group {group} without error, so "
            "its probit regression has no maximum; leave a covariate out or merge categories",
            code="separation",
        )
    thresholds, slopes = parameters[: categories - 1], parameters[categories - 1 :]
    influence = np.zeros((len(codes), len(parameters)))
    influence[seen] = _influence(fit.scores(parameters), weight)
    lower = np.full(len(codes), -FARTHEST)
    upper = np.full(len(codes), FARTHEST)
    lower[seen], upper[seen] = fit.limits(parameters)
    return Ordered(
        thresholds, slopes, np.where(seen, codes, 0), lower, upper, covariates.standard,
        covariates.weight, influence, seen,
    )  # fmt: skip


class _Probit:
    """log L = Σ w log[Φ(τ_k - x'β) - Φ(τ_{k-1} - x'β)], concave in (τ, β) (Pratt 1981)."""

    def __init__(self, codes: IntArray, categories: int, x: FloatArray, weight: FloatArray) -> None:
        self.codes, self.x, self.weight = codes, x, weight
        count = categories - 1
        at_upper = (codes[:, None] == np.arange(count)).astype(np.float64)
        at_lower = (codes[:, None] == np.arange(1, count + 1)).astype(np.float64)
        self.by_upper = np.hstack([at_upper, -x])
        self.by_lower = np.hstack([at_lower, -x])
        below = np.cumsum(np.bincount(codes, weights=weight, minlength=categories))
        self.start = np.concatenate([ndtri(below[:-1] / below[-1]), np.zeros(x.shape[1])])
        self.count = count

    def limits(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The interval of every row's answer."""
        edges = np.concatenate([[-np.inf], parameters[: self.count], [np.inf]])
        level = self.x @ parameters[self.count :]
        lower, upper = edges[self.codes] - level, edges[self.codes + 1] - level
        return np.clip(lower, -FARTHEST, FARTHEST), np.clip(upper, -FARTHEST, FARTHEST)

    def _rows(
        self, parameters: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Limits, log probability and its derivatives by the lower and the upper limit."""
        lower, upper = self.limits(parameters)
        probability = _interval_probability(lower, upper)
        at_lower, at_upper = (
            normal_density(lower) / probability,
            normal_density(upper) / probability,
        )
        return lower, upper, np.log(probability), -at_lower, at_upper

    def scores(self, parameters: FloatArray) -> FloatArray:
        """Casewise scores, n × (K - 1 + k)."""
        _, _, _, by_lower, by_upper = self._rows(parameters)
        scores: FloatArray = by_lower[:, None] * self.by_lower + by_upper[:, None] * self.by_upper
        return scores

    def parameters(self) -> FloatArray | None:
        """The maximum by Newton's method with halved steps; None where there is none."""
        if not self.x.shape[1]:
            return self.start
        at = self.start
        lower, upper, logs, by_lower, by_upper = self._rows(at)
        for _ in range(_MOST_STEPS):
            gradient = (self.weight * by_lower) @ self.by_lower
            gradient += (self.weight * by_upper) @ self.by_upper
            step = np.linalg.solve(self._curvature(lower, upper, by_lower, by_upper), gradient)
            length = 1.0
            while True:
                trial = at + length * step
                if (np.diff(trial[: self.count]) > 0.0).all():
                    lower, upper, tried, by_lower, by_upper = self._rows(trial)
                    before = float(self.weight @ logs)
                    if self.weight @ tried >= before - 1e-10 * abs(before):
                        break
                length /= 2.0
                if length < 1e-8:
                    return None
            at, logs = trial, tried
            if float(np.abs(step).max()) < _STEP_TOLERANCE:
                return at
            if float(np.abs(at).max()) > FARTHEST:
                return None
        return None

    def _curvature(
        self, lower: FloatArray, upper: FloatArray, by_lower: FloatArray, by_upper: FloatArray
    ) -> FloatArray:
        """-∂² log L."""
        at_upper = self.weight * by_upper * (by_upper + upper)
        at_lower = self.weight * by_lower * (by_lower + lower)
        crossed = self.weight * by_lower * by_upper
        total = self.by_upper.T @ (at_upper[:, None] * self.by_upper)
        total += self.by_lower.T @ (at_lower[:, None] * self.by_lower)
        mixed = self.by_upper.T @ (crossed[:, None] * self.by_lower)
        return np.asarray(total + mixed + mixed.T)


def _interval_probability(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """Φ(upper) - Φ(lower), taken in the tail where both lie so that no digits cancel."""
    turned = lower > 0.0
    low, high = np.where(turned, -upper, lower), np.where(turned, -lower, upper)
    return np.asarray(np.maximum(ndtr(high) - ndtr(low), _SMALLEST))
