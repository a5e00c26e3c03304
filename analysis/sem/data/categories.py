"""Response categories: which values occur, how often, and which neighbours to merge.

An ordinal estimator needs every category of an item in every group: a threshold between two
categories nobody chose in a group is not identified.  When one is empty, the remedy is to merge
it with a neighbour in *all* groups, so that the merged item still means the same everywhere.
"""

from collections.abc import Sequence

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray


def observed_levels(groups: Sequence[FloatArray]) -> FloatArray:
    """The distinct values of one item over all groups, ascending; NaN (missing) left out."""
    values = np.concatenate([np.asarray(group, dtype=np.float64).ravel() for group in groups])
    return np.unique(values[~np.isnan(values)])


def frequencies(values: FloatArray, levels: FloatArray) -> IntArray:
    """How often each of `levels` (ascending) occurs in `values`; NaN is not counted."""
    present = values[~np.isnan(values)]
    return np.bincount(np.searchsorted(levels, present), minlength=len(levels))


def merged_categories(counts: IntArray) -> tuple[tuple[int, ...], ...] | None:
    """Runs of neighbouring categories such that no run is empty in any group.

    `counts` is groups × categories.  An empty category joins the neighbour on the side of the
    scale's nearer end (its likelier confusion); None when fewer than two runs would be left.
    """
    runs: list[tuple[int, ...]] = [(category,) for category in range(counts.shape[1])]
    while len(runs) > 1:
        totals = np.array([counts[:, list(run)].sum(axis=1).min() for run in runs])
        if totals.all():
            return tuple(runs)
        empty = int(np.argmin(totals))
        toward_end = empty - 1 if empty < len(runs) / 2 else empty + 1
        partner = toward_end if 0 <= toward_end < len(runs) else 2 * empty - toward_end
        first, second = sorted((empty, partner))
        runs[first : second + 1] = [runs[first] + runs[second]]
    return None


def collapse_advice(levels: FloatArray, counts: IntArray) -> str:
    """The merges that leave no category empty, in words: "merge 4 and 5 in all groups"."""
    runs = merged_categories(counts)
    if runs is None:
        return "leave the variable out, no merging helps"
    merges = [" and ".join(f"{levels[i]:g}" for i in run) for run in runs if len(run) > 1]
    return " and ".join(f"merge {merge}" for merge in merges) + " in all groups"


def collapse(
    values: FloatArray, levels: FloatArray, runs: tuple[tuple[int, ...], ...]
) -> FloatArray:
    """`values` with every run of merged categories recoded to its lowest value."""
    lowest = np.concatenate([np.full(len(run), levels[run[0]]) for run in runs])
    recoded = np.array(values, dtype=np.float64)
    present = ~np.isnan(recoded)
    recoded[present] = lowest[np.searchsorted(levels, recoded[present])]
    return recoded
