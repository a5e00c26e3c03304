"""Which rows enter a fit: incomplete ones are dropped as the treatment of missing values says."""

from collections.abc import Sequence

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.columns import ModelColumns
from analysis.sem.data.moments import Sample
from analysis.sem.errors import DataError, ModelSpecificationError

__all__ = ["select_rows"]

NORMALIZATIONS = ("total", "group", "none")


def select_rows(
    columns: ModelColumns,
    names: Sequence[str],
    present: Mask,
    *,
    given: Sequence[Sequence[int]],
    missing: str,
    clusters: IntArray | None,
    weights: FloatArray | None,
    normalization: str,
) -> Sample:
    """The rows of each group that its model can use, with their clusters and weights.

    `names` orders the variables, `present` (G × p) says which each group's model has, `given` which
    columns must be there whatever `missing` says.

    Raises DataError for a group without a usable row.
    """
    values = columns.values[:, [columns.names.index(name) for name in names]]
    kept_values, kept_rows = [], []
    for number, label in enumerate(columns.groups):
        rows = np.flatnonzero(columns.membership == number)
        here = present[number]
        absent = np.isnan(values[rows][:, here])
        drop = absent.any(axis=1) if missing == "listwise" else absent.all(axis=1)
        drop |= np.isnan(values[rows][:, list(given[number])]).any(axis=1)
        rows = rows[~drop]
        if not len(rows):
            raise DataError(f"data contain no usable row in group {label}", code="no_rows")
        kept_rows.append(rows)
        kept_values.append(np.where(here, values[rows], np.nan))
    return Sample(
        tuple(names),
        columns.groups,
        tuple(kept_values),
        tuple(kept_rows),
        present,
        None if clusters is None else tuple(clusters[rows] for rows in kept_rows),
        None if weights is None else _normalised(weights, kept_rows, normalization),
    )


def _normalised(
    weights: FloatArray, rows: list[IntArray], normalization: str
) -> tuple[FloatArray, ...]:
    """The weights of each group's rows, summing to the rows in all, or in each group, or raw."""
    if normalization not in NORMALIZATIONS:
        raise ModelSpecificationError(
            f"weights_normalization={normalization!r} is unknown; choose among "
            f"{', '.join(NORMALIZATIONS)}"
        )
    chosen = [weights[own] for own in rows]
    if normalization == "none":
        return tuple(chosen)
    if normalization == "group":
        return tuple(part * len(part) / part.sum() for part in chosen)
    factor = sum(map(len, chosen)) / sum(float(part.sum()) for part in chosen)
    return tuple(part * factor for part in chosen)
