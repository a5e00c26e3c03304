"""Intervals, null distribution, noise ceiling and ranks of VAAR.

Two-level bootstrap (people; model clusters), refitted throughout; permutation of the outcomes
within a model; human samples of the model's effective size scored by the same rule; partial pooling
for ranks. Every share is Phi(s b / SE), in the point and in each refit; standard errors inside a
refit are those of the original fit, scaled to the size of the sample. Where a group has too few
clusters nothing is drawn from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from analysis.compare.codes import NoModel
from analysis.compare.companions import NoModelScore, OutcomeFidelity, SizeBesideSign
from analysis.compare.intervals import Interval
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.parallel import Work
from analysis.compare.plan import SignSource
from analysis.compare.results import (
    Comparison,
    PathEstimate,
    RankEntry,
    Resampling,
    VaarScore,
)
from analysis.compare.subgroups.agreement import (
    MEASURES,
    against_all,
    parity_gaps,
    with_interval,
)
from analysis.compare.subgroups.fits import Subgroup
from analysis.compare.uncertainty.draws import Array
from analysis.compare.uncertainty.no_model import (
    Sampling,
    paths_without_model,
    scored_without_model,
)
from analysis.compare.uncertainty.ranking import rank
from analysis.compare.uncertainty.refit_sources import RefitResults, Sources, name_of
from analysis.compare.uncertainty.resamples import Job, Refitter, ResampleKind, carry_out
from analysis.compare.uncertainty.summaries import (
    FAR,
    hull,
    intervals,
    like,
    mean_share,
    means,
    refitted,
    shares_as_high,
    solved,
    spread,
    towards,
    widest,
    with_refits,
)
from analysis.compare.vaar.rates import Numbers, PathArrays, Scale
from analysis.compare.vaar.score import arrays, scale_of, score_model
from analysis.compare.vaar.sizes import (
    SizeScale,
    percentile,
    size_beside_sign,
    with_drawn_intervals,
)

# Fewer people than this cannot carry the model that is refitted to them.
SMALLEST_NOISE_SAMPLE = 30
# With fewer permutations no p-value could be as low as .05.
FEWEST_DEALT = 19
# Where a larger share of refits fails, intervals are widened to what those could have been.
MANY_FAILED = 0.10


def assess(
    comparison: Comparison, sources: Sources, resampling: Resampling, work: Work
) -> Comparison:
    """The comparison with everything that resampling adds.

    The same data, plan and ``resampling`` give the same numbers for any number of processes.
    Raises ``ComparisonCancelled``.
    """
    if sources.plan.is_ordinal:  # thresholds would have to be estimated anew in every resample
        return comparison
    members = sources.members()
    jobs = _jobs(sources, resampling)
    done = carry_out(jobs, Refitter(members, resampling.seed), work)
    return _Assessment(sources, resampling, RefitResults(sources.plan, members, done)).apply(
        comparison
    )


def _jobs(sources: Sources, resampling: Resampling) -> list[Job]:
    jobs = [Job(ResampleKind.BOOTSTRAP, name, resampling.bootstrap) for name in sources.members()]
    for one in sources.models:
        jobs += [Job(ResampleKind.DEAL, name, resampling.permutations) for name in sources.own(one)]
        size = noise_size(one)
        if size >= SMALLEST_NOISE_SAMPLE:
            jobs += [
                Job(ResampleKind.NOISE, name, resampling.noise_draws, size)
                for name in sources.beside(one)
            ]
    return [job for job in dict.fromkeys(jobs) if job.draws > 0]


def noise_size(one: GroupAnalysis) -> int:
    """Size of the human samples that a model is measured against: its effective n."""
    return round(one.summary.effective_n)


@dataclass(frozen=True, slots=True)
class _Case:
    """One model, scored by one set of signs."""

    one: GroupAnalysis
    scale: Scale
    point: VaarScore
    model: PathArrays
    people: PathArrays


class _Assessment:
    """Reads the refits into intervals, p-values and ranks."""

    def __init__(self, sources: Sources, resampling: Resampling, results: RefitResults) -> None:
        self.sources = sources
        self.plan = sources.plan
        self.resampling = resampling
        self.results = results
        self.estimates = {
            one.spec.key: self._estimates(one) for one in (sources.people, *sources.models)
        }
        self.beside = {one.spec.key: self._people_estimates(one) for one in sources.models}

    def apply(self, comparison: Comparison) -> Comparison:
        """The comparison with what the refits add."""
        cases = [
            case for score in comparison.vaar for case in [self._case(score.group, score.signs)]
        ]
        comparison = self._with_parity(comparison)
        return replace(
            comparison,
            paths=tuple(self._updated(row) for row in comparison.paths),
            vaar=tuple(self._score(case) for case in cases),
            fidelity=tuple(
                replace(row, outcomes=tuple(self._r2_interval(each) for each in row.outcomes))
                for row in comparison.fidelity
            ),
            sizes=tuple(self._sizes(row) for row in comparison.sizes),
            ranking=self._ranking(cases),
            resampling=self.resampling,
        )

    # ------------------------------------------------------------ estimates

    def _estimates(self, one: GroupAnalysis) -> dict[str, PathEstimate]:
        return self._with_shares(one, dict(one.estimates), self.sources.own(one))

    def _people_estimates(self, one: GroupAnalysis) -> dict[str, PathEstimate]:
        beside = self.sources.matched.estimates(one)
        return self._with_shares(self.sources.people, beside, self.sources.beside(one))

    def _with_shares(
        self, one: GroupAnalysis, rows: Mapping[str, PathEstimate], names: Sequence[str]
    ) -> dict[str, PathEstimate]:
        """The estimates with what became of their refits."""
        if not self.resampling.bootstrap or not one.summary.has_enough_clusters:
            return dict(rows)
        drawn = self._bootstrap(names)
        return {
            path.key: with_refits(rows[path.key], drawn[:, k])
            for k, path in enumerate(self.plan.paths)
        }

    def _updated(self, row: PathEstimate) -> PathEstimate:
        if row.group != self.sources.people.spec.key:
            return self.estimates[row.group][row.path]
        candidates = [self.estimates[row.group], *self.beside.values()]
        return next((rows[row.path] for rows in candidates if rows[row.path].rung is row.rung), row)

    def _bootstrap(self, names: Sequence[str]) -> Array:
        return self.results.paths(ResampleKind.BOOTSTRAP, names, self.resampling.bootstrap)

    # ------------------------------------------------------------ scores

    def _case(self, group: str, signs: SignSource) -> _Case:
        one = next(each for each in self.sources.models if each.spec.key == group)
        paths = self.plan.paths
        model = arrays(paths, self.estimates[group], self.plan.level)
        people = arrays(paths, self.beside[group], self.plan.level)
        scale = scale_of(self.plan, people, signs)
        point = score_model(
            self.plan,
            self.estimates[group],
            self.beside[group],
            signs=signs,
            correlation=self._correlation(one),
        )
        return _Case(one, scale, point, model, people)

    def _correlation(self, one: GroupAnalysis) -> Array | None:
        """Correlations of the path estimates over refits, unestimable paths left out."""
        if not self.resampling.bootstrap or not one.summary.has_enough_clusters:
            return None
        drawn = self._bootstrap(self.sources.own(one))
        drawn = drawn[:, np.isfinite(drawn).any(axis=0)]
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        if len(drawn) < 3 or not drawn.shape[1]:
            return None
        correlation: Array = np.atleast_2d(np.corrcoef(drawn, rowvar=False))
        return correlation if np.isfinite(correlation).all() else None

    def _score(self, case: _Case) -> VaarScore:
        level = self.plan.level
        noise, dealt = self._noise(case), self._without_effect(case)
        floor = None if dealt is None else case.scale.score(dealt, case.people)
        return replace(
            case.point,
            intervals=self._score_intervals(case),
            sample_n=noise_size(case.one),
            noise_ceiling=intervals(noise, level),
            noise_mean=means(noise),
            floor=intervals(floor, level),
            floor_mean=means(floor),
            no_model=self._no_model(case),
            permutation_p=self._permutation_p(case, dealt),
            failed_refit_share=self._failed_share(case.one),
        )

    def _no_model(self, case: _Case) -> NoModelScore | None:
        """The plain regression on what the sessions were told, in samples of the model's size."""
        size, draws = noise_size(case.one), self.resampling.noise_draws
        if not draws or size < SMALLEST_NOISE_SAMPLE:
            return None
        if case.one.spec.answers_told:
            return NoModelScore(NoModel.ANSWERS_TOLD)
        samples = self.sources.people.sample, case.one.sample
        sampling = Sampling(self.resampling.seed, self.sources.number(case.one), size, draws)
        told = case.one.spec.told
        found = paths_without_model(self.plan, *samples, told, sampling)
        return scored_without_model(found, case.scale, case.people)

    def _can_tell(self, one: GroupAnalysis) -> bool:
        """Whether both the model and the people have clusters enough to be drawn from."""
        people = self.sources.people.summary
        return one.summary.has_enough_clusters and people.has_enough_clusters

    def _score_intervals(self, case: _Case) -> dict[str, Interval]:
        """Percentile intervals; where many refits failed, widened to what those could have been."""
        drawn = self._drawn(case)
        if drawn is None:
            return {}
        found = intervals(drawn, self.plan.level)
        failed = mean_share(self.estimates[case.one.spec.key], self.beside[case.one.spec.key])
        if failed is None or failed <= MANY_FAILED:
            return found
        for filled in product((-FAR, FAR), (-FAR, FAR)):
            other = self._drawn(case, filled)
            assert other is not None
            found = hull(found, intervals(other, self.plan.level))
        return found

    def _drawn(self, case: _Case, filled: tuple[float, float] = (np.nan, np.nan)) -> Numbers | None:
        """The numbers in every two-level resample.

        ``filled`` stands, towards the expected sign, for the paths of model and people where a
        refit failed.
        """
        if not self.resampling.bootstrap or not self._can_tell(case.one):
            return None
        model = self._bootstrap(self.sources.own(case.one))
        people = self._bootstrap(self.sources.beside(case.one))
        return case.scale.score(
            refitted(model, case.model, towards(filled[0], case.scale)),
            refitted(people, case.people, towards(filled[1], case.scale)),
        )

    def _noise(self, case: _Case) -> Numbers | None:
        """The numbers that human samples of the model's effective size would get."""
        size, draws = noise_size(case.one), self.resampling.noise_draws
        if not draws or size < SMALLEST_NOISE_SAMPLE:
            return None
        drawn = self.results.paths(ResampleKind.NOISE, self.sources.beside(case.one), draws, size)
        wider = case.people.se * np.sqrt(self.sources.people.summary.effective_n / size)
        if self.plan.people.weight or self.plan.people.cluster:
            # A design effect is another one for each path: its spread over the draws is taken.
            wider = np.nanstd(drawn, axis=0, ddof=1)
        return case.scale.score(PathArrays(drawn, like(wider, drawn)), case.people)

    def _without_effect(self, case: _Case) -> PathArrays | None:
        """The model's paths with its outcomes dealt to other sessions, (permutations, P).

        Their standard error is their spread: that of the model's fit belongs to its effects. None
        where too few have a solution like the model's.
        """
        draws, names = self.resampling.permutations, self.sources.own(case.one)
        if not draws or not names or not self._can_tell(case.one):
            return None
        dealt = self.results.paths(ResampleKind.DEAL, names, draws)
        drawn = solved(dealt, case.model.estimable)
        if len(drawn) < min(draws, FEWEST_DEALT):
            return None
        return PathArrays(drawn, like(spread(drawn), drawn))

    def _permutation_p(self, case: _Case, dealt: PathArrays | None) -> dict[str, float]:
        """Scored with their spread the model is one of them where nothing has an effect."""
        if dealt is None:
            return {}
        own = PathArrays(case.model.estimate, dealt.se[0])
        return shares_as_high(*(case.scale.score(one, case.people) for one in (own, dealt)))

    def _failed_share(self, one: GroupAnalysis) -> float | None:
        return mean_share(self.estimates[one.spec.key])

    # ------------------------------------------------------------ beside the scores

    def _r2_interval(self, row: OutcomeFidelity) -> OutcomeFidelity:
        """The ratio's percentile interval over the two-level resamples."""
        one = next(each for each in self.sources.models if each.spec.key == row.group)
        if row.ratio is None or not self.resampling.bootstrap or not self._can_tell(one):
            return row
        fitted = one.models[row.model]
        human = self.sources.matched.model(row.model, fitted.rung)
        names = name_of(row.group, fitted), name_of(self.sources.people.spec.key, human)
        draws = [self.results.r2(name, row.outcome, self.resampling.bootstrap) for name in names]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = draws[0] / draws[1]
        interval = percentile(ratios, self.plan.level)
        if interval is not None and np.mean(~np.isfinite(ratios)) > MANY_FAILED:
            whole = percentile(ratios, 1.0) or interval
            interval = widest(interval, whole, row.ratio_ci)
        return replace(row, ratio_ci=interval or row.ratio_ci)

    def _with_parity(self, comparison: Comparison) -> Comparison:
        """Agreement with subgroups of the people, and its gaps, with their intervals."""
        plan = self.plan
        if not self.resampling.bootstrap:
            return comparison
        drawn = {
            (measure, one.spec.key, each.key): self._agreement(measure, one, each)
            for measure in MEASURES
            for one in self.sources.models
            for each in self.sources.subgroups
            if each.matched is not None
        }
        found = against_all(self.sources.models, self.sources.subgroups, plan, drawn)
        return replace(
            comparison,
            subgroups=tuple(with_interval(one, plan.level) for one in found),
            parity=tuple(parity_gaps(found, plan.level)),
        )

    def _agreement(self, measure: str, one: GroupAnalysis, subgroup: Subgroup) -> Array:
        """A model's agreement with a subgroup in every two-level resample, (draws,)."""
        assert subgroup.matched is not None
        model = self._bootstrap(self.sources.own(one))
        people = self._bootstrap(self.sources.beside_in(subgroup, one))
        own = arrays(self.plan.paths, self.estimates[one.spec.key], self.plan.level)
        theirs = arrays(self.plan.paths, subgroup.matched.estimates(one), self.plan.level)
        return MEASURES[measure](
            PathArrays(model, like(own.se, model)),
            PathArrays(people, like(theirs.se, people)),
            self.plan,
            True,
        )

    def _sizes(self, row: SizeBesideSign) -> SizeBesideSign:
        """Ratio and calibration line with percentile intervals over the two-level resamples."""
        model, people = self.estimates[row.group], self.beside[row.group]
        row = size_beside_sign(self.plan, model, people)
        one = next(each for each in self.sources.models if each.spec.key == row.group)
        if not self.resampling.bootstrap or row.ratio is None or not self._can_tell(one):
            return row
        of_model, of_people = (
            arrays(self.plan.paths, each, self.plan.level) for each in (model, people)
        )
        scale = SizeScale(self.plan, of_model, of_people)
        drawn = scale.drawn(
            self._bootstrap(self.sources.own(one)), self._bootstrap(self.sources.beside(one))
        )
        return with_drawn_intervals(row, drawn, self.plan.level)

    def _ranking(self, cases: Sequence[_Case]) -> tuple[RankEntry, ...]:
        """Ranks by the joint number, whose draws share the people's resamples."""
        ranked = [case for case in cases if case.point.signs is SignSource.THEORY]
        if len(ranked) < 2 or not self.resampling.bootstrap:
            return ()
        drawn = [self._drawn(case) for case in ranked]
        if any(one is None for one in drawn):
            return ()
        table = np.column_stack([one.joint for one in drawn if one is not None])
        scores = np.array(
            [np.nan if case.point.joint is None else case.point.joint for case in ranked]
        )
        table = table[np.isfinite(table).all(axis=1)]
        if len(table) < 3 or not np.isfinite(scores).all():
            return ()
        return rank([case.one.spec.key for case in ranked], scores, table, level=self.plan.level)
