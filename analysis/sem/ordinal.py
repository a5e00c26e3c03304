"""Thresholds, polychoric correlations and their asymptotic covariance, one group at a time.

Three stages (Muthén 1984, Psychometrika 49, 115-132; Jöreskog 1994, Psychometrika 59, 381-389):
thresholds from the cumulative proportions of each item; each polychoric correlation by maximum
likelihood given the thresholds (Olsson 1979, Psychometrika 44, 443-460); the asymptotic
covariance Γ of all of them from the casewise scores.  Every step runs over all pairs at once.

Statistics are ordered as lavaan orders them: thresholds variable by variable, then correlations
down the columns of the lower triangle.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from analysis.sem.bivariate_normal import bivariate_normal_cdf, bivariate_normal_density
from analysis.sem.categories import (
    collapse_advice,
    frequencies,
    observed_levels,
)
from analysis.sem.errors import DataError, ZeroVarianceError

Array = NDArray[np.float64]
Codes = NDArray[np.intp]
MissingRule = Literal["listwise", "pairwise"]

MISSING = -1
MOST_STEPS = 100
STEP_TOLERANCE = 1e-11
# |ρ| of two items that are copies of each other but for rounding: no inner maximum exists.
NEARLY_ONE = np.tanh(8.0)
SMALLEST_PROBABILITY = 1e-300


@dataclass(frozen=True, slots=True)
class OrdinalMoments:
    """What a least-squares fit needs of one group of ordered items.

    Attributes:
        names: the items, in column order.
        categories: the number of categories of each item.
        thresholds: per item, its ascending thresholds (categories - 1 of them), in units of the
            standard deviation of the latent response.
        correlation: polychoric correlations, p × p, ones on the diagonal.
        gamma: n times the asymptotic covariance of `statistics`, m × m.
        n: rows used.
    """

    names: tuple[str, ...]
    categories: tuple[int, ...]
    thresholds: tuple[Array, ...]
    correlation: Array
    gamma: Array
    n: int

    @property
    def statistics(self) -> Array:
        """Thresholds by item, then correlations down the columns of the lower triangle: (m,)."""
        first, second = pairs_of(len(self.names))
        return np.concatenate([*self.thresholds, self.correlation[second, first]])

    @property
    def threshold_owner(self) -> Codes:
        """For each threshold in `statistics`, the column of the item it belongs to."""
        return _threshold_owner(self.categories)


def pairs_of(p: int) -> tuple[Codes, Codes]:
    """Columns j < i of every pair (i, j), down the columns of the lower triangle."""
    first, second = np.triu_indices(p, 1)
    return first.astype(np.intp), second.astype(np.intp)


def ordinal_moments_by_group(
    groups: Sequence[Array],
    *,
    names: Sequence[str],
    labels: Sequence[str],
    missing: MissingRule = "listwise",
) -> tuple[OrdinalMoments, ...]:
    """`ordinal_moments` of each group, with the categories seen in any of them.

    `groups` holds one n_g × p array per group (NaN = missing), `labels` its name.
    Raises ZeroVarianceError, or DataError coded empty_category, perfect_association or no_rows.
    """
    groups = [np.asarray(group, dtype=np.float64) for group in groups]
    if missing == "listwise":
        groups = [group[~np.isnan(group).any(axis=1)] for group in groups]
    levels = [observed_levels([group[:, j] for group in groups]) for j in range(len(names))]
    _refuse_empty_categories(groups, levels, names=names, labels=labels)
    return tuple(
        ordinal_moments(_codes(group, levels), names=names, group=label, missing=missing)
        for group, label in zip(groups, labels, strict=True)
    )


def ordinal_moments(
    codes: Array,
    *,
    names: Sequence[str],
    group: str = "",
    missing: MissingRule = "listwise",
) -> OrdinalMoments:
    """Thresholds, polychoric correlations and Γ of one group.

    `codes` is n × p, categories coded 0, 1, … without gaps, NaN = missing.  "listwise" drops rows
    with any NaN; "pairwise" uses for each item all its answers, for each pair all rows with both.
    Γ = n B⁻¹ (S'S) B⁻ᵀ with S the casewise scores and B = [[A₁₁, 0], [A₂₁, A₂₂]] their
    cross-products: A₁₁ within items, A₂₁ of a correlation's score with the same pair's
    log-likelihood differentiated by the thresholds, A₂₂ of each correlation's score with itself.
    """
    table = _table_of(codes, names=tuple(names), group=group, missing=missing)
    thresholds = table.thresholds()
    pairs = _Pairs.of(table, thresholds)
    rho = pairs.fit_correlations(table)
    pairs = replace(pairs, rho=rho)
    correlation = np.eye(len(names))
    first, second = pairs_of(len(names))
    correlation[first, second] = correlation[second, first] = rho
    return OrdinalMoments(
        names=tuple(names),
        categories=table.categories,
        thresholds=thresholds,
        correlation=correlation,
        gamma=_gamma(table, thresholds, pairs),
        n=len(table.codes),
    )


# --- data as codes -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """Integer codes (n × p, MISSING = -1) and where they come from."""

    names: tuple[str, ...]
    group: str
    codes: Codes
    categories: tuple[int, ...]

    def thresholds(self) -> tuple[Array, ...]:
        """τ = Φ⁻¹ of the cumulative proportions, per item."""
        return tuple(
            ndtri(np.cumsum(counts)[:-1] / counts.sum())
            for counts in (
                np.bincount(column[column != MISSING], minlength=width)
                for column, width in zip(self.codes.T, self.categories, strict=True)
            )
        )

    def pair_counts(self) -> Array:
        """Contingency tables of all pairs, padded with zeros to the widest item: pairs × K × K."""
        width = max(self.categories)
        p = self.codes.shape[1]
        indicators = self.codes[:, :, None] == np.arange(width)
        flat = indicators.reshape(len(self.codes), p * width).astype(np.float64)
        crossed = (flat.T @ flat).reshape(p, width, p, width)
        first, second = pairs_of(p)
        tables: Array = crossed[second, :, first, :]
        return tables


def _codes(values: Array, levels: Sequence[Array]) -> Array:
    codes = np.full(values.shape, np.nan)
    for j, level in enumerate(levels):
        present = ~np.isnan(values[:, j])
        codes[present, j] = np.searchsorted(level, values[present, j])
    return codes


def _table_of(codes: Array, *, names: tuple[str, ...], group: str, missing: MissingRule) -> _Table:
    absent = np.isnan(codes)
    dropped = absent.any(axis=1) if missing == "listwise" else absent.all(axis=1)
    whole = np.where(absent, MISSING, codes).astype(np.intp)[~dropped]
    if not len(whole):
        raise DataError(
            f"no complete row is left in group {group}: use missing='pairwise', or leave out the "
            "variables nobody answered",
            code="no_rows",
        )
    counts = [np.bincount(column[column != MISSING]) for column in whole.T]
    _refuse_constant(counts, names, group)
    for name, row in zip(names, counts, strict=True):
        if not row.all():
            raise _empty_category(name, group, row)
    return _Table(names, group, whole, tuple(len(row) for row in counts))


def _refuse_constant(counts: Sequence[Codes], names: Sequence[str], group: str) -> None:
    constant = [name for name, row in zip(names, counts, strict=True) if np.count_nonzero(row) < 2]
    if constant:
        raise ZeroVarianceError({group: constant})


def _refuse_empty_categories(
    groups: Sequence[Array],
    levels: Sequence[Array],
    *,
    names: Sequence[str],
    labels: Sequence[str],
) -> None:
    counts = [
        np.array([frequencies(group[:, j], level) for group in groups])
        for j, level in enumerate(levels)
    ]
    for at, label in enumerate(labels):
        _refuse_constant([table[at] for table in counts], names, label)
    for name, level, table in zip(names, levels, counts, strict=True):
        for label, row in zip(labels, table, strict=True):
            if not row.all():
                raise _empty_category(name, label, row, collapse_advice(level, table))


def _empty_category(
    name: str,
    group: str,
    counts: Codes,
    remedy: str = "merge the category with its neighbour in every group",
) -> DataError:
    listed = " ".join(str(count) for count in counts)
    return DataError(
        f"some categories of variable {name} are empty in group {group}; "
        f'frequencies are [{listed}]; {remedy}, or use estimator="MLR"',
        code="empty_category",
    )


# --- all pairs at once -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Everything about the pairs (row item i, column item j) in arrays with pairs first.

    `row_limits`, `column_limits`: category limits -∞, τ₁, …, +∞, padded with +∞ so that the cells
    of a category an item does not have hold no probability: pairs × (K + 1).
    """

    counts: Array
    row_limits: Array
    column_limits: Array
    rho: Array

    @classmethod
    def of(cls, table: _Table, thresholds: tuple[Array, ...]) -> "_Pairs":
        width = max(table.categories)
        limits = np.full((len(thresholds), width + 1), np.inf)
        limits[:, 0] = -np.inf
        for row, tau in zip(limits, thresholds, strict=True):
            row[1 : 1 + len(tau)] = tau
        first, second = pairs_of(len(thresholds))
        return cls(table.pair_counts(), limits[second], limits[first], np.zeros(len(first)))

    def probabilities(self, rho: Array, chosen: Codes | slice = slice(None)) -> Array:
        """Cell probabilities π(ρ): the second difference of Φ₂, pairs × K × K."""
        return _cells(
            bivariate_normal_cdf, self.row_limits[chosen], self.column_limits[chosen], rho
        )

    def slopes(self, rho: Array, chosen: Codes | slice = slice(None)) -> Array:
        """∂π/∂ρ: the second difference of φ₂ (Olsson 1979, equation 11), pairs × K × K."""
        return _cells(
            bivariate_normal_density, self.row_limits[chosen], self.column_limits[chosen], rho
        )

    def fit_correlations(self, table: _Table) -> Array:
        """ρ of every pair by Fisher scoring on atanh ρ (which keeps |ρ| < 1)."""
        counts = _without_empty_corners(self.counts, table.categories)
        angle = np.zeros(len(counts))
        open_pairs = np.arange(len(counts))
        for _ in range(MOST_STEPS):
            step = self._fisher_step(angle[open_pairs], counts[open_pairs], open_pairs)
            angle[open_pairs] += np.clip(step, -1.0, 1.0)
            open_pairs = open_pairs[np.abs(step) > STEP_TOLERANCE]
            if not len(open_pairs) or np.abs(angle).max() > np.arctanh(NEARLY_ONE):
                break
        rho: Array = np.tanh(angle)
        self._refuse_perfect(rho, open_pairs, table)
        return rho

    def _fisher_step(self, angle: Array, counts: Array, chosen: Codes) -> Array:
        rho = np.tanh(angle)
        cells = np.maximum(self.probabilities(rho, chosen), SMALLEST_PROBABILITY)
        slopes = self.slopes(rho, chosen)
        ratio = slopes / cells
        gradient = (counts * ratio).sum(axis=(1, 2))
        information = counts.sum(axis=(1, 2)) * (slopes * ratio).sum(axis=(1, 2))
        step: Array = gradient / (information * (1.0 - rho * rho))
        return step

    @staticmethod
    def _refuse_perfect(rho: Array, open_pairs: Codes, table: _Table) -> None:
        extreme = np.abs(rho) > NEARLY_ONE
        extreme[open_pairs] = True
        if extreme.any():
            first, second = pairs_of(len(table.names))
            at = int(np.flatnonzero(extreme)[0])
            raise DataError(
                f"{table.names[first[at]]} and {table.names[second[at]]} order the respondents of "
                f"group {table.group} alike, so their polychoric correlation has no maximum inside "
                '(-1, 1); drop one of them, or use estimator="MLR"',
                code="perfect_association",
            )


def _cells(
    function: Callable[[Array, Array, Array], Array], row: Array, column: Array, rho: Array
) -> Array:
    corners = function(row[:, :, None], column[:, None, :], rho[:, None, None])
    return np.diff(np.diff(corners, axis=1), axis=2)


def _without_empty_corners(counts: Array, categories: tuple[int, ...]) -> Array:
    """Half an observation moved into the empty cell of a 2 × 2 table, its margins kept.

    Without it the correlation would be ±1.  Larger tables are left as they are.
    """
    first, second = pairs_of(len(categories))
    widths = np.array(categories)
    square = (widths[first] == 2) & (widths[second] == 2)
    empty = counts[:, :2, :2] == 0.0
    for pair in np.flatnonzero(square & (empty.sum(axis=(1, 2)) == 1)):
        on_diagonal = empty[pair, 0, 0] or empty[pair, 1, 1]
        shift = np.array([[0.5, -0.5], [-0.5, 0.5]]) * (1.0 if on_diagonal else -1.0)
        counts = counts.copy()
        counts[pair, :2, :2] += shift
    return counts


# --- asymptotic covariance ---------------------------------------------------------------------


def _gamma(table: _Table, thresholds: tuple[Array, ...], pairs: _Pairs) -> Array:
    """Γ from the influence of every row: B⁻¹ S' column by column, never B⁻¹ itself."""
    threshold_scores = _threshold_scores(table, thresholds)
    cells = np.maximum(pairs.probabilities(pairs.rho), SMALLEST_PROBABILITY)
    ratio = pairs.slopes(pairs.rho) / cells
    correlation_scores = _correlation_scores(table, ratio)
    on_thresholds = _scatter_cross(table, thresholds, _cross_with_thresholds(pairs, cells, ratio))

    influence_of_thresholds = _solve_within_items(threshold_scores, table.categories)
    rest = correlation_scores - influence_of_thresholds @ on_thresholds.T
    information = (pairs.counts * ratio**2).sum(axis=(1, 2))
    influence = np.hstack([influence_of_thresholds, rest / information])
    gamma: Array = len(table.codes) * (influence.T @ influence)
    return gamma


def _threshold_owner(categories: tuple[int, ...]) -> Codes:
    return np.repeat(np.arange(len(categories)), np.array(categories) - 1)


def _threshold_scores(table: _Table, thresholds: tuple[Array, ...]) -> Array:
    """∂ log P(category) / ∂τ of each row, zero where missing: n × number of thresholds."""
    blocks = []
    for column, tau in zip(table.codes.T, thresholds, strict=True):
        density = np.exp(-0.5 * tau * tau) / np.sqrt(2.0 * np.pi)
        probability = np.diff(ndtr(np.concatenate([[-np.inf], tau, [np.inf]])))
        by_category = np.zeros((len(tau) + 2, len(tau)))  # the last row is MISSING (-1)
        each = np.arange(len(tau))
        by_category[each, each] = density / probability[:-1]
        by_category[each + 1, each] = -density / probability[1:]
        blocks.append(by_category[column])
    return np.hstack(blocks)


def _correlation_scores(table: _Table, ratio: Array) -> Array:
    """∂ log π / ∂ρ of each row and pair, zero where either is missing: n × pairs."""
    first, second = pairs_of(len(table.names))
    row, column = table.codes[:, second], table.codes[:, first]
    scores: Array = ratio[np.arange(len(first)), row, column]
    if (table.codes == MISSING).any():
        scores[(row == MISSING) | (column == MISSING)] = 0.0
    return scores


def _cross_with_thresholds(pairs: _Pairs, cells: Array, ratio: Array) -> tuple[Array, Array]:
    """Σ rows (∂ log π/∂ρ)(∂ log π/∂τ) for the thresholds of the row and of the column item.

    Two arrays, pairs × (K - 1).  Moving τ_k adds ∂Φ₂/∂h(τ_k, ·) to category k and takes it from
    category k + 1.
    """
    weight = pairs.counts * ratio / cells
    rho = pairs.rho
    for_rows = _boundary_flow(pairs.row_limits, pairs.column_limits, rho)
    for_columns = _boundary_flow(pairs.column_limits, pairs.row_limits, rho)
    across = weight.transpose(0, 2, 1)
    return (
        (for_rows * (weight[:, :-1] - weight[:, 1:])).sum(axis=2),
        (for_columns * (across[:, :-1] - across[:, 1:])).sum(axis=2),
    )


def _boundary_flow(moving: Array, other: Array, rho: Array) -> Array:
    """φ(τ_k) P(other item in category b | latent response at τ_k): pairs × (K - 1) × K."""
    tau = moving[:, 1:-1, None]
    real = np.isfinite(tau)
    tau = np.where(real, tau, 0.0)
    density = np.where(real, np.exp(-0.5 * tau * tau) / np.sqrt(2.0 * np.pi), 0.0)
    spread = np.sqrt((1.0 - rho) * (1.0 + rho))[:, None, None]
    below = ndtr((other[:, None, :] - rho[:, None, None] * tau) / spread)
    flow: Array = density * np.diff(below, axis=2)
    return flow


def _scatter_cross(
    table: _Table, thresholds: tuple[Array, ...], cross: tuple[Array, Array]
) -> Array:
    """A₂₁: pairs × number of thresholds, from the padded halves of `_cross_with_thresholds`."""
    first, second = pairs_of(len(table.names))
    starts = np.concatenate([[0], np.cumsum([len(tau) for tau in thresholds])])
    matrix = np.zeros((len(first), starts[-1]))
    for items, half in zip((second, first), cross, strict=True):
        for item, tau in enumerate(thresholds):
            rows = np.flatnonzero(items == item)
            matrix[rows, starts[item] : starts[item + 1]] = half[rows, : len(tau)]
    return matrix


def _solve_within_items(scores: Array, categories: tuple[int, ...]) -> Array:
    """S₁ A₁₁⁻¹ with A₁₁ block-diagonal by item: n × number of thresholds."""
    solved = np.empty_like(scores)
    start = 0
    for width in categories:
        block = slice(start, start + width - 1)
        part = scores[:, block]
        solved[:, block] = np.linalg.solve(part.T @ part, part.T).T
        start += width - 1
    return solved
