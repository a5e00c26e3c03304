"""Sufficient statistics of the data: per group and missing pattern, rows, mean and covariance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.errors import DataError, NotPositiveDefiniteError, ZeroVarianceError

__all__ = ["Block", "Moments", "Sample", "sample_moments"]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one group that miss the same variables.

    `group` is its number, `mask` (p,) the variables present, `rows` positions in the group's array.
    """

    group: int
    mask: Mask
    rows: IntArray


@dataclass(frozen=True)
class Sample:
    """The rows that enter a fit, one n_g × p array per group (NaN = missing or not in the model).

    `groups` are the labels in order of appearance, `names` the columns, `present` (G × p) the
    variables of each group's model, `rows` the row numbers in the data given, `clusters` each
    row's cluster number where rows are not independent, `weights` each row's sampling weight.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    values: tuple[FloatArray, ...]
    rows: tuple[IntArray, ...]
    present: Mask
    clusters: tuple[IntArray, ...] | None = None
    weights: tuple[FloatArray, ...] | None = None

    def weight(self, group: int) -> FloatArray:
        """The weight of each row of a group, one where none were given (n_g,)."""
        if self.weights is None:
            return np.ones(len(self.values[group]))
        return self.weights[group]

    @cached_property
    def sizes(self) -> IntArray:
        """Rows of each group (G,)."""
        return np.array([len(rows) for rows in self.values], dtype=np.intp)

    @property
    def n(self) -> int:
        """Rows in all."""
        return int(self.sizes.sum())

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The patterns of missing values, group by group; one per group if nothing is missing."""
        return tuple(
            block
            for group in range(len(self.groups))
            for block in _blocks(self.values[group], group)
        )


def _blocks(values: FloatArray, group: int) -> list[Block]:
    there = ~np.isnan(values)
    if (there == there[0]).all():
        return [Block(group, there[0], np.arange(len(values)))]
    patterns, which = np.unique(there, axis=0, return_inverse=True)
    which = which.ravel()
    return [Block(group, mask, np.flatnonzero(which == k)) for k, mask in enumerate(patterns)]


@dataclass(frozen=True)
class Moments:
    """Sufficient statistics of normal data: one block per group and pattern of missing values.

    Shapes: group, n (b,), with sampling weights their sum; mean b × p; cov b × p × p with divisor
    n; mask b × p, True where the block's rows have the variable (mean and cov are zero elsewhere).
    """

    group: IntArray
    n: FloatArray
    mean: FloatArray
    cov: FloatArray
    mask: Mask

    @cached_property
    def total(self) -> float:
        """Rows (or weights) in all."""
        return float(self.n.sum())

    @cached_property
    def group_sizes(self) -> FloatArray:
        """Rows of each group (G,)."""
        return np.bincount(self.group, weights=self.n).astype(np.float64)

    @cached_property
    def is_complete(self) -> bool:
        """True where every group is one block: nothing is missing."""
        return len(self.group) == len(self.group_sizes)

    def pooled(self) -> tuple[FloatArray, FloatArray]:
        """Mean (G × p) and covariance (G × p × p) over the blocks of each group.

        Exact for variables that no block lacks.
        """
        if self.is_complete:
            return self.mean, self.cov
        share = self.n / self.group_sizes[self.group]
        n_groups, p = len(self.group_sizes), self.mean.shape[1]
        mean, cov = np.zeros((n_groups, p)), np.zeros((n_groups, p, p))
        np.add.at(mean, self.group, share[:, None] * self.mean)
        away = self.mean - mean[self.group]
        spread = self.cov + away[:, :, None] * away[:, None, :]
        np.add.at(cov, self.group, share[:, None, None] * spread)
        return mean, cov

    @cached_property
    def cross(self) -> Mask:
        """b × p × p, True where both variables are there."""
        return self.mask[:, :, None] & self.mask[:, None, :]


def sample_moments(sample: Sample, *, means: bool = True, unbiased: bool = False) -> Moments:
    """Rows (or sum of weights), mean (zero without `means`) and covariance of every block.

    Covariances have divisor n, or n - 1 if `unbiased`.  Raises ZeroVarianceError naming every
    constant variable, NotPositiveDefiniteError for complete data with singular covariances.
    """
    _require_answers(sample)
    require_variance(sample)
    blocks, p = sample.blocks, len(sample.names)
    mean, cov = np.zeros((len(blocks), p)), np.zeros((len(blocks), p, p))
    n = np.zeros(len(blocks))
    for number, block in enumerate(blocks):
        here = np.flatnonzero(block.mask)
        rows = sample.values[block.group][block.rows][:, here]
        weight = sample.weight(block.group)[block.rows]
        n[number] = weight.sum()
        centre = weight @ rows / n[number]
        if means:
            mean[number, here] = centre
        centred = rows - centre
        divisor = n[number] - 1.0 if unbiased else n[number]
        cov[number][np.ix_(here, here)] = centred.T @ (weight[:, None] * centred) / divisor
    moments = Moments(
        np.array([block.group for block in blocks], dtype=np.intp),
        n,
        mean,
        cov,
        np.array([block.mask for block in blocks]),
    )
    if moments.is_complete:
        require_positive_definite(sample, moments.cov)
    return moments


def _require_answers(sample: Sample) -> None:
    """Raises DataError for a variable of a group's model that no row of the group has."""
    for label, values, present in zip(sample.groups, sample.values, sample.present, strict=True):
        empty = np.flatnonzero(present & np.isnan(values).all(axis=0))
        if len(empty):
            raise DataError(
                f"{sample.names[empty[0]]} is missing in every row of group {label}; leave it out "
                "of that group's model (a `group:` block)",
                code="no_rows",
            )


def require_variance(sample: Sample) -> None:
    """Raises ZeroVarianceError naming every constant variable of every group."""
    constant: dict[str, list[str]] = {}
    for label, values, present in zip(sample.groups, sample.values, sample.present, strict=True):
        seen = ~np.isnan(values)
        highest = np.where(seen, values, -np.inf).max(axis=0)
        lowest = np.where(seen, values, np.inf).min(axis=0)
        for column in np.flatnonzero(present & (highest == lowest)):
            constant.setdefault(label, []).append(sample.names[column])
    if constant:
        raise ZeroVarianceError(constant)


def require_positive_definite(sample: Sample, cov: FloatArray) -> None:
    """Raises NotPositiveDefiniteError for a group whose covariances (G × p × p) are singular."""
    for number, label in enumerate(sample.groups):
        here = np.flatnonzero(sample.present[number])
        part = cov[number][np.ix_(here, here)]
        spread = np.sqrt(np.diag(part))
        smallest = np.linalg.eigvalsh(part / np.outer(spread, spread))[0]
        if smallest < 1e-10 * len(here):
            raise NotPositiveDefiniteError(label, _reason(sample.values[number][:, here]))


def _reason(rows: FloatArray) -> str:
    n, p = rows.shape
    distinct = len(np.unique(rows, axis=0))
    if n <= p:
        return f"{n} rows for {p} variables; collect more rows or use fewer items"
    if distinct <= p:
        return f"only {distinct} of {n} rows are distinct, for {p} variables"
    return "some variable is a linear combination of others; leave one of them out"
