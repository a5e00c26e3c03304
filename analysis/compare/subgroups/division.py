"""From answers of people about themselves to the subgroup that each belongs to."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.compare.plan import Subgroups

Labels = NDArray[np.str_]


def names_of(rule: Subgroups) -> tuple[str, ...]:
    """Names of the subgroups that cuts make, from below; empty where values are the subgroups."""
    if not rule.cuts:
        return ()
    bounds = [f"{cut:g}" for cut in rule.cuts]
    between = [f"{low} to below {high}" for low, high in pairwise(bounds)]
    return (f"below {bounds[0]}", *between, f"{bounds[-1]} and above")


def divide(values: Labels, rule: Subgroups) -> Labels:
    """Each person's subgroup, (n,), empty where the person did not say.

    ``values``: (n,) as text, empty where there is none. A cut belongs to the subgroup above it.
    """
    if not rule.cuts:
        return values
    names = np.array(names_of(rule))
    known = values != ""
    numbers = np.where(known, values, "0").astype(float)
    return np.where(known, names[np.searchsorted(rule.cuts, numbers, side="right")], "")


def present(labels: Labels, rule: Subgroups) -> Sequence[str]:
    """The subgroups that somebody belongs to, from below or in alphabetical order."""
    found = set(labels.tolist()) - {""}
    return [name for name in names_of(rule) or sorted(found) if name in found]
