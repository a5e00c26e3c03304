"""The five numbers of VAAR on arrays: one call scores a point estimate or a thousand refits.

VAAR is "a human-referenced directional agreement metric that aggregates path-level evidence for
expected signs" (Chen, Yu & Hu 2026). The formulas are this project's definition in those words.

Shapes: the last axis is the path, P long; leading axes (bootstrap draws, say) broadcast. A path
that could not be estimated is NaN in its estimate or its standard error.

Every number is aggregated within a family of paths first and over families second, so that three
facets of one attitude do not outvote one path of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Array = NDArray[np.float64]

# The normalised joint number divides by ceiling - 1/2; below this span it would only amplify noise.
SMALLEST_SPAN = 0.2
# The log form keeps a probability this far from 0 and 1: no single path costs more than 6.9 nats.
SMALLEST_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class PathArrays:
    """Standardised estimates and standard errors of the paths, aligned with the plan's order.

    An infinite standard error is that of an estimate of which nothing can be told: its share is one
    half, and it neither agrees nor contradicts.
    """

    estimate: Array
    se: Array

    @property
    def estimable(self) -> NDArray[np.bool_]:
        """True where the estimate is finite and its standard error positive."""
        with np.errstate(invalid="ignore"):
            return np.isfinite(self.estimate) & (self.se > 0.0)


@dataclass(frozen=True, slots=True)
class Numbers:
    """VAAR's numbers; NaN is "undefined" until the edge of this package turns it to None."""

    hard: Array
    agree: Array
    contradict: Array
    undetermined: Array
    not_estimable: Array
    evidence: Array
    joint: Array
    ceiling: Array
    log: Array


class Families:
    """Which path belongs to which family, and the mean over families of means within them."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(dict.fromkeys(names))
        self._member: Array = np.array(
            [[float(name == family) for name in names] for family in self.names]
        )

    def mean(self, values: Array, weights: Array | None = None) -> Array:
        """Mean within family, then over families; a family without weight does not count.

        ``values`` and ``weights``: (..., P). Returns (...); NaN where no family has any weight.
        """
        weight = np.broadcast_to(1.0 if weights is None else weights, values.shape)
        total = weight @ self._member.T
        within = (values * weight) @ self._member.T / np.where(total > 0.0, total, 1.0)
        counted = total > 0.0
        number = counted.sum(axis=-1)
        result = np.where(counted, within, 0.0).sum(axis=-1) / np.where(number > 0, number, 1)
        return np.where(number > 0, result, np.nan)

    def weighted_mean(self, values: Array, weights: Array) -> Array:
        """Sum of w v over sum of w, each weight first divided by the size of its family.

        With families of equal size this is the plain weighted mean; NaN where all weights are 0.
        """
        total = self.mean(np.broadcast_to(weights, values.shape))
        part = self.mean(values * weights)
        return np.where(total > 0.0, part / np.where(total > 0.0, total, 1.0), np.nan)


def sign_share(paths: PathArrays, signs: Array) -> Array:
    """Probability of the expected sign, Phi(s b / SE); one half where not estimable."""
    usable = paths.estimable
    ratio = np.where(usable, paths.estimate, 0.0) / np.where(usable, paths.se, 1.0)
    share: Array = ndtr(signs * ratio)
    return share


def null_share(paths: PathArrays, delta: float) -> Array:
    """Probability that a path is smaller than ``delta`` in size; one half where nobody can tell."""
    usable = paths.estimable & np.isfinite(paths.se)
    centre = np.where(usable, paths.estimate, 0.0)
    spread = np.where(usable, paths.se, 1.0)
    inside = ndtr((delta - centre) / spread) - ndtr((-delta - centre) / spread)
    return np.where(usable & np.isfinite(spread), inside, 0.5)


def half_width(se: Array, level: float) -> Array:
    """Half the width of a normal-theory interval."""
    width: Array = ndtri(0.5 + level / 2.0) * se
    return width


def is_null(people: PathArrays, delta: float, level: float) -> NDArray[np.bool_]:
    """True where the people's interval lies inside (-delta, delta): the expectation is a null."""
    return is_within(people, delta, level)


def is_within(paths: PathArrays, delta: float, level: float) -> NDArray[np.bool_]:
    """True where the interval lies wholly inside (-delta, delta)."""
    with np.errstate(invalid="ignore"):
        return paths.estimable & (np.abs(paths.estimate) + half_width(paths.se, level) < delta)


def is_beyond(paths: PathArrays, delta: float, level: float) -> NDArray[np.bool_]:
    """True where the interval lies wholly outside (-delta, delta), on either side."""
    with np.errstate(invalid="ignore"):
        return paths.estimable & (np.abs(paths.estimate) - half_width(paths.se, level) > delta)


def is_resolved(paths: PathArrays, level: float) -> NDArray[np.bool_]:
    """True where the interval leaves zero out, on either side."""
    return is_beyond(paths, 0.0, level)


def is_agreeing(paths: PathArrays, signs: Array, level: float) -> NDArray[np.bool_]:
    """True where the interval lies wholly on the side that ``signs`` names."""
    return is_resolved(paths, level) & (signs * np.nan_to_num(paths.estimate) > 0.0)


def weights_of(human_share: Array) -> Array:
    """Weight of a path in the evidence number: max(0, 2 pi_h - 1)."""
    return np.maximum(0.0, 2.0 * human_share - 1.0)


def joint_terms(human_share: Array, model_share: Array) -> Array:
    """Probability that people and model both are as expected, or neither is, path by path."""
    return human_share * model_share + (1.0 - human_share) * (1.0 - model_share)


def surprise(share: Array) -> Array:
    """Cost of a path in the log form: -ln pi in nats, pi kept within [.001, .999]."""
    cost: Array = -np.log(np.clip(share, SMALLEST_SHARE, 1.0 - SMALLEST_SHARE))
    return cost


def log_score(loss: Array) -> Array:
    """1 - L / ln 2 of a mean surprise L: 1 certain, 0 a coin, negative confidently wrong."""
    score: Array = 1.0 - loss / np.log(2.0)
    return score


@dataclass(frozen=True, slots=True)
class Scale:
    """What does not change from refit to refit: what is expected, families, rules of the plan.

    ``signs`` (P,) are the expected signs; where ``null`` (P,) the people show no effect, and a path
    is as expected if it is smaller than ``delta``: a large path is no merit there.
    """

    signs: Array
    null: NDArray[np.bool_]
    families: Families
    delta: float = 0.05
    level: float = 0.95

    def share(self, paths: PathArrays) -> Array:
        """pi: the probability that a path is as expected; one half where not estimable."""
        return np.where(self.null, null_share(paths, self.delta), sign_share(paths, self.signs))

    def hits(self, paths: PathArrays) -> NDArray[np.bool_]:
        """True where the estimate itself is as expected."""
        estimate = np.where(paths.estimable, paths.estimate, np.nan)
        with np.errstate(invalid="ignore"):
            return np.where(self.null, np.abs(estimate) < self.delta, self.signs * estimate > 0.0)

    def agreeing(self, paths: PathArrays) -> NDArray[np.bool_]:
        """True where the whole interval is as expected."""
        within = is_within(paths, self.delta, self.level)
        return np.where(self.null, within, is_agreeing(paths, self.signs, self.level))

    def contradicting(self, paths: PathArrays) -> NDArray[np.bool_]:
        """True where the whole interval is otherwise than expected."""
        beyond = is_beyond(paths, self.delta, self.level)
        return np.where(self.null, beyond, is_agreeing(paths, -self.signs, self.level))

    def score(
        self,
        model: PathArrays,
        people: PathArrays,
        *,
        model_share: Array | None = None,
        human_share: Array | None = None,
    ) -> Numbers:
        """Score a model against the people.

        Shares default to normal theory; pass bootstrap shares where items are skewed. Denominators
        never shrink: a path that is null in the people is scored like any other, as a null.
        """
        usable = model.estimable
        pi_m = self.share(model) if model_share is None else model_share
        pi_h = self.share(people) if human_share is None else human_share
        agree, contradict = self.agreeing(model), self.contradicting(model)
        mean = self.families.mean
        return Numbers(
            hard=mean(self.hits(model).astype(float)),
            agree=mean(agree.astype(float)),
            contradict=mean(contradict.astype(float)),
            undetermined=mean((usable & ~agree & ~contradict).astype(float)),
            not_estimable=mean((~usable).astype(float)),
            evidence=self.families.weighted_mean(*np.broadcast_arrays(pi_m, weights_of(pi_h))),
            joint=mean(joint_terms(pi_h, pi_m)),
            ceiling=mean(np.maximum(pi_h, 1.0 - pi_h)),
            log=log_score(mean(surprise(pi_m))),
        )

    def chance_all_hard(self, model: PathArrays) -> float:
        """Chance that every estimate is as expected where there is no effect at all.

        One half for each sign; for a null, the chance that noise of the model's standard error is
        smaller than delta.
        """
        noise = PathArrays(np.zeros_like(model.se), model.se)
        return float(np.prod(np.where(self.null, null_share(noise, self.delta), 0.5)))


def normalised(joint: float, ceiling: float) -> float | None:
    """(J - 1/2) / (C - 1/2), or None where the people leave too little span to divide by."""
    span = ceiling - 0.5
    return (joint - 0.5) / span if span >= SMALLEST_SPAN else None


def effective_number(correlation: NDArray[Any]) -> float:
    """Effective number of paths, (sum of eigenvalues)^2 / sum of squared eigenvalues.

    ``correlation``: (P, P) correlations of the path estimates. P for independent paths, 1 for paths
    that move as one (the participation ratio; Bretherton et al. 1999).
    """
    eigenvalues = np.clip(np.linalg.eigvalsh(correlation), 0.0, None)
    return float(eigenvalues.sum() ** 2 / np.sum(eigenvalues**2))


def holm(pvalues: Sequence[float | None]) -> list[float | None]:
    """Holm's (1979) step-down adjustment; None (no test) stays None and does not count."""
    given = sorted((p, i) for i, p in enumerate(pvalues) if p is not None)
    adjusted: list[float | None] = [None] * len(pvalues)
    running = 0.0
    for rank, (p, i) in enumerate(given):
        running = max(running, min(1.0, (len(given) - rank) * p))
        adjusted[i] = running
    return adjusted


def required_n(beta: float, *, power: float = 0.80, alpha: float = 0.05) -> int:
    """Sessions needed for a one-sided sign test of a standardised path.

    (z_1-alpha + z_power)^2 / beta^2, about 6.2 / beta^2 at the defaults; the standard error of a
    standardised path is taken as 1 / sqrt(n), which holds for small paths.
    """
    return round(float((ndtri(1.0 - alpha) + ndtri(power)) ** 2) / beta**2)
