"""The sign of a factor is arbitrary where no loading is fixed: resamples must agree on one."""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.model.representation import Layout

__all__ = ["FactorSigns"]


@dataclass(frozen=True, slots=True)
class _Factor:
    """A factor free to turn: rows of its loadings, and rows that change sign with it."""

    loadings: IntArray
    turning: IntArray


@dataclass(frozen=True, slots=True)
class FactorSigns:
    """Turns factors of refitted solutions so that their loadings point as in the original."""

    reference: FloatArray
    factors: tuple[_Factor, ...]

    @classmethod
    def of(cls, layout: Layout, reference: FloatArray) -> "FactorSigns":
        """`reference` holds the original value of every row of the parameter table."""
        factors = [
            _Factor(loadings, _turning(layout, name, groups))
            for name in layout.latent
            if name not in layout.observed
            for groups, loadings in _loadings(layout, name)
        ]
        return cls(reference, tuple(factors))

    def align(self, values: FloatArray) -> FloatArray:
        """`values` (C × rows) with factors turned to agree with the reference."""
        values = values.copy()
        for factor in self.factors:
            agreement = values[:, factor.loadings] @ self.reference[factor.loadings]
            values[np.ix_(agreement < 0.0, factor.turning)] *= -1.0
        return values


def _loadings(layout: Layout, name: str) -> list[tuple[tuple[int, ...], IntArray]]:
    """Sets of groups in which the factor can turn, with its loadings there.

    Groups that share a labelled loading turn together; a fixed loading other than 0 holds the sign.
    """
    rows = layout.table.rows
    by_group: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        if row.op == "=~" and row.lhs == name:
            by_group.setdefault(row.group, []).append(number)
    index = layout.table.index
    free = [int(index[number]) for numbers in by_group.values() for number in numbers]
    if len(set(free)) < len(free) and len(by_group) > 1:
        whole = [number for numbers in by_group.values() for number in numbers]
        sets = [(tuple(by_group), whole)]
    else:
        sets = [((group,), numbers) for group, numbers in by_group.items()]
    return [
        (groups, np.array(numbers))
        for groups, numbers in sets
        if all(rows[number].free or not rows[number].value for number in numbers)
    ]


def _turning(layout: Layout, name: str, groups: tuple[int, ...]) -> IntArray:
    return np.array(
        [
            number
            for number, row in enumerate(layout.table.rows)
            if row.group in groups and (row.lhs == name) != (row.rhs == name)
        ],
        dtype=np.intp,
    )
