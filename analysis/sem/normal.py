"""The normal-theory discrepancy of complete or incomplete data, and its derivatives.

With blocks b (a group, or a pattern of missing values within one), f_b = n_b / N, W the inverse of
the block's part of Σ, d = ȳ - μ and R = W (Σ - S - d d') W,

    F = ½ Σ_b f_b [ log|Σ| + tr(S W) + d'W d ]
    ∂F/∂θ_k = Σ_b f_b [ c_k u_k'R v_k - w_k u_k'W d ]

(Jöreskog 1971; Arbuckle 1996 for incomplete data).  u, v are columns of Z (see
`representation.py`): every inner product below is an element of Z'WZ or Z'RZ, so nothing of the
size of the p(p+1)/2 moments times the parameters is ever formed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.moments import Moments
from analysis.sem.representation import Implied, Layout, Slots

__all__ = ["NormalModel", "Point"]

_CHUNK = 1 << 20  # numbers in one temporary: 8 MB


@dataclass(frozen=True)
class Point:
    """The model at one value of its free parameters.

    Shapes: x (n_free,), weight (W, zero where a block lacks the variable) b × p × p, residual (d)
    b × p.  `value` is F, `parts` (b,) the blocks' own ½ [log|Σ| + tr(S W) + d'W d].
    """

    x: FloatArray
    implied: Implied
    weight: FloatArray
    residual: FloatArray
    parts: FloatArray
    value: float


@dataclass(frozen=True)
class _Pairs:
    """Positions in a flattened k × k matrix, for every pair of a group's parameters k <= l."""

    first: IntArray
    second: IntArray
    uu: IntArray
    vv: IntArray
    uv: IntArray
    vu: IntArray
    cc: FloatArray


class NormalModel:
    """A layout with the moments it is fitted to.

    All sums over observations are divided by N: information is per observation.
    """

    def __init__(self, layout: Layout, moments: Moments) -> None:
        self.layout = layout
        self.moments = moments

    def row_values(self, x: FloatArray) -> FloatArray:
        """Values of all rows of the parameter table at `x`."""
        return self.layout.row_values(x)

    # -- value and gradient -------------------------------------------------------------------

    def point(self, x: FloatArray) -> Point | None:
        """The model at `x`, or None where an implied covariance matrix is not positive definite."""
        implied = self.layout.implied(x)
        moments = self.moments
        sigma = implied.sigma[moments.group]
        if not self._all_present:
            sigma = np.where(moments.cross, sigma, 0.0) + self._absent_diagonal
        try:
            root = np.linalg.cholesky(sigma)
        except np.linalg.LinAlgError:
            return None
        weight = np.asarray(np.linalg.inv(sigma), dtype=np.float64)
        if not self._all_present:
            weight = weight * moments.cross
        logdet = 2.0 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
        residual = (moments.mean - implied.mu[moments.group]) * moments.mask
        trace = np.einsum("bij,bij->b", moments.cov, weight)
        distance = np.einsum("bi,bij,bj->b", residual, weight, residual)
        parts = 0.5 * (logdet + trace + distance)
        value = float(self.shares @ parts)
        if not np.isfinite(value):
            return None
        return Point(x, implied, weight, residual, parts, value)

    @cached_property
    def shares(self) -> FloatArray:
        """f_b = n_b / N of each block."""
        return self.moments.n / self.moments.total

    @cached_property
    def _all_present(self) -> bool:
        return bool(self.moments.mask.all())

    @cached_property
    def _absent_diagonal(self) -> FloatArray:
        return np.eye(self.moments.mask.shape[1]) * ~self.moments.mask[:, None, :]

    def gradient(self, point: Point) -> FloatArray:
        """∂F/∂x, one entry per free parameter."""
        slopes = self.slot_gradients(point)
        total = np.zeros(self.layout.n_free)
        for slots, slope in zip(self.layout.slots, slopes, strict=True):
            total += np.bincount(slots.free, weights=slope, minlength=self.layout.n_free)
        return total

    def slot_gradients(
        self, point: Point, slots: tuple[Slots, ...] | None = None
    ) -> list[FloatArray]:
        """∂F/∂θ of every parameter of each group, before those of one label are added up."""
        curvature = self._by_group(self._curvature(point) * self.shares[:, None, None])
        pull = self._by_group(self._pull(point) * self.shares[:, None])
        columns, weights = point.implied.columns, point.implied.weights
        inner = columns.transpose(0, 2, 1) @ curvature @ columns
        lever = (columns.transpose(0, 2, 1) @ pull[..., None])[..., 0]
        return [
            s.c * inner[g][s.u, s.v] - weights[g][s.weight] * lever[g][s.u]
            for g, s in enumerate(slots or self.layout.slots)
        ]

    def _pull(self, point: Point) -> FloatArray:
        """W d of each block."""
        return (point.weight @ point.residual[..., None])[..., 0]

    def _curvature(self, point: Point) -> FloatArray:
        """R = W (Σ - S - d d') W of each block, written W - W S W - (W d)(W d)'."""
        pull = self._pull(point)
        inner = point.weight @ self.moments.cov @ point.weight
        return point.weight - inner - pull[:, :, None] * pull[:, None, :]

    def _by_group(self, blocks: FloatArray) -> FloatArray:
        if self.moments.is_complete:
            return blocks
        total = np.zeros((self.layout.n_groups, *blocks.shape[1:]))
        np.add.at(total, self.moments.group, blocks)
        return total

    # -- information --------------------------------------------------------------------------

    def expected_information(self, point: Point) -> FloatArray:
        """Expected Hessian of F given the blocks, n_free × n_free.

        I_kl = Σ f { c_k c_l [(u_k'W u_l)(v_k'W v_l) + (u_k'W v_l)(v_k'W u_l)] + dμ_k'W dμ_l }.
        """
        parts = []
        for group, pairs in enumerate(self._pairs):
            total = np.zeros(len(pairs.first))
            for share, products, _, _ in self._blocks_of(point, group, curved=False):
                inner = products[:, pairs.uu] * products[:, pairs.vv]
                inner += products[:, pairs.uv] * products[:, pairs.vu]
                total += share @ inner * pairs.cc
                total += share @ products[:, pairs.uu] * self._mean_weights(point, group, pairs)
            parts.append(total)
        return self._assemble(parts)

    def observed_information(self, point: Point) -> FloatArray:
        """Hessian of F, n_free × n_free (analytic; equals the expected one where R = 0, d = 0)."""
        parts = []
        for group, pairs in enumerate(self._pairs):
            slots, weights = self.layout.slots[group], point.implied.weights[group]
            mean = self._mean_weights(point, group, pairs)
            first = weights[slots.weight][pairs.first]
            second = weights[slots.weight][pairs.second]
            c_first, c_second = slots.c[pairs.first], slots.c[pairs.second]
            u, v = slots.u, slots.v
            total = np.zeros(len(pairs.first))
            curved_sum = np.zeros(point.implied.columns.shape[2] ** 2)
            lever_sum = np.zeros(point.implied.columns.shape[2])
            for share, inner, curved, lever in self._blocks_of(point, group, curved=True):
                uu, vv = inner[:, pairs.uu], inner[:, pairs.vv]
                uv, vu = inner[:, pairs.uv], inner[:, pairs.vu]
                # inner[:, position(a, b)] is a'W b; curved likewise with R
                second_order = vu * curved[:, pairs.uv] + vv * curved[:, pairs.uu]
                second_order += uu * curved[:, pairs.vv] + uv * curved[:, pairs.vu]
                total += pairs.cc * (share @ (uu * vv + uv * vu - second_order))
                total += mean * (share @ uu)
                lu_k, lv_k = lever[:, u[pairs.first]], lever[:, v[pairs.first]]
                lu_l, lv_l = lever[:, u[pairs.second]], lever[:, v[pairs.second]]
                total += c_first * second * (share @ (uu * lv_k + vu * lu_k))
                total += c_second * first * (share @ (uu * lv_l + uv * lu_l))
                curved_sum += share @ curved
                lever_sum += share @ lever
            total += self._column_motion(point, group, pairs, curved_sum, lever_sum)
            parts.append(total)
        return self._assemble(parts)

    def _blocks_of(
        self, point: Point, group: int, *, curved: bool
    ) -> Iterator[tuple[FloatArray, FloatArray, FloatArray, FloatArray]]:
        """Shares, flattened Z'WZ, flattened Z'RZ and Z'W d of a group's blocks, in chunks."""
        columns = point.implied.columns[group]
        k = columns.shape[1]
        members = np.flatnonzero(self.moments.group == group)
        step = max(1, _CHUNK // max(k * k, len(self._pairs[group].first)))
        empty = np.zeros((0, 0))
        for start in range(0, len(members), step):
            chunk = members[start : start + step]
            weight = point.weight[chunk]
            inner = (columns.T @ weight @ columns).reshape(len(chunk), k * k)
            if not curved:
                yield self.shares[chunk], inner, empty, empty
                continue
            pull = (weight @ point.residual[chunk][..., None])[..., 0]
            bend = weight - weight @ self.moments.cov[chunk] @ weight
            bend -= pull[:, :, None] * pull[:, None, :]
            bent = (columns.T @ bend @ columns).reshape(len(chunk), k * k)
            yield self.shares[chunk], inner, bent, pull @ columns

    def _mean_weights(self, point: Point, group: int, pairs: _Pairs) -> FloatArray:
        weights = point.implied.weights[group][self.layout.slots[group].weight]
        product: FloatArray = weights[pairs.first] * weights[pairs.second]
        return product

    def _column_motion(
        self, point: Point, group: int, pairs: _Pairs, curved: FloatArray, lever: FloatArray
    ) -> FloatArray:
        """What the Hessian owes to columns of Z and w that move with the parameters.

        With ∂_l(ΛA)_i = u_l δ_li and ∂_l(ΛAΨA')_j = u_l γ_lj + v_l ε_lj,
        c_k [u_k'R ∂_l v_k + (∂_l u_k)'R v_k] - [(∂_l u_k) w_k + u_k ∂_l w_k]'W d.
        """
        slots = self.layout.slots[group]
        if not self.layout.latent:
            return np.zeros(len(pairs.first))
        motion = _Motion.at(point.implied, group, slots)
        k = point.implied.columns.shape[2]
        bent = curved.reshape(k, k)
        first, second = pairs.first, pairs.second
        u_k, v_k = slots.u[first], slots.v[first]
        u_l, v_l = slots.u[second], slots.v[second]
        along_u, along_v = motion.of_column(v_k, second)
        turn_u, _ = motion.of_column(u_k, second)
        weight = point.implied.weights[group][slots.weight][first]
        moved = bent[u_k, u_l] * along_u + bent[u_k, v_l] * along_v + bent[u_l, v_k] * turn_u
        level = motion.of_weight(slots.weight[first], second)
        owed: FloatArray = (
            slots.c[first] * moved - lever[u_l] * turn_u * weight - lever[u_k] * level
        )
        return owed

    @cached_property
    def _pairs(self) -> tuple[_Pairs, ...]:
        k = len(self.layout.observed) + 2 * len(self.layout.latent) + 1
        return tuple(_pairs_of(slots, k) for slots in self.layout.slots)

    @cached_property
    def _destinations(self) -> tuple[IntArray, FloatArray]:
        """Where each pair is added in the upper triangle, and how often."""
        n = self.layout.n_free
        places, times = [], []
        for slots, pairs in zip(self.layout.slots, self._pairs, strict=True):
            a, b = slots.free[pairs.first], slots.free[pairs.second]
            places.append(np.minimum(a, b) * n + np.maximum(a, b))
            # two parameters of one group under one label meet twice on the diagonal
            times.append(np.where((a == b) & (pairs.first != pairs.second), 2.0, 1.0))
        return np.concatenate(places), np.concatenate(times)

    def _assemble(self, parts: list[FloatArray]) -> FloatArray:
        n = self.layout.n_free
        places, times = self._destinations
        flat = np.bincount(places, weights=np.concatenate(parts) * times, minlength=n * n)
        upper: FloatArray = flat.reshape(n, n).astype(np.float64, copy=False)
        return upper + np.triu(upper, 1).T

    def cross_information(
        self, point: Point, group: int, rows: Slots, columns: Slots
    ) -> tuple[FloatArray, FloatArray]:
        """Expected information of two sets of a group's parameters: (their own, a × b).

        The first is the diagonal of `rows` with themselves (a,), the second `rows` by `columns`;
        either may hold parameters the model fixes.
        """
        weights = point.implied.weights[group]
        k = point.implied.columns.shape[2]
        own, cross = np.zeros(len(rows.u)), np.zeros((len(rows.u), len(columns.u)))
        for block in np.flatnonzero(self.moments.group == group):
            z = point.implied.columns[group]
            inner = (z.T @ point.weight[block] @ z).reshape(k, k)
            share = self.shares[block]
            u, v = inner[rows.u], inner[rows.v]
            uu, vv = u[:, columns.u], v[:, columns.v]
            uv, vu = u[:, columns.v], v[:, columns.u]
            means = np.outer(weights[rows.weight], weights[columns.weight])
            cross += share * (np.outer(rows.c, columns.c) * (uu * vv + uv * vu) + means * uu)
            duu, dvv = inner[rows.u, rows.u], inner[rows.v, rows.v]
            duv = inner[rows.u, rows.v]
            own += share * (rows.c**2 * (duu * dvv + duv**2) + weights[rows.weight] ** 2 * duu)
        return own, cross

    # -- casewise -----------------------------------------------------------------------------

    def casewise_scores(
        self, point: Point, group: int, block: int, rows: FloatArray, centre: FloatArray
    ) -> FloatArray:
        """Score of each row of a block for the group's parameters: n × q, log-likelihood units.

        s_k = c_k [(z'u_k)(z'v_k) - u_k'W v_k] + w_k z'u_k with z = W (y - centre); the score proper
        has the implied mean for its centre (p,).
        """
        slots = self.layout.slots[group]
        columns = point.implied.columns[group]
        weight = point.weight[block]
        away = np.where(np.isnan(rows), 0.0, rows - centre)
        along = away @ weight @ columns
        inner = columns.T @ weight @ columns
        scores: FloatArray = slots.c * (
            along[:, slots.u] * along[:, slots.v] - inner[slots.u, slots.v]
        )
        scores += point.implied.weights[group][slots.weight] * along[:, slots.u]
        return scores


@dataclass(frozen=True)
class _Motion:
    """How columns of Z and entries of A α change with each parameter of a group."""

    by_loading: FloatArray  # δ: q × m
    along_u: FloatArray  # γ: q × m
    along_v: FloatArray  # ε: q × m
    by_level: FloatArray  # q × m
    p: int
    m: int

    @classmethod
    def at(cls, implied: Implied, group: int, slots: Slots) -> "_Motion":
        inverse, factor = implied.inverse[group], implied.factor[group]
        level = implied.level[group]
        p, m = implied.loading.shape[1:]
        q = len(slots.kind)
        by_loading, along_u, along_v, by_level = (np.zeros((q, m)) for _ in range(4))
        path = slots.kind <= 1  # λ and β
        slope, spread, origin = slots.kind == 1, slots.kind == 2, slots.kind == 5
        by_loading[path] = inverse[slots.j[path]]
        along_u[path] = factor[slots.j[path]]
        along_v[slope] = inverse[:, slots.i[slope]].T
        along_u[spread] = slots.c[spread, None] * inverse[:, slots.j[spread]].T
        along_v[spread] = slots.c[spread, None] * inverse[:, slots.i[spread]].T
        by_level[slope] = inverse[:, slots.i[slope]].T * level[slots.j[slope], None]
        by_level[origin] = inverse[:, slots.i[origin]].T
        return cls(by_loading, along_u, along_v, by_level, p, m)

    def of_column(self, column: IntArray, parameter: IntArray) -> tuple[FloatArray, FloatArray]:
        """Coefficients of u_l and v_l in the derivative of a column of Z by parameter l."""
        p, m = self.p, self.m
        is_loading = (column >= p) & (column < p + m)
        is_scaled = (column >= p + m) & (column < p + 2 * m)
        one = np.where(is_loading, column - p, 0)
        two = np.where(is_scaled, column - p - m, 0)
        along_u = self.by_loading[parameter, one] * is_loading
        along_u = along_u + self.along_u[parameter, two] * is_scaled
        return along_u, self.along_v[parameter, two] * is_scaled

    def of_weight(self, weight: IntArray, parameter: IntArray) -> FloatArray:
        """The derivative of an entry of (A α, 1, 0) by parameter l."""
        moves = weight < self.m
        return self.by_level[parameter, np.where(moves, weight, 0)] * moves


def _pairs_of(slots: Slots, k: int) -> _Pairs:
    first, second = np.triu_indices(len(slots.u))
    u, v = slots.u, slots.v
    return _Pairs(
        first=first,
        second=second,
        uu=u[first] * k + u[second],
        vv=v[first] * k + v[second],
        uv=u[first] * k + v[second],
        vu=v[first] * k + u[second],
        cc=slots.c[first] * slots.c[second],
    )
