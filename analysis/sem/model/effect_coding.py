"""Effect coding: factors in the units of their items (Little, Slegers & Card 2006).

No item is the marker: the loadings of each factor average one, and the intercepts of its
indicators sum to zero, so that factor variances and means are those of the average item.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from analysis.sem.model.language.expressions import (
    BinaryOperation,
    Constant,
    Expression,
    Node,
    Symbol,
)
from analysis.sem.model.rows import Row

__all__ = ["EFFECTS", "effect_coding"]

EFFECTS = ("loadings", "intercepts")


def effect_coding(
    rows: Sequence[Row], index: npt.NDArray[np.intp], effects: Sequence[str]
) -> list[Expression]:
    """The equations `expression == 0` of each factor in each group.

    `index` numbers the rows' free parameters.  Equations that equal labels repeat are given once,
    those without a free parameter left out.
    """
    found: dict[tuple[tuple[int, float], ...], Expression] = {}
    place = {(row.group, row.lhs): k for k, row in enumerate(rows) if row.op == "~1"}
    for factor, members in _loadings(rows).items():
        intercepts = [
            place[factor[0], rows[k].rhs] for k in members if (factor[0], rows[k].rhs) in place
        ]
        for kind, numbers, target in (
            ("loadings", members, float(len(members))),
            ("intercepts", intercepts, 0.0),
        ):
            if kind in effects and any(rows[k].free for k in numbers):
                key = tuple((int(index[k]), rows[k].value or 0.0) for k in numbers)
                text = f"sum of the {kind} of {factor[1]} - {target:g}"
                found.setdefault(key, _sum_less(numbers, target, text))
    return list(found.values())


def _loadings(rows: Sequence[Row]) -> dict[tuple[int, str], list[int]]:
    """By group and factor, the numbers of its loadings' rows."""
    found: dict[tuple[int, str], list[int]] = {}
    for number, row in enumerate(rows):
        if row.op == "=~" and row.lhs != row.rhs:
            found.setdefault((row.group, row.lhs), []).append(number)
    return found


def _sum_less(numbers: Sequence[int], target: float, text: str) -> Expression:
    node: Node = Constant(-target)
    for number in numbers:
        node = BinaryOperation("+", node, Symbol(f".p{number + 1}."))
    return Expression(node, text)
