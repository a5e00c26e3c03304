"""The two ends every fit is measured against: the saturated and the independence model.

Complete data give both in closed form.  With missing values the saturated moments come from the EM
algorithm, which for blocks b of one group is the fixed point of

    Σ ← Σ + Σ G Σ - δ δ',   G = (1/n) Σ_b n_b [ W (S + d d') W - W ],   δ = Σ (1/n) Σ_b n_b W d

and μ ← μ + δ (Little & Rubin 2002, ch. 11, written with padded inverses W).  A squared
extrapolation (Varadhan & Roland 2008) is kept whenever it raises the likelihood.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.data.moments import Moments, Sample, require_positive_definite
from analysis.sem.errors import DataError, NotPositiveDefiniteError
from analysis.sem.model.representation import Layout, layout_of
from analysis.sem.model.rows import Row
from analysis.sem.model.table import ParameterTable
from analysis.sem.normal.discrepancy import NormalModel, Point

__all__ = [
    "Saturated",
    "closed_value",
    "independence_model",
    "predictor_columns",
    "reference_model",
    "saturated_moments",
]

_TOLERANCE = 1e-11
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Saturated:
    """Unrestricted means (G × p) and covariances (G × p × p), and F there (see `normal.py`)."""

    mean: FloatArray
    cov: FloatArray
    value: float


def saturated_moments(sample: Sample, moments: Moments) -> Saturated:
    """The saturated model of complete or incomplete data.

    Raises NotPositiveDefiniteError, and DataError for a pair of variables never seen together.
    """
    if moments.is_complete:
        return Saturated(moments.mean, moments.cov, closed_value(moments))
    _require_coverage(sample, moments)
    n_groups, p = len(sample.groups), len(sample.names)
    mean, cov, value = np.zeros((n_groups, p)), np.zeros((n_groups, p, p)), 0.0
    for group, share in enumerate(moments.group_sizes / moments.total):
        search = _Em(moments, group)
        mean[group], cov[group] = search.run()
        value += share * search.value(mean[group], cov[group])
    absent = ~sample.present
    mean[absent] = 0.0
    cov[absent[:, :, None] | absent[:, None, :]] = 0.0
    require_positive_definite(sample, cov)
    return Saturated(mean, cov, value)


def closed_value(moments: Moments) -> float:
    """½ Σ f (log|S| + p), from complete blocks."""
    total = 0.0
    for n, cov, mask in zip(moments.n, moments.cov, moments.mask, strict=True):
        total += 0.5 * float(n) / moments.total * (_logdet(cov, mask) + float(mask.sum()))
    return total


def _logdet(cov: FloatArray, here: Mask) -> float:
    columns = np.flatnonzero(here)
    return float(np.linalg.slogdet(cov[np.ix_(columns, columns)])[1])


def _require_coverage(sample: Sample, moments: Moments) -> None:
    for group, label in enumerate(sample.groups):
        masks = moments.mask[moments.group == group].astype(np.float64)
        together = masks.T @ masks > 0
        wanted = np.outer(sample.present[group], sample.present[group])
        i, j = np.nonzero(wanted & ~together)
        if not len(i):
            continue
        first, second = sample.names[i[0]], sample.names[j[0]]
        raise DataError(
            f"{first} and {second} are never seen in one row of group {label}; their covariance "
            "cannot be estimated",
            code="no_coverage",
        )


def available_moments(moments: Moments, group: int) -> tuple[FloatArray, FloatArray]:
    """Mean (p,) and diagonal covariance matrix of the values a group has, variable by variable.

    Variables that are not in the group have mean zero and variance one.
    """
    here = moments.group == group
    n, mask = moments.n[here], moments.mask[here]
    count = n @ mask
    safe = np.where(count > 0, count, 1.0)
    mean = (n @ moments.mean[here]) / safe
    spread = np.diagonal(moments.cov[here], axis1=1, axis2=2)
    spread = spread + ((moments.mean[here] - mean) * mask) ** 2
    return mean, np.diag(np.where(count > 0, n @ spread / safe, 1.0))


class _Em:
    """EM for the mean and covariance matrix of one group's blocks."""

    def __init__(self, moments: Moments, group: int) -> None:
        here = moments.group == group
        self.start = available_moments(moments, group)
        self.share = moments.n[here] / moments.n[here].sum()
        self.mean, self.cov = moments.mean[here], moments.cov[here]
        self.mask, self.cross = moments.mask[here], moments.cross[here]
        self.hole = np.eye(self.mask.shape[1]) * ~self.mask[:, None, :]

    def run(self) -> tuple[FloatArray, FloatArray]:
        current = self.start
        for _ in range(_MOST_STEPS):
            one = self.step(*current)
            two = self.step(*one)
            change = max(self._relative(a, b, two[1]) for a, b in zip(one, two, strict=True))
            if change < _TOLERANCE:
                return two
            current = self._extrapolated(current, one, two)
        return current

    def _relative(self, one: FloatArray, two: FloatArray, cov: FloatArray) -> float:
        spread = np.sqrt(np.diag(cov))
        scale = spread if one.ndim == 1 else np.outer(spread, spread)
        return float((np.abs(two - one) / scale).max())

    def weight(self, cov: FloatArray) -> FloatArray:
        """The inverse of each block's part of Σ, zero elsewhere."""
        inverse = np.linalg.inv(np.where(self.cross, cov, 0.0) + self.hole)
        return np.asarray(inverse * self.cross)

    def step(self, mean: FloatArray, cov: FloatArray) -> tuple[FloatArray, FloatArray]:
        weight = self.weight(cov)
        residual = (self.mean - mean) * self.mask
        pull = (weight @ residual[..., None])[..., 0]
        bend = weight @ self.cov @ weight + pull[:, :, None] * pull[:, None, :] - weight
        shift = cov @ (self.share @ pull)
        moved = cov + cov @ np.tensordot(self.share, bend, 1) @ cov - np.outer(shift, shift)
        return mean + shift, 0.5 * (moved + moved.T)

    def _extrapolated(
        self,
        start: tuple[FloatArray, FloatArray],
        one: tuple[FloatArray, FloatArray],
        two: tuple[FloatArray, FloatArray],
    ) -> tuple[FloatArray, FloatArray]:
        """A squared extrapolation of two EM steps if it raises the likelihood, else the second."""
        first = np.concatenate([(b - a).ravel() for a, b in zip(start, one, strict=True)])
        second = np.concatenate([(b - a).ravel() for a, b in zip(one, two, strict=True)]) - first
        length = np.linalg.norm(second)
        if length == 0:
            return two
        size = max(float(np.linalg.norm(first) / length), 1.0)
        reached = [
            a + 2 * size * (b - a) + size**2 * (c - 2 * b + a)
            for a, b, c in zip(start, one, two, strict=True)
        ]
        try:
            np.linalg.cholesky(reached[1])
        except np.linalg.LinAlgError:
            return two
        return (reached[0], reached[1]) if self.value(*reached) < self.value(*two) else two

    def value(self, mean: FloatArray, cov: FloatArray) -> float:
        """½ Σ share (log|Σ| + tr(S W) + d'W d)."""
        sigma = np.where(self.cross, cov, 0.0) + self.hole
        weight = self.weight(cov)
        residual = (self.mean - mean) * self.mask
        logdet = np.linalg.slogdet(sigma)[1]
        trace = np.einsum("bij,bij->b", self.cov, weight)
        distance = np.einsum("bi,bij,bj->b", residual, weight, residual)
        return 0.5 * float(self.share @ (logdet + trace + distance))


# -- as models of their own ---------------------------------------------------------------------


def predictor_columns(layout: Layout, group: int) -> list[int]:
    """Columns of the observed predictors whose moments the model leaves alone.

    With `fixed_x` they are taken as given; without, they are free, and free in the baseline too.
    """
    return [layout.observed.index(name) for name in layout.table.roles[group].exogenous]


def independence_model(
    layout: Layout, moments: Moments, saturated: Saturated
) -> tuple[NormalModel, Point]:
    """The model of uncorrelated variables, at its solution.

    Predictors stay correlated, given or not.  The likelihood factors into that of the predictors
    and those of the other variables one by one, so moments are those of the values there.
    """
    mean, cov = saturated.mean.copy(), saturated.cov.copy()
    if not moments.is_complete:
        for group in range(layout.n_groups):
            mean[group], alone = available_moments(moments, group)
            x = predictor_columns(layout, group)
            if x:
                own_mean, own_cov = _moments_among(moments, group, x)
                mean[group, x], alone[np.ix_(x, x)] = own_mean[x], own_cov[np.ix_(x, x)]
            cov[group] = alone
    return reference_model(layout.table, moments, mean, cov, correlated=False)


def _moments_among(
    moments: Moments, group: int, columns: list[int]
) -> tuple[FloatArray, FloatArray]:
    """Mean (p,) and covariance (p × p) of some variables from their own values alone, by EM."""
    mask = moments.mask & np.isin(np.arange(moments.mask.shape[1]), columns)
    cross = mask[:, :, None] & mask[:, None, :]
    mean, cov = np.where(mask, moments.mean, 0.0), np.where(cross, moments.cov, 0.0)
    return _Em(replace(moments, mean=mean, cov=cov, mask=mask), group).run()


def reference_model(
    table: ParameterTable,
    moments: Moments,
    mean: FloatArray,
    cov: FloatArray,
    *,
    correlated: bool,
) -> tuple[NormalModel, Point]:
    """A model whose parameters are the moments themselves, at the moments given (G × p …).

    All covariances are free if `correlated`, else those among observed predictors alone.
    """
    reference = layout_of(_reference_table(table, correlated=correlated))
    reference = reference.with_exogenous(mean, cov)
    x = np.zeros(reference.n_free)
    column = {name: number for number, name in enumerate(reference.observed)}
    for row, free in zip(reference.table.rows, reference.table.index, strict=True):
        if free >= 0:
            i = column[row.lhs]
            x[free] = mean[row.group, i] if row.op == "~1" else cov[row.group, i, column[row.rhs]]
    model = NormalModel(reference, moments)
    point = model.point(x)
    if point is None:
        raise NotPositiveDefiniteError(table.groups[0], "no unrestricted solution")
    return model, point


def _reference_table(table: ParameterTable, *, correlated: bool) -> ParameterTable:
    """Variances, means and, if `correlated`, covariances of all observed variables, all free."""
    means, fixed = table.options.meanstructure, table.options.fixed_x
    rows: list[Row] = []
    for group, role in enumerate(table.roles):
        among = role.exogenous
        for i, name in enumerate(role.observed):
            for other in role.observed[i:]:
                exogenous = fixed and name in among and other in among
                if correlated or name == other or (name in among and other in among):
                    rows.append(
                        Row(name, "~~", other, group, free=not exogenous, exogenous=exogenous)
                    )
            if means:
                exogenous = fixed and name in among
                rows.append(Row(name, "~1", "", group, free=not exogenous, exogenous=exogenous))
    roles = tuple(replace(role, latent=()) for role in table.roles)
    free = np.array([row.free for row in rows])
    index = np.where(free, np.cumsum(free) - 1, -1).astype(np.intp)
    return replace(
        table,
        rows=tuple(rows),
        roles=roles,
        constraints=(),
        inequalities=(),
        definitions=(),
        index=index,
    )
