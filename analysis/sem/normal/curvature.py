"""Pairs of parameters, and how the columns derivatives are made of move (see `normal.py`)."""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.model.representation import Implied, Layout, Slots

__all__ = ["Family", "Motion", "Pairs", "families_of"]


@dataclass(frozen=True)
class Pairs:
    """Positions in a flattened k × k matrix, for every pair of a group's parameters k <= l."""

    first: IntArray
    second: IntArray
    uu: IntArray
    vv: IntArray
    uv: IntArray
    vu: IntArray
    cc: FloatArray


@dataclass(frozen=True)
class Family:
    """Groups with the same parameters in the same places."""

    groups: tuple[int, ...]
    slots: Slots
    pairs: Pairs


@dataclass(frozen=True)
class Motion:
    """How columns of Z and entries of A α change with each parameter, groups × q × m."""

    by_loading: FloatArray  # δ
    along_u: FloatArray  # γ
    along_v: FloatArray  # ε
    by_level: FloatArray
    p: int
    m: int

    @classmethod
    def at(cls, implied: Implied, groups: tuple[int, ...], slots: Slots) -> "Motion":
        """At these implied moments, for groups whose parameters sit in the same places."""
        members = list(groups)
        inverse, factor = implied.inverse[members], implied.factor[members]
        turned, level = inverse.transpose(0, 2, 1), implied.level[members]
        p, m = implied.loading.shape[1:]
        shape = (len(members), len(slots.kind), m)
        by_loading, along_u, along_v, by_level = (np.zeros(shape) for _ in range(4))
        path = slots.kind <= 1  # λ and β
        slope, spread, origin = slots.kind == 1, slots.kind == 2, slots.kind == 5
        by_loading[:, path] = inverse[:, slots.j[path]]
        along_u[:, path] = factor[:, slots.j[path]]
        along_v[:, slope] = turned[:, slots.i[slope]]
        along_u[:, spread] = slots.c[spread, None] * turned[:, slots.j[spread]]
        along_v[:, spread] = slots.c[spread, None] * turned[:, slots.i[spread]]
        by_level[:, slope] = turned[:, slots.i[slope]] * level[:, slots.j[slope], None]
        by_level[:, origin] = turned[:, slots.i[origin]]
        return cls(by_loading, along_u, along_v, by_level, p, m)

    def of_column(self, column: IntArray, parameter: IntArray) -> tuple[FloatArray, FloatArray]:
        """Coefficients of u_l and v_l in the derivative of a column of Z by parameter l."""
        p, m = self.p, self.m
        is_loading = (column >= p) & (column < p + m)
        is_scaled = (column >= p + m) & (column < p + 2 * m)
        one = np.where(is_loading, column - p, 0)
        two = np.where(is_scaled, column - p - m, 0)
        along_u = self.by_loading[:, parameter, one] * is_loading
        along_u += self.along_u[:, parameter, two] * is_scaled
        return along_u, self.along_v[:, parameter, two] * is_scaled

    def of_weight(self, weight: IntArray, parameter: IntArray) -> FloatArray:
        """The derivative of an entry of (A α, 1, 0) by parameter l."""
        moves = weight < self.m
        return self.by_level[:, parameter, np.where(moves, weight, 0)] * moves


def families_of(layout: Layout) -> tuple[Family, ...]:
    """Groups whose parameters sit in the same places, to be worked on together."""
    k = len(layout.observed) + 2 * len(layout.latent) + 1
    alike: dict[bytes, list[int]] = {}
    for group, slots in enumerate(layout.slots):
        alike.setdefault(slots.shape_key, []).append(group)
    return tuple(
        Family(tuple(groups), layout.slots[groups[0]], _pairs_of(layout.slots[groups[0]], k))
        for groups in alike.values()
    )


def _pairs_of(slots: Slots, k: int) -> Pairs:
    first, second = np.triu_indices(len(slots.u))
    u, v = slots.u, slots.v
    return Pairs(
        first=first,
        second=second,
        uu=u[first] * k + u[second],
        vv=v[first] * k + v[second],
        uv=u[first] * k + v[second],
        vu=v[first] * k + u[second],
        cc=slots.c[first] * slots.c[second],
    )
