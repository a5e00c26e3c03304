"""One group's part of a comparison: its answers, its fits, its path estimates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.compare.data.clusters import summarise_group
from analysis.compare.data.keying import keying_rows, twins
from analysis.compare.data.measurement import spec_for
from analysis.compare.data.reliability import htmt_rows, reliability_row
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.models.estimability import GroupModel, climb_down
from analysis.compare.models.estimates import path_estimates, with_holm
from analysis.compare.models.fits import finite, summarise_fit, without_errors
from analysis.compare.plan import GroupSpec, Plan, Rung
from analysis.compare.results import (
    FitSummary,
    GroupSummary,
    Htmt,
    ItemKeying,
    PathEstimate,
    Reliability,
)

# Rungs on which the people are estimated again, so that like is compared with like.
MATCHED_RUNGS = (Rung.COMPOSITE, Rung.SINGLE_INDICATOR)
# Rungs of the planned model with all of its items.
WHOLE = (Rung.FULL, Rung.FIT_NOT_SHOWN)


@dataclass(frozen=True, slots=True)
class GroupAnalysis:
    """One group: ``models`` and ``estimates`` are keyed by model and by path."""

    spec: GroupSpec
    sample: GroupSample
    summary: GroupSummary
    models: Mapping[str, GroupModel]
    estimates: Mapping[str, PathEstimate]


def analyse_group(
    sample: GroupSample,
    spec: GroupSpec,
    plan: Plan,
    *,
    start: Mapping[str, Rung] | None = None,
    reliabilities: Mapping[str, float] | None = None,
) -> GroupAnalysis:
    """Fit every model of the plan to one group, and estimate every path.

    ``start`` names, per model, the rung to start from: a group never stands above the people.
    """
    models = {
        name: climb_down(
            sample,
            plan,
            spec_for(sample, plan, name),
            spec,
            start=(start or {}).get(name),
            reliabilities=reliabilities,
        )
        for name in plan.models
    }
    found = [row for model in models.values() for row in path_estimates(model, sample, plan.level)]
    return GroupAnalysis(
        spec=spec,
        sample=sample,
        summary=replace(summarise_group(sample, spec, plan), fitted=_fitted(models)),
        models=models,
        estimates={row.path: row for row in with_holm(found)},
    )


def _fitted(models: Mapping[str, GroupModel]) -> int:
    """The smallest n among the fits, 0 where there is none."""
    return min((one.fit.nobs for one in models.values() if one.fit is not None), default=0)


def starting_rungs(people: GroupAnalysis) -> dict[str, Rung]:
    """Where the others start: below the planned model where the people could not have it."""
    return {
        name: model.rung for name, model in people.models.items() if model.rung in MATCHED_RUNGS
    }


class MatchedPeople:
    """The people's estimates on whatever rung a model stands, fitted once per rung."""

    def __init__(
        self, people: GroupAnalysis, plan: Plan, reliabilities: Mapping[str, float]
    ) -> None:
        self.people = people
        self._plan = plan
        self._reliabilities = reliabilities
        self._at: dict[tuple[str, Rung], GroupModel] = {}

    def model(self, name: str, rung: Rung) -> GroupModel:
        """The people's fit that a model on ``rung`` is compared with."""
        own = self.people.models[name]
        if rung not in MATCHED_RUNGS or rung is own.rung:
            return own
        if (name, rung) not in self._at:
            only = replace(self._plan, rungs=(rung,))
            spec = self.people.spec
            self._at[name, rung] = climb_down(
                self.people.sample,
                only,
                spec_for(self.people.sample, only, name),
                spec,
                reliabilities=self._reliabilities,
            )
        return self._at[name, rung]

    def estimates(self, other: GroupAnalysis) -> dict[str, PathEstimate]:
        """The people's estimates of every path, each on the rung of the other group's."""
        rows: dict[str, PathEstimate] = {}
        for name, model in other.models.items():
            matched = self.model(name, model.rung)
            if matched is self.people.models[name]:
                keys = [path.key for path in matched.spec.paths]
                rows |= {key: self.people.estimates[key] for key in keys}
            else:
                found = path_estimates(matched, self.people.sample, self._plan.level)
                rows |= {row.path: row for row in found}
        return rows

    @property
    def extra(self) -> Mapping[tuple[str, Rung], GroupModel]:
        """The people's fits beside their own."""
        return self._at


def fit_summaries(analysis: GroupAnalysis) -> list[FitSummary]:
    """One summary per model that could be fitted."""
    return [
        summarise_model(model, analysis)
        for model in analysis.models.values()
        if model.fit is not None
    ]


def summarise_model(model: GroupModel, analysis: GroupAnalysis) -> FitSummary:
    """Summary of a group's fit of one model, labelled "own"; no errors of a handful of clusters."""
    assert model.fit is not None
    summary = summarise_fit(
        model.fit,
        model=model.spec.name,
        label="own",
        groups=(analysis.spec.key,),
        rung=model.rung,
        syntax=model.syntax,
    )
    return summary if analysis.summary.has_enough_clusters else without_errors(summary)


def reliabilities_of(analysis: GroupAnalysis, plan: Plan) -> list[Reliability]:
    """Reliability of every latent construct, from its own measurement model where it was fitted."""
    return [
        reliability_row(
            analysis.spec.key,
            construct.key,
            analysis.sample.block_scores([one.items for one in construct.indicators]),
            _standardised(analysis, construct.key),
        )
        for construct in plan.constructs
        if construct.is_latent
    ]


def htmt_of(analysis: GroupAnalysis, plan: Plan) -> tuple[Htmt, ...]:
    """HTMT of every pair of latent constructs, on indicators."""
    latent = [construct for construct in plan.constructs if construct.is_latent]
    blocks = [
        (one.key, analysis.sample.block_scores([each.items for each in one.indicators]))
        for one in latent
    ]
    return htmt_rows(analysis.spec.key, blocks)


def keying_of(analysis: GroupAnalysis, plan: Plan) -> list[ItemKeying]:
    """Which items run against their scale, with their loadings where they are indicators."""
    rows = [row for one in plan.constructs for row in keying_rows(analysis.sample, one)]
    loadings = {
        (line.lhs, line.rhs): line.std_all
        for model in analysis.models.values()
        if model.fit is not None
        for line in model.fit.parameters
        if line.op == "=~"
    }
    alike = twins(analysis.sample, tuple(item.name for item in plan.items))
    return [
        replace(
            row,
            loading=finite(_along(loadings, row.construct, row.item)),
            twin=alike.get(row.item, ("", 0.0))[0],
            twin_r=alike[row.item][1] if row.item in alike else None,
        )
        for row in rows
    ]


def _along(loadings: Mapping[tuple[str, str], float], construct: str, item: str) -> float | None:
    """An item's loading, positive where it runs as most of its scale does."""
    if (construct, item) not in loadings:
        return None
    own = [value for (key, _), value in loadings.items() if key == construct]
    return loadings[construct, item] * (-1.0 if np.sign(own).sum() < 0 else 1.0)


def _standardised(analysis: GroupAnalysis, construct: str) -> tuple[Array, Array] | None:
    """Standardised loadings and residual variances of a construct in the planned model."""
    for model in analysis.models.values():
        if model.rung not in WHOLE or model.fit is None or construct not in model.names:
            continue
        rows = [row for row in model.fit.parameters if (row.lhs, row.op) == (construct, "=~")]
        loadings = np.array([row.std_all for row in rows])
        residuals = [model.fit.parameter(row.rhs, "~~", row.rhs).std_all for row in rows]
        return loadings, np.array(residuals)
    return None


def people_reliabilities(rows: Sequence[Reliability]) -> dict[str, float]:
    """Omega, or alpha where there is none, by construct."""
    known = {row.construct: row.omega if row.omega is not None else row.alpha for row in rows}
    return {key: value for key, value in known.items() if value is not None and value > 0.0}
