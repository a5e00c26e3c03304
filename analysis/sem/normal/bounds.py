"""Minimises under bounds on the parameters, by the active set (Nocedal & Wright 2006, ch. 12, 16).

A bound that binds at the minimum holds as an equation there, and F would fall beyond it: with
∇F = μ ∇s for its slack s, μ > 0.  Bounds that the free minimum breaks are made equations one by
one, the worst first; one whose μ is negative is let go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.table import ParameterTable
from analysis.sem.normal.optimise import Objective, PointT, Search, minimise

__all__ = ["Bounded", "first_minimum", "minimise_bounded"]

_BROKEN = 1e-9  # a slack below minus this is no rounding error
_FEW = 6  # bounds of which every set can be tried


@dataclass(frozen=True)
class Bounded:
    """The bounds of a table: which of them bind (by number), and all that holds as an equation."""

    active: tuple[int, ...]
    constraints: Constraints


def first_minimum(
    found: Iterable[tuple[Search[PointT], Bounded]],
) -> tuple[Search[PointT], Bounded]:
    """The first of searches from several starts that converged, else the first of all.

    A start that the sample suggests can lead into a valley without an end, where a factor is hardly
    measured in one group; a plainer start may find the minimum. No later search is begun in vain.
    """
    tried: list[tuple[Search[PointT], Bounded]] = []
    for one in found:
        if one[0].converged:
            return one
        tried.append(one)
    return tried[0]


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
    faces = _Faces(objective, start, equations, table, n, max_iterations)
    if not table.inequalities:
        return faces.minimum((), start)
    found = faces.by_active_set() or faces.best_of_all()
    if found is None:
        texts = "; ".join(item.text for item in table.inequalities)
        raise ModelSpecificationError(
            f"the bounds {texts} cannot all hold, or depend on each other: leave one of them out",
            code="contradiction",
        )
    return found


class _Faces(Generic[PointT]):
    """Minima under the equations and some of the bounds as further equations."""

    def __init__(
        self,
        objective: Objective[PointT],
        start: PointT,
        equations: Constraints,
        table: ParameterTable,
        n: float,
        max_iterations: int,
    ) -> None:
        self.objective, self.start, self.equations = objective, start, equations
        self.table, self.n, self.max_iterations = table, n, max_iterations
        self.slacks = Constraints(table, only=[item.slack for item in table.inequalities])

    def minimum(self, active: Sequence[int], point: PointT) -> tuple[Search[PointT], Bounded]:
        """The minimum with these bounds as equations, searched from `point`."""
        held = _held(self.table, self.equations, active)
        found = minimise(self.objective, point, held, n=self.n, max_iterations=self.max_iterations)
        return found, Bounded(tuple(sorted(active)), held)

    def slack(self, point: PointT, active: Sequence[int]) -> FloatArray:
        """How far each bound is from binding; zero for those that are held."""
        left = self.slacks.residual(self.objective.row_values(point.x))
        left[list(active)] = 0.0
        return left

    def by_active_set(self) -> tuple[Search[PointT], Bounded] | None:
        """None where adding and letting go leads nowhere; the free search where that failed."""
        active: list[int] = []
        released: set[tuple[int, ...]] = set()
        point = self.start
        for _ in range(4 * len(self.slacks) + 1):
            found, bounded = self.minimum(active, point)
            if not found.converged:
                return None if active else (found, bounded)
            point = found.point
            pushing = found.multipliers[len(self.equations) :]
            wrong = int(np.argmax(pushing)) if active else 0
            if active and pushing[wrong] > 0 and bounded.active not in released:
                released.add(bounded.active)
                del active[wrong]
                continue
            left = self.slack(point, active)
            if left.min() >= -_BROKEN:
                return found, bounded
            active.append(int(np.argmin(left)))
        return None

    def best_of_all(self) -> tuple[Search[PointT], Bounded] | None:
        """The least of the minima under every set of bounds that breaks none of the others.

        Bounds that imply each other lead the active set in circles.
        """
        count = len(self.slacks)
        sets = [
            chosen
            for size in range(count + 1 if count <= _FEW else 0)
            for chosen in combinations(range(count), size)
        ]
        faces = [self.minimum(chosen, self.start) for chosen in sets]
        sound = [
            (found, bounded)
            for found, bounded in faces
            if found.converged and self.slack(found.point, bounded.active).min() >= -_BROKEN
        ]
        return min(sound, key=lambda face: face[0].point.value) if sound else None


def _held(table: ParameterTable, equations: Constraints, active: Sequence[int]) -> Constraints:
    if not active:
        return equations
    slacks = [table.inequalities[number].slack for number in active]
    return Constraints(table, only=[*equations.expressions, *slacks])
