"""Thresholds, polychoric correlations and their asymptotic covariance, one group at a time.

Three stages (Muthén 1984, Psychometrika 49, 115-132; Jöreskog 1994, Psychometrika 59, 381-389):
thresholds from the cumulative proportions of each item; each polychoric correlation by maximum
likelihood given the thresholds (Olsson 1979, Psychometrika 44, 443-460); the asymptotic
covariance Γ of all of them from the casewise scores.  Every step runs over all pairs at once.

Statistics are ordered as lavaan orders them: thresholds variable by variable, then correlations
down the columns of the lower triangle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.data.categories import (
    collapse_advice,
    frequencies,
    observed_levels,
)
from analysis.sem.errors import DataError, ZeroVarianceError
from analysis.sem.ordinal.polychoric import PairScores, PairTables, pairs_of

MissingRule = Literal["listwise", "pairwise"]

MISSING = -1


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
    thresholds: tuple[FloatArray, ...]
    correlation: FloatArray
    gamma: FloatArray
    n: int

    @property
    def statistics(self) -> FloatArray:
        """Thresholds by item, then correlations down the columns of the lower triangle: (m,)."""
        first, second = pairs_of(len(self.names))
        return np.concatenate([*self.thresholds, self.correlation[second, first]])

    @property
    def threshold_owner(self) -> IntArray:
        """For each threshold in `statistics`, the column of the item it belongs to."""
        return _threshold_owner(self.categories)


def ordinal_moments_by_group(
    groups: Sequence[FloatArray],
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
    codes: FloatArray,
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
    pairs = PairTables.of(table.pair_counts(), thresholds)
    rho, converged = pairs.fit()
    _refuse_perfect(converged, table)
    correlation = np.eye(len(names))
    first, second = pairs_of(len(names))
    correlation[first, second] = correlation[second, first] = rho
    return OrdinalMoments(
        names=tuple(names),
        categories=table.categories,
        thresholds=thresholds,
        correlation=correlation,
        gamma=_gamma(table, thresholds, pairs.scores(rho)),
        n=len(table.codes),
    )


# --- data as codes -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """Integer codes (n × p, MISSING = -1) and where they come from."""

    names: tuple[str, ...]
    group: str
    codes: IntArray
    categories: tuple[int, ...]

    def thresholds(self) -> tuple[FloatArray, ...]:
        """τ = Φ⁻¹ of the cumulative proportions, per item."""
        return tuple(
            ndtri(np.cumsum(counts)[:-1] / counts.sum())
            for counts in (
                np.bincount(column[column != MISSING], minlength=width)
                for column, width in zip(self.codes.T, self.categories, strict=True)
            )
        )

    def pair_counts(self) -> FloatArray:
        """Contingency tables of all pairs, padded with zeros to the widest item: pairs × K × K."""
        width = max(self.categories)
        p = self.codes.shape[1]
        indicators = self.codes[:, :, None] == np.arange(width)
        flat = indicators.reshape(len(self.codes), p * width).astype(np.float64)
        crossed = (flat.T @ flat).reshape(p, width, p, width)
        first, second = pairs_of(p)
        tables: FloatArray = crossed[second, :, first, :]
        return tables


def _codes(values: FloatArray, levels: Sequence[FloatArray]) -> FloatArray:
    codes = np.full(values.shape, np.nan)
    for j, level in enumerate(levels):
        present = ~np.isnan(values[:, j])
        codes[present, j] = np.searchsorted(level, values[present, j])
    return codes


def _table_of(
    codes: FloatArray, *, names: tuple[str, ...], group: str, missing: MissingRule
) -> _Table:
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


def _refuse_constant(counts: Sequence[IntArray], names: Sequence[str], group: str) -> None:
    constant = [name for name, row in zip(names, counts, strict=True) if np.count_nonzero(row) < 2]
    if constant:
        raise ZeroVarianceError({group: constant})


def _refuse_empty_categories(
    groups: Sequence[FloatArray],
    levels: Sequence[FloatArray],
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
    counts: IntArray,
    remedy: str = "merge the category with its neighbour in every group",
) -> DataError:
    listed = " ".join(str(count) for count in counts)
    return DataError(
        f"some categories of variable {name} are empty in group {group}; "
        f'frequencies are [{listed}]; {remedy}, or use estimator="MLR"',
        code="empty_category",
    )


def _refuse_perfect(converged: Mask, table: _Table) -> None:
    if converged.all():
        return
    first, second = pairs_of(len(table.names))
    at = int(np.flatnonzero(~converged)[0])
    raise DataError(
        f"{table.names[first[at]]} and {table.names[second[at]]} order the respondents of "
        f"group {table.group} alike, so their polychoric correlation has no maximum inside "
        '(-1, 1); drop one of them, or use estimator="MLR"',
        code="perfect_association",
    )


# --- asymptotic covariance ---------------------------------------------------------------------


def _gamma(table: _Table, thresholds: tuple[FloatArray, ...], scores: PairScores) -> FloatArray:
    """Γ from the influence of every row: B⁻¹ S' column by column, never B⁻¹ itself."""
    thresholds_alone = _solve_within_items(_threshold_scores(table, thresholds), table.categories)
    rest = _correlation_scores(table, scores.by_cell)
    rest -= thresholds_alone @ _crossed_scores(table, thresholds, scores).T
    influence = np.hstack([thresholds_alone, rest / scores.information])
    gamma: FloatArray = len(table.codes) * (influence.T @ influence)
    return gamma


def _threshold_owner(categories: tuple[int, ...]) -> IntArray:
    return np.repeat(np.arange(len(categories)), np.array(categories) - 1)


def _threshold_scores(table: _Table, thresholds: tuple[FloatArray, ...]) -> FloatArray:
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


def _correlation_scores(table: _Table, ratio: FloatArray) -> FloatArray:
    """∂ log π / ∂ρ of each row and pair, zero where either is missing: n × pairs."""
    first, second = pairs_of(len(table.names))
    row, column = table.codes[:, second], table.codes[:, first]
    scores: FloatArray = ratio[np.arange(len(first)), row, column]
    if (table.codes == MISSING).any():
        scores[(row == MISSING) | (column == MISSING)] = 0.0
    return scores


def _crossed_scores(
    table: _Table, thresholds: tuple[FloatArray, ...], scores: PairScores
) -> FloatArray:
    """A₂₁: pairs × number of thresholds."""
    first, second = pairs_of(len(table.names))
    starts = np.concatenate([[0], np.cumsum([len(tau) for tau in thresholds])])
    matrix = np.zeros((len(first), starts[-1]))
    halves = (scores.with_row_thresholds, scores.with_column_thresholds)
    for items, half in zip((second, first), halves, strict=True):
        for item, tau in enumerate(thresholds):
            rows = np.flatnonzero(items == item)
            matrix[rows, starts[item] : starts[item + 1]] = half[rows, : len(tau)]
    return matrix


def _solve_within_items(scores: FloatArray, categories: tuple[int, ...]) -> FloatArray:
    """S₁ A₁₁⁻¹ with A₁₁ block-diagonal by item: n × number of thresholds."""
    solved = np.empty_like(scores)
    start = 0
    for width in categories:
        block = slice(start, start + width - 1)
        part = scores[:, block]
        solved[:, block] = np.linalg.solve(part.T @ part, part.T).T
        start += width - 1
    return solved
