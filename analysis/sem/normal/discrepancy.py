"""The normal-theory discrepancy of complete or incomplete data, and its derivatives.

With blocks b (a group, or a pattern of missing values within one), f_b = n_b / N, W the inverse of
the block's part of Σ, d = ȳ - μ and R = W (Σ - S - d d') W,

    F = ½ Σ_b f_b [ log|Σ| + tr(S W) + d'W d ]
    ∂F/∂θ_k = Σ_b f_b [ c_k u_k'R v_k - w_k u_k'W d ]

(Jöreskog 1971; Arbuckle 1996 for incomplete data).  u, v are columns of Z (see
`representation.py`): every inner product below is an element of Z'WZ or Z'RZ, so nothing of the
size of the p(p+1)/2 moments times the parameters is ever formed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.data.moments import Moments
from analysis.sem.model.representation import Implied, Layout, Place, Slots, slots_of
from analysis.sem.normal.curvature import Family, Motion, Pairs, families_of

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
        parts: dict[int, FloatArray] = {}
        for family in self._families:
            pairs = family.pairs
            mean = self._mean_weights(point, family)
            total = np.zeros((len(family.groups), len(pairs.first)))
            for share, products, _, _ in self._blocks_of(point, family, curved=False):
                uu = products[:, pairs.uu]
                inner = uu * products[:, pairs.vv]
                inner += products[:, pairs.uv] * products[:, pairs.vu]
                total += share @ inner * pairs.cc
                total += share @ uu * mean
            parts |= zip(family.groups, total, strict=True)
        return self._assemble(parts)

    def observed_information(self, point: Point) -> FloatArray:
        """Hessian of F, n_free × n_free (analytic; equals the expected one where R = 0, d = 0)."""
        parts: dict[int, FloatArray] = {}
        k = point.implied.columns.shape[2]
        for family in self._families:
            pairs, slots = family.pairs, family.slots
            weights = point.implied.weights[list(family.groups)][:, slots.weight]
            mean = self._mean_weights(point, family)
            first = slots.c[pairs.second] * weights[:, pairs.first]
            second = slots.c[pairs.first] * weights[:, pairs.second]
            u_k, v_k = slots.u[pairs.first], slots.v[pairs.first]
            u_l, v_l = slots.u[pairs.second], slots.v[pairs.second]
            total = np.zeros((len(family.groups), len(pairs.first)))
            curved_sum = np.zeros((len(family.groups), k * k))
            lever_sum = np.zeros((len(family.groups), k))
            for share, inner, curved, lever in self._blocks_of(point, family, curved=True):
                uu, vv = inner[:, pairs.uu], inner[:, pairs.vv]
                uv, vu = inner[:, pairs.uv], inner[:, pairs.vu]
                # inner[:, position(a, b)] is a'W b; curved likewise with R
                second_order = vu * curved[:, pairs.uv] + vv * curved[:, pairs.uu]
                second_order += uu * curved[:, pairs.vv] + uv * curved[:, pairs.vu]
                total += pairs.cc * (share @ (uu * vv + uv * vu - second_order))
                total += mean * (share @ uu)
                total += second * (share @ (uu * lever[:, v_k] + vu * lever[:, u_k]))
                total += first * (share @ (uu * lever[:, v_l] + uv * lever[:, u_l]))
                curved_sum += share @ curved
                lever_sum += share @ lever
            if self.layout.latent:
                total += self._column_motion(point, family, curved_sum, lever_sum)
            parts |= zip(family.groups, total, strict=True)
        return self._assemble(parts)

    def _blocks_of(
        self, point: Point, family: Family, *, curved: bool
    ) -> Iterator[tuple[FloatArray, FloatArray, FloatArray, FloatArray]]:
        """For chunks of a family's blocks: shares (groups × blocks, zero outside a block's group),
        flattened Z'WZ, flattened Z'RZ and Z'W d.
        """
        groups = np.array(family.groups)
        k = point.implied.columns.shape[2]
        members = np.flatnonzero((self.moments.group[:, None] == groups).any(axis=1))
        step = max(1, _CHUNK // max(k * k, len(family.pairs.first)))
        empty = np.zeros((0, 0))
        for start in range(0, len(members), step):
            chunk = members[start : start + step]
            of = self.moments.group[chunk]
            share = self.shares[chunk] * (groups[:, None] == of)
            columns, weight = point.implied.columns[of], point.weight[chunk]
            rows = columns.transpose(0, 2, 1)
            inner = (rows @ weight @ columns).reshape(len(chunk), k * k)
            if not curved:
                yield share, inner, empty, empty
                continue
            pull = (weight @ point.residual[chunk][..., None])[..., 0]
            bend = weight - weight @ self.moments.cov[chunk] @ weight
            bend -= pull[:, :, None] * pull[:, None, :]
            bent = (rows @ bend @ columns).reshape(len(chunk), k * k)
            yield share, inner, bent, (rows @ pull[..., None])[..., 0]

    def _mean_weights(self, point: Point, family: Family) -> FloatArray:
        weights = point.implied.weights[list(family.groups)][:, family.slots.weight]
        product: FloatArray = weights[:, family.pairs.first] * weights[:, family.pairs.second]
        return product

    def _column_motion(
        self, point: Point, family: Family, curved: FloatArray, lever: FloatArray
    ) -> FloatArray:
        """What the Hessian owes to columns of Z and w that move with the parameters.

        With ∂_l(ΛA)_i = u_l δ_li and ∂_l(ΛAΨA')_j = u_l γ_lj + v_l ε_lj,
        c_k [u_k'R ∂_l v_k + (∂_l u_k)'R v_k] - [(∂_l u_k) w_k + u_k ∂_l w_k]'W d.
        """
        slots, pairs = family.slots, family.pairs
        motion = Motion.at(point.implied, family.groups, slots)
        first, second = pairs.first, pairs.second
        along_u, along_v = motion.of_column(slots.v[first], second)
        turn_u, _ = motion.of_column(slots.u[first], second)
        weight = point.implied.weights[list(family.groups)][:, slots.weight[first]]
        moved = curved[:, pairs.uu] * along_u + curved[:, pairs.uv] * along_v
        moved += curved[:, pairs.vu] * turn_u
        level = motion.of_weight(slots.weight[first], second)
        owed: FloatArray = slots.c[first] * moved
        owed -= lever[:, slots.u[second]] * turn_u * weight + lever[:, slots.u[first]] * level
        return owed

    @cached_property
    def _families(self) -> tuple[Family, ...]:
        return families_of(self.layout)

    @cached_property
    def _pairs(self) -> tuple[Pairs, ...]:
        of = {group: family.pairs for family in self._families for group in family.groups}
        return tuple(of[group] for group in range(self.layout.n_groups))

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

    def _assemble(self, parts: Mapping[int, FloatArray]) -> FloatArray:
        n = self.layout.n_free
        places, times = self._destinations
        entries = np.concatenate([parts[group] for group in range(self.layout.n_groups)])
        flat = np.bincount(places, weights=entries * times, minlength=n * n)
        upper: FloatArray = flat.reshape(n, n).astype(np.float64, copy=False)
        return upper + np.triu(upper, 1).T

    def place_gradient(self, point: Point, group: int, places: Sequence[Place]) -> FloatArray:
        """∂F/∂θ of single parameters of a group, free or not."""
        replaced = list(self.layout.slots)
        replaced[group] = self._slots_at(places)
        return self.slot_gradients(point, tuple(replaced))[group]

    def _slots_at(self, places: Sequence[Place]) -> Slots:
        layout = self.layout
        entries = [(0, 0, place) for place in places]
        return slots_of(entries, len(layout.observed), len(layout.latent))

    def cross_information(
        self, point: Point, group: int, rows: Sequence[Place], columns: Sequence[Place]
    ) -> tuple[FloatArray, FloatArray]:
        """Expected information of two sets of a group's parameters: (their own, a × b).

        The first is the diagonal of `rows` with themselves (a,), the second `rows` by `columns`;
        either may hold parameters the model fixes.
        """
        return self._cross_information(point, group, self._slots_at(rows), self._slots_at(columns))

    def _cross_information(
        self, point: Point, group: int, rows: Slots, columns: Slots
    ) -> tuple[FloatArray, FloatArray]:
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
