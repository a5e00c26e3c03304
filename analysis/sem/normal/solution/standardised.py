"""The completely standardised solution ("std.all") and its standard errors by the delta method.

Loadings and slopes are divided by the model-implied standard deviation of what they point at and
multiplied by that of what they come from; a variance is divided by the implied variance, a
covariance by the square root of the product of the two residual *variance parameters*, an
intercept by the implied standard deviation (Bollen 1989, pp. 123-126).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.model.representation import Implied, Layout, Place

__all__ = [
    "Standardised",
    "explained_variance",
    "reference_variances",
    "standard_values",
    "standardise",
]


@dataclass(frozen=True)
class Standardised:
    """`values` per row of the table and their Jacobian by free parameter, group by group.

    `jacobians[g]` is (rows of group g) × n_g by the free parameters numbered `free[g]`.
    """

    values: FloatArray
    rows: tuple[IntArray, ...]
    free: tuple[IntArray, ...]
    jacobians: tuple[FloatArray, ...]

    def standard_errors(self, covariance: FloatArray) -> FloatArray:
        """sqrt diag(J V J'), one per row; V is n_free × n_free."""
        errors = np.zeros(len(self.values))
        for rows, free, jacobian in zip(self.rows, self.free, self.jacobians, strict=True):
            part = jacobian @ covariance[np.ix_(free, free)]
            errors[rows] = np.sqrt(np.maximum(np.einsum("ij,ij->i", part, jacobian), 0.0))
        return errors

    def jacobian(self, n_free: int) -> FloatArray:
        """The whole Jacobian, rows × n_free."""
        whole = np.zeros((len(self.values), n_free))
        for rows, free, part in zip(self.rows, self.free, self.jacobians, strict=True):
            np.add.at(whole, (rows[:, None], free[None, :]), part)
        return whole


def standardise(layout: Layout, implied: Implied, values: FloatArray) -> Standardised:
    """Standardises every row of the table at `values` (one per row).

    NaN where a variance in a denominator is negative; such a solution is inadmissible and says so.
    """
    standardised = np.full(len(values), np.nan)
    rows_of, free_of, jacobians = [], [], []
    references = reference_variances(layout)[:, 1:]
    matrices = layout.matrices(values)
    for group in range(layout.n_groups):
        rows = np.array(
            [
                number
                for number, row in enumerate(layout.table.rows)
                if row.group == group and layout.places[number].matrix not in ("tau", "delta")
            ],
            dtype=np.intp,
        )
        result, jacobian = _standardise_group(
            layout, implied, values, matrices, group, rows, references
        )
        standardised[rows] = result
        rows_of.append(rows)
        free_of.append(layout.slots[group].free)
        jacobians.append(jacobian)
    return Standardised(standardised, tuple(rows_of), tuple(free_of), tuple(jacobians))


def standard_values(
    layout: Layout, implied: Implied, values: FloatArray, references: IntArray
) -> FloatArray:
    """The values alone (rows,), thresholds divided by their response's standard deviation.

    `references` is that of `reference_variances`; scales come back as they are.
    """
    matrices = layout.matrices(values)
    diagonals = (implied.sigma, implied.factor, matrices["theta"], matrices["psi"])
    parts = [np.diagonal(part, axis1=1, axis2=2) for part in diagonals]
    variances = np.hstack([np.ones((layout.n_groups, 1)), *parts])
    group, above, one, two = references.T
    with np.errstate(invalid="ignore", divide="ignore"):
        below = np.sqrt(variances[group, one] * variances[group, two])
        below = np.where(one == two, variances[group, one], below)
        return np.asarray(values * np.sqrt(variances[group, above]) / below)


def _standardise_group(
    layout: Layout,
    implied: Implied,
    values: FloatArray,
    matrices: Mapping[str, FloatArray],
    group: int,
    rows: IntArray,
    references: IntArray,
) -> tuple[FloatArray, FloatArray]:
    slots = layout.slots[group]
    variances, motion = _variances(layout, implied, matrices, group)
    above, one, two = references[rows].T
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = np.sqrt(variances[above] / (variances[one] * variances[two]))
        scale = np.where(one == two, np.sqrt(variances[above]) / variances[one], scale)
        result = values[rows] * scale
        relative = motion / variances[:, None]
        jacobian = 0.5 * result[:, None] * (relative[above] - relative[one] - relative[two])
    position = {int(row): k for k, row in enumerate(rows)}
    for column, row in enumerate(slots.rows):
        if int(row) in position:
            jacobian[position[int(row)], column] += scale[position[int(row)]]
    return result, jacobian


def _variances(
    layout: Layout, implied: Implied, matrices: Mapping[str, FloatArray], group: int
) -> tuple[FloatArray, FloatArray]:
    """(1, implied variances, factor variances, residual variances of each kind), and slopes."""
    slots = layout.slots[group]
    p, m = len(layout.observed), len(layout.latent)
    variances = np.concatenate(
        [
            [1.0],
            np.diag(implied.sigma[group]),
            np.diag(implied.factor[group]),
            np.diag(matrices["theta"][group]),
            np.diag(matrices["psi"][group]),
        ]
    )
    motion = np.zeros((len(variances), len(slots.rows)))
    columns, inverse = implied.columns[group], implied.inverse[group]
    motion[1 : 1 + p] = 2.0 * slots.c * columns[:, slots.u] * columns[:, slots.v]
    slope, spread = slots.kind == 1, slots.kind == 2
    i, j = slots.i, slots.j
    factors = slice(1 + p, 1 + p + m)
    motion[factors, slope] = 2.0 * inverse[:, i[slope]] * implied.factor[group][:, j[slope]]
    motion[factors, spread] = 2.0 * slots.c[spread] * inverse[:, i[spread]] * inverse[:, j[spread]]
    for kind, offset in ((3, 1 + p + m), (2, 1 + 2 * p + m)):
        own = np.flatnonzero((slots.kind == kind) & (i == j))
        motion[offset + i[own], own] = 1.0
    return variances, motion


def reference_variances(layout: Layout) -> IntArray:
    """For each row its group, and the variances above and (twice) below the line, as `_variances`
    lists them: rows × 4."""
    p, m = len(layout.observed), len(layout.latent)
    numbers = [
        (row.group, *_reference(place, p, m))
        for row, place in zip(layout.table.rows, layout.places, strict=True)
    ]
    return np.array(numbers, dtype=np.intp)


def _reference(place: Place, p: int, m: int) -> tuple[int, int, int]:
    observed, factor, theta, psi = 1, 1 + p, 1 + p + m, 1 + 2 * p + m
    match place.matrix:
        case "lambda":
            return factor + place.j, observed + place.i, 0
        case "beta":
            return factor + place.j, factor + place.i, 0
        case "theta" if place.i == place.j:
            return 0, observed + place.i, observed + place.i
        case "psi" if place.i == place.j:
            return 0, factor + place.i, factor + place.i
        case "theta":
            return 0, theta + place.i, theta + place.j
        case "psi":
            return 0, psi + place.i, psi + place.j
        case "nu" | "tau":
            return 0, observed + place.i, 0
        case "alpha":
            return 0, factor + place.i, 0
        case _:
            return 0, 0, 0


def explained_variance(
    layout: Layout, implied: Implied, values: FloatArray, group: int
) -> dict[str, float]:
    """R² = 1 - residual variance / implied variance of every explained variable of a group.

    NaN where the residual variance is negative.
    """
    shares: dict[str, float] = {}
    role = layout.table.roles[group]
    explained = {*role.indicators, *role.outcomes, *role.phantoms}
    for number, (row, place) in enumerate(zip(layout.table.rows, layout.places, strict=True)):
        if row.group != group or row.op != "~~" or row.lhs != row.rhs:
            continue
        if row.lhs not in explained:
            continue
        moment = implied.sigma if place.matrix == "theta" else implied.factor
        total = float(moment[group, place.i, place.i])
        residual = float(values[number])
        shares[row.lhs] = 1.0 - residual / total if residual >= 0 else float("nan")
    return shares
