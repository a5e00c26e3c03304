"""The same comparison over a declared grid of choices: one row each, none left out for its result.

A grid is a product of dimensions (estimator, history, order, exclusions ...), each with its planned
choice first. Choices change the plan or keep some of the rows; the rest stays as planned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.compare.comparison import analyse, scores
from analysis.compare.errors import CompareError, PlanError
from analysis.compare.intervals import Interval
from analysis.compare.parallel import Work
from analysis.compare.plan import GroupSpec, Kind, Plan, SignSource
from analysis.compare.results import Comparison, PathEstimate, Resampling, SensitivityRow
from analysis.compare.uncertainty.assessment import assess

MEASURES = ("hard", "agree", "evidence", "joint")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a dimension.

    ``keep`` maps a column to the values (as text) whose rows stay; it concerns groups of ``kind``,
    or all groups where that is None. Empty ``estimator`` and ``missing`` mean the plan's.
    """

    option: str
    estimator: str = ""
    missing: str = ""
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Dimension:
    """One declared choice; the planned option comes first."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of choices, in the order of the dimensions."""

    names: tuple[str, ...]
    choices: tuple[Choice, ...]
    main: bool

    @property
    def options(self) -> dict[str, str]:
        """Dimension to option."""
        return {name: choice.option for name, choice in zip(self.names, self.choices, strict=True)}


def cells_of(grid: Sequence[Dimension]) -> list[Cell]:
    """Every combination, the planned one first. Raises ``PlanError`` for an empty dimension."""
    for dimension in grid:
        if not dimension.choices:
            raise PlanError(f"{dimension.name} has no choices.", code="empty_dimension")
    names = tuple(dimension.name for dimension in grid)
    combinations = product(*(dimension.choices for dimension in grid))
    return [Cell(names, choices, number == 0) for number, choices in enumerate(combinations)]


@dataclass(frozen=True, slots=True)
class _CellWorker:
    """Runs one cell; sent to every process once."""

    data: Mapping[str, NDArray[np.generic]]
    labels: NDArray[np.str_]
    plan: Plan
    groups: tuple[GroupSpec, ...]
    cluster: tuple[str, ...]
    resampling: Resampling | None

    def __call__(self, cell: Cell) -> list[SensitivityRow]:
        """Rows of every model, or rows that say why there are none."""
        try:
            return _rows(self._compare(cell), cell)
        except CompareError as error:
            models = [spec for spec in self.groups if spec.kind == Kind.LLM]
            return [
                SensitivityRow(
                    spec.key, measure, cell.options, None, main=cell.main, reason=error.code
                )
                for spec in models
                for measure in MEASURES
            ]

    def _compare(self, cell: Cell) -> Comparison:
        plan = self.plan
        for choice in cell.choices:
            plan = replace(
                plan,
                estimator=choice.estimator or plan.estimator,
                missing=choice.missing or plan.missing,
            )
        rows = np.flatnonzero(self._kept(cell))
        data = {name: column[rows] for name, column in self.data.items()}
        labels = self.labels[rows]
        sources = analyse(data, plan, group=labels, groups=self.groups, cluster=self.cluster)
        comparison = scores(sources)
        if self.resampling is None:
            return comparison
        return assess(comparison, sources, self.resampling, Work())

    def _kept(self, cell: Cell) -> NDArray[np.bool_]:
        kept = np.ones(len(self.labels), dtype=bool)
        for choice in cell.choices:
            concerned = [spec.key for spec in self.groups if choice.kind in (None, spec.kind)]
            for column, values in choice.keep.items():
                fits = np.isin(self.data[column].astype(str), values)
                kept &= fits | ~np.isin(self.labels, concerned)
        return kept


def sensitivity(
    data: Mapping[str, ArrayLike],
    plan: Plan,
    grid: Sequence[Dimension],
    *,
    group: ArrayLike,
    groups: Sequence[GroupSpec],
    cluster: Sequence[str] = (),
    resampling: Resampling | None = None,
    work: Work | None = None,
) -> tuple[SensitivityRow, ...]:
    """Score every model under every combination of the grid's choices.

    ``data`` holds the items and the columns that choices name; ``group`` one label per row. With
    ``resampling`` VAAR comes with intervals; paths have theirs in any case. Combinations run in
    parallel where ``work`` says so; the rows do not depend on it.

    Raises ``PlanError`` for an empty dimension or a column that the data lack.
    """
    cells = cells_of(grid)
    columns = {name: np.asarray(column) for name, column in data.items()}
    for choice in (choice for cell in cells for choice in cell.choices):
        if unknown := set(choice.keep) - set(columns):
            raise PlanError(
                f"{choice.option} keeps rows by {min(unknown)}, which the data lack.",
                code="unknown_column",
            )
    worker = _CellWorker(
        columns, np.asarray(group).astype(str), plan, tuple(groups), tuple(cluster), resampling
    )
    done = (work or Work()).carry_out(worker, cells)
    return tuple(row for rows in done for row in rows)


def _rows(comparison: Comparison, cell: Cell) -> list[SensitivityRow]:
    rows = [
        SensitivityRow(
            group=score.group,
            measure=measure,
            choices=cell.options,
            value=getattr(score, measure),
            interval=score.intervals.get(measure),
            main=cell.main,
        )
        for score in comparison.vaar
        if score.signs is SignSource.THEORY
        for measure in MEASURES
    ]
    models = {one.key for one in comparison.groups if one.kind == Kind.LLM}
    return rows + [
        _path_row(row, cell, comparison.plan.level)
        for row in comparison.paths
        if row.group in models
    ]


def _path_row(row: PathEstimate, cell: Cell, level: float) -> SensitivityRow:
    interval = (
        None
        if row.std_ci_lower is None or row.std_ci_upper is None
        else Interval(row.std_ci_lower, row.std_ci_upper, level)
    )
    reason = "" if row.reason is None else row.reason.value
    return SensitivityRow(row.group, row.path, cell.options, row.std, interval, cell.main, reason)
