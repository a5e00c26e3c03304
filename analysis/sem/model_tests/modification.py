"""Score tests: what would improve if a parameter were freed or an equality released.

For a parameter n outside the model, with gradient s and expected information I (per observation),

    MI = N s_n² / V,   EPC = - s_n / V,   V = I_nn - I_nx (I_xx)⁻ I_xn

(Sörbom 1989; Saris, Satorra & van der Veld 2009); (I_xx)⁻ keeps to the directions that labels and
constraints leave free.  Expected information is used whatever the standard errors rest on; for
ordered items it is Σ f D'W D, and s is taken with the weights (n_g - 1) / N.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.distributions import chi_square_tail
from analysis.sem.model.constraints import null_space
from analysis.sem.model.representation import Layout, Place, exogenous_columns, slots_of
from analysis.sem.model.rows import Row
from analysis.sem.model_tests.wald import TestResult
from analysis.sem.normal.discrepancy import NormalModel, Point
from analysis.sem.normal.estimation import Estimation
from analysis.sem.normal.inference import inverse_information
from analysis.sem.ordinal.model import OrdinalModel
from analysis.sem.results import SemFit

__all__ = ["ModificationIndex", "ReleasedEquality", "modification_indices", "score_tests"]

_SINGULAR = 1e-8  # V below this share of I_nn: freeing the parameter would not be identified


@dataclass(frozen=True, slots=True)
class ModificationIndex:
    """The χ² to be gained (1 df) by freeing a parameter, and its expected value.

    `epc` is the expected change from the fixed value, `sepc_all` the same fully standardised.
    """

    lhs: str
    op: str
    rhs: str
    group: str
    mi: float
    pvalue: float
    epc: float
    sepc_all: float


@dataclass(frozen=True, slots=True)
class ReleasedEquality:
    """The χ² to be gained (1 df) by letting one parameter differ from the others of its label."""

    lhs: str
    op: str
    rhs: str
    group: str
    label: str
    reference_group: str
    score: float
    pvalue: float
    epc: float


# -- modification indices -----------------------------------------------------------------------


def modification_indices(fit: SemFit, *, minimum: float = 0.0) -> tuple[ModificationIndex, ...]:
    """Every loading, covariance, slope and fixed mean that could be freed, largest first.

    Those with an index below `minimum`, or that the data could not identify, are left out.
    """
    estimation = fit.estimation
    bread = _expected_bread(estimation)
    found: list[ModificationIndex] = []
    for group in range(estimation.layout.n_groups):
        rows = list(_candidates(estimation.layout, group))
        found.extend(_indices(estimation, bread, group, rows))
    chosen = [index for index in found if index.mi >= minimum]
    return tuple(sorted(chosen, key=lambda index: -index.mi))


def _expected_bread(estimation: Estimation) -> FloatArray:
    information = estimation.model.expected_information(estimation.search.point)
    return inverse_information(information, estimation.jacobian)


def _candidates(layout: Layout, group: int) -> Iterator[tuple[Row, Place]]:
    """Parameters that are fixed, or absent (that is, fixed at zero)."""
    role = layout.table.roles[group]
    present: set[tuple[str, str, str]] = set()
    for row, place in zip(layout.table.rows, layout.places, strict=True):
        if row.group != group:
            continue
        present |= {(row.lhs, row.op, row.rhs)}
        if row.op == "~~":
            present.add((row.rhs, row.op, row.lhs))
        of_phantom = row.op == "=~" and row.lhs == row.rhs
        if not row.free and not row.exogenous and not of_phantom:
            yield row, place
    absent = [
        *((factor, "=~", item) for factor in role.latent for item in role.indicators),
        *((a, "~~", b) for a, b in combinations(role.modelled, 2)),
        *((a, "~~", b) for a, b in combinations(role.latent, 2)),
        *_slopes(layout, group),
    ]
    for lhs, op, rhs in absent:
        row = Row(lhs, op, rhs, group, free=False, value=0.0)  # type: ignore[arg-type]  # op is one of Row's
        if (lhs, op, rhs) not in present and lhs != rhs:
            yield row, place_of(row, layout)


def _slopes(layout: Layout, group: int) -> list[tuple[str, str, str]]:
    """Slopes between all variables that stand in regressions, but not among given predictors."""
    role = layout.table.roles[group]
    involved = dict.fromkeys((*role.outcomes, *role.predictors))
    return [
        (outcome, "~", cause)
        for outcome in involved
        for cause in involved
        if outcome != cause and not (outcome in role.exogenous and cause in role.exogenous)
    ]


def place_of(row: Row, layout: Layout) -> Place:
    """Where a parameter outside the table would stand."""
    inner, outer = layout.latent, layout.observed
    if row.op in ("=~", "~"):
        target, source = (row.rhs, row.lhs) if row.op == "=~" else (row.lhs, row.rhs)
        if target in inner:
            return Place("beta", inner.index(target), inner.index(source))
        return Place("lambda", outer.index(target), inner.index(source))
    if row.lhs in inner and row.rhs in inner:
        return Place("psi", inner.index(row.lhs), inner.index(row.rhs))
    if row.lhs in inner or row.rhs in inner:
        item, carried = (row.rhs, row.lhs) if row.lhs in inner else (row.lhs, row.rhs)
        return Place("cross", outer.index(item), inner.index(carried))
    return Place("theta", outer.index(row.lhs), outer.index(row.rhs))


def _indices(
    estimation: Estimation, bread: FloatArray, group: int, rows: list[tuple[Row, Place]]
) -> Iterator[ModificationIndex]:
    layout, n = estimation.layout, estimation.moments.total
    slope, variance = _score(estimation, bread, group, [place for _, place in rows])
    for number, (row, place) in enumerate(rows):
        if np.isnan(variance[number]):
            continue
        epc = float(-slope[number] / variance[number])
        mi = float(n * slope[number] ** 2 / variance[number])
        yield ModificationIndex(
            row.lhs,
            row.op,
            row.rhs,
            layout.table.groups[group],
            mi,
            chi_square_tail(mi, 1),
            epc,
            epc * _standardising(estimation, group, place),
        )


def _score(
    estimation: Estimation, bread: FloatArray, group: int, places: Sequence[Place]
) -> tuple[FloatArray, FloatArray]:
    """∂F/∂θ of each parameter, and V (NaN where it cannot be told from the free ones)."""
    model, point, layout = estimation.model, estimation.search.point, estimation.layout
    slope = model.place_gradient(point, group, places)
    rows, free = _free(layout, group)
    own, cross = model.cross_information(point, group, places, free)
    given = exogenous_columns(layout, group)
    carried = {layout.latent.index(layout.observed[column]) for column in given}
    for number, place in enumerate(places):
        if place.matrix == "beta" and place.i in carried and not isinstance(model, OrdinalModel):
            own[number], cross[number] = _but_of_given(model, point, group, place, free, given)
    by_free = np.zeros((len(places), layout.n_free))
    np.add.at(by_free.T, layout.table.index[rows], cross.T)
    variance = own - np.einsum("ij,jk,ik->i", by_free, bread, by_free, optimize=True)
    return slope, np.where(variance > _SINGULAR * own, variance, np.nan)


def _but_of_given(
    model: NormalModel,
    point: Point,
    group: int,
    place: Place,
    free: Sequence[Place],
    given: Sequence[int],
) -> tuple[float, FloatArray]:
    """Information on a slope of a given predictor, by itself and with the free parameters.

    Moments among given predictors are conditioned on and tell nothing: those of the slope's
    derivatives are left out of ½ tr(W dΣ W dΣ') + dμ'W dμ'.
    """
    layout, implied = model.layout, point.implied
    slots = [
        slots_of([(0, 0, item) for item in items], len(layout.observed), len(layout.latent))
        for items in ([place], free)
    ]
    columns, levels = implied.columns[group], implied.weights[group]
    u, v = columns[:, slots[0].u[0]], columns[:, slots[0].v[0]]
    spread = np.outer(u, v) + np.outer(v, u)
    spread[np.ix_(given, given)] = 0.0
    mean = levels[slots[0].weight[0]] * u
    mean[given] = 0.0
    own, cross = 0.0, np.zeros(len(free))
    for block in np.flatnonzero(model.moments.group == group):
        weight, share = point.weight[block], float(model.shares[block])
        bent = columns.T @ weight @ spread @ weight @ columns
        along = columns.T @ weight @ mean
        own += share * (
            0.5 * float(np.vdot(weight @ spread @ weight, spread)) + float(mean @ weight @ mean)
        )
        cross += share * slots[1].c * bent[slots[1].u, slots[1].v]
        cross += share * levels[slots[1].weight] * along[slots[1].u]
    return own, cross


def _free(layout: Layout, group: int) -> tuple[IntArray, list[Place]]:
    """Numbers of a group's free rows, and their places."""
    rows = layout.free_rows
    rows = rows[[layout.table.rows[row].group == group for row in rows]]
    return rows, [layout.places[row] for row in rows]


def _standardising(estimation: Estimation, group: int, place: Place) -> float:
    """What a raw change is multiplied by to be fully standardised (see `standardised.py`)."""
    implied = estimation.search.point.implied
    matrices = estimation.layout.matrices(estimation.values)
    factor, total = np.diag(implied.factor[group]), np.diag(implied.sigma[group])
    i, j = place.i, place.j
    match place.matrix:
        case "lambda":
            above, below = factor[j], total[i]
        case "beta":
            above, below = factor[j], factor[i]
        case "theta" | "psi" if i != j:
            residual = np.diag(matrices[place.matrix][group])
            above, below = 1.0, residual[i] * residual[j]
        case "cross":
            own, carried = (np.diag(matrices[name][group]) for name in ("theta", "psi"))
            above, below = 1.0, own[i] * carried[j]
        case "delta":
            above, below = total[i], 1.0
        case _:
            variance = total[i] if place.matrix in ("theta", "nu", "tau") else factor[i]
            above, below = 1.0, variance if place.matrix in ("nu", "alpha", "tau") else variance**2
    return float(np.sqrt(above / below)) if above * below > 0 else float("nan")


# -- equalities ---------------------------------------------------------------------------------


def score_tests(fit: SemFit) -> tuple[TestResult, tuple[ReleasedEquality, ...]]:
    """Tests all equalities between parameters of one label, together and one by one.

    The single tests let one parameter differ from the first of its label, largest χ² first.  The
    joint one releases all labels and constraints at once.
    """
    estimation = fit.estimation
    bread = _expected_bread(estimation)
    table, n = estimation.layout.table, estimation.moments.total
    found: list[ReleasedEquality] = []
    for group in range(estimation.layout.n_groups):
        rows, places = _free(estimation.layout, group)
        slope, variance = _score(estimation, bread, group, places)
        for number, row_number in enumerate(rows):
            row = table.rows[row_number]
            first = int(np.flatnonzero(table.index == table.index[row_number])[0])
            if first == row_number or np.isnan(variance[number]):
                continue
            score = float(n * slope[number] ** 2 / variance[number])
            found.append(
                ReleasedEquality(
                    row.lhs, row.op, row.rhs, table.groups[row.group], row.label,
                    table.groups[table.rows[first].group],
                    score, chi_square_tail(score, 1),
                    float(-slope[number] / variance[number]),
                )
            )  # fmt: skip
    return _joint(estimation), tuple(sorted(found, key=lambda item: -item.score))


def _joint(estimation: Estimation) -> TestResult:
    """N s'I⁻s with every row of the table a parameter of its own."""
    model, point = estimation.model, estimation.search.point
    statistic, count = 0.0, 0
    for group in range(model.layout.n_groups):
        _, free = _free(model.layout, group)
        slope = model.place_gradient(point, group, free)
        _, information = model.cross_information(point, group, free, free)
        statistic += float(slope @ np.linalg.lstsq(information, slope, rcond=1e-10)[0])
        count += len(free)
    _, rank = null_space(estimation.jacobian)
    df = count - (estimation.layout.n_free - rank)
    statistic *= estimation.moments.total
    return TestResult(statistic, df, chi_square_tail(statistic, df))
