"""Starting values from the sample moments, close enough for a few scoring steps to finish.

Loadings by instrumental variables in the manner of FABIN (Hägglund 1982, Psychometrika 47), then
factor variances and covariances by least squares on the covariances between items, slopes by the
normal equations among factors.
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.model.representation import Layout

__all__ = ["plain_start", "start_values"]


def start_values(layout: Layout, mean: FloatArray, cov: FloatArray) -> FloatArray:
    """Starting values of the free parameters from group means (G × p) and covariances."""
    values = np.zeros(len(layout.table.rows))
    for group in range(layout.n_groups):
        guess = _Guess(layout, group, mean[group], cov[group])
        guess.fill(values)
    return _collect(layout, values)


def plain_start(layout: Layout, mean: FloatArray, cov: FloatArray) -> FloatArray:
    """A start that is always admissible: unrelated factors of small variance."""
    spread = np.diagonal(cov, axis1=1, axis2=2)
    values = np.zeros(len(layout.table.rows))
    for number, (row, place) in enumerate(zip(layout.table.rows, layout.places, strict=True)):
        observed = row.lhs in layout.observed
        column = layout.observed.index(row.lhs) if observed else -1
        if place.matrix in ("lambda", "beta") and row.op == "=~":
            values[number] = 1.0
        elif place.matrix in ("psi", "theta") and place.i == place.j:
            values[number] = 0.5 * spread[row.group, column] if observed else 0.05
        elif place.matrix in ("nu", "alpha") and observed:
            values[number] = mean[row.group, column]
    return _collect(layout, values)


def _collect(layout: Layout, values: FloatArray) -> FloatArray:
    """Averages rows of one label; a start given by the user wins."""
    rows = layout.table.rows
    given = np.array([row.free and row.value is not None for row in rows])
    values = np.where(given, [row.value or 0.0 for row in rows], values)
    index = layout.table.index
    weight = np.where(given, 1e6, 1.0)
    here = index >= 0
    total = np.bincount(index[here], weights=(values * weight)[here], minlength=layout.n_free)
    return np.asarray(total / np.bincount(index[here], weights=weight[here]))


@dataclass
class _Factor:
    """A factor's indicators, as numbers among items and factors, and provisional loadings."""

    number: int
    items: list[int]
    loadings: FloatArray


class _Guess:
    """Works through one group's factors, from those measured by items to those above them."""

    def __init__(self, layout: Layout, group: int, mean: FloatArray, cov: FloatArray) -> None:
        self.layout, self.group, self.mean = layout, group, mean
        self.p, self.m = len(layout.observed), len(layout.latent)
        # covariances among observed and latent variables together, latent ones filled as found
        self.joint = np.zeros((self.p + self.m, self.p + self.m))
        self.joint[: self.p, : self.p] = cov
        self.residual = 0.5 * np.diag(self.joint)
        self.numbers = [
            number for number, row in enumerate(layout.table.rows) if row.group == group
        ]
        self.fixed = layout.fixed_values
        self.loadings: dict[int, float] = {}
        self._adopt_carried()
        self._find_factors()

    def _adopt_carried(self) -> None:
        for number, name in enumerate(self.layout.latent):
            if name in self.layout.observed:
                column = self.layout.observed.index(name)
                place = self.p + number
                self.joint[place] = self.joint[column]
                self.joint[:, place] = self.joint[:, column]
                self.joint[place, place] = self.joint[column, column]

    def _indicator(self, row_number: int) -> int:
        place = self.layout.places[row_number]
        return place.i if place.matrix == "lambda" else self.p + place.i

    def _find_factors(self) -> None:
        measures: dict[int, list[int]] = {}
        for number in self.numbers:
            if self.layout.table.rows[number].op == "=~":
                measures.setdefault(self.layout.places[number].j, []).append(number)
        waiting = dict(measures)
        while waiting:
            ready = [
                factor
                for factor, rows in waiting.items()
                if not any(self._indicator(row) - self.p in waiting for row in rows)
            ]
            for factor in ready or list(waiting):
                self._place_factor(factor, waiting.pop(factor))

    def _place_factor(self, factor: int, rows: list[int]) -> None:
        items = [self._indicator(row) for row in rows]
        part = self.joint[np.ix_(items, items)]
        loadings = _relative_loadings(part)
        variance = _common_variance(part, loadings)
        scale = self._scale(factor, rows, loadings, variance)
        loadings, variance = loadings * scale, variance / scale**2
        place, p = self.p + factor, self.p
        weights = loadings / (loadings @ loadings)
        cross = weights @ self.joint[items]
        self.joint[place], self.joint[:, place] = cross, cross
        self.joint[place, place] = variance
        for row, item, loading in zip(rows, items, loadings, strict=True):
            self.loadings[row] = loading
            total = float(self.joint[item, item])
            rest = total - float(loading) ** 2 * variance
            self.residual[item] = min(max(rest, 0.1 * total), 0.9 * total)
            if item >= p:
                self.joint[place, item] = self.joint[item, place] = loading * variance

    def _scale(self, factor: int, rows: list[int], loadings: FloatArray, variance: float) -> float:
        for row, loading in zip(rows, loadings, strict=True):
            value = self.fixed[row]
            if not self.layout.table.rows[row].free and value != 0:
                return float(value / loading)
        name = self.layout.latent[factor]
        for number in self.numbers:
            other = self.layout.table.rows[number]
            own = other.op == "~~" and other.lhs == other.rhs == name
            if own and not other.free and other.value:
                return float(np.sqrt(variance / other.value))
        return 1.0

    def fill(self, values: FloatArray) -> None:
        """Writes the group's starting values into `values` (one per row of the table)."""
        slopes, disturbance = self._regressions()
        for number in self.numbers:
            row, place = self.layout.table.rows[number], self.layout.places[number]
            match place.matrix:
                case "lambda" | "beta" if row.op == "=~":
                    values[number] = self.loadings.get(number, 1.0)
                case "beta":
                    values[number] = slopes.get((place.i, place.j), 0.0)
                case "theta" if place.i == place.j:
                    values[number] = self.residual[place.i]
                case "psi":
                    values[number] = self._spread(place.i, place.j, disturbance)
                case "nu":
                    values[number] = self.mean[place.i]
                case "alpha" if row.lhs in self.layout.observed:
                    values[number] = self._origin(place.i, slopes)
                case _:
                    pass

    def _spread(self, i: int, j: int, disturbance: dict[int, float]) -> float:
        if i == j:
            if i in disturbance:
                return disturbance[i]
            explained = self.p + i in {self._indicator(row) for row in self.loadings}
            return float(self.residual_of(i) if explained else self.joint[self.p + i, self.p + i])
        if i in disturbance or j in disturbance:
            return 0.0
        return 0.9 * float(self.joint[self.p + i, self.p + j])

    def residual_of(self, factor: int) -> float:
        """Half the variance of a factor that a higher one explains."""
        return 0.5 * float(self.joint[self.p + factor, self.p + factor])

    def _origin(self, number: int, slopes: dict[tuple[int, int], float]) -> float:
        observed = self.layout.observed
        total = float(self.mean[observed.index(self.layout.latent[number])])
        for (i, j), slope in slopes.items():
            if i == number and self.layout.latent[j] in observed:
                total -= slope * float(self.mean[observed.index(self.layout.latent[j])])
        return total

    def _regressions(self) -> tuple[dict[tuple[int, int], float], dict[int, float]]:
        predictors: dict[int, list[int]] = {}
        for number in self.numbers:
            if self.layout.table.rows[number].op == "~":
                place = self.layout.places[number]
                predictors.setdefault(place.i, []).append(place.j)
        slopes: dict[tuple[int, int], float] = {}
        disturbance: dict[int, float] = {}
        for outcome, causes in predictors.items():
            at = [self.p + cause for cause in causes]
            part = self.joint[np.ix_(at, at)]
            part = part + 0.1 * np.diag(np.diag(part))
            link = self.joint[at, self.p + outcome]
            slope = np.linalg.lstsq(part, link, rcond=None)[0]
            total = self.joint[self.p + outcome, self.p + outcome]
            disturbance[outcome] = float(max(total - slope @ link, 0.2 * total))
            slopes |= {(outcome, cause): float(s) for cause, s in zip(causes, slope, strict=True)}
        return slopes, disturbance


def _relative_loadings(part: FloatArray) -> FloatArray:
    """Loadings relative to the first item, the other items as instruments, from covariances."""
    if len(part) < 3:
        return np.ones(len(part))
    link, variance = part[0].copy(), part.diagonal()
    link[0] = 0.0
    # sums over the instruments: every item but the first and the item itself
    strength = link @ link - link**2
    usable = strength > 0.0
    raw = (part @ link - variance * link) / np.where(usable, strength, 1.0)
    spread = np.sqrt(np.maximum(variance, 1e-12))
    bound = 3.0 * spread / spread[0]
    bounded = np.minimum(np.maximum(np.where(usable, raw, 1.0), -bound), bound)
    loadings: FloatArray = np.where(bounded == 0.0, 0.1 * bound, bounded)
    loadings[0] = 1.0
    return loadings


def _common_variance(part: FloatArray, loadings: FloatArray) -> float:
    """Least squares of the covariances between items on the products of their loadings."""
    total = float(part[0, 0])
    if len(part) < 2:
        return total if total > 0 else 1.0
    square = loadings**2
    shared = float(loadings @ part @ loadings - square @ part.diagonal())
    strength = float(square.sum()) ** 2 - float(square @ square)
    best = shared / max(strength, 1e-12)
    return min(max(best, 0.05 * total), 0.95 * total) or 0.05
