"""What to know about the data before any model is fitted to them.

A screen never changes data: it returns findings, worst first.  An "error" means a fit will fail or
its numbers are meaningless, a "warning" that a fit will converge on data that do not carry it, a
"note" something to keep in mind.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.data.categories import collapse_advice, frequencies, observed_levels
from analysis.sem.data.row_likeness import RowLikeness, likeness
from analysis.sem.errors import UnknownVariableError

Severity = Literal["error", "warning", "note"]

__all__ = ["Finding", "Severity", "screen"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
# Below this share of what independent rows with the same correlations would give, rows are copies.
# Eleven sets of human answers reached 0.6 to 1.0, panels built from twenty prototypes 0.1.
COPIES = 0.4
SINGULAR = 1e-10
# lavaan's warning starts here too: beyond it information matrices lose half their digits.
VARIANCE_RATIO = 1000.0
SPREAD_RATIO = 5.0
FEWEST_FOR_LIKENESS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a screen found.

    Attributes:
        code: stable name of the kind of finding.
        severity: "error", "warning" or "note".
        group: label of the group, "" when it concerns all.
        variables: the variables (or composites) concerned.
        message: a sentence that says what to do.
        figures: the numbers the message rests on.
    """

    code: str
    severity: Severity
    group: str
    variables: tuple[str, ...]
    message: str
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Group:
    label: str
    names: tuple[str, ...]
    rows: FloatArray

    @property
    def where(self) -> str:
        return f" in group {self.label}" if self.label else ""


def screen(
    data: Mapping[str, ArrayLike],
    *,
    variables: Sequence[str] | None = None,
    group: ArrayLike | None = None,
    ordered: Sequence[str] = (),
    composites: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Finding, ...]:
    """Look for what would break a fit, or let it converge on data that do not carry it.

    `data` maps a name to a 1-D array (NaN = missing); `variables` are those of the model (default:
    all of `data`); `group` holds one label per row; `ordered` names the variables to be treated as
    ordinal; `composites` maps the name of a sum or parcel to its items.

    IntArray: all_missing, no_variance, constant_composite, empty_category, too_few_rows,
    not_positive_definite (errors); duplicate_rows, near_duplicate_rows, scale_mismatch,
    variance_ratio (warnings).  Raises UnknownVariableError.
    """
    names = tuple(data if variables is None else variables)
    groups = _split(data, names, group)
    composites = composites or {}
    members = tuple(dict.fromkeys(item for items in composites.values() for item in items))
    findings = [
        finding
        for part, composed in zip(groups, _split(data, members, group), strict=True)
        for finding in (
            *_variation(part),
            *_composites(composed, composites),
            *_rank(part),
            *_copies(part),
        )
    ]
    findings += [*_empty_categories(groups, ordered), *_scales(groups), *_variance_ratio(groups)]
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def _split(
    data: Mapping[str, ArrayLike], names: tuple[str, ...], group: ArrayLike | None
) -> list[_Group]:
    unknown = [name for name in names if name not in data]
    if unknown:
        raise UnknownVariableError(unknown, list(data))
    length = len(np.asarray(next(iter(data.values()))))
    columns = [np.asarray(data[name], dtype=np.float64) for name in names]
    rows = np.column_stack(columns) if columns else np.empty((length, 0))
    if group is None:
        return [_Group("", names, rows)]
    labels = np.asarray(group)
    return [
        _Group(str(label), names, rows[labels == label]) for label in dict.fromkeys(labels.tolist())
    ]


def _variation(part: _Group) -> Iterator[Finding]:
    absent = np.asarray(np.isnan(part.rows).all(axis=0))
    if absent.any():
        names = _chosen(part.names, absent)
        yield Finding(
            "all_missing",
            "error",
            part.label,
            names,
            f"nobody answered {' '.join(names)}{part.where}: leave them out of that group's model",
        )
    constant = ~absent & (_range(part.rows) == 0.0)
    if constant.any():
        names = _chosen(part.names, constant)
        yield Finding(
            "no_variance",
            "error",
            part.label,
            names,
            f"everybody answered {' '.join(names)} alike{part.where}: leave them out of that "
            "group's model (a `group:` block) and tie the rest by labels",
        )


def _composites(part: _Group, composites: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    for name, items in composites.items():
        total = part.rows[:, [part.names.index(item) for item in items]].mean(axis=1)
        answered = total[~np.isnan(total)]
        if len(answered) and np.ptp(answered) == 0.0:
            yield Finding(
                "constant_composite",
                "error",
                part.label,
                (name,),
                f"the composite {name} ({' '.join(items)}) is the same for every row{part.where}: "
                "the group tells nothing about it",
            )


def _rank(part: _Group) -> Iterator[Finding]:
    usable = _range(part.rows) > 0.0
    names = _chosen(part.names, usable)
    complete = part.rows[:, usable]
    complete = complete[~np.isnan(complete).any(axis=1)]
    n, p = complete.shape
    if p and n <= p:
        yield Finding(
            "too_few_rows",
            "error",
            part.label,
            (),
            f"{n} complete rows for {p} variables{part.where}: their covariance matrix cannot be "
            "inverted; collect more rows, use parcels, or full-information estimation if answers "
            "are missing",
            {"rows": n, "variables": p},
        )
        return
    varying = _range(complete) > 0.0
    tied = _collinear(complete[:, varying])
    if tied.any():
        found = _chosen(_chosen(names, varying), tied)
        yield Finding(
            "not_positive_definite",
            "error",
            part.label,
            found,
            f"{' '.join(found)} are copies or sums of each other{part.where}: leave one out",
        )


def _collinear(rows: FloatArray) -> Mask:
    """The columns that take part in an exact linear relation."""
    if rows.shape[1] < 2:
        return np.zeros(rows.shape[1], dtype=np.bool_)
    eigenvalues, vectors = np.linalg.eigh(np.corrcoef(rows, rowvar=False))
    null = vectors[:, eigenvalues < SINGULAR * eigenvalues[-1]]
    tied: Mask = (np.abs(null) > 1e-4).any(axis=1)
    return tied


def _copies(part: _Group) -> Iterator[Finding]:
    usable = part.rows[:, _range(part.rows) > 0.0]
    if len(usable) < FEWEST_FOR_LIKENESS or usable.shape[1] < 2:
        return
    seen, independent = likeness(usable)
    if seen.effective_n >= COPIES * independent.effective_n:
        return
    exact = seen.distinct_share < COPIES * independent.distinct_share
    yield Finding(
        "duplicate_rows" if exact else "near_duplicate_rows",
        "warning",
        part.label,
        (),
        f"the {seen.n} rows{part.where} hold about as much as {seen.effective_n:.0f} independent "
        f"ones: {1 - seen.distinct_share:.0%} are exact copies, and the most similar other row "
        f"differs on {seen.nearest:.0%} of the items (median; {independent.nearest:.0%} if rows "
        "were independent). Fits will converge in silence, with standard errors far too small: "
        "cluster by prompt, or drop the group",
        _copy_figures(seen, independent),
    )


def _copy_figures(seen: RowLikeness, independent: RowLikeness) -> dict[str, float]:
    return {
        "rows": float(seen.n),
        "distinct_share": seen.distinct_share,
        "distinct_share_if_independent": independent.distinct_share,
        "nearest": seen.nearest,
        "nearest_if_independent": independent.nearest,
        "effective_n": seen.effective_n,
        "effective_n_if_independent": independent.effective_n,
        "eigenvalue_ratio": seen.eigenvalue_ratio,
    }


def _empty_categories(groups: Sequence[_Group], ordered: Sequence[str]) -> Iterator[Finding]:
    for j, name in enumerate(groups[0].names):
        if name not in ordered:
            continue
        columns = [part.rows[:, j] for part in groups]
        levels = observed_levels(columns)
        counts = np.array([frequencies(column, levels) for column in columns])
        for part, row in zip(groups, counts, strict=True):
            if np.count_nonzero(row) > 1 and not row.all():
                empty = " ".join(f"{level:g}" for level in levels[row == 0])
                yield Finding(
                    "empty_category",
                    "error",
                    part.label,
                    (name,),
                    f"nobody chose {empty} of {name}{part.where} (frequencies "
                    f"[{' '.join(map(str, row))}]): {collapse_advice(levels, counts)}, or treat it "
                    'as continuous with estimator="MLR"',
                    {f"{level:g}": float(count) for level, count in zip(levels, row, strict=True)},
                )


def _scales(groups: Sequence[_Group]) -> Iterator[Finding]:
    """An item coded 1-5 in one group and 0-100, or 6-10, in another."""
    if len(groups) < 2:
        return
    low = np.array([_by_column(np.nanmin, part.rows) for part in groups])
    high = np.array([_by_column(np.nanmax, part.rows) for part in groups])
    spread = np.array([_by_column(np.nanstd, part.rows) for part in groups])
    for j, name in enumerate(groups[0].names):
        real = np.flatnonzero(spread[:, j] > 0.0)
        if len(real) < 2:
            continue
        wide, narrow = real[np.argmax(spread[real, j])], real[np.argmin(spread[real, j])]
        ratio = spread[wide, j] / spread[narrow, j]
        apart = low[real, j].max() > high[real, j].min()
        if ratio > SPREAD_RATIO or apart:
            yield Finding(
                "scale_mismatch",
                "warning",
                groups[wide].label,
                (name,),
                f"{name} does not look coded alike in all groups: {low[wide, j]:g} to "
                f"{high[wide, j]:g} in group {groups[wide].label}, {low[narrow, j]:g} to "
                f"{high[narrow, j]:g} in group {groups[narrow].label}; recode before comparing",
                {"spread_ratio": float(ratio)},
            )


def _variance_ratio(groups: Sequence[_Group]) -> Iterator[Finding]:
    for part in groups:
        variance = _by_column(np.nanvar, part.rows)
        positive = np.where(variance > 0.0, variance, np.nan)
        if np.isnan(positive).all():
            continue
        large, small = int(np.nanargmax(positive)), int(np.nanargmin(positive))
        ratio = float(positive[large] / positive[small])
        if ratio > VARIANCE_RATIO:
            yield Finding(
                "variance_ratio",
                "warning",
                part.label,
                (part.names[large], part.names[small]),
                f"the variance of {part.names[large]} is {ratio:.0f} times that of "
                f"{part.names[small]}{part.where}: rescale one of them",
                {"variance_ratio": ratio},
            )


def _chosen(names: Sequence[str], mask: Mask) -> tuple[str, ...]:
    return tuple(name for name, chosen in zip(names, mask, strict=True) if chosen)


def _by_column(function: Callable[[FloatArray], float], rows: FloatArray) -> FloatArray:
    """`function` of each column's answers; NaN where a column has none."""
    return np.array([function(c) if not np.isnan(c).all() else np.nan for c in rows.T])


def _range(rows: FloatArray) -> FloatArray:
    return np.nan_to_num(_by_column(np.nanmax, rows) - _by_column(np.nanmin, rows))
