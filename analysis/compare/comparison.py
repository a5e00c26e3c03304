"""``compare``: from answers and a frozen plan to everything a report says about them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import ArrayLike

from analysis.compare.data.distribution import items_fidelity
from analysis.compare.data.samples import Columns, GroupSample, read_samples
from analysis.compare.data.sampling import sampling_of
from analysis.compare.data.style import response_style
from analysis.compare.errors import ComparisonDataError
from analysis.compare.factors.asked import measured
from analysis.compare.factors.intervals import with_drawn_limits, with_limits
from analysis.compare.models.differences import Tested, metric_fits, path_differences
from analysis.compare.models.estimates import path_correlation
from analysis.compare.models.fidelity import group_fidelity
from analysis.compare.models.groups import (
    GroupAnalysis,
    MatchedPeople,
    analyse_group,
    fit_summaries,
    htmt_of,
    keying_of,
    people_reliabilities,
    reliabilities_of,
    starting_rungs,
    summarise_model,
)
from analysis.compare.models.invariance import climb_invariance, not_testable
from analysis.compare.models.joint.fit import can_be_joined, join, on_latent_rungs
from analysis.compare.notices.withholding import with_notices
from analysis.compare.parallel import Work
from analysis.compare.plan import GroupSpec, Kind, Plan, SignSource
from analysis.compare.results import (
    Comparison,
    FitSummary,
    Htmt,
    InvarianceVerdict,
    PathEstimate,
    PathSpread,
    Reliability,
    Resampling,
    VaarScore,
)
from analysis.compare.subgroups.agreement import against_all, parity_gaps
from analysis.compare.subgroups.conditions import spread_over_conditions
from analysis.compare.subgroups.fits import fit_subgroups
from analysis.compare.subgroups.moderation import moderations
from analysis.compare.uncertainty.assessment import assess
from analysis.compare.uncertainty.refit_sources import Sources
from analysis.compare.vaar.score import score_model, signs_disagree
from analysis.compare.vaar.sizes import size_beside_sign
from surveys.independence import FEWEST_CLUSTERS


def compare(
    data: Columns,
    plan: Plan,
    *,
    group: str | ArrayLike,
    groups: Sequence[GroupSpec] = (),
    cluster: Sequence[str] = (),
    conditions: Sequence[str] = (),
    resampling: Resampling | None = None,
    work: Work | None = None,
    given: Columns | None = None,
) -> Comparison:
    """Compare every model with the people, on the plan.

    ``data`` maps item names to oriented answers, NaN where missing; a data frame will do. ``group``
    is a column or one label per row; ``groups`` says who they are and what they were told (by
    default the plan's reference group is the people and all others are models). ``cluster`` names
    the columns that tell clusters apart, ``conditions`` those of what was chosen for a session:
    every path is given in each. ``given`` are answers as they were recorded, where ``data`` has
    means of stated distributions in their place: what is said of the answers to an item, and of
    the style of answering, is said of them.

    Each group is fitted by itself with the same measurement model, so that no model's misfit can
    move the people's paths; differences of paths come from joint fits with loadings held equal.

    ``resampling`` adds intervals, permutation p-values, noise ceiling and ranks; ``work`` says in
    how many processes, and how to report progress and to stop. The same data, plan and resampling
    give the same bytes for any number of processes.

    Raises ``ComparisonDataError`` where the data do not fit the plan, ``ComparisonCancelled`` when
    stopped.
    """
    sources = _with_subgroups(
        analyse(data, plan, group=group, groups=groups, cluster=cluster, conditions=conditions)
    )
    everyone = (sources.people, *sources.models)
    samples = {one.spec.key: one.sample for one in everyone}
    if given is not None:
        samples = read_samples(given, plan, group=group, cluster=cluster, names=list(samples))
    comparison = _with_companions(scores(sources), sources, samples)
    if resampling is not None:
        comparison = assess(comparison, sources, resampling, work or Work())
    return with_notices(comparison)


def _with_subgroups(sources: Sources) -> Sources:
    """The people's subgroups as well; a fit that models are matched with later is made now.

    What was fitted once per rung of a model is refitted in every resample.
    """
    known = people_reliabilities(reliabilities_of(sources.people, sources.plan))
    found = fit_subgroups(sources.people, sources.plan, known)
    for subgroup in found:
        for one in sources.models:
            if subgroup.matched is not None:
                subgroup.matched.estimates(one)
    return replace(sources, subgroups=found)


def analyse(
    data: Columns,
    plan: Plan,
    *,
    group: str | ArrayLike,
    groups: Sequence[GroupSpec] = (),
    cluster: Sequence[str] = (),
    conditions: Sequence[str] = (),
) -> Sources:
    """Fit every group, the people first: a model never stands on a higher rung than they do."""
    specs = list(groups) or _default_specs(data, plan, group, cluster)
    samples = read_samples(
        data,
        plan,
        group=group,
        cluster=cluster,
        names=[spec.key for spec in specs],
        conditions=conditions,
        told=list(dict.fromkeys(name for spec in specs for name in spec.told or ())),
    )
    return _analyse(samples, specs, plan)


def _default_specs(
    data: Columns, plan: Plan, group: str | ArrayLike, cluster: Sequence[str]
) -> list[GroupSpec]:
    names = read_samples(data, plan, group=group, cluster=cluster)
    return [
        GroupSpec(name, name, Kind.HUMAN if name == plan.reference_group else Kind.LLM)
        for name in names
    ]


def _analyse(samples: dict[str, GroupSample], specs: Sequence[GroupSpec], plan: Plan) -> Sources:
    by_key = {spec.key: spec for spec in specs}
    if plan.reference_group not in by_key:
        raise ComparisonDataError(
            f"{plan.reference_group} is not among the groups compared.", code="no_reference_group"
        )
    human = by_key.pop(plan.reference_group)
    people = analyse_group(samples[human.key], human, plan)
    known = people_reliabilities(reliabilities_of(people, plan))
    rungs = starting_rungs(people)
    models = tuple(
        analyse_group(samples[key], spec, plan, start=rungs, reliabilities=known)
        for key, spec in by_key.items()
    )
    return Sources(plan, people, models, MatchedPeople(people, plan, known))


def scores(sources: Sources) -> Comparison:
    """Groups, estimability, paths and VAAR alone: what sensitivity and power repeat many times."""
    plan, everyone = sources.plan, (sources.people, *sources.models)
    beside = {one.spec.key: sources.matched.estimates(one) for one in sources.models}
    return Comparison(
        plan=plan,
        groups=tuple(one.summary for one in everyone),
        fits=(),
        estimability=tuple(model.estimability for one in everyone for model in one.models.values()),
        paths=tuple(_paths(everyone, beside)),
        vaar=tuple(
            score
            for one in sources.models
            for score in vaar_scores(plan, one, beside[one.spec.key])
        ),
    )


def _with_companions(
    comparison: Comparison, sources: Sources, answered: Mapping[str, GroupSample]
) -> Comparison:
    """Add fits, invariance, differences and all that stands beside VAAR.

    `answered` are the groups' answers as they were recorded.
    """
    plan, people, models, matched = (
        sources.plan,
        sources.people,
        sources.models,
        sources.matched,
    )
    everyone = (people, *models)
    items = {
        key: items_fidelity(sample, answered[people.spec.key], plan.items)
        for key, sample in answered.items()
    }
    tested = {one.spec.key: _test_invariance([people, one], plan) for one in models}
    verdicts = [row for one in models for row in _verdicts([people, one], tested[one.spec.key])]
    if len(models) > 1:
        verdicts += _verdicts(everyone, _test_invariance(everyone, plan))
    return replace(
        comparison,
        fits=(
            *_fits(everyone, matched),
            *(row for one in tested.values() for row in metric_fits(one)),
        ),
        invariance=tuple(verdicts),
        differences=tuple(
            row
            for one in models
            for row in path_differences(one, matched, tested[one.spec.key], plan)
        ),
        items=tuple(row for rows in items.values() for row in rows),
        styles=tuple(response_style(sample, plan) for sample in answered.values()),
        sizes=tuple(
            size_beside_sign(plan, one.estimates, matched.estimates(one)) for one in models
        ),
        fidelity=tuple(
            group_fidelity(one, matched, items[one.spec.key], items[people.spec.key], plan)
            for one in models
        ),
        **_of_people(sources),
        reliability=tuple(row for one in everyone for row in _reliabilities(one, plan)),
        htmt=tuple(row for one in everyone for row in _ratios(one, plan)),
        **measured(people, models, tested, plan),
        conditions=tuple(_spreads(sources)),
        keying=tuple(row for one in everyone for row in keying_of(one, plan)),
    )


def _reliabilities(one: GroupAnalysis, plan: Plan) -> list[Reliability]:
    """With intervals of omega and AVE where the plan asks for them."""
    rows = reliabilities_of(one, plan)
    return with_limits(rows, one, plan.level) if plan.measurement.reliability else rows


def _ratios(one: GroupAnalysis, plan: Plan) -> Sequence[Htmt]:
    """With intervals and HTMT2 where the plan asks for them."""
    rows = htmt_of(one, plan)
    return with_drawn_limits(rows, one, plan.level) if plan.measurement.reliability else rows


def _spreads(sources: Sources) -> Iterator[PathSpread]:
    """Every path of every model in each condition that its sessions were asked under."""
    known = people_reliabilities(reliabilities_of(sources.people, sources.plan))
    for one in sources.models:
        yield from spread_over_conditions(one, sources.plan, known)


def _of_people(sources: Sources) -> dict[str, Any]:
    """How people were sampled, how models agree with their subgroups, and what these moderate."""
    plan, people = sources.plan, sources.people
    found = against_all(sources.models, sources.subgroups, plan, {})
    return {
        "sampling": sampling_of(people.sample, plan, people.summary.design_effect),
        "subgroups": tuple(one.row for one in found),
        "parity": tuple(parity_gaps(found, plan.level)),
        "moderation": moderations(sources.subgroups, plan),
    }


def _test_invariance(groups: Sequence[GroupAnalysis], plan: Plan) -> dict[str, Tested]:
    """Climb the ladder with these groups, people first, in every model that all of them bear.

    Groups with too few clusters are not tested: their part of a test says nothing.
    """
    tested: dict[str, Tested] = {}
    if not all(one.summary.has_enough_clusters for one in groups):
        return tested
    for name in plan.models:
        people, *models = groups
        if on_latent_rungs(people, name) and all(can_be_joined(one, name) for one in models):
            joint = join(name, groups, plan)
            if joint.has_latent:
                ladder = climb_invariance(joint, plan.maximum_freed_share, 1.0 - plan.level)
                tested[name] = Tested(joint, ladder)
    return tested


def _verdicts(
    groups: Sequence[GroupAnalysis], tested: Mapping[str, Tested]
) -> list[InvarianceVerdict]:
    keys = tuple(one.spec.key for one in groups)
    rows = []
    for name in groups[0].models:
        if name in tested:
            rows.append(tested[name].ladder.verdict)
        else:
            rows.append(not_testable(name, keys, _why_untested(groups, name)))
    return rows


def _why_untested(groups: Sequence[GroupAnalysis], model: str) -> str:
    few = [one.summary for one in groups if not one.summary.has_enough_clusters]
    if few:
        counts = (f"{one.label} has {one.clusters} clusters" for one in few)
        return f"{', '.join(counts)}, and {FEWEST_CLUSTERS} are needed"
    without = [one.spec.label for one in groups if not can_be_joined(one, model)]
    why = f"no latent variables could be estimated in {', '.join(without)}"
    return why if without else "the model has none"


def vaar_scores(
    plan: Plan, model: GroupAnalysis, people: dict[str, PathEstimate]
) -> list[VaarScore]:
    """VAAR by the plan's signs, and by the people's where theory and people disagree."""
    sources = [SignSource.THEORY]
    if signs_disagree(plan, people):
        sources.append(SignSource.HUMAN)
    only = next(iter(model.models.values())) if len(model.models) == 1 else None
    correlation = None if only is None else path_correlation(only)
    return [
        score_model(plan, model.estimates, people, signs=source, correlation=correlation)
        for source in sources
    ]


def _fits(everyone: Sequence[GroupAnalysis], matched: MatchedPeople) -> list[FitSummary]:
    own = [row for one in everyone for row in fit_summaries(one)]
    again = [
        summarise_model(model, matched.people)
        for model in matched.extra.values()
        if model.fit is not None
    ]
    return own + again


def _paths(
    everyone: Sequence[GroupAnalysis], beside: dict[str, dict[str, PathEstimate]]
) -> list[PathEstimate]:
    """Every group's estimates, then the people's on the rungs where a model was matched."""
    rows = [row for one in everyone for row in one.estimates.values()]
    seen = {(row.group, row.path, row.rung) for row in rows}
    for matched in beside.values():
        for row in matched.values():
            if (row.group, row.path, row.rung) not in seen:
                seen.add((row.group, row.path, row.rung))
                rows.append(row)
    return rows
