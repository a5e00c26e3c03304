"""The no-model row: what a plain regression on what the sessions were told would score.

A regression knows how each construct depends on what was told (age, gender, ...) and nothing of how
attitude goes with action. Its answers are as like the people's as what was told can make them,
construct by construct, and their paths are those that what was told implies. A model that scores no
higher has added nothing to its persona.

In each draw the people are split at random into halves. On the first half every outcome, on the
second every predictor (a mean score y) is regressed on what was told, x: y = x b + e. Sessions are
drawn with replacement; each gets x b, and an e dealt to it from those of the half, for each
construct by itself. Of these answers the plan's regressions are taken. Two halves, because one and
the same people's chance residuals in both regressions would smuggle in their own path, the more of
it the more is told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.compare.codes import NoModel
from analysis.compare.companions import NoModelScore
from analysis.compare.data.measurement import (
    ModelSpec,
    composite_columns,
    composite_name,
    spec_for,
)
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.plan import Plan
from analysis.compare.uncertainty.draws import Purpose, stream
from analysis.compare.uncertainty.refits import DECIMALS
from analysis.compare.uncertainty.summaries import intervals, means
from analysis.compare.vaar.rates import PathArrays, Scale

# People with complete answers needed for each column of the regression.
PEOPLE_PER_COLUMN = 10


@dataclass(frozen=True, slots=True)
class Sampling:
    """How often samples of how many sessions are drawn, in the streams of which group."""

    seed: int
    group: int
    size: int
    draws: int


@dataclass(frozen=True, slots=True)
class PathsWithoutModel:
    """Standardised paths of the drawn samples, (draws, P); None unless scored.

    ``told`` names what the regression rests on.
    """

    standing: NoModel
    told: tuple[str, ...] = ()
    paths: PathArrays | None = None


def paths_without_model(
    plan: Plan,
    people: GroupSample,
    model: GroupSample,
    told: Sequence[str] | None,
    sampling: Sampling,
) -> PathsWithoutModel:
    """Draw the paths that a plain regression gives; ``told`` as in ``GroupSpec``."""
    if told is None:
        return PathsWithoutModel(NoModel.NOT_RECORDED)
    if not told:
        return PathsWithoutModel(NoModel.NOTHING_TOLD)
    known = tuple(name for name in told if is_known(people.told[name]).any())
    design = Design.of(people.told, known)
    sessions = design.rows(model.told)
    if not known or not len(sessions):
        return PathsWithoutModel(NoModel.NOT_RECORDED, known)
    source = people.take(design.complete(people.told))
    x = design.rows(source.told)
    found = [_Model(spec_for(source, plan, name), source, x, sessions) for name in plan.models]
    if min(len(one.x) for one in found) < PEOPLE_PER_COLUMN * (1 + design.columns):
        return PathsWithoutModel(NoModel.TOO_FEW_PEOPLE, known)
    drawn = [[one.draw(sampling, number) for one in found] for number in range(sampling.draws)]
    table = np.round([np.concatenate(parts, axis=1) for parts in drawn], DECIMALS)
    order = [path.key for one in found for path in one.spec.paths]
    at = [order.index(path.key) for path in plan.paths]
    return PathsWithoutModel(NoModel.SCORED, known, PathArrays(table[:, 0, at], table[:, 1, at]))


def scored_without_model(
    found: PathsWithoutModel, scale: Scale, people: PathArrays
) -> NoModelScore:
    """The row of the table: the drawn paths scored as a model's are."""
    if found.paths is None:
        return NoModelScore(found.standing, found.told)
    numbers = scale.score(found.paths, people)
    draws, _ = found.paths.estimate.shape
    return NoModelScore(
        found.standing, found.told, draws, means(numbers), intervals(numbers, scale.level)
    )


def is_known(values: NDArray[Any]) -> NDArray[np.bool_]:
    """True where something told is known: a finite number, or a word."""
    known: NDArray[np.bool_] = np.isfinite(values) if values.dtype.kind == "f" else values != ""
    return known


@dataclass(frozen=True, slots=True)
class Design:
    """How what was told becomes columns: numbers standardised, words one indicator each but one.

    ``centres`` maps a number to mean and standard deviation among the people, ``words`` a word
    variable to those that occur among them, the first of which is the one left out.
    """

    centres: Mapping[str, tuple[float, float]]
    words: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, told: Mapping[str, NDArray[Any]], names: Sequence[str]) -> "Design":
        """Read off the people what numbers and words there are."""
        centres, words = {}, {}
        for name in names:
            values = told[name][is_known(told[name])]
            if values.dtype.kind == "f":
                centres[name] = float(values.mean()), float(values.std()) or 1.0
            else:
                words[name] = tuple(sorted(set(values.tolist())))
        return cls(centres, words)

    @property
    def columns(self) -> int:
        """Columns without the intercept."""
        return len(self.centres) + sum(len(each) - 1 for each in self.words.values())

    def complete(self, told: Mapping[str, NDArray[Any]]) -> NDArray[np.intp]:
        """Rows for which all of it is known, and no word that no person gave."""
        masks = [is_known(told[name]) for name in self.centres]
        masks += [np.isin(told[name], words) for name, words in self.words.items()]
        return np.flatnonzero(np.all(masks, axis=0)) if masks else np.array([], dtype=np.intp)

    def rows(self, told: Mapping[str, NDArray[Any]]) -> Array:
        """The columns of complete rows with an intercept, (rows, 1 + columns)."""
        at = self.complete(told)
        parts = [np.ones(len(at))]
        parts += [(told[name][at] - mean) / sd for name, (mean, sd) in self.centres.items()]
        parts += [
            (told[name][at] == word).astype(float)
            for name, words in self.words.items()
            for word in words[1:]
        ]
        return np.column_stack(parts)


class _Model:
    """One model of the plan: its constructs' mean scores in the people, and what they depend on."""

    def __init__(self, spec: ModelSpec, people: GroupSample, x: Array, sessions: Array) -> None:
        scores = composite_columns(people, spec)
        self.spec = spec
        self.names = list(scores)
        complete = np.isfinite(np.column_stack(list(scores.values()))).all(axis=1)
        self.scores = np.column_stack(list(scores.values()))[complete]
        self.x = x[complete]
        self.sessions = sessions

    def draw(self, sampling: Sampling, number: int) -> Array:
        """Standardised slopes and standard errors of one sample, (2, paths); NaN without any."""
        rng = stream(sampling.seed, Purpose.NO_MODEL, sampling.group, number)
        order = rng.permutation(len(self.x))
        halves = np.array_split(order, 2)
        chosen = self.sessions[rng.integers(0, len(self.sessions), sampling.size)]
        outcomes, predictors = (self._answers(rows, chosen, rng) for rows in halves)
        found = {
            outcome: self._regression(outcome, outcomes, predictors)
            for outcome in self.spec.outcomes
        }
        pairs = [found[path.outcome][path.predictor] for path in self.spec.paths]
        return np.array(pairs, dtype=float).reshape(len(pairs), 2).T

    def _answers(
        self, rows: NDArray[np.intp], sessions: Array, rng: np.random.Generator
    ) -> dict[str, Array]:
        """Mean scores by the regression of these people, each with a residual of somebody."""
        x, y = self.x[rows], self.scores[rows]
        slopes = least_squares(x, y)
        residuals: Array = y - x @ slopes
        dealt = rng.integers(0, len(rows), (len(sessions), y.shape[1]))
        answers: Array = sessions @ slopes + np.take_along_axis(residuals, dealt, axis=0)
        return {name: answers[:, k] for k, name in enumerate(self.names)}

    def _regression(
        self, outcome: str, outcomes: Mapping[str, Array], predictors: Mapping[str, Array]
    ) -> dict[str, tuple[float, float]]:
        """Standardised slopes of an outcome with their standard errors, by predictor."""
        names = [path.predictor for path in self.spec.paths_of(outcome)]
        columns = [predictors[composite_name(name)] for name in names]
        columns += [predictors[name] for name in self.spec.beside(outcome)]
        pairs = standardised_slopes(np.column_stack(columns), outcomes[composite_name(outcome)])
        return dict(zip(names, pairs[: len(names)], strict=True))


def least_squares(x: Array, y: Array) -> Array:
    """Slopes of ``y`` (n, c) on ``x`` (n, k), (k, c), by the normal equations.

    Summed without BLAS: its threads cost more than they save on matrices of this size, and wait for
    each other where several processes share the cores.
    """
    inside = np.einsum("ni,nj->ij", x, x)
    across = np.einsum("ni,nj->ij", x, y)
    slopes: Array = np.linalg.lstsq(inside, across, rcond=None)[0]
    return slopes


def standardised_slopes(x: Array, y: Array) -> list[tuple[float, float]]:
    """Standardised slopes of ``y`` (n,) on ``x`` (n, k) with standard errors; NaN if singular.

    b = R_xx^-1 r_xy, SE^2 = (1 - R^2) diag(R_xx^-1) / (n - k - 1).
    """
    n, k = x.shape
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.atleast_2d(np.corrcoef(np.column_stack([x, y]), rowvar=False))
    if n - k - 1 < 1 or not np.isfinite(correlation).all():
        return [(np.nan, np.nan)] * k
    inside, across = correlation[:k, :k], correlation[:k, k]
    if np.linalg.cond(inside) > 1.0 / np.finfo(float).eps:
        return [(np.nan, np.nan)] * k
    inverse = np.linalg.inv(inside)
    slopes = inverse @ across
    rest = max(1.0 - float(slopes @ across), 0.0)
    errors = np.sqrt(rest * np.diag(inverse) / (n - k - 1))
    return [(float(b), float(se)) for b, se in zip(slopes, errors, strict=True)]
