"""From parameters to implied moments, and the columns every derivative is made of.

Per group, in the all-y LISREL form (Jöreskog 1971; Bollen 1989, ch. 8):

    A = (I - B)^-1      Σ = Λ A Ψ A' Λ' + Θ      μ = ν + Λ A α

An observed variable that takes part in a regression becomes a latent variable of its own, measured
without error (λ = 1, θ = 0).  Each derivative of Σ has rank two at most, c (u v' + v u'), and u and
v are columns of one small matrix per group,

    Z = [ I | Λ A | Λ A Ψ A' | 0 ]        p × k,  k = p + 2 m + 1,

so gradients, information and casewise scores are look-ups into Z'WZ (see `normal.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Literal, NamedTuple

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.model.rows import Row
from analysis.sem.model.table import ParameterTable

__all__ = ["Implied", "Layout", "Place", "Slots", "exogenous_columns", "layout_of", "slots_of"]

# "cross": the residual of an observed with that of a latent (or carried) variable; always zero
Matrix = Literal["lambda", "beta", "psi", "theta", "nu", "alpha", "delta", "tau", "cross"]


class Place(NamedTuple):
    """Where a row of the table sits in the matrices of its group."""

    matrix: Matrix
    i: int
    j: int


@dataclass(frozen=True, slots=True)
class Slots:
    """The free parameters of one group as columns of Z.

    dΣ/dθ_k = c_k (u_k v_k' + v_k u_k') and dμ/dθ_k = w_k u_k, where u_k, v_k are columns of Z
    and w_k is entry `weight` of (A α, 1, 0).

    Attributes:
        rows: numbers of the rows in the parameter table (q,).
        free: their free parameters (q,).
        u, v: columns of Z (q,).
        c: factors (q,).
        weight: entries of (A α, 1, 0) (q,).
        kind: 0 λ, 1 β, 2 ψ, 3 θ, 4 ν, 5 α (q,).
        i, j: the element of the matrix (q,).
    """

    rows: IntArray
    free: IntArray
    u: IntArray
    v: IntArray
    c: FloatArray
    weight: IntArray
    kind: IntArray
    i: IntArray
    j: IntArray

    @property
    def shape_key(self) -> bytes:
        """Equal for two groups whose parameters sit in the same places, in the same order."""
        places = (self.u, self.v, self.weight, self.kind, self.i, self.j, self.c)
        return b"".join(part.tobytes() for part in places)


@dataclass(frozen=True, slots=True)
class Implied:
    """Model matrices and moments of all groups at one point.

    Shapes: sigma G × p × p, mu G × p, inverse (A) G × m × m, loading (ΛA) G × p × m,
    factor (A Ψ A') G × m × m, level (A α) G × m, columns (Z) G × p × k.
    """

    sigma: FloatArray
    mu: FloatArray
    inverse: FloatArray
    loading: FloatArray
    factor: FloatArray
    level: FloatArray
    columns: FloatArray

    @property
    def weights(self) -> FloatArray:
        """(A α, 1, 0) of each group, G × (m + 2)."""
        n_groups = len(self.level)
        return np.hstack([self.level, np.ones((n_groups, 1)), np.zeros((n_groups, 1))])


@dataclass(frozen=True)
class Layout:
    """How the rows of a parameter table fill the matrices of every group.

    `observed` and `latent` name rows and columns (union over groups); `present` (G × p) says which
    observed variables a group's model has.  `base` holds the fixed values of all matrices in one
    buffer, `target`/`source` copy row values into it; `fixed_values` holds the values of all rows,
    zero for free ones.
    """

    table: ParameterTable
    observed: tuple[str, ...]
    latent: tuple[str, ...]
    present: Mask
    places: tuple[Place, ...]
    base: FloatArray
    target: IntArray
    source: IntArray
    slots: tuple[Slots, ...]
    fixed_values: FloatArray

    @property
    def n_groups(self) -> int:
        """The number of groups."""
        return len(self.table.groups)

    @property
    def n_free(self) -> int:
        """The number of free parameters."""
        return self.table.n_free

    @cached_property
    def free_rows(self) -> IntArray:
        """Numbers of the free rows."""
        return np.flatnonzero(self.table.index >= 0)

    def with_exogenous(self, mean: FloatArray, cov: FloatArray) -> "Layout":
        """The same layout, moments of exogenous variables taken from the sample (G × p …)."""
        if not any(row.exogenous for row in self.table.rows):
            return self
        values = self.fixed_values.copy()
        for number, row in enumerate(self.table.rows):
            if row.exogenous:
                i = self.observed.index(row.lhs)
                if row.op == "~1":
                    values[number] = mean[row.group, i]
                else:
                    values[number] = cov[row.group, i, self.observed.index(row.rhs)]
        return replace(self, fixed_values=values)

    def by_free(self, group: int, by_slot: FloatArray) -> FloatArray:
        """Adds up columns (a × q, one per slot of a group) by free parameter: a × n_free."""
        total = np.zeros((self.n_free, len(by_slot)))
        np.add.at(total, self.slots[group].free, by_slot.T)
        return total.T

    def row_values(self, x: FloatArray) -> FloatArray:
        """The values of all rows of the table where the free parameters are `x`."""
        values = self.fixed_values.copy()
        values[self.free_rows] = x[self.table.index[self.free_rows]]
        return values

    def matrices(self, values: FloatArray) -> dict[str, FloatArray]:
        """Λ, B, Ψ, Θ, ν, α of all groups (first axis) for these row values."""
        buffer = self.base.copy()
        buffer[self.target] = values[self.source]
        shaped: dict[str, FloatArray] = {}
        start = 0
        for name, shape in self.shapes.items():
            size = prod(shape)
            shaped[name] = buffer[start : start + size].reshape(shape)
            start += size
        return shaped

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The matrices in buffer order, and their shapes."""
        return _shapes(self.n_groups, len(self.observed), len(self.latent))

    def implied(self, x: FloatArray) -> Implied:
        """Implied moments and derivative columns at the free parameters `x` (n_free,)."""
        return self.implied_by(self.matrices(self.row_values(x)))

    def implied_by(self, matrices: dict[str, FloatArray]) -> Implied:
        """Implied moments and derivative columns of given matrices."""
        p, m = len(self.observed), len(self.latent)
        inverse = np.asarray(np.linalg.inv(np.eye(m) - matrices["beta"]), dtype=np.float64)
        loading = matrices["lambda"] @ inverse
        factor = inverse @ matrices["psi"] @ inverse.transpose(0, 2, 1)
        scaled = matrices["lambda"] @ factor
        sigma = scaled @ matrices["lambda"].transpose(0, 2, 1) + matrices["theta"]
        level = (inverse @ matrices["alpha"][..., None])[..., 0]
        mu = matrices["nu"] + (matrices["lambda"] @ level[..., None])[..., 0]
        columns = np.zeros((self.n_groups, p, p + 2 * m + 1))
        columns[:, :, :p] = np.eye(p)
        columns[:, :, p : p + m] = loading
        columns[:, :, p + m : p + 2 * m] = scaled
        return Implied(sigma, mu, inverse, loading, factor, level, columns)


def _shapes(n_groups: int, p: int, m: int) -> dict[str, tuple[int, ...]]:
    return {
        "lambda": (n_groups, p, m),
        "beta": (n_groups, m, m),
        "psi": (n_groups, m, m),
        "theta": (n_groups, p, p),
        "nu": (n_groups, p),
        "alpha": (n_groups, m),
    }


def exogenous_columns(layout: Layout, group: int) -> list[int]:
    """Columns of the observed predictors whose moments are taken as given."""
    return [
        layout.observed.index(row.lhs)
        for row in layout.table.rows_of(group)
        if row.exogenous and row.op == "~~" and row.lhs == row.rhs
    ]


def layout_of(table: ParameterTable) -> Layout:
    """Places every row of the table in the matrices of its group."""
    observed = tuple(dict.fromkeys(name for role in table.roles for name in role.observed))
    latent = tuple(dict.fromkeys(name for role in table.roles for name in role.latent))
    carried = _carried(table, set(latent))
    latent += tuple(name for name in observed if name in carried)
    inner = {name: number for number, name in enumerate(latent)}
    outer = {name: number for number, name in enumerate(observed)}
    places = tuple(_place(row, outer, inner) for row in table.rows)
    shapes = _shapes(len(table.groups), len(observed), len(latent))
    target, source = _buffer_positions(table, places, shapes)
    present = np.array([[name in role.observed for name in observed] for role in table.roles])
    slots = tuple(
        slots_of(
            [
                (number, int(table.index[number]), places[number])
                for number, row in enumerate(table.rows)
                if row.group == group and row.free and places[number].matrix in _KINDS
            ],
            len(observed),
            len(latent),
        )
        for group in range(len(table.groups))
    )
    base = _base(shapes, observed, latent)
    fixed = np.array([0.0 if row.free else (row.value or 0.0) for row in table.rows])
    return Layout(table, observed, latent, present, places, base, target, source, slots, fixed)


def _carried(table: ParameterTable, latent: set[str]) -> set[str]:
    """Observed variables that must stand among the latent ones: those in regressions, and those
    whose residual covaries with a latent or carried variable."""
    carried = {
        name
        for row in table.rows
        if row.op == "~"
        for name in (row.lhs, row.rhs)
        if name not in latent
    }
    carried |= {row.lhs for row in table.rows if row.exogenous}
    covariances = [row for row in table.rows if row.op == "~~" and row.lhs != row.rhs]
    grown = True
    while grown:
        inner = latent | carried
        mixed = [row for row in covariances if (row.lhs in inner) != (row.rhs in inner)]
        added = {name for row in mixed for name in (row.lhs, row.rhs)} - inner
        carried |= added
        grown = bool(added)
    return carried


def _place(row: Row, outer: Mapping[str, int], inner: Mapping[str, int]) -> Place:
    match row.op:
        case "=~" if row.rhs in inner:
            return Place("beta", inner[row.rhs], inner[row.lhs])
        case "=~":
            return Place("lambda", outer[row.rhs], inner[row.lhs])
        case "~":
            return Place("beta", inner[row.lhs], inner[row.rhs])
        case "~~" if row.lhs in inner:
            return Place("psi", inner[row.lhs], inner[row.rhs])
        case "~~":
            return Place("theta", outer[row.lhs], outer[row.rhs])
        case "~1" if row.lhs in inner:
            return Place("alpha", inner[row.lhs], 0)
        case "~1":
            return Place("nu", outer[row.lhs], 0)
        case "|":
            return Place("tau", outer[row.lhs], int(row.rhs[1:]) - 1)
        case _:
            return Place("delta", outer[row.lhs], 0)


def _buffer_positions(
    table: ParameterTable, places: tuple[Place, ...], shapes: dict[str, tuple[int, ...]]
) -> tuple[IntArray, IntArray]:
    """Where in the buffer each row's value goes (covariances twice), and from which row."""
    offsets: dict[str, int] = {}
    total = 0
    for name, shape in shapes.items():
        offsets[name] = total
        total += prod(shape)
    target: list[int] = []
    source: list[int] = []
    for number, (row, place) in enumerate(zip(table.rows, places, strict=True)):
        if place.matrix not in shapes:
            continue
        shape = shapes[place.matrix]
        cells = {(place.i, place.j)}
        if place.matrix in ("psi", "theta"):
            cells.add((place.j, place.i))
        for i, j in cells:
            within = i if len(shape) == 2 else i * shape[2] + j
            size = prod(shape[1:])
            target.append(offsets[place.matrix] + row.group * size + within)
            source.append(number)
    return np.array(target, dtype=np.intp), np.array(source, dtype=np.intp)


def _base(
    shapes: dict[str, tuple[int, ...]], observed: tuple[str, ...], latent: tuple[str, ...]
) -> FloatArray:
    loadings = np.zeros(shapes["lambda"])
    for number, name in enumerate(observed):
        if name in latent:
            loadings[:, number, latent.index(name)] = 1.0
    rest = sum(prod(shape) for name, shape in shapes.items() if name != "lambda")
    return np.concatenate([loadings.ravel(), np.zeros(rest)])


_KINDS = {"lambda": 0, "beta": 1, "psi": 2, "theta": 3, "nu": 4, "alpha": 5, "cross": 6}


def slots_of(entries: Sequence[tuple[int, int, Place]], p: int, m: int) -> Slots:
    """Columns of Z for parameters given as (row of the table, free parameter, place)."""
    zero = p + 2 * m
    rows: list[tuple[int, int, int, int, float, int, int, int, int]] = []
    for number, free, (matrix, i, j) in entries:
        half = 0.5 if i == j else 1.0
        u, v, c, weight = {
            "lambda": (i, p + m + j, 1.0, j),
            "beta": (p + i, p + m + j, 1.0, j),
            "psi": (p + i, p + j, half, m + 1),
            "theta": (i, j, half, m + 1),
            "cross": (i, p + j, 1.0, m + 1),
            "nu": (i, zero, 0.0, m),
            "alpha": (p + i, zero, 0.0, m),
        }[matrix]
        rows.append((number, free, u, v, c, weight, _KINDS[matrix], i, j))
    columns = list(zip(*rows, strict=True)) if rows else [()] * 9

    def whole(number: int) -> IntArray:
        return np.array(columns[number], dtype=np.intp)

    return Slots(
        rows=whole(0),
        free=whole(1),
        u=whole(2),
        v=whole(3),
        c=np.array(columns[4], dtype=np.float64),
        weight=whole(5),
        kind=whole(6),
        i=whole(7),
        j=whole(8),
    )
