"""One group's answers, checked and coded: ordered items from 0 without gaps, covariates apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.categories import collapse_advice, frequencies, observed_levels
from analysis.sem.errors import DataError, ZeroVarianceError
from analysis.sem.ordinal.stages.margins import Covariates

__all__ = ["MISSING", "Answers", "MissingRule", "coded", "codes_of", "refuse_empty_categories"]

MissingRule = Literal["listwise", "pairwise"]

MISSING = -1


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of one group that are used.

    Attributes:
        names: the modelled variables, in column order.
        group: the group's label.
        values: n × p, categories from 0 for ordered items, NaN = missing.
        categories: the number of categories of each item, 0 for a continuous variable.
        covariates: what the model takes as given, n × k, and the rows' sampling weights.
        clusters: each row's cluster, or None for independent rows.
    """

    names: tuple[str, ...]
    group: str
    values: FloatArray
    categories: tuple[int, ...]
    covariates: Covariates
    clusters: IntArray | None = None

    @property
    def ordered(self) -> list[int]:
        """Columns of the ordered items."""
        return [column for column, count in enumerate(self.categories) if count]

    def codes(self, columns: Sequence[int]) -> IntArray:
        """Categories of ordered items, MISSING (-1) where there is no answer."""
        part = self.values[:, list(columns)]
        return np.where(np.isnan(part), MISSING, part).astype(np.intp)


def coded(
    values: FloatArray,
    *,
    names: Sequence[str],
    ordered: Mask,
    group: str,
    missing: MissingRule,
    covariates: FloatArray | None = None,
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
) -> Answers:
    """Drops unusable rows of `values` (n × p, ordered items coded 0, 1, …) and checks the rest.

    Raises ZeroVarianceError, or DataError coded no_rows, no_coverage, one_cluster,
    empty_category or collinear_covariates.
    """
    absent = np.isnan(values)
    kept = ~(absent.any(axis=1) if missing == "listwise" else absent.all(axis=1))
    if not kept.any():
        raise DataError(
            f"no complete row is left in group {group}: use missing='pairwise', or leave out the "
            "variables nobody answered",
            code="no_rows",
        )
    values = values[kept]
    if clusters is not None and len(np.unique(clusters[kept])) < 2:
        raise DataError(
            f"group {group} is one single cluster, which tells nothing about sampling error; leave "
            "`cluster` out, or give ids that differ within the group",
            code="one_cluster",
        )
    _require_answers(values, names, group)
    counts = [
        _counts(column) if own else None for column, own in zip(values.T, ordered, strict=True)
    ]
    constant = [
        name
        for name, column, row in zip(names, values.T, counts, strict=True)
        if (np.nanmax(column) == np.nanmin(column) if row is None else np.count_nonzero(row) < 2)
    ]
    if constant:
        raise ZeroVarianceError({group: constant})
    for name, row in zip(names, counts, strict=True):
        if row is not None and not row.all():
            raise _empty_category(name, group, row)
    given = np.zeros((len(values), 0)) if covariates is None else covariates[kept]
    return Answers(
        names=tuple(names),
        group=group,
        values=values,
        categories=tuple(0 if row is None else len(row) for row in counts),
        covariates=Covariates.of(
            given, np.ones(len(values)) if weights is None else weights[kept], group
        ),
        clusters=None if clusters is None else clusters[kept],
    )


def _require_answers(values: FloatArray, names: Sequence[str], group: str) -> None:
    """Raises DataError for a variable nobody answered, or two that nobody answered both."""
    seen = (~np.isnan(values)).astype(np.float64)
    together = seen.T @ seen
    empty = np.flatnonzero(np.diag(together) == 0.0)
    if len(empty):
        raise DataError(
            f"{names[empty[0]]} is missing in every row of group {group}; leave it out of that "
            "group's model (a `group:` block)",
            code="no_rows",
        )
    i, j = np.nonzero(together == 0.0)
    if len(i):
        raise DataError(
            f"{names[i[0]]} and {names[j[0]]} are never seen in one row of group {group}; their "
            "correlation cannot be estimated",
            code="no_coverage",
        )


def _counts(column: FloatArray) -> IntArray:
    return np.bincount(column[~np.isnan(column)].astype(np.intp))


def refuse_empty_categories(
    columns: Mapping[str, Mapping[str, FloatArray]],
) -> dict[str, FloatArray]:
    """The levels of every ordered item over all its groups.

    `columns` holds each item's values by group label.  Raises ZeroVarianceError, and DataError
    coded empty_category, with the merge that helps, where a group lacks a level.
    """
    levels = {name: observed_levels(list(parts.values())) for name, parts in columns.items()}
    tables = {
        name: [(label, frequencies(part, levels[name])) for label, part in parts.items()]
        for name, parts in columns.items()
    }
    constant: dict[str, list[str]] = {}
    for name, rows in tables.items():
        for label, row in rows:
            if np.count_nonzero(row) < 2:
                constant.setdefault(label, []).append(name)
    if constant:
        raise ZeroVarianceError(constant)
    for name, rows in tables.items():
        for label, row in rows:
            if not row.all():
                advice = collapse_advice(levels[name], np.array([counts for _, counts in rows]))
                raise _empty_category(name, label, row, advice)
    return levels


def codes_of(values: FloatArray, level: FloatArray) -> FloatArray:
    """Positions among the levels of an item, NaN where missing."""
    codes = np.full(len(values), np.nan)
    present = ~np.isnan(values)
    codes[present] = np.searchsorted(level, values[present])
    return codes


def _empty_category(
    name: str,
    group: str,
    counts: IntArray,
    remedy: str = "merge the category with its neighbour in every group",
) -> DataError:
    listed = " ".join(str(count) for count in counts)
    return DataError(
        f"some categories of variable {name} are empty in group {group}; "
        f'frequencies are [{listed}]; {remedy}, or use estimator="MLR"',
        code="empty_category",
    )
