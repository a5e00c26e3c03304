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


def deals(
    clusters: Integers, seed: int, group: int, numbers: Sequence[int], stages: int = 1
) -> Integers:
    """Orders in which outcome rows are dealt to the predictor rows, (len(numbers), stages, n).

    Whole clusters are exchanged; where every row is its own cluster this is a plain permutation.
    A cluster that is dealt to a larger one begins again, one dealt to a smaller one is cut: left
    where they stand, clusters of a size of their own would keep their effect.
    """
    _, member, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    member = member.reshape(-1)
    by_cluster = np.argsort(member, kind="stable")
    starts = np.cumsum(sizes) - sizes
    place = np.empty_like(member)
    place[by_cluster] = np.arange(len(member)) - np.repeat(starts, sizes)
    orders = np.empty((len(numbers), stages, len(member)), dtype=np.int64)
    for order, number in zip(orders, numbers, strict=True):
        rng = stream(seed, Purpose.PERMUTATION, group, number)
        for stage in order:
            dealt = rng.permutation(len(sizes))[member]
            stage[:] = by_cluster[starts[dealt] + place % sizes[dealt]]
    return orders
