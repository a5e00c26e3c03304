"""The four numbers of VAAR on arrays: one call scores a point estimate or a thousand refits.

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
    return np.where(usable, inside, 0.5)


def half_width(se: Array, level: float) -> Array:
    """Half the width of a normal-theory interval."""
    width: Array = ndtri(0.5 + level / 2.0) * se
    return width


def is_null(people: PathArrays, delta: float, level: float) -> NDArray[np.bool_]:
    """True where the people's interval lies inside (-delta, delta): the expectation is a null."""
    reach = np.abs(people.estimate) + half_width(people.se, level)
    with np.errstate(invalid="ignore"):
        return people.estimable & (reach < delta)


def is_resolved(paths: PathArrays, level: float) -> NDArray[np.bool_]:
    """True where the interval leaves zero out, on either side."""
    with np.errstate(invalid="ignore"):
        return paths.estimable & (np.abs(paths.estimate) > half_width(paths.se, level))


def is_agreeing(paths: PathArrays, signs: Array, level: float) -> NDArray[np.bool_]:
    """True where the interval lies wholly on the side that ``signs`` names."""
    return is_resolved(paths, level) & (signs * np.nan_to_num(paths.estimate) > 0.0)


def weights_of(human_share: Array) -> Array:
    """Weight of a path in the evidence number: max(0, 2 pi_h - 1)."""
    return np.maximum(0.0, 2.0 * human_share - 1.0)


def joint_terms(human_share: Array, model_share: Array) -> Array:
    """Probability that people and model have the same sign, path by path."""
    return human_share * model_share + (1.0 - human_share) * (1.0 - model_share)


@dataclass(frozen=True, slots=True)
class Scale:
    """What does not change from refit to refit: signs, families and the rules of the plan."""

    signs: Array
    families: Families
    delta: float = 0.05
    level: float = 0.95

    def score(
        self,
        model: PathArrays,
        people: PathArrays,
        *,
        model_share: Array | None = None,
        human_share: Array | None = None,
    ) -> Numbers:
        """Score a model against the people.

        Shares default to normal theory; pass bootstrap shares where items are skewed. A path whose
        human interval lies inside (-delta, delta) stays in hard and in the decisive split, whose
        denominators never shrink, and is left out of evidence, joint and ceiling: its expectation
        is a null, reported apart by ``null_share``.
        """
        usable = model.estimable
        pi_m = sign_share(model, self.signs) if model_share is None else model_share
        pi_h = sign_share(people, self.signs) if human_share is None else human_share
        directional = np.where(is_null(people, self.delta, self.level), 0.0, 1.0)
        agree = is_agreeing(model, self.signs, self.level)
        contradict = is_agreeing(model, -self.signs, self.level)
        hit = usable & (self.signs * np.where(usable, model.estimate, 0.0) > 0.0)
        mean = self.families.mean
        return Numbers(
            hard=mean(hit.astype(float)),
            agree=mean(agree.astype(float)),
            contradict=mean(contradict.astype(float)),
            undetermined=mean((usable & ~agree & ~contradict).astype(float)),
            not_estimable=mean((~usable).astype(float)),
            evidence=self.families.weighted_mean(
                *np.broadcast_arrays(pi_m, directional * weights_of(pi_h))
            ),
            joint=mean(*np.broadcast_arrays(joint_terms(pi_h, pi_m), directional)),
            ceiling=mean(np.maximum(pi_h, 1.0 - pi_h), directional),
        )


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
