"""The second stage: the residual correlation of every pair of variables, given their margins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.errors import DataError
from analysis.sem.ordinal.polychoric import PairTables
from analysis.sem.ordinal.stages.coding import MISSING, Answers
from analysis.sem.ordinal.stages.margins import Continuous, Margin, Ordered
from analysis.sem.ordinal.stages.polyserial import (
    PairResult,
    continuous_correlations,
    polyserial_correlations,
)
from analysis.sem.ordinal.stages.row_polychoric import polychoric_correlations_given

__all__ = ["Correlations", "correlations_of"]

OneT = TypeVar("OneT", bound=Margin)
OtherT = TypeVar("OtherT", bound=Margin)


@dataclass(frozen=True, slots=True)
class Correlations:
    """All pairs, down the columns of the lower triangle.

    `rho` (pairs,); `scores` ∂ log L/∂ρ of every row without its weight, n × pairs; `crossed` their
    weighted cross-products with the pairs' log-likelihood differentiated by the parameters of all
    margins, pairs × Q.
    """

    rho: FloatArray
    scores: FloatArray
    crossed: FloatArray


def correlations_of(answers: Answers, margins: Sequence[Margin]) -> Correlations:
    """Polychoric, polyserial and product-moment correlations, each at its own maximum.

    Raises DataError coded perfect_association where a likelihood keeps rising towards ±1.
    """
    p = len(margins)
    widths = [margin.influence.shape[1] for margin in margins]
    starts = np.concatenate([[0], np.cumsum(widths)]).astype(np.intp)
    pairs = p * (p - 1) // 2
    found = _Found(
        answers=answers,
        starts=starts,
        numbers=_pair_numbers(p),
        rho=np.zeros(pairs),
        scores=np.zeros((len(answers.values), pairs)),
        crossed=np.zeros((pairs, int(starts[-1]))),
    )
    ordered = {column: m for column, m in enumerate(margins) if isinstance(m, Ordered)}
    continuous = {column: m for column, m in enumerate(margins) if isinstance(m, Continuous)}
    if answers.covariates.rows.shape[1]:
        found.take_each(ordered, ordered, polychoric_correlations_given)
    elif len(ordered) > 1:
        found.take_tables(ordered)
    found.take_each(ordered, continuous, polyserial_correlations)
    found.take_each(continuous, continuous, continuous_correlations)
    return Correlations(found.rho, found.scores, found.crossed)


def _pair_numbers(p: int) -> IntArray:
    numbers = np.zeros((p, p), dtype=np.intp)
    first, second = np.triu_indices(p, 1)
    numbers[first, second] = numbers[second, first] = np.arange(len(first))
    return numbers


@dataclass(frozen=True, slots=True)
class _Found:
    """Arrays being filled; `starts` is where each margin's parameters begin."""

    answers: Answers
    starts: IntArray
    numbers: IntArray
    rho: FloatArray
    scores: FloatArray
    crossed: FloatArray

    def take_each(
        self,
        ones: dict[int, OneT],
        others: dict[int, OtherT],
        correlate: Callable[[OneT, Sequence[OtherT]], PairResult],
    ) -> None:
        """Correlates each of `ones` with all of `others`, those behind it if both are of a kind."""
        same = ones.keys() == others.keys()
        for column, one in ones.items():
            partners = [other for other in others if not same or other > column]
            if partners:
                self._put(column, partners, correlate(one, [others[k] for k in partners]))

    def _put(self, column: int, partners: Sequence[int], result: PairResult) -> None:
        if not result.converged.all():
            self._refuse(column, partners[int(np.flatnonzero(~result.converged)[0])])
        at = self.numbers[column, list(partners)]
        self.rho[at] = result.rho
        self.scores[:, at] = result.scores
        self.crossed[at, self.starts[column] : self.starts[column + 1]] = result.with_first
        for number, partner, sums in zip(at, partners, result.with_second, strict=True):
            self.crossed[number, self.starts[partner] : self.starts[partner + 1]] = sums

    def take_tables(self, ordered: dict[int, Ordered]) -> None:
        """All pairs of ordered items without covariates, from their contingency tables."""
        columns = list(ordered)
        codes = self.answers.codes(columns)
        width = max(self.answers.categories)
        counts = _pair_counts(codes, width, self.answers.covariates.weight)
        tables = PairTables.of(counts, [m.thresholds for m in ordered.values()])
        rho, converged = tables.fit()
        first, second = np.triu_indices(len(columns), 1)
        if not converged.all():
            worst = int(np.flatnonzero(~converged)[0])
            self._refuse(columns[first[worst]], columns[second[worst]])
        result = tables.scores(rho)
        at = self.numbers[np.array(columns)[first], np.array(columns)[second]]
        row, column = codes[:, second], codes[:, first]
        scores = result.by_cell[np.arange(len(first)), row, column]
        scores[(row == MISSING) | (column == MISSING)] = 0.0
        self.rho[at], self.scores[:, at] = rho, scores
        for items, half in (
            (second, result.with_row_thresholds),
            (first, result.with_column_thresholds),
        ):
            for item, margin in enumerate(ordered.values()):
                rows = np.flatnonzero(items == item)
                start, count = self.starts[columns[item]], len(margin.thresholds)
                self.crossed[at[rows], start : start + count] = half[rows, :count]

    def _refuse(self, first: int, second: int) -> None:
        one, other = (self.answers.names[column] for column in sorted((first, second)))
        raise DataError(
            f"{one} and {other} order the respondents of group {self.answers.group} alike, so "
            "their polychoric correlation has no maximum inside (-1, 1); drop one of them, or use "
            'estimator="MLR"',
            code="perfect_association",
        )


def _pair_counts(codes: IntArray, width: int, weight: FloatArray) -> FloatArray:
    """Weighted contingency tables of all pairs, padded with zeros to the widest item (pairs × K ×
    K)."""
    p = codes.shape[1]
    flat = (codes[:, :, None] == np.arange(width)).reshape(len(codes), p * width).astype(np.float64)
    crossed = (flat.T @ (weight[:, None] * flat)).reshape(p, width, p, width)
    first, second = np.triu_indices(p, 1)
    tables: FloatArray = crossed[second, :, first, :]
    return tables
