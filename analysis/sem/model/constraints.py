"""Equality constraints `expression == 0` over labelled parameters, and defined parameters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.model.language.expressions import Expression
from analysis.sem.model.table import ParameterTable, require_known, written_out_definitions

__all__ = ["Constraints", "Definitions", "null_space"]


@dataclass(frozen=True)
class _Symbols:
    """Where labels find their values: the first row that carries each."""

    rows: dict[str, int]

    @classmethod
    def of(cls, table: ParameterTable) -> "_Symbols":
        rows = {f".p{number + 1}.": number for number in range(len(table.rows))}
        for number, row in enumerate(table.rows):
            if row.label and (row.label not in rows or row.label.startswith(".p")):
                rows.setdefault(row.label, number)
        return cls(rows)

    def environment(self, values: FloatArray, names: Sequence[str]) -> dict[str, float]:
        return {name: float(values[self.rows[name]]) for name in names if name in self.rows}


class Constraints:
    """The constraints c(x) = 0 of a table, or `only` those given, over its free parameters.

    `values` are row values (one per row of the table), Jacobians are by free parameter.
    Expressions may use names defined by `:=`.
    """

    def __init__(self, table: ParameterTable, only: Sequence[Expression] | None = None) -> None:
        written_out = written_out_definitions(table.definitions)
        given = table.constraints if only is None else only
        self.expressions = tuple(item.expanded(written_out) for item in given)
        require_known(table, self.expressions)
        self._symbols = _Symbols.of(table)
        self._index = table.index
        self._n_free = table.n_free

    def __len__(self) -> int:
        return len(self.expressions)

    def residual(self, values: FloatArray) -> FloatArray:
        """c, one entry per constraint."""
        return np.array(
            [e.value(self._symbols.environment(values, e.symbols)) for e in self.expressions]
        )

    def jacobian(self, values: FloatArray) -> FloatArray:
        """∂c/∂x, one row per constraint."""
        slopes = np.zeros((len(self.expressions), self._n_free))
        for number, expression in enumerate(self.expressions):
            names = expression.symbols
            point = self._symbols.environment(values, names)
            for name, slope in zip(names, expression.gradient(point, names), strict=True):
                free = self._index[self._symbols.rows[name]]
                if free >= 0:
                    slopes[number, free] += slope
        return slopes

    def are_linear(self, values: FloatArray) -> bool:
        """Whether the Jacobian is the same elsewhere."""
        return np.allclose(self.jacobian(values), self.jacobian(1.1 * values + 0.1), atol=1e-12)


class Definitions:
    """The parameters defined by `:=`; later definitions may use earlier ones."""

    def __init__(self, table: ParameterTable) -> None:
        self.items = table.definitions
        earlier: set[str] = set()
        for name, expression in self.items:
            require_known(table, [expression], earlier)
            earlier.add(name)
        self._symbols = _Symbols.of(table)
        self._n_rows = len(table.rows)

    def __len__(self) -> int:
        return len(self.items)

    def evaluate(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Values (d,) and their Jacobian by row value (d × rows), at these row values."""
        known: dict[str, float] = {}
        slopes: dict[str, FloatArray] = {}
        for name, expression in self.items:
            names = expression.symbols
            point = {**self._symbols.environment(values, names)}
            point |= {symbol: known[symbol] for symbol in names if symbol in known}
            total = np.zeros(self._n_rows)
            for symbol, slope in zip(names, expression.gradient(point, names), strict=True):
                if symbol in known:
                    total += slope * slopes[symbol]
                else:
                    total[self._symbols.rows[symbol]] += slope
            known[name], slopes[name] = expression.value(point), total
            if not np.isfinite(known[name]):
                slopes[name] = np.full(self._n_rows, np.nan)
        return np.array(list(known.values())), np.array(list(slopes.values()))


def null_space(jacobian: FloatArray) -> tuple[FloatArray, int]:
    """An orthonormal basis of the directions the constraints leave free, and their rank."""
    if not len(jacobian):
        return np.eye(jacobian.shape[1]), 0
    _, singular, right = np.linalg.svd(jacobian)
    rank = int((singular > 1e-10 * max(singular[0], 1e-300)).sum())
    return right[rank:].T, rank
