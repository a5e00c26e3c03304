"""The answers of one group as a matrix, and the scores that a plan makes of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.compare.data.reference import Reference
from analysis.compare.errors import ComparisonDataError
from analysis.compare.plan import Plan, told_column

Array = NDArray[np.float64]
Columns = Mapping[str, ArrayLike]
# Share of a score's items that may be unanswered: one of three, two of six.
MAX_MISSING_SHARE = 1 / 3


@dataclass(frozen=True, slots=True, eq=False)
class GroupSample:
    """Oriented answers of one group, one row per session: ``values`` (n, k), NaN where missing.

    ``clusters`` (n,) numbers the draws that rows share (a persona, a matched person, a school);
    whoever shares none is a cluster of its own. People may have sampling ``weights`` (n,) and
    numbered ``strata`` (n,). What is known ``about`` rows is text, (n,): what people said of
    themselves, by question; the condition that a session stood in, by factor.
    ``told`` maps what sessions were told of whom they speak as, and people of themselves, to (n,):
    numbers (NaN where unknown) or words ("" where unknown).
    """

    group: str
    names: tuple[str, ...]
    values: Array
    clusters: NDArray[np.int64]
    weights: Array | None = None
    strata: NDArray[np.int64] | None = None
    about: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    told: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> Array:
        """One item's answers, (n,)."""
        values: Array = self.values[:, self.names.index(name)]
        return values

    def block(self, names: Sequence[str]) -> Array:
        """Several items' answers, (n, len(names))."""
        values: Array = self.values[:, [self.names.index(name) for name in names]]
        return values

    def take(self, rows: NDArray[Any]) -> "GroupSample":
        """The same group at these row numbers, repeats allowed."""
        return GroupSample(
            self.group,
            self.names,
            self.values[rows],
            self.clusters[rows],
            None if self.weights is None else self.weights[rows],
            None if self.strata is None else self.strata[rows],
            {key: values[rows] for key, values in self.about.items()},
            {key: values[rows] for key, values in self.told.items()},
        )

    @property
    def reference(self) -> Reference:
        """What estimates of these rows are held against: clusters count where rows share them."""
        return Reference.of(self.clusters)

    def mean_score(self, names: Sequence[str]) -> Array:
        """Mean over items, NaN where too few were answered. Shape (n,); see `mean_score`."""
        return mean_score(self.block(names))

    def block_scores(self, blocks: Sequence[Sequence[str]]) -> Array:
        """One mean score per block of items, (n, len(blocks))."""
        return np.column_stack([self.mean_score(names) for names in blocks])

    def constant(self, names: Iterable[str]) -> tuple[str, ...]:
        """The items that everyone who answered them answered alike."""
        without = self.unanswered(names := tuple(names))
        return tuple(
            name for name in names if name not in without and is_constant(self.column(name))
        )

    def unanswered(self, names: Iterable[str]) -> tuple[str, ...]:
        """The items that nobody answered."""
        return tuple(name for name in names if not np.isfinite(self.column(name)).any())


def mean_score(values: Array) -> Array:
    """Row means of the answers given, NaN where too many are missing. ``values``: (n, k).

    A missing answer is never replaced by a number: the mean is over the answers given.
    """
    given = np.isfinite(values)
    count = given.sum(axis=1)
    total = np.where(given, values, 0.0).sum(axis=1)
    missing = values.shape[1] - count
    # The small term lets 1/3 of 3 be 1 in binary arithmetic.
    enough = missing <= MAX_MISSING_SHARE * values.shape[1] + 1e-9
    return np.where(enough & (count > 0), total / np.maximum(count, 1), np.nan)


def weighted_variance(values: Array, weights: Array | None) -> float:
    """Variance of the values given, divisor n; with weights, of those that the rows stand for."""
    given = np.isfinite(values)
    weight = None if weights is None else weights[given]
    mean = np.average(values[given], weights=weight)
    return float(np.average((values[given] - mean) ** 2, weights=weight))


def is_constant(values: Array) -> bool:
    """True where fewer than two different values were given: none, or one."""
    given = values[np.isfinite(values)]
    return given.size == 0 or bool(np.all(given == given[0]))


def read_samples(
    data: Columns,
    plan: Plan,
    *,
    group: str | ArrayLike,
    cluster: Sequence[str] = (),
    names: Sequence[str] | None = None,
    conditions: Sequence[str] = (),
    told: Sequence[str] = (),
) -> dict[str, GroupSample]:
    """Split columns of oriented answers into one ``GroupSample`` per group, in order of appearance.

    ``group`` is a column name or one label per row. ``cluster`` names columns whose combination
    tells clusters apart; without it every row is its own cluster. ``names`` limits the groups;
    ``told`` names what sessions were told, whose columns are called as ``told_column`` says.
    Weights, strata and subgroups are those of the reference group alone, ``conditions`` (columns)
    those of the others.
    Raises ``ComparisonDataError`` where a column or the reference group is missing.
    """
    labels = np.asarray(_column(data, group) if isinstance(group, str) else group).astype(str)
    measured = dict.fromkeys(item.name for item in plan.items)
    items = [*measured, *plan.covariates, *plan.people.adjusted]
    values = np.column_stack([_numbers(data, name) for name in items])
    codes = _cluster_codes([_column(data, name) for name in cluster], len(labels))
    said = {name: np.asarray(_column(data, told_column(name))) for name in told}
    wanted = names if names is not None else tuple(dict.fromkeys(labels.tolist()))
    if plan.reference_group not in wanted or plan.reference_group not in labels:
        raise ComparisonDataError(
            f"There are no rows of the reference group {plan.reference_group}.",
            code="no_reference_group",
        )
    chosen = {name: np.asarray(_column(data, name)).astype(str) for name in conditions}
    samples = {
        name: GroupSample(
            name,
            tuple(items),
            values[labels == name],
            codes[labels == name],
            about={factor: levels[labels == name] for factor, levels in chosen.items()},
            told={one: column[labels == name] for one, column in said.items()},
        )
        for name in wanted
    }
    people = labels == plan.reference_group
    samples[plan.reference_group] = _as_sampled(samples[plan.reference_group], data, people, plan)
    return samples


def _as_sampled(
    sample: GroupSample, data: Columns, rows: NDArray[np.bool_], plan: Plan
) -> GroupSample:
    """The people with their weights, strata and subgroups, as far as the plan names them."""
    design = plan.people
    strata = [_column(data, design.stratum)] if design.stratum else []
    return replace(
        sample,
        weights=_weights(_numbers(data, design.weight)[rows]) if design.weight else None,
        strata=_cluster_codes(strata, len(rows))[rows] if strata else None,
        about={
            one.by: np.asarray(_column(data, one.by)).astype(str)[rows] for one in design.subgroups
        },
    )


def _weights(values: Array) -> Array:
    if wrong := int(np.sum(~(np.isfinite(values) & (values > 0.0)))):
        raise ComparisonDataError(
            f"{wrong} of {len(values)} people have no positive weight. Leave them out.",
            code="weights",
        )
    return values


def _column(data: Columns, name: str) -> ArrayLike:
    try:
        return data[name]
    except KeyError:
        raise ComparisonDataError(
            f"The data have no column {name}.", code="unknown_column"
        ) from None


def _numbers(data: Columns, name: str) -> Array:
    column = _column(data, name)
    try:
        return np.asarray(column, dtype=float)
    except (TypeError, ValueError):
        raise ComparisonDataError(
            f"Column {name} holds something that is not a number. Missing answers are NaN.",
            code="not_numeric",
        ) from None


def _cluster_codes(columns: Sequence[ArrayLike], rows: int) -> NDArray[np.int64]:
    if not columns:
        return np.arange(rows, dtype=np.int64)
    table = np.column_stack([np.asarray(column).astype(str) for column in columns])
    _, codes = np.unique(table, axis=0, return_inverse=True)
    return codes.reshape(-1).astype(np.int64)
