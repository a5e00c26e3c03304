"""Data drawn from a model whose parameters are known, for tests, power and known-truth respondents.

The model is written in the language of `fit`, with a value before every loading and slope:

    privacy =~ 0.8*p1 + 0.7*p2 + 0.6*p3
    sharing =~ 0.8*a1 + 0.7*a2
    sharing ~ -0.4*privacy
    a1 | -1*t1 + 0*t2 + 1*t3

Rows are normal with the implied moments Σ = Λ A Ψ A' Λ' + Θ, μ = ν + Λ A α (A = (I - B)⁻¹); a
variable with thresholds is cut into categories 1, 2, … (Muthén 1984).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray
from analysis.sem.data.columns import ALL
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.language.syntax import Statements, parse
from analysis.sem.model.representation import Layout, layout_of
from analysis.sem.model.rows import Row, TableOptions
from analysis.sem.model.table import ParameterTable, build_table

__all__ = ["Simulated", "simulate"]


@dataclass(frozen=True, slots=True)
class Simulated:
    """Drawn rows.

    Attributes:
        data: variable -> (n,) array, NaN where missing or not in the group's model.
        group: label of each row, in the order of the groups.
        latent: latent variable -> (n,) array, the true values behind `data`.
    """

    data: Mapping[str, FloatArray]
    group: npt.NDArray[np.str_]
    latent: Mapping[str, FloatArray]


def simulate(
    model: str,
    n: int | Sequence[int],
    *,
    seed: int,
    groups: Sequence[str] = (ALL,),
    standardized: bool = False,
    missing_share: float = 0.0,
) -> Simulated:
    """Draw `n` rows per group (one number, or one per group) from `model`.

    Values: `0.7*x1`, or `c(0.7, 0.5)*x1` per group.  Loadings (but the first of a factor, 1),
    slopes and thresholds need one; unwritten variances are 1, covariances and intercepts 0.  With
    `standardized`, unwritten (residual) variances are those that make every variable's total
    variance 1; variables with thresholds always have it, unless their residual variance is written.
    `missing_share` of the answers is deleted completely at random.

    The rows of a group depend on the seed and its place among the groups alone.
    Raises ModelSpecificationError: a value is missing, or a covariance matrix is impossible.
    """
    layout = _population(parse(model), tuple(groups))
    matrices = _completed(layout, standardized=standardized)
    sizes = [n] * len(groups) if isinstance(n, int) else list(n)
    if len(sizes) != len(groups):
        raise ModelSpecificationError(f"{len(sizes)} sample sizes for {len(groups)} groups")
    seeds = np.random.SeedSequence(seed).spawn(len(groups))
    draws = [
        _draw(layout, matrices, g, size, np.random.default_rng(own), missing_share)
        for g, (size, own) in enumerate(zip(sizes, seeds, strict=True))
    ]
    observed = np.vstack([rows for rows, _ in draws])
    latent = np.vstack([rows for _, rows in draws])
    factors = len(layout.table.roles[0].latent)
    return Simulated(
        data=dict(zip(layout.observed, observed.T, strict=True)),
        group=np.repeat(np.array(groups, dtype=np.str_), sizes),
        latent=dict(zip(layout.latent[:factors], latent.T[:factors], strict=True)),
    )


# -- the population ---------------------------------------------------------------------------


def _population(statements: Statements, groups: tuple[str, ...]) -> Layout:
    """The layout of a table in which every row has a value, or None for a variance to be found."""
    # without `thresholds`: an ordinal table fixes residual variances that are wanted free here
    options = TableOptions(fixed_x=False)
    table = build_table(replace(statements, constraints=(), definitions=()), groups, options)
    return layout_of(replace(table, rows=tuple(_valued(row, table) for row in table.rows)))


def _valued(row: Row, table: ParameterTable) -> Row:
    if row.value is not None:
        return replace(row, free=False)
    if row.op in ("=~", "~", "|"):
        group = f" in group {table.groups[row.group]}" if len(table.groups) > 1 else ""
        raise ModelSpecificationError(
            f"{row.name} needs a value{group} to draw data from: write {row.lhs} {row.op} "
            f"0.5*{row.rhs}"
        )
    return row


@dataclass(frozen=True, slots=True)
class _Matrices:
    """Population matrices of all groups (first axis), and thresholds by (group, column)."""

    loading: FloatArray
    slope: FloatArray
    factor: FloatArray
    residual: FloatArray
    intercept: FloatArray
    level: FloatArray
    thresholds: Mapping[tuple[int, int], FloatArray]


def _completed(layout: Layout, *, standardized: bool) -> _Matrices:
    rows = layout.table.rows
    values = np.array([_default(row) if row.value is None else row.value for row in rows])
    parts = layout.matrices(values)
    for group in range(layout.n_groups):
        _fill_variances(layout, parts, group, standardized=standardized)
    return _Matrices(
        parts["lambda"],
        parts["beta"],
        parts["psi"],
        parts["theta"],
        parts["nu"],
        parts["alpha"],
        _thresholds(layout, values),
    )


def _default(row: Row) -> float:
    return 1.0 if row.op == "~*~" or (row.op == "~~" and row.lhs == row.rhs) else 0.0


def _thresholds(layout: Layout, values: FloatArray) -> dict[tuple[int, int], FloatArray]:
    found: dict[tuple[int, int], list[float]] = {}
    for row, place, value in zip(layout.table.rows, layout.places, values, strict=True):
        if place.matrix == "tau":
            found.setdefault((row.group, place.i), []).append(float(value))
    for (_, column), cuts in found.items():
        if any(high <= low for low, high in pairwise(cuts)):
            name = layout.observed[column]
            raise ModelSpecificationError(f"the thresholds of {name} must ascend; they are {cuts}")
    return {key: np.array(cuts) for key, cuts in found.items()}


def _fill_variances(
    layout: Layout, parts: Mapping[str, FloatArray], group: int, *, standardized: bool
) -> None:
    """Sets the unwritten variances that a total variance of 1 determines.

    diag(A Ψ A') = 1 is linear in the unwritten diagonal elements of Ψ.
    """
    unwritten = {
        (place.matrix, place.i)
        for row, place in zip(layout.table.rows, layout.places, strict=True)
        if row.group == group and row.op == "~~" and place.i == place.j and row.value is None
    }
    psi, theta, loading = (parts[name][group] for name in ("psi", "theta", "lambda"))
    inverse = np.linalg.inv(np.eye(len(psi)) - parts["beta"][group])
    ordered = {place.i for place in layout.places if place.matrix == "tau"}
    cut = {layout.observed[i] for i in ordered}
    inner = [
        i
        for matrix, i in sorted(unwritten)
        if matrix == "psi" and (standardized or layout.latent[i] in cut)
    ]
    if inner:
        psi[inner, inner] = 0.0
        rest = 1.0 - np.diag(inverse @ psi @ inverse.T)
        psi[inner, inner] = np.linalg.solve(inverse[np.ix_(inner, inner)] ** 2, rest[inner])
    common = np.diag(loading @ inverse @ psi @ inverse.T @ loading.T)
    for matrix, i in unwritten:
        if matrix == "theta" and (standardized or i in ordered):
            theta[i, i] = 1.0 - common[i]
    _require_variances(layout, group, psi, theta)


def _require_variances(layout: Layout, group: int, psi: FloatArray, theta: FloatArray) -> None:
    for names, matrix in ((layout.latent, psi), (layout.observed, theta)):
        negative = [n for n, value in zip(names, np.diag(matrix), strict=True) if value < 0.0]
        if negative:
            raise ModelSpecificationError(
                f"{' '.join(negative)} would need a negative residual variance in group "
                f"{layout.table.groups[group]}: lower the loadings or slopes that explain it"
            )


# -- drawing ----------------------------------------------------------------------------------


def _draw(
    layout: Layout,
    matrices: _Matrices,
    group: int,
    n: int,
    rng: np.random.Generator,
    missing_share: float,
) -> tuple[FloatArray, FloatArray]:
    """Observed n × p and latent n × m values of one group."""
    inverse = np.linalg.inv(np.eye(len(layout.latent)) - matrices.slope[group])
    noise = _normal(rng, n, matrices.factor[group], layout.latent)
    latent = (noise + matrices.level[group]) @ inverse.T
    observed = matrices.intercept[group] + latent @ matrices.loading[group].T
    observed = observed + _normal(rng, n, matrices.residual[group], layout.observed)
    for (of, column), cuts in matrices.thresholds.items():
        if of == group:
            observed[:, column] = 1.0 + np.searchsorted(cuts, observed[:, column])
    observed[:, ~layout.present[group]] = np.nan
    if missing_share > 0.0:
        observed[rng.random(observed.shape) < missing_share] = np.nan
    return observed, latent


def _normal(
    rng: np.random.Generator, n: int, covariance: FloatArray, names: Sequence[str]
) -> FloatArray:
    """Rows with this covariance matrix; variables of variance 0 are 0."""
    draws = rng.standard_normal((n, len(covariance)))
    varying = np.flatnonzero(np.diag(covariance) > 0.0)
    try:
        root = np.linalg.cholesky(covariance[np.ix_(varying, varying)])
    except np.linalg.LinAlgError as error:
        raise ModelSpecificationError(
            f"the covariances of {' '.join(names[int(i)] for i in varying)} are impossible: their "
            "matrix is not positive definite"
        ) from error
    rows = np.zeros_like(draws)
    rows[:, varying] = draws[:, varying] @ root.T
    return rows
