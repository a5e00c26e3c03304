"""Reads what `fit` is given: columns, group labels, cluster ids and weights, one value per row.

A missing answer is NaN, None or masked.  A missing group, cluster or weight is an error: a row
without one belongs nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.errors import DataError, ModelSpecificationError, UnknownVariableError
from analysis.sem.names import by_name

__all__ = ["ALL", "ModelColumns", "read_clusters", "read_columns", "read_weights"]

ALL = "all"  # the label of the one group of an ungrouped fit
_MISSING = frozenset({"", "nan", "NaN", "NA", "<NA>", "None", "NaT"})


@dataclass(frozen=True)
class ModelColumns:
    """The model's variables (n × p under `names`), group labels in order of appearance and each
    row's group number (n,)."""

    names: tuple[str, ...]
    values: FloatArray
    groups: tuple[str, ...]
    membership: IntArray


def read_columns(
    data: Mapping[str, npt.ArrayLike],
    names: Sequence[str],
    group: npt.ArrayLike | None,
    *,
    latent: Sequence[str] = (),
) -> ModelColumns:
    """The columns called `names`, or, for a name such as `x:z` that is none, their product.

    Raises UnknownVariableError; ModelSpecificationError where a `latent` variable has the name of
    a column; DataError for columns of unequal length, infinite values and missing group labels.
    """
    known = by_name(data)
    taken = [name for name in latent if name in known]
    if taken:
        raise ModelSpecificationError(
            f"the latent variable {taken[0]} has the name of a column of the data; "
            "call one of them otherwise",
            code="name_taken",
        )
    needed = [part for name in names for part in (_factors(name, known))]
    missing = list(dict.fromkeys(part for part in needed if part not in known))
    if missing:
        raise UnknownVariableError(missing, list(known))
    columns = {part: _numbers(known[part]) for part in needed}
    lengths = {column.shape for column in columns.values()}
    if len(lengths) != 1 or len(next(iter(lengths))) != 1:
        raise DataError("every variable must be a 1-D array of one common length")
    values = np.column_stack(
        [np.prod([columns[part] for part in _factors(name, known)], axis=0) for name in names]
    )
    if np.isinf(values).any():
        raise DataError("the data hold infinite values; code missing answers as NaN")
    groups, membership = _read_groups(group, len(values))
    return ModelColumns(tuple(names), values, groups, membership)


def _factors(name: str, known: Mapping[str, npt.ArrayLike]) -> list[str]:
    """What a column is the product of: itself, or the parts of `x:z`."""
    return [name] if name in known else name.split(":")


def _numbers(column: npt.ArrayLike) -> FloatArray:
    """A column as floats, NaN where it is masked."""
    if np.ma.isMaskedArray(column):
        return np.asarray(np.ma.asarray(column, dtype=np.float64).filled(np.nan))
    return np.asarray(column, dtype=np.float64)


def _read_groups(group: npt.ArrayLike | None, n: int) -> tuple[tuple[str, ...], IntArray]:
    if group is None:
        return (ALL,), np.zeros(n, dtype=np.intp)
    labels = _labels(group, n, "group", "labels")
    order = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return tuple(order), np.array([order[label] for label in labels], dtype=np.intp)


def read_clusters(cluster: npt.ArrayLike | None, n: int) -> IntArray | None:
    """Each row's cluster, numbered from 0. Raises DataError for missing ids."""
    if cluster is None:
        return None
    ids = _labels(cluster, n, "cluster", "ids")
    return np.unique(np.array(ids, dtype=np.str_), return_inverse=True)[1].ravel()


def _labels(given: npt.ArrayLike, n: int, what: str, plural: str) -> list[str]:
    """Every row's label as text; raises where one is missing or the number is wrong."""
    listed = np.ma.asarray(given).tolist() if np.ma.isMaskedArray(given) else _listed(given)
    if not isinstance(listed, list) or len(listed) != n:
        count = len(listed) if isinstance(listed, list) else 1
        raise DataError(f"{what} has {count} {plural} for {n} rows")
    labels = [str(label) for label in listed]
    missing = [row for row, label in enumerate(labels) if label.strip() in _MISSING]
    if missing:
        raise DataError(
            f"{what} is missing in {len(missing)} of {n} rows (first in row {missing[0] + 1}): "
            f"leave these rows out, or give them {plural} other than {labels[missing[0]]!r}",
            code=f"missing_{what}",
        )
    return labels


def _listed(given: npt.ArrayLike) -> object:
    return np.asarray(given, dtype=None).tolist()


def read_weights(weights: npt.ArrayLike | None, n: int) -> FloatArray | None:
    """Each row's sampling weight. Raises DataError for missing, infinite or non-positive ones."""
    if weights is None:
        return None
    values = _numbers(weights)
    if values.shape != (n,):
        raise DataError(f"sampling_weights has shape {values.shape} for {n} rows")
    wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0.0)))
    if len(wrong):
        raise DataError(
            f"sampling_weights must be positive numbers; {len(wrong)} of {n} are not (first in "
            f"row {wrong[0] + 1}): leave rows that count for nothing out",
            code="weights",
        )
    return values
