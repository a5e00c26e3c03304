"""VAAR of one model against the people, as a value with everything a sceptic asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from analysis.compare.intervals import Interval
from analysis.compare.plan import PathSpec, Plan, SignSource
from analysis.compare.results import (
    Decision,
    FamilyScore,
    PathEstimate,
    PathEvidence,
    VaarScore,
)
from analysis.compare.vaar.rates import (
    Array,
    Families,
    Numbers,
    PathArrays,
    Scale,
    effective_number,
    is_agreeing,
    is_null,
    is_resolved,
    joint_terms,
    log_score,
    normalised,
    null_share,
    surprise,
    weights_of,
)

Estimates = Mapping[str, PathEstimate]


def arrays(paths: Sequence[PathSpec], estimates: Estimates, level: float) -> PathArrays:
    """Standardised estimates and standard errors in the plan's order, NaN where there is none.

    The standard error is that of the printed interval, half of its width over the normal quantile,
    so that whatever is scored says the same as the interval: where clusters are counted the
    interval is one of t. It is infinite for an estimate of which nothing can be told.
    """
    rows = [estimates[path.key] for path in paths]
    table = np.array([_scored(row, level) for row in rows], dtype=float).reshape(len(rows), 2)
    return PathArrays(table[:, 0], table[:, 1])


def _scored(row: PathEstimate, level: float) -> tuple[float, float]:
    if row.std is not None and row.unsettled:
        return row.std, np.inf
    if row.std is None or not row.estimable:
        return np.nan, np.nan
    if row.std_ci_lower is None or row.std_ci_upper is None:
        return row.std_pair
    half = (row.std_ci_upper - row.std_ci_lower) / 2.0
    return row.std, half / float(ndtri(0.5 + level / 2.0))


def signs_of(paths: Sequence[PathSpec], people: PathArrays, source: SignSource) -> Array:
    """Expected signs: the plan's (VAAR-T), or the human estimates' own (VAAR-H).

    A plan sign of 0 takes the people's. Where the people give no estimate there is no human sign,
    and the path can only be missed.
    """
    human = np.sign(np.nan_to_num(people.estimate))
    planned = np.array([float(path.expected_sign) for path in paths])
    if source is SignSource.HUMAN:
        return human
    return np.where(planned == 0.0, human, planned)


def scale_of(plan: Plan, people: PathArrays, source: SignSource) -> Scale:
    """What is expected of a model: signs, and nulls where the people's paths are null."""
    return Scale(
        signs=signs_of(plan.paths, people, source),
        null=is_null(people, plan.delta, plan.level),
        families=Families([path.family for path in plan.paths]),
        delta=plan.delta,
        level=plan.level,
    )


class _Scorer:
    """The arrays of one model and the people, kept together while the pieces are read off."""

    def __init__(
        self,
        plan: Plan,
        model: Estimates,
        people: Estimates,
        *,
        signs: SignSource,
    ) -> None:
        self.plan = plan
        self.paths = plan.paths
        self.model = arrays(plan.paths, model, plan.level)
        self.people = arrays(plan.paths, people, plan.level)
        self.scale = scale_of(plan, self.people, signs)
        self.pi_m = self.scale.share(self.model)
        self.pi_h = self.scale.share(self.people)

    def numbers(self, chosen: Sequence[int] | None = None) -> Numbers:
        """The numbers over all paths, or over those chosen by position."""
        at = np.arange(len(self.paths)) if chosen is None else np.array(chosen)
        scale = replace(
            self.scale,
            signs=self.scale.signs[at],
            null=self.scale.null[at],
            families=Families([self.paths[i].family for i in at]),
        )
        return scale.score(
            PathArrays(self.model.estimate[at], self.model.se[at]),
            PathArrays(self.people.estimate[at], self.people.se[at]),
            model_share=self.pi_m[at],
            human_share=self.pi_h[at],
        )

    def evidence(self) -> tuple[PathEvidence, ...]:
        """One row per path."""
        resolved = is_resolved(self.people, self.plan.level)
        decisions = self._decisions()
        weights = weights_of(self.pi_h)
        hits = self.scale.hits(self.model)
        return tuple(
            PathEvidence(
                path=path.key,
                family=path.family,
                sign=int(self.scale.signs[i]),
                human_share=float(self.pi_h[i]),
                model_share=float(self.pi_m[i]),
                weight=float(weights[i]),
                hard=bool(hits[i]),
                decision=decisions[i],
                human_resolved=bool(resolved[i]),
                null_expected=bool(self.scale.null[i]),
            )
            for i, path in enumerate(self.paths)
        )

    def _decisions(self) -> list[Decision]:
        agree, contradict = self.scale.agreeing(self.model), self.scale.contradicting(self.model)
        conditions = [~self.model.estimable, agree, contradict]
        names = [Decision.NOT_ESTIMABLE, Decision.AGREE, Decision.CONTRADICT]
        codes = np.select(conditions, [0, 1, 2], default=3)
        return [[*names, Decision.UNDETERMINED][code] for code in codes]

    def bounds(self) -> dict[str, Interval]:
        """Worst and best values that the paths without an estimate could have brought."""
        missing = ~self.model.estimable
        families = self.scale.families
        hits = self.scale.hits(self.model).astype(float)
        weight = weights_of(self.pi_h)
        worst, best = (np.where(missing, end, self.pi_m) for end in (0.0, 1.0))
        ends = np.stack([joint_terms(self.pi_h, worst), joint_terms(self.pi_h, best)])
        return _intervals(
            {
                "hard": (families.mean(hits), families.mean(np.where(missing, 1.0, hits))),
                "evidence": (
                    families.weighted_mean(worst, weight),
                    families.weighted_mean(best, weight),
                ),
                "joint": (families.mean(ends.min(axis=0)), families.mean(ends.max(axis=0))),
                "log": (
                    log_score(families.mean(surprise(worst))),
                    log_score(families.mean(surprise(best))),
                ),
            }
        )

    def null_concordance(self) -> float | None:
        """Mean probability that the model, too, shows no effect where the people show none."""
        null = self.scale.null
        if not null.any():
            return None
        share = null_share(self.model, self.plan.delta)
        return float(self.scale.families.mean(share, null.astype(float)))

    def slices(self, name_of: Callable[[PathSpec], str]) -> tuple[FamilyScore, ...]:
        """The numbers of each value of one attribute of the paths; paths without it stay out."""
        names = [name_of(path) for path in self.paths]
        return tuple(
            self._slice(name, [i for i, other in enumerate(names) if other == name])
            for name in dict.fromkeys(filter(None, names))
        )

    def _slice(self, name: str, chosen: list[int]) -> FamilyScore:
        numbers = self.numbers(chosen)
        return FamilyScore(
            name=name,
            paths=len(chosen),
            estimable=int(self.model.estimable[chosen].sum()),
            hard=float(numbers.hard),
            agree=float(numbers.agree),
            contradict=float(numbers.contradict),
            undetermined=float(numbers.undetermined),
            not_estimable=float(numbers.not_estimable),
            evidence=_defined(numbers.evidence),
            joint=_defined(numbers.joint),
            log=_defined(numbers.log),
        )


def _defined(value: Array | float) -> float | None:
    number = float(value)
    return None if np.isnan(number) else number


def _intervals(ends: Mapping[str, tuple[Array, Array]]) -> dict[str, Interval]:
    return {
        name: Interval(float(lower), float(upper), 1.0, "bounds")
        for name, (lower, upper) in ends.items()
        if np.isfinite(lower) and np.isfinite(upper)
    }


def score_model(
    plan: Plan,
    model: Estimates,
    people: Estimates,
    *,
    signs: SignSource = SignSource.THEORY,
    correlation: Array | None = None,
) -> VaarScore:
    """Score one model's paths against the people's.

    ``model`` and ``people`` map every path key of the plan to its estimate. ``correlation``,
    (P, P), is that of the path estimates and gives the effective number of paths.
    """
    scorer = _Scorer(plan, model, people, signs=signs)
    numbers = scorer.numbers()
    rows = scorer.evidence()
    joint, ceiling = _defined(numbers.joint), _defined(numbers.ceiling)
    return VaarScore(
        group=next(iter(model.values())).group,
        signs=signs,
        hard=float(numbers.hard),
        agree=float(numbers.agree),
        contradict=float(numbers.contradict),
        undetermined=float(numbers.undetermined),
        not_estimable=float(numbers.not_estimable),
        evidence=_defined(numbers.evidence),
        joint=joint,
        ceiling=ceiling,
        joint_normalised=None if joint is None or ceiling is None else normalised(joint, ceiling),
        bounds=scorer.bounds(),
        null_concordance=scorer.null_concordance(),
        null_paths=tuple(row.path for row in rows if row.null_expected),
        unresolved=tuple(row.path for row in rows if not row.human_resolved),
        effective_paths=None if correlation is None else effective_number(correlation),
        chance_all_hard=scorer.scale.chance_all_hard(scorer.model),
        paths=rows,
        by_family=scorer.slices(lambda path: path.family),
        by_facet=scorer.slices(lambda path: path.facet),
        by_scenario=scorer.slices(lambda path: path.scenario),
        log=float(numbers.log),
    )


def signs_disagree(plan: Plan, people: Estimates) -> bool:
    """True where the people's interval lies wholly on the side that theory does not expect."""
    human = arrays(plan.paths, people, plan.level)
    theory = signs_of(plan.paths, human, SignSource.THEORY)
    return bool(np.any(is_agreeing(human, -theory, plan.level)))
