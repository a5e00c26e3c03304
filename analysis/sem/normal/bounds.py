"""Minimises under bounds on the parameters, by the active set (Nocedal & Wright 2006, ch. 12, 16).

A bound that binds at the minimum holds as an equation there, and F would fall beyond it: with
∇F = μ ∇s for its slack s, μ > 0.  Bounds that the free minimum breaks are made equations one by
one, the worst first; one whose μ is negative is let go.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.table import ParameterTable
from analysis.sem.normal.optimise import Objective, PointT, Search, minimise

__all__ = ["Bounded", "minimise_bounded"]

_BROKEN = 1e-9  # a slack below minus this is no rounding error


@dataclass(frozen=True)
class Bounded:
    """The bounds of a table: which of them bind (by number), and all that holds as an equation."""

    active: tuple[int, ...]
    constraints: Constraints


def minimise_bounded(
    objective: Objective[PointT],
    start: PointT,
    equations: Constraints,
    table: ParameterTable,
    *,
    n: float,
    max_iterations: int,
) -> tuple[Search[PointT], Bounded]:
    """The minimum under the equations and the bounds of `table`, and those that bind there.

    Raises ModelSpecificationError where the bounds contradict each other or the equations.
    """
    slacks = Constraints(table, only=[item.slack for item in table.inequalities])
    active: list[int] = []
    released: set[tuple[int, ...]] = set()
    point, held = start, equations
    for _ in range(4 * len(slacks) + 1):
        held = _held(table, equations, active)
        search = minimise(objective, point, held, n=n, max_iterations=max_iterations)
        point = search.point
        if not len(slacks):
            return search, Bounded((), held)
        if not search.converged:
            rest = held.residual(objective.row_values(point.x))
            if len(active) and np.abs(rest).max() > _BROKEN:
                break
            return search, Bounded(tuple(sorted(active)), held)
        pushing = search.multipliers[len(equations) :]
        wrong = int(np.argmax(pushing)) if len(active) else 0
        if len(active) and pushing[wrong] > 0 and tuple(sorted(active)) not in released:
            released.add(tuple(sorted(active)))
            del active[wrong]
            continue
        slack = slacks.residual(objective.row_values(point.x))
        slack[active] = 0.0
        worst = int(np.argmin(slack))
        if slack[worst] >= -_BROKEN:
            return search, Bounded(tuple(sorted(active)), held)
        active.append(worst)
    texts = "; ".join(item.text for item in table.inequalities)
    raise ModelSpecificationError(
        f"the bounds {texts} cannot all hold, or depend on each other: leave one of them out",
        code="contradiction",
    )


def _held(table: ParameterTable, equations: Constraints, active: list[int]) -> Constraints:
    if not active:
        return equations
    slacks = [table.inequalities[number].slack for number in active]
    return Constraints(table, only=[*equations.expressions, *slacks])
