"""Intervals, permutations, noise ceiling and ranks: seeded, sober, the same in any process."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.compare import compare
from analysis.compare.data.measurement import model_spec
from analysis.compare.data.samples import GroupSample, read_samples
from analysis.compare.errors import ComparisonCancelled
from analysis.compare.json_codec import to_json
from analysis.compare.models.estimability import climb_down
from analysis.compare.parallel import Work
from analysis.compare.results import Comparison, GroupSpec, Kind, Plan, Reason, Resampling
from analysis.compare.sensitivity import Choice, Dimension, sensitivity
from analysis.compare.uncertainty.draws import cluster_counts, deals, sized_counts
from analysis.compare.uncertainty.ranking import rank, shrinkage
from analysis.compare.uncertainty.refit_sources import RefitResults
from analysis.compare.uncertainty.refits import GroupRefits
from analysis.sem import fit
from tests.analysis.compare.datasets import (
    PRIVACY,
    PROSOCIAL,
    SHARING,
    Data,
    stacked,
    survey_answers,
    survey_plan,
)

PREVIEW = Resampling(seed=7, bootstrap=200, permutations=200, noise_draws=200)


def answers() -> tuple[Data, np.ndarray]:
    return stacked(
        human=survey_answers(500),
        like=survey_answers(220, seed=5),
        reversed=survey_answers(220, privacy=0.4, seed=6),
        noise=survey_answers(220, privacy=0.0, prosocial=0.0, seed=7),
    )


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    data, group = answers()
    return compare(data, survey_plan(), group=group, resampling=PREVIEW)


def one_group(plan: Plan, data: Data) -> tuple[GroupSample, GroupRefits]:
    sample = read_samples(data, plan, group=np.full(len(data["p1"]), "human"))["human"]
    group = GroupSpec("human", "People", "human")
    return sample, GroupRefits.of(climb_down(sample, plan, model_spec(plan, "main"), group))


def test_the_same_seed_gives_the_same_bytes_for_any_number_of_processes(
    comparison: Comparison,
) -> None:
    data, group = answers()
    again = compare(data, survey_plan(), group=group, resampling=PREVIEW, work=Work(processes=2))
    assert to_json(again) == to_json(comparison)


def test_another_seed_gives_other_intervals(comparison: Comparison) -> None:
    data, group = answers()
    other = compare(data, survey_plan(), group=group, resampling=replace(PREVIEW, seed=8))
    assert other.score("like").intervals != comparison.score("like").intervals
    assert other.score("like").joint == comparison.score("like").joint


def test_a_refit_to_every_row_once_is_the_fit_itself() -> None:
    plan, data = survey_plan(), survey_answers(300)
    sample, refits = one_group(plan, data)
    paths = refits.resampled(np.ones((1, len(sample)))).paths[0]
    own = compare(data, plan, group=np.full(300, "human"))
    assert paths == pytest.approx([row.std for row in own.paths], abs=1e-6)


def test_a_refit_is_what_fitting_the_drawn_rows_anew_would_give() -> None:
    plan, data = survey_plan(), survey_answers(300)
    sample, refits = one_group(plan, data)
    counts = cluster_counts(sample.clusters, 1, 0, [3])
    rows = np.repeat(np.arange(300), counts[0].astype(int))
    drawn = {name: column[rows] for name, column in data.items()}
    anew = compare(drawn, plan, group=np.full(len(rows), "human"))
    assert refits.resampled(counts).paths[0] == pytest.approx(
        [row.std for row in anew.paths], abs=1e-6
    )


def test_dealing_outcomes_in_their_own_order_changes_nothing() -> None:
    plan, data = survey_plan(), survey_answers(300)
    _, refits = one_group(plan, data)
    same = refits.dealt_again(np.arange(300)[None, None, :]).paths[0]
    assert same == pytest.approx(refits.resampled(np.ones((1, 300))).paths[0], abs=1e-6)


def test_dealing_outcomes_again_breaks_the_paths_and_keeps_the_measurement() -> None:
    plan, data = survey_plan(), survey_answers(300)
    sample, refits = one_group(plan, data)
    paths = refits.dealt_again(deals(sample.clusters, 1, 0, range(200))).paths
    assert np.abs(paths.mean(axis=0)).max() < 0.03
    assert paths.std(axis=0) == pytest.approx([0.066, 0.066], abs=0.015)


def test_missing_answers_are_refitted_by_their_patterns() -> None:
    plan = survey_plan(missing="fiml")
    data = survey_answers(300)
    data["p1"] = np.where(np.arange(300) % 9 == 0, np.nan, data["p1"])
    data["a2"] = np.where(np.arange(300) % 7 == 0, np.nan, data["a2"])
    by_items = survey_plan(facets=False, missing="fiml")
    for each in (plan, by_items):
        _, refits = one_group(each, data)
        own = compare(data, each, group=np.full(300, "human"))
        paths = refits.resampled(np.ones((1, 300))).paths[0]
        assert paths == pytest.approx([row.std for row in own.paths], abs=1e-5)


def test_whole_clusters_are_drawn_and_dealt() -> None:
    clusters = np.repeat(np.arange(10), 3)
    counts = cluster_counts(clusters, 1, 0, range(5)).reshape(5, 10, 3)
    assert np.all(counts == counts[:, :, :1])
    orders = deals(clusters, 1, 0, range(5)).reshape(5, 10, 3)
    assert np.all(clusters[orders] == clusters[orders][:, :, :1])
    assert all(sorted(order.ravel()) == list(range(30)) for order in orders)


def test_noise_draws_have_the_size_they_are_asked_for() -> None:
    assert np.all(sized_counts(50, 17, 1, 0, range(4)).sum(axis=1) == 17)


def test_draws_do_not_depend_on_how_the_work_is_cut() -> None:
    clusters = np.arange(20)
    whole = cluster_counts(clusters, 1, 0, range(10))
    assert np.array_equal(whole[4:7], cluster_counts(clusters, 1, 0, range(4, 7)))


def test_intervals_hold_the_point(comparison: Comparison) -> None:
    for score in comparison.vaar:
        joint = score.intervals["joint"]
        assert score.joint is not None
        assert joint.lower <= score.joint <= joint.upper
        assert joint.method == "percentile bootstrap"


def test_permutation_tells_a_people_like_model_from_noise(comparison: Comparison) -> None:
    assert comparison.score("like").permutation_p["joint"] < 0.02
    assert comparison.score("noise").permutation_p["joint"] > 0.05


def test_the_permutation_scores_a_model_as_it_scores_its_permutations() -> None:
    """By their spread: the errors of its own fit, robust or not, have no say."""
    noise = survey_answers(120, privacy=0.0, prosocial=0.0, seed=3)
    skewed = {name: np.where(values < 4.0, 1.0, values) for name, values in noise.items()}
    data, group = stacked(human=survey_answers(300), noise=skewed)
    drawn = Resampling(seed=1, permutations=100)
    plans = [replace(survey_plan(), estimator=name) for name in ("ML", "MLR")]
    found = [compare(data, plan, group=group, resampling=drawn).score("noise") for plan in plans]
    assert found[0].joint != found[1].joint
    assert found[0].permutation_p == found[1].permutation_p


def test_hard_agreement_of_noise_comes_up_with_the_stated_chance(comparison: Comparison) -> None:
    score = comparison.score("like")
    assert score.hard == 1.0
    assert score.permutation_p["hard"] == pytest.approx(score.chance_all_hard, abs=0.1)


def test_people_of_the_models_size_would_score_higher_than_a_reversed_model(
    comparison: Comparison,
) -> None:
    score = comparison.score("reversed")
    assert score.joint is not None
    assert score.noise_ceiling["joint"].lower > score.joint


def test_ranks_are_intervals_and_noise_does_not_come_first(comparison: Comparison) -> None:
    ranks = {entry.group: entry for entry in comparison.ranking}
    assert set(ranks) == {"like", "reversed", "noise"}
    assert ranks["like"].rank_lower == 1
    assert ranks["noise"].rank_upper == 3
    assert abs(ranks["noise"].shrunken - 0.5) <= abs(ranks["noise"].score - 0.5) + 0.5


def test_equal_models_cannot_be_told_apart() -> None:
    draws = np.random.default_rng(1).normal(0.8, 0.05, size=(400, 3))
    entries = rank(["a", "b", "c"], np.array([0.80, 0.81, 0.79]), draws)
    assert all((entry.rank_lower, entry.rank_upper) == (1, 3) for entry in entries)


def test_models_far_apart_keep_their_ranks() -> None:
    centre = np.array([0.9, 0.6, 0.3])
    draws = centre + np.random.default_rng(1).normal(0.0, 0.01, size=(400, 3))
    entries = rank(["a", "b", "c"], centre, draws)
    assert [(entry.group, entry.rank_lower, entry.rank_upper) for entry in entries] == [
        ("a", 1, 1),
        ("b", 2, 2),
        ("c", 3, 3),
    ]


def test_the_noisiest_model_is_pulled_furthest_to_the_mean() -> None:
    kept = shrinkage(np.array([0.9, 0.5, 0.1]), np.array([0.001, 0.01, 0.1]))
    assert kept[0] > kept[1] > kept[2]


def with_personas(number: int, each: int) -> tuple[Data, np.ndarray]:
    """Four hundred people, and a model that was asked ``each`` times as every persona."""
    persona = survey_answers(number, seed=5)
    repeated = {name: np.repeat(column, each) for name, column in persona.items()}
    data, group = stacked(human=survey_answers(400), model=repeated)
    rows = np.repeat(np.arange(number), each)
    data["persona"] = np.concatenate([np.arange(400), 1000 + rows])
    return data, group


@pytest.mark.parametrize("estimator", ["ML", "MLR"])
def test_clusters_are_counted_whatever_the_estimator(estimator: str) -> None:
    data, group = with_personas(100, 6)
    plan = survey_plan(estimator=estimator)
    key = "Privacy->Sharing"
    robust = survey_plan(estimator="MLR")
    naive = compare(data, robust, group=group).path_estimate("model", key)
    comparison = compare(data, plan, group=group, cluster=("persona",))
    counted = comparison.path_estimate("model", key)
    assert naive.std_se is not None
    assert counted.std is not None
    assert counted.std_se == pytest.approx(np.sqrt(6) * naive.std_se, rel=0.05)
    ends = counted.std + stats.t.ppf(0.975, 99) * counted.std_se * np.array([-1.0, 1.0])
    assert (counted.std_ci_lower, counted.std_ci_upper) == pytest.approx(ends)
    assert counted.est is not None
    assert counted.se is not None
    assert counted.pvalue == pytest.approx(2 * stats.t.sf(abs(counted.est / counted.se), 99))
    assert next(one for one in comparison.notices if one.code == "pooled_repeats")


def test_of_a_handful_of_clusters_nothing_is_said_but_the_estimate() -> None:
    data, group = with_personas(12, 20)
    found = compare(data, survey_plan(), group=group, cluster=("persona",), resampling=PREVIEW)
    row, score = found.path_estimate("model", "Privacy->Sharing"), found.score("model")
    assert row.std is not None
    assert row.reason is Reason.TOO_FEW_CLUSTERS
    assert (row.std_se, row.std_ci_lower, row.pvalue, row.estimable) == (None, None, None, False)
    assert (score.undetermined, score.evidence) == (1.0, 0.5)
    assert (score.intervals, score.permutation_p) == ({}, {})
    assert [one.paths_comparable for one in found.invariance] == [False]
    assert "12 clusters, and 30 are needed" in found.invariance[0].sentence
    assert [one.reason for one in found.differences] == ["too_few_clusters"] * 2
    assert all(one.ratio_ci is None for row in found.fidelity for one in row.outcomes)
    (own,) = (one for one in found.fits if one.groups == ("model",))
    assert {line["se"] for line in own.parameters} == {None}
    said = [one.code for one in found.notices]
    assert "too_few_clusters" in said
    assert "not_estimable" not in said


def test_no_interval_is_narrower_than_that_of_independent_rows() -> None:
    """Sessions of one persona that are less alike than strangers do not add information."""
    data, group = stacked(human=survey_answers(300), model=survey_answers(300, seed=5))
    order = np.argsort(data["s1"][300:], kind="stable")
    persona = np.empty(300, dtype=int)
    persona[order] = np.arange(300) % 60
    data["persona"] = np.concatenate([np.arange(300), 1000 + persona])
    key = "Privacy->Sharing"
    naive = compare(data, survey_plan(), group=group).path_estimate("model", key)
    counted = compare(data, survey_plan(), group=group, cluster=("persona",))
    row = counted.path_estimate("model", key)
    assert naive.std_se is not None
    assert row.std_se is not None
    assert row.std_se >= naive.std_se


def skewed(n: int, seed: int) -> Data:
    """Most answer at the floor: skewness beyond 1, where shares of refits once took over."""
    found = survey_answers(n, seed=seed)
    return {name: np.maximum(values - 2.0, 1.0) for name, values in found.items()}


def test_one_share_stands_behind_evidence_interval_and_grid() -> None:
    data, group = stacked(human=skewed(300, 1), model=skewed(150, 2))
    plan = survey_plan()
    specs = [GroupSpec("human", "People", Kind.HUMAN), GroupSpec("model", "Model", Kind.LLM)]
    few = replace(PREVIEW, bootstrap=100, permutations=20, noise_draws=0)
    drawn = compare(data, plan, group=group, groups=specs, resampling=few)
    plainly = compare(data, plan, group=group, groups=specs).score("model")
    choices = (Choice("MLR", estimator="MLR"),)
    grid = sensitivity(data, plan, [Dimension("estimator", choices)], group=group, groups=specs)
    of_grid = {row.measure: row.value for row in grid}
    score = drawn.score("model")
    for name in ("evidence", "joint", "log"):
        value = getattr(score, name, None)
        assert value == getattr(plainly, name, None)
        if name in of_grid:
            assert value == of_grid[name]
        if name in score.intervals:
            assert score.intervals[name].lower <= value <= score.intervals[name].upper
    for one in score.paths:
        row = drawn.path_estimate("model", one.path)
        assert row.std is not None
        assert row.std_ci_lower is not None
        assert row.std_ci_upper is not None
        printed = (row.std_ci_upper - row.std_ci_lower) / (2 * stats.norm.ppf(0.975))
        assert one.model_share == pytest.approx(stats.norm.cdf(one.sign * row.std / printed))


def test_where_many_refits_fail_intervals_are_marked_and_widened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, group = stacked(human=survey_answers(300), model=survey_answers(150, seed=5))
    few = Resampling(seed=7, bootstrap=100)
    whole = compare(data, survey_plan(), group=group, resampling=few).score("model")
    every = RefitResults.paths

    def every_fifth_fails(self: RefitResults, *given: Any, **more: Any) -> np.ndarray:
        drawn = every(self, *given, **more)
        drawn[::5] = np.nan
        return drawn

    monkeypatch.setattr(RefitResults, "paths", every_fifth_fails)
    found = compare(data, survey_plan(), group=group, resampling=few)
    score = found.score("model")
    assert score.failed_refit_share == pytest.approx(0.2)
    for name in ("agree", "evidence", "joint"):
        wide, narrow = score.intervals[name], whole.intervals[name]
        assert wide.method == "percentile bootstrap, widened"
        assert wide.lower <= narrow.lower
        assert wide.upper >= narrow.upper
    assert score.intervals["joint"].lower < whole.intervals["joint"].lower - 0.1
    assert "failed_refits" in {one.code for one in found.notices}


def test_a_panel_without_estimates_has_no_intervals_but_is_still_reported() -> None:
    flat = {name: np.full(200, 4.0) for name in (*PRIVACY, *PROSOCIAL, *SHARING)}
    data, group = stacked(human=survey_answers(300), flat=flat, like=survey_answers(200, seed=5))
    comparison = compare(data, survey_plan(), group=group, resampling=PREVIEW)
    assert comparison.score("flat").not_estimable == 1.0
    assert comparison.score("flat").permutation_p == {}
    assert comparison.score("like").intervals["joint"].upper > 0.9


def test_the_effective_number_of_paths_lies_between_one_and_all(comparison: Comparison) -> None:
    number = comparison.score("like").effective_paths
    assert number is not None
    assert 1.0 <= number <= 2.0


def test_progress_is_told_and_a_request_to_stop_is_heard() -> None:
    data, group = answers()
    told: list[tuple[int, int]] = []

    def stop() -> bool:
        return len(told) >= 3

    work = Work(progress=lambda done, total: told.append((done, total)), cancelled=stop)
    with pytest.raises(ComparisonCancelled):
        compare(data, survey_plan(), group=group, resampling=PREVIEW, work=work)
    assert [done for done, _ in told] == [0, 1, 2]


def test_a_request_to_stop_reaches_other_processes_too() -> None:
    data, group = answers()
    work = Work(processes=2, cancelled=lambda: True)
    with pytest.raises(ComparisonCancelled):
        compare(data, survey_plan(), group=group, resampling=PREVIEW, work=work)


def test_the_bootstrap_spread_is_that_of_the_sampling_distribution() -> None:
    """Against refitting by the engine itself, resample by resample."""
    plan, data = survey_plan(), survey_answers(250)
    sample, refits = one_group(plan, data)
    counts = cluster_counts(sample.clusters, 3, 0, range(12))
    syntax = climb_down(
        sample, plan, model_spec(plan, "main"), GroupSpec("human", "P", "human")
    ).syntax
    columns = {
        one.name: sample.mean_score(one.items) for one in model_spec(plan, "main").indicators
    }
    for line, found in zip(counts.astype(int), refits.resampled(counts).paths, strict=True):
        rows = np.repeat(np.arange(250), line)
        anew = fit(syntax, {name: values[rows] for name, values in columns.items()})
        expected = [
            anew.parameter("Sharing", "~", name).std_all for name in ("Privacy", "Prosocial")
        ]
        assert found == pytest.approx(expected, abs=1e-6)
