"""Bootstrap weights, and the sufficient statistics of weighted rows.

Drawing rows with replacement gives every row a count.  Moments of a resample are products of the
counts with the rows and their squares, so a stack of resamples costs two matrix products per block.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.moments import Sample

__all__ = [
    "AllButOne",
    "ExplicitRows",
    "RandomRows",
    "RowBlocks",
    "Weights",
    "cluster_numbers",
]


class Weights(Protocol):
    """Where the counts of resampled rows come from."""

    @property
    def draws(self) -> int:
        """The number of resamples."""
        ...

    def counts(self, numbers: Sequence[int]) -> FloatArray:
        """How often each row of the sample (groups one after another) is in these resamples."""
        ...


@dataclass(frozen=True, slots=True)
class RandomRows:
    """Rows, or whole clusters of rows, drawn with replacement within each group.

    `clusters` holds per group the cluster number of each of its rows, counted from 0.  Resample r
    has a random stream of its own, so it does not depend on how the work is split.
    """

    draws: int
    seed: int
    clusters: tuple[IntArray, ...]

    def counts(self, numbers: Sequence[int]) -> FloatArray:
        """See :class:`Weights`."""
        return np.array([self._counts_of(number) for number in numbers])

    def _counts_of(self, number: int) -> FloatArray:
        stream = np.random.SeedSequence(self.seed, spawn_key=(number,))
        rng = np.random.default_rng(stream)
        parts = []
        for members in self.clusters:
            size = int(members.max()) + 1
            parts.append(np.bincount(rng.integers(0, size, size), minlength=size)[members])
        return np.concatenate(parts).astype(np.float64)


@dataclass(frozen=True, slots=True)
class ExplicitRows:
    """Resamples given as row numbers of the data, one line each; `position` finds sample rows.

    `position[row]` is the row's place in the sample (groups one after another), -1 if not in it.
    """

    rows: IntArray
    position: IntArray

    @property
    def draws(self) -> int:
        """The number of resamples."""
        return len(self.rows)

    def counts(self, numbers: Sequence[int]) -> FloatArray:
        """See :class:`Weights`."""
        places = self.position[self.rows[list(numbers)]]
        size = int(self.position.max()) + 1
        return np.array(
            [np.bincount(line[line >= 0], minlength=size) for line in places], dtype=np.float64
        )


@dataclass(frozen=True, slots=True)
class AllButOne:
    """Samples that lack one cluster each; `clusters` as in :class:`RandomRows`.

    The clusters of the first group are left out first, then those of the second, and so on.
    """

    clusters: tuple[IntArray, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of clusters of each group."""
        return tuple(int(members.max()) + 1 for members in self.clusters)

    @property
    def draws(self) -> int:
        """The number of clusters in all."""
        return sum(self.sizes)

    def counts(self, numbers: Sequence[int]) -> FloatArray:
        """See :class:`Weights`."""
        before = np.cumsum([0, *self.sizes[:-1]])
        every = np.concatenate(
            [members + start for members, start in zip(self.clusters, before, strict=True)]
        )
        kept: FloatArray = (every != np.asarray(numbers)[:, None]).astype(np.float64)
        return kept


@dataclass(frozen=True)
class RowBlocks:
    """A sample cut into blocks, one per group and pattern of missing values.

    Shapes: group (b,), mask b × p; `rows` per block the places in the sample, `centre` b × p the
    block's means, `centred` its rows less those (0 where missing), `products` the products of
    their columns (n_b × p(p+1)/2, upper triangle), `weights` their sampling weights.
    """

    group: IntArray
    mask: Mask
    rows: tuple[IntArray, ...]
    centre: FloatArray
    centred: tuple[FloatArray, ...]
    products: tuple[FloatArray, ...]
    with_means: bool
    unbiased: bool
    weights: tuple[FloatArray, ...]

    @classmethod
    def of(cls, sample: Sample, *, with_means: bool, unbiased: bool) -> "RowBlocks":
        """The blocks of a sample; `with_means` is False for a model of covariances alone."""
        upper = np.triu_indices(len(sample.names))
        starts = np.cumsum([0, *sample.sizes])
        centres, centred, products = [], [], []
        for block in sample.blocks:
            rows = np.where(block.mask, sample.values[block.group][block.rows], 0.0)
            centre = rows.mean(axis=0)
            away = rows - centre
            centres.append(centre)
            centred.append(away)
            products.append(away[:, upper[0]] * away[:, upper[1]])
        return cls(
            group=np.array([block.group for block in sample.blocks]),
            mask=np.array([block.mask for block in sample.blocks]),
            rows=tuple(block.rows + starts[block.group] for block in sample.blocks),
            centre=np.array(centres),
            centred=tuple(centred),
            products=tuple(products),
            with_means=with_means,
            unbiased=unbiased,
            weights=tuple(sample.weight(block.group)[block.rows] for block in sample.blocks),
        )

    def moments(self, counts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """n (C × b), means (C × b × p), covariances (C × b × p × p) of C resamples."""
        draws, (blocks, p) = len(counts), self.mask.shape
        n, mean = np.zeros((draws, blocks)), np.zeros((draws, blocks, p))
        cov = np.zeros((draws, blocks, p, p))
        first, second = np.triu_indices(p)
        for b, rows in enumerate(self.rows):
            weight = counts[:, rows] * self.weights[b]
            n[:, b] = weight.sum(axis=1)
            each = np.where(n[:, b] > 0.0, n[:, b], 1.0)[:, None]
            shift = weight @ self.centred[b] / each
            square = weight @ self.products[b] / each
            spread = square - shift[:, first] * shift[:, second]
            if self.unbiased:
                spread *= each / np.maximum(each - 1.0, 1.0)
            cov[:, b, first, second] = spread
            cov[:, b, second, first] = cov[:, b, first, second]
            mean[:, b] = self.centre[b] + shift
        if not self.with_means:
            mean[:] = 0.0
        return n, mean, cov


def cluster_numbers(sample: Sample, cluster: npt.ArrayLike | None = None) -> tuple[IntArray, ...]:
    """Per group, the cluster of each row, counted from 0: of `cluster`, else of the fit, else rows.

    `cluster` has one entry for each row of the data.
    """
    if cluster is not None:
        ids = np.unique(np.asarray(cluster), return_inverse=True)[1].ravel()
        given = tuple(ids[rows] for rows in sample.rows)
    elif sample.clusters is not None:
        given = sample.clusters
    else:
        return tuple(np.arange(size) for size in sample.sizes)
    return tuple(np.unique(part, return_inverse=True)[1].ravel() for part in given)
