"""Seeded draws: which rows a resample holds, and in which order outcomes are dealt out again.

Every draw has a random stream of its own, named by (purpose, group, draw number), so that draws do
not depend on how the work is split among processes.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


class Purpose(IntEnum):
    """What a stream is for; the number is part of the stream's name and never changes."""

    BOOTSTRAP = 1
    PERMUTATION = 2
    NOISE = 3
    POWER = 4
    NO_MODEL = 5


def stream(seed: int, purpose: Purpose, group: int, number: int) -> np.random.Generator:
    """The generator of one draw."""
    return np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=(int(purpose), group, number))
    )


def cluster_counts(
    clusters: Integers,
    seed: int,
    group: int,
    numbers: Sequence[int],
    *,
    strata: Integers | None = None,
) -> Array:
    """How often each row is in each resample of whole clusters, drawn with replacement.

    ``clusters``: (n,). Returns (len(numbers), n). With ``strata``, (n,), each of which holds whole
    clusters, m of a stratum's clusters are drawn m - 1 times and count m / (m - 1), without which
    few clusters in a stratum would vary too little (Rao & Wu 1988).
    """
    _, member = np.unique(clusters, return_inverse=True)
    member = member.reshape(-1)
    if strata is not None:
        return _stratified_counts(member, strata, seed, group, numbers)
    size = int(member.max()) + 1
    rows = [
        np.bincount(
            stream(seed, Purpose.BOOTSTRAP, group, number).integers(0, size, size), minlength=size
        )[member]
        for number in numbers
    ]
    return np.array(rows, dtype=np.float64)


def _stratified_counts(
    member: Integers, strata: Integers, seed: int, group: int, numbers: Sequence[int]
) -> Array:
    members = [np.unique(member[strata == name]) for name in np.unique(strata)]
    counts = np.zeros((len(numbers), int(member.max()) + 1))
    for line, number in zip(counts, numbers, strict=True):
        rng = stream(seed, Purpose.BOOTSTRAP, group, number)
        for own in members:
            times = max(len(own) - 1, 1)
            drawn = rng.integers(0, len(own), times)
            line[own] = np.bincount(drawn, minlength=len(own)) * (len(own) / times)
    return counts[:, member]


def sized_counts(n: int, size: int, seed: int, group: int, numbers: Sequence[int]) -> Array:
    """How often each of ``n`` rows is in each sample of ``size`` rows, drawn with replacement."""
    rows = [
        np.bincount(stream(seed, Purpose.NOISE, group, number).integers(0, n, size), minlength=n)
        for number in numbers
    ]
    return np.array(rows, dtype=np.float64)


def deals(clusters: Integers, seed: int, group: int, numbers: Sequence[int]) -> Integers:
    """Orders in which the outcome rows are dealt to the predictor rows. (len(numbers), n).

    Whole clusters are exchanged among clusters of the same size; where every row is its own
    cluster this is a plain permutation.
    """
    sets = _by_size(clusters)
    return np.array(
        [_deal(sets, len(clusters), stream(seed, Purpose.PERMUTATION, group, k)) for k in numbers]
    )


def _by_size(clusters: Integers) -> list[Integers]:
    """Row numbers of all clusters of one size, (clusters, size), per size."""
    _, member, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    order = np.argsort(member.reshape(-1), kind="stable")
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return [
        np.array([order[start : start + size] for start in starts[sizes == size]])
        for size in np.unique(sizes)
    ]


def _deal(sets: Sequence[Integers], n: int, rng: np.random.Generator) -> Integers:
    order = np.empty(n, dtype=np.int64)
    for rows in sets:
        order[rows] = rows[rng.permutation(len(rows))]
    return order
