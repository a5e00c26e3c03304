"""Joint fits of the people and one or more models, on the measurement model they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.compare.data.measurement import ModelSpec, indicator_columns
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.models.attempt import IMPROPER, WITHOUT_SOLUTION, Attempt, FitOptions, attempt
from analysis.compare.models.estimability import LATENT_RUNGS
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.models.joint.syntax import Ties, joint_syntax
from analysis.compare.plan import Plan

# Fewer rows are a small sample for any model, whatever others share with them (Kline 2016).
FEWEST_ROWS = 100


@dataclass(frozen=True, slots=True)
class JointFit:
    """One joint fit with the text it was made from."""

    ties: Ties
    syntax: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Joint:
    """The rows of several groups, ready to be fitted under any ties; the people come first.

    ``absent`` are the indicators each group lacks because they are constant in it.
    """

    spec: ModelSpec
    groups: tuple[str, ...]
    columns: Mapping[str, Array]
    labels: NDArray[np.str_]
    clusters: NDArray[np.int64]
    weights: Array | None
    absent: tuple[tuple[str, ...], ...]
    options: FitOptions

    @property
    def has_latent(self) -> bool:
        """False where every construct has one indicator: there is nothing to test."""
        return any(construct.is_latent for construct in self.spec.constructs)

    @property
    def shared(self) -> tuple[str, ...]:
        """Indicators that at least two groups have: only these can be tied."""
        lacking = [name for missing in self.absent for name in missing]
        return tuple(
            one.name
            for one in self.spec.indicators
            if len(self.groups) - lacking.count(one.name) > 1
        )

    def fit(self, ties: Ties, *, differences: bool = False) -> JointFit:
        """Fit under these ties."""
        syntax = joint_syntax(self.spec, self.absent, ties, differences=differences)
        found = attempt(
            syntax,
            self.columns,
            self.options,
            group=self.labels,
            clusters=self.clusters,
            weights=self.weights,
        )
        return JointFit(ties, syntax, found)


def can_be_joined(analysis: GroupAnalysis, model: str) -> bool:
    """True for a group on a latent rung, and for one that only its own solution keeps from it.

    A sample of 200 often has an inadmissible solution by itself; with loadings that a sample of
    thousands shares it has none. It has to have `FEWEST_ROWS` with all items usable.
    """
    own = analysis.models[model].estimability
    bears = len(analysis.sample) >= FEWEST_ROWS and not own.constant_items and not own.dropped_items
    return on_latent_rungs(analysis, model) or (
        bears and own.reason in (*IMPROPER, *WITHOUT_SOLUTION)
    )


def on_latent_rungs(analysis: GroupAnalysis, model: str) -> bool:
    """True where the group's model has latent variables: nothing else can be tested jointly."""
    return analysis.models[model].rung in LATENT_RUNGS


def join(model: str, analyses: Sequence[GroupAnalysis], plan: Plan) -> Joint:
    """Stack the groups' indicator scores; an indicator that a group lacks is missing in its rows.

    All groups have to be such that `can_be_joined`. What is not adjusted for in every group is not
    in the joint model. Joint models speak of loadings and intercepts, so that under an ordinal
    estimator they are fitted by MLR.
    """
    specs = [one.models[model].spec for one in analyses]
    spec = specs[0].without(
        {name for one in specs for name in specs[0].observed if name not in one.observed}
    )
    parts = [
        indicator_columns(one.sample, spec, one.models[model].estimability.dropped_items)
        for one in analyses
    ]
    names = [*(one.name for one in spec.indicators), *spec.observed]
    sizes = [len(one.sample) for one in analyses]
    columns = {
        name: np.concatenate(
            [part.get(name, np.full(size, np.nan)) for part, size in zip(parts, sizes, strict=True)]
        )
        for name in names
    }
    return Joint(
        spec=spec,
        groups=tuple(one.spec.key for one in analyses),
        columns=columns,
        labels=np.repeat([one.spec.key for one in analyses], sizes),
        clusters=_distinct([one.sample.clusters for one in analyses]),
        weights=_weights([one.sample for one in analyses]),
        absent=tuple(one.models[model].absent for one in analyses),
        options=FitOptions.of(plan).for_scores,
    )


def _weights(samples: Sequence[GroupSample]) -> Array | None:
    """Weights of all rows, one where a group has none; None where no group has any."""
    if all(one.weights is None for one in samples):
        return None
    return np.concatenate(
        [np.ones(len(one)) if one.weights is None else one.weights for one in samples]
    )


def _distinct(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Cluster numbers that no two groups share."""
    shifted, start = [], 0
    for part in parts:
        _, codes = np.unique(part, return_inverse=True)
        shifted.append(codes.reshape(-1) + start)
        start += int(codes.max(initial=-1)) + 1
    return np.concatenate(shifted).astype(np.int64)
