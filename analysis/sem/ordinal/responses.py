"""Moments of the responses given the covariates, and how they move with the parameters.

A response is the latent one behind an ordered item, or a continuous variable itself.  With Γ the
slopes of covariates x (columns of B in `representation.py`), A = (I - B)^-1,

    E(y* | x) = ν + Λ A (α + Γ x)        Var(y* | x) = Λ A Ψ A' Λ' + Θ

taken at x = 0 for the intercepts: the same matrices with the covariates' own rows of α and Ψ zero.
The slopes Π are columns of Λ A, so that ∂Π/∂λ_ij = e_i A_j· and ∂Π/∂β_ij = (Λ A)_i A_j·.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.model.representation import Implied, Layout, Place, Slots, slots_of
from analysis.sem.normal.saturated import exogenous_columns
from analysis.sem.ordinal.thresholds import OrdinalMoments

__all__ = [
    "Dependents",
    "Responses",
    "covariate_mask",
    "moment_slopes",
    "responses_of",
    "without_covariates",
]

_STEERING = (0, 1)  # kinds of parameter that move Λ A: loadings and slopes


@dataclass(frozen=True)
class Dependents:
    """Ordered outcomes of regressions: their residual variances are elements of Ψ that follow from
    the scales.  Positions among the responses, among the latent variables, rows of the table."""

    items: IntArray
    inner: IntArray
    rows: IntArray
    slots: Slots


@dataclass(frozen=True)
class Responses:
    """A group's responses, in the table and among its statistics.

    Attributes:
        items: observed columns of the responses (p,).
        given: latent columns of the covariates (k,).
        ordered, continuous: positions among the responses.
        first, second: positions of each pair.
        owner: position of each threshold's item.
        threshold_rows, scale_rows: rows of the table, of thresholds and of the ordered items'
            scales.
        residual_rows: rows of residual variances that follow from the scales and stand in Θ, with
            the positions `residual_items` of their items.
        dependents: those that stand in Ψ.
    """

    items: IntArray
    given: IntArray
    ordered: IntArray
    continuous: IntArray
    first: IntArray
    second: IntArray
    owner: IntArray
    threshold_rows: IntArray
    scale_rows: IntArray
    residual_rows: IntArray
    residual_items: IntArray
    dependents: Dependents

    @property
    def variances(self) -> slice:
        """Where the variances stand among the stacked moments (see `moment_slopes`)."""
        p = len(self.items)
        start = p + p * len(self.given)
        return slice(start, start + p)

    def stacked(self, conditional: Implied, group: int) -> FloatArray:
        """Means, slopes by response, variances and covariances of the responses given x = 0."""
        sigma = conditional.sigma[group][np.ix_(self.items, self.items)]
        return np.concatenate(
            [
                conditional.mu[group][self.items],
                conditional.loading[group][np.ix_(self.items, self.given)].ravel(),
                sigma.diagonal(),
                sigma[self.first, self.second],
            ]
        )

    def statistics(self, stacked: FloatArray, scale: FloatArray, tau: FloatArray) -> FloatArray:
        """Model counterparts of `OrdinalMoments.statistics`; `scale` is 1 for continuous ones."""
        mean, slopes, variance, cross = self._parts(stacked)
        return np.concatenate(
            [
                scale[self.owner] * (tau - mean[self.owner]),
                mean[self.continuous],
                (scale[:, None] * slopes).ravel(),
                variance[self.continuous],
                scale[self.first] * scale[self.second] * cross,
            ]
        )

    def statistic_slopes(
        self,
        stacked: FloatArray,
        moved: FloatArray,
        scale: FloatArray,
        d_scale: FloatArray,
        tau: FloatArray,
    ) -> FloatArray:
        """∂ statistics from `moved`, the slopes of the stacked moments, and `d_scale` (p × q)."""
        mean, slopes, _, cross = self._parts(stacked)
        q, k = moved.shape[1], len(self.given)
        p = len(self.items)
        d_mean, d_slopes = moved[:p], moved[p : p + p * k].reshape(p, k, q)
        d_variance, d_cross = moved[self.variances], moved[self.variances.stop :]
        i, j, owner = self.first, self.second, self.owner
        by_threshold = -scale[owner, None] * d_mean[owner]
        by_threshold += (tau - mean[owner])[:, None] * d_scale[owner]
        by_slope = scale[:, None, None] * d_slopes + slopes[..., None] * d_scale[:, None, :]
        by_cross = (scale[i] * scale[j])[:, None] * d_cross
        by_cross += cross[:, None] * (
            d_scale[i] * scale[j][:, None] + scale[i][:, None] * d_scale[j]
        )
        return np.vstack(
            [
                by_threshold,
                d_mean[self.continuous],
                by_slope.reshape(p * k, q),
                d_variance[self.continuous],
                by_cross,
            ]
        )

    def _parts(self, stacked: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        p = len(self.items)
        slopes = stacked[p : self.variances.start].reshape(p, len(self.given))
        return stacked[:p], slopes, stacked[self.variances], stacked[self.variances.stop :]


def responses_of(layout: Layout, sample: OrdinalMoments, group: int) -> Responses:
    """Finds a group's responses in the table."""
    given = exogenous_columns(layout, group)
    items = np.array(
        [column for column in np.flatnonzero(layout.present[group]) if column not in given],
        dtype=np.intp,
    )
    rows = {
        (row.lhs, row.op, row.rhs): number
        for number, row in enumerate(layout.table.rows)
        if row.group == group
    }
    names = [layout.observed[item] for item in items]
    ordered = np.flatnonzero(np.array(sample.categories))
    first, second = np.triu_indices(len(items), 1)
    residual = {int(k): rows[names[k], "~~", names[k]] for k in ordered}
    inner = {k: layout.latent.index(names[k]) for k in residual if names[k] in layout.latent}
    plain = [k for k in residual if k not in inner]
    return Responses(
        items=items,
        given=np.array([layout.latent.index(layout.observed[x]) for x in given], dtype=np.intp),
        ordered=ordered,
        continuous=sample.continuous,
        first=first,
        second=second,
        owner=sample.threshold_owner,
        threshold_rows=_numbers(
            rows[names[k], "|", f"t{number + 1}"]
            for k in ordered
            for number in range(sample.categories[k] - 1)
        ),
        scale_rows=_numbers(rows[names[k], "~*~", names[k]] for k in ordered),
        residual_rows=_numbers(residual[k] for k in plain),
        residual_items=_numbers(plain),
        dependents=Dependents(
            items=_numbers(inner),
            inner=_numbers(inner.values()),
            rows=_numbers(residual[k] for k in inner),
            slots=slots_of(
                [(0, 0, Place("psi", at, at)) for at in inner.values()],
                len(layout.observed),
                len(layout.latent),
            ),
        ),
    )


def _numbers(numbers: Iterable[int]) -> IntArray:
    return np.array(list(numbers), dtype=np.intp)


def covariate_mask(layout: Layout, responses: Sequence[Responses]) -> Mask:
    """Which latent columns of which group are covariates, G × m."""
    mask = np.zeros((layout.n_groups, len(layout.latent)), dtype=np.bool_)
    for group, known in enumerate(responses):
        mask[group, known.given] = True
    return mask


def without_covariates(matrices: dict[str, FloatArray], mask: Mask) -> dict[str, FloatArray]:
    """The matrices with the covariates' rows of α and Ψ zero."""
    if not mask.any():
        return matrices
    return {
        **matrices,
        "alpha": np.where(mask, 0.0, matrices["alpha"]),
        "psi": np.where(mask[:, :, None] | mask[:, None, :], 0.0, matrices["psi"]),
    }


def moment_slopes(known: Responses, conditional: Implied, group: int, slots: Slots) -> FloatArray:
    """∂(means, slopes, variances, covariances)/∂θ of a group's parameters, stacked × q."""
    columns = conditional.columns[group][known.items]
    u, v = columns[:, slots.u], columns[:, slots.v]
    reach = np.zeros((len(known.given), len(slots.u)))
    steering = np.flatnonzero(np.isin(slots.kind, _STEERING))
    reach[:, steering] = conditional.inverse[group][np.ix_(slots.j[steering], known.given)].T
    i, j = known.first, known.second
    return np.vstack(
        [
            conditional.weights[group][slots.weight] * u,
            (u[:, None, :] * reach).reshape(-1, len(slots.u)),
            2.0 * slots.c * u * v,
            slots.c * (u[i] * v[j] + u[j] * v[i]),
        ]
    )
