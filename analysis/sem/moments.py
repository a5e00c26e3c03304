"""Sufficient statistics of the data: per group and missing pattern, rows, mean and covariance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.errors import (
    DataError,
    NotPositiveDefiniteError,
    UnknownVariableError,
    ZeroVarianceError,
)

__all__ = ["ALL", "Moments", "Sample", "complete_moments", "read_sample"]

ALL = "all"  # the label of the one group of an ungrouped fit


@dataclass(frozen=True)
class Sample:
    """The rows that enter a fit, one n_g × p array per group (NaN = missing or not in the model).

    `groups` are the labels in order of appearance, `names` the columns, `present` (G × p) the
    variables of each group's model, `rows` the row numbers in the data given.
    """

    names: tuple[str, ...]
    groups: tuple[str, ...]
    values: tuple[FloatArray, ...]
    rows: tuple[IntArray, ...]
    present: Mask
    clusters: tuple[IntArray, ...] | None = None

    @cached_property
    def sizes(self) -> IntArray:
        """Rows of each group (G,)."""
        return np.array([len(rows) for rows in self.values], dtype=np.intp)

    @property
    def n(self) -> int:
        """Rows in all."""
        return int(self.sizes.sum())


@dataclass(frozen=True)
class Moments:
    """Sufficient statistics of normal data: one block per group and pattern of missing values.

    Shapes: group, n (b,); mean b × p; cov b × p × p with divisor n; mask b × p, True where the
    block's rows have the variable (mean and cov are zero elsewhere).
    """

    group: IntArray
    n: FloatArray
    mean: FloatArray
    cov: FloatArray
    mask: Mask

    @cached_property
    def total(self) -> float:
        """Rows in all."""
        return float(self.n.sum())

    @cached_property
    def group_sizes(self) -> FloatArray:
        """Rows of each group (G,)."""
        return np.bincount(self.group, weights=self.n).astype(np.float64)

    @cached_property
    def is_complete(self) -> bool:
        """True where every group is one block: nothing is missing."""
        return len(self.group) == len(self.group_sizes)

    @cached_property
    def cross(self) -> Mask:
        """b × p × p, True where both variables are there."""
        return self.mask[:, :, None] & self.mask[:, None, :]


def read_sample(
    data: Mapping[str, npt.ArrayLike],
    names: Sequence[str],
    group: npt.ArrayLike | None,
) -> tuple[FloatArray, tuple[str, ...], IntArray]:
    """The model's columns (n × p), the group labels and each row's group number.

    Raises UnknownVariableError, and DataError for columns of unequal length or infinite values.
    """
    missing = [name for name in names if name not in data]
    if missing:
        raise UnknownVariableError(missing, [str(name) for name in data])
    columns = [np.asarray(data[name], dtype=np.float64) for name in names]
    lengths = {column.shape for column in columns}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1:
        raise DataError("every variable must be a 1-D array of one common length")
    values = np.column_stack(columns)
    if np.isinf(values).any():
        raise DataError("the data hold infinite values; code missing answers as NaN")
    if group is None:
        return values, (ALL,), np.zeros(len(values), dtype=np.intp)
    labels = [str(label) for label in np.asarray(group).tolist()]
    if len(labels) != len(values):
        raise DataError(f"group has {len(labels)} labels for {len(values)} rows")
    order = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return values, tuple(order), np.array([order[label] for label in labels], dtype=np.intp)


def complete_moments(sample: Sample, *, means: bool = True) -> Moments:
    """Mean (zero without `means`) and covariance (divisor n) of each group.

    Raises ZeroVarianceError, NotPositiveDefiniteError.
    """
    p = len(sample.names)
    n_groups = len(sample.groups)
    mean, cov = np.zeros((n_groups, p)), np.zeros((n_groups, p, p))
    for number, values in enumerate(sample.values):
        here = np.flatnonzero(sample.present[number])
        rows = values[:, here]
        centre = rows.mean(axis=0)
        if means:
            mean[number, here] = centre
        centred = rows - centre
        cov[number][np.ix_(here, here)] = centred.T @ centred / len(rows)
    require_variance(sample)
    moments = Moments(
        np.arange(n_groups), sample.sizes.astype(np.float64), mean, cov, sample.present.copy()
    )
    require_positive_definite(sample, moments)
    return moments


def require_variance(sample: Sample) -> None:
    """Raises ZeroVarianceError naming every constant variable of every group."""
    constant: dict[str, list[str]] = {}
    for label, values, present in zip(sample.groups, sample.values, sample.present, strict=True):
        for column in np.flatnonzero(present):
            seen = values[:, column]
            seen = seen[~np.isnan(seen)]
            if len(seen) and np.ptp(seen) == 0:
                constant.setdefault(label, []).append(sample.names[column])
    if constant:
        raise ZeroVarianceError(constant)


def require_positive_definite(sample: Sample, moments: Moments) -> None:
    """Raises NotPositiveDefiniteError for a group whose covariance matrix is singular."""
    for number, label in enumerate(sample.groups):
        here = np.flatnonzero(moments.mask[number])
        cov = moments.cov[number][np.ix_(here, here)]
        spread = np.sqrt(np.diag(cov))
        smallest = np.linalg.eigvalsh(cov / np.outer(spread, spread))[0]
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
