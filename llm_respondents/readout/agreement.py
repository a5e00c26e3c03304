"""How far two readings of the same replies agree, beyond what chance would make them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_NO_DIFFERENCE = 1e-9


class Pair(NamedTuple):
    """One reply as both read it; `weight` is how many replies of the whole it stands for."""

    first: str
    second: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Agreement:
    """The share of equal readings and Cohen's kappa, each with its interval of `CONFIDENCE`.

    `kappa` is None where both found one thing only, so that chance alone would agree; its interval
    is None also where all readings are equal or there are fewer than two.
    """

    replies: int
    agreement: float
    agreement_interval: tuple[float, float]
    kappa: float | None
    kappa_interval: tuple[float, float] | None

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return asdict(self)


def agreement_of(pairs: Sequence[Pair]) -> Agreement:
    """Return how far two readings agree over what the pairs stand for.

    With p_o the weighted share of equal readings and p_e = Σ_k a_k·b_k over the weighted margins of
    both, kappa = (p_o − p_e)/(1 − p_e) (Cohen, 1960). The standard error is that of the linearised
    kappa: pair i contributes u_i = [equal]/(1 − p_e) − (1 − p_o)(b_first + a_second)/(1 − p_e)²,
    and Var = n/(n − 1)·Σ w_i²(u_i − ū)², with weights that sum to 1 (Binder, 1983). For equal
    weights that is the variance of Fleiss, Cohen & Everitt (1969) times n/(n − 1). The interval of
    the agreement is Wilson's (1927), at the effective number (Σw)²/Σw² of Kish (1965).

    Raises `ValueError` without a pair.
    """
    if not pairs:
        raise ValueError("nothing was read")
    whole = sum(pair.weight for pair in pairs)
    weights = [pair.weight / whole for pair in pairs]
    equal = sum(w for w, pair in zip(weights, pairs, strict=True) if pair.first == pair.second)
    effective = 1 / sum(w * w for w in weights)
    firsts, seconds = _margins(pairs, weights)
    chance = sum(share * seconds[category] for category, share in firsts.items())
    interval = _wilson(equal, effective)
    if 1 - chance < _NO_DIFFERENCE:
        return Agreement(len(pairs), equal, interval, None, None)
    kappa = (equal - chance) / (1 - chance)
    if len(pairs) < 2 or 1 - equal < _NO_DIFFERENCE:
        return Agreement(len(pairs), equal, interval, kappa, None)
    error = sqrt(_variance(pairs, weights, equal, chance))
    around = (max(kappa - _Z * error, -1.0), min(kappa + _Z * error, 1.0))
    return Agreement(len(pairs), equal, interval, kappa, around)


def _margins(
    pairs: Sequence[Pair], weights: Sequence[float]
) -> tuple[dict[str, float], dict[str, float]]:
    firsts: dict[str, float] = defaultdict(float)
    seconds: dict[str, float] = defaultdict(float)
    for weight, pair in zip(weights, pairs, strict=True):
        firsts[pair.first] += weight
        seconds[pair.second] += weight
    return firsts, seconds


def _variance(
    pairs: Sequence[Pair], weights: Sequence[float], equal: float, chance: float
) -> float:
    """Of kappa, linearised; see `agreement_of`."""
    firsts, seconds = _margins(pairs, weights)
    parts = [
        (pair.first == pair.second) / (1 - chance)
        - (1 - equal) * (seconds[pair.first] + firsts[pair.second]) / (1 - chance) ** 2
        for pair in pairs
    ]
    mean = sum(w * part for w, part in zip(weights, parts, strict=True))
    spread = sum((w * (part - mean)) ** 2 for w, part in zip(weights, parts, strict=True))
    return spread * len(pairs) / (len(pairs) - 1)


def _wilson(share: float, count: float) -> tuple[float, float]:
    square = _Z * _Z / count
    middle = (share + square / 2) / (1 + square)
    half = _Z / (1 + square) * sqrt(share * (1 - share) / count + square / (4 * count))
    return max(0.0, middle - half), min(1.0, middle + half)
