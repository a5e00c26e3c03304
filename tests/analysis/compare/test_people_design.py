"""Weights, clusters, strata, subgroups and adjustment of people: what they change, and what not."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.comparison import analyse
from analysis.compare.data.measurement import latent_syntax, spec_for
from analysis.compare.data.samples import GroupSample
from analysis.compare.data.sampling import kish_effective_n, lone_strata, within_strata
from analysis.compare.errors import ComparisonDataError
from analysis.compare.plan import Adjustment, GroupSpec, Kind, PeopleDesign, Subgroups
from analysis.compare.results import Resampling
from analysis.compare.subgroups.agreement import direction, size
from analysis.compare.subgroups.division import divide, present
from analysis.compare.subgroups.fits import fit_subgroups
from analysis.compare.subgroups.moderation import moderations
from analysis.compare.uncertainty.draws import cluster_counts
from analysis.compare.vaar.rates import PathArrays
from tests.analysis.compare.datasets import (
    german_people,
    stacked,
    survey_answers,
    survey_plan,
)

PEOPLE = [GroupSpec("human", "People", Kind.HUMAN)]


def sample(weights=None, strata=None, clusters=None):
    n = next(len(part) for part in (weights, strata, clusters) if part is not None)
    numbers = np.arange(n) if clusters is None else np.array(clusters)
    return GroupSample(
        "p",
        (),
        np.zeros((n, 0)),
        numbers,
        None if weights is None else np.array(weights, dtype=float),
        None if strata is None else np.array(strata),
    )


# ---------------------------------------------------------------- weights, clusters, strata


def test_unequal_weights_are_worth_fewer_people_by_kish():
    assert kish_effective_n(sample([1, 1, 2])) == pytest.approx(16 / 6)
    assert kish_effective_n(sample([3, 3, 3])) == 3


def test_a_person_of_weight_two_counts_like_two_people_who_answered_alike():
    answers = survey_answers(200)
    weight = np.where(np.arange(200) < 80, 2.0, 1.0)
    twice = np.repeat(np.arange(200), weight.astype(int))
    plan = survey_plan(people=PeopleDesign(weight="w"))

    weighted = analyse({**answers, "w": weight}, plan, group=["human"] * 200, groups=PEOPLE)
    repeated = analyse(
        {name: values[twice] for name, values in answers.items()},
        survey_plan(),
        group=["human"] * 280,
        groups=PEOPLE,
    )
    for key, row in weighted.people.estimates.items():
        assert row.std == pytest.approx(repeated.people.estimates[key].std, abs=1e-6)
        assert row.std_se > repeated.people.estimates[key].std_se


def test_a_person_without_a_positive_weight_is_refused():
    data = {**survey_answers(60), "w": np.r_[np.ones(58), 0.0, np.nan]}
    plan = survey_plan(people=PeopleDesign(weight="w"))
    with pytest.raises(ComparisonDataError, match="2 of 60 people have no positive weight"):
        analyse(data, plan, group=["human"] * 60, groups=PEOPLE)


def test_people_of_one_country_are_not_independent():
    """Countries differ in both constructs alike: paths are less certain, and n is worth less."""
    rng = np.random.default_rng(3)
    country = np.repeat(np.arange(40), 10)
    data = survey_answers(400, privacy=0.0)
    shift = rng.normal(0.0, 0.6, 40)[country]
    moved = {name: values + shift * (name[0] in "pa") for name, values in data.items()}
    labels = ["human"] * 400
    alone = analyse(moved, survey_plan(), group=labels, groups=PEOPLE).people
    named = {**moved, "country": country.astype(str)}
    clustered = analyse(
        named, survey_plan(), group=labels, groups=PEOPLE, cluster=("country",)
    ).people

    key = "Privacy->Sharing"
    assert clustered.estimates[key].std == pytest.approx(alone.estimates[key].std)
    assert clustered.estimates[key].std_se > 1.3 * alone.estimates[key].std_se
    assert clustered.summary.effective_n == pytest.approx(400 / clustered.summary.design_effect)
    assert clustered.summary.design_effect > 2


def test_clusters_are_drawn_within_strata_and_count_for_those_that_are_not():
    strata = np.repeat([0, 1], [6, 8])
    clusters = np.repeat(np.arange(7), 2)
    counts = cluster_counts(clusters, 1, 0, range(200), strata=strata)
    assert np.allclose(counts[:, strata == 0].sum(axis=1), 6)
    assert np.allclose(counts[:, strata == 1].sum(axis=1), 8)
    assert (counts[:, ::2] == counts[:, 1::2]).all()
    # two draws of three clusters, each for 3/2: the variance of a total is that of three clusters
    assert set(counts[:, 0]) == {0.0, 1.5, 3.0}


def test_a_cluster_in_two_strata_is_one_in_each_and_lone_clusters_are_pooled():
    one = sample(strata=[0, 0, 0, 1, 2, 2], clusters=[0, 0, 1, 1, 3, 4])
    clusters, strata = within_strata(one)
    assert len(set(clusters.tolist())) == 5
    assert lone_strata(one) == 1
    assert set(strata.tolist()) == {0, 2}, "stratum 1 joins the smallest other one"


# ---------------------------------------------------------------- subgroups


def test_cuts_make_subgroups_that_hold_their_lower_bound():
    rule = Subgroups("age", (30.0, 50.0))
    labels = divide(np.array(["29", "30", "49.5", "50", ""]), rule)
    assert labels.tolist() == [
        "below 30", "30 to below 50", "30 to below 50", "50 and above", "",
    ]  # fmt: skip
    assert present(labels, rule) == ["below 30", "30 to below 50", "50 and above"]
    assert present(np.array(["m", "", "f"]), Subgroups("gender")) == ["f", "m"]


def test_agreement_in_direction_and_in_size_part_company():
    plan = survey_plan()
    people = PathArrays(np.array([-0.5, 0.4]), np.array([0.05, 0.05]))
    same_way = PathArrays(np.array([-0.1, 0.1]), np.array([0.02, 0.02]))
    reversed_way = PathArrays(-people.estimate, people.se)
    assert direction(same_way, people, plan) == pytest.approx(1.0, abs=1e-3)
    assert direction(reversed_way, people, plan) == pytest.approx(-1.0, abs=1e-3)
    squares = (0.4**2 + 0.3**2) / 2 - (0.05**2 + 0.02**2)
    assert size(same_way, people, plan) == pytest.approx(1 - np.sqrt(squares))
    assert size(people, people, plan) == 1.0
    open_people = PathArrays(np.array([-0.01, 0.01]), np.array([0.1, 0.1]))
    assert np.isnan(direction(same_way, open_people, plan)), "these people leave directions open"


@pytest.fixture(scope="module")
def divided():
    """150 people like the model, 150 whose privacy concern does nothing, and 20 of a third kind."""
    parts = [survey_answers(150, privacy=-0.6, seed=1), survey_answers(150, privacy=0.0, seed=2)]
    parts.append(survey_answers(20, seed=3))
    human = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    data, labels = stacked(human=human, model=survey_answers(200, privacy=-0.6, seed=4))
    kinds = ["like"] * 150 + ["unlike"] * 150 + ["few"] * 20
    rng = np.random.default_rng(1)
    told = {
        "kind": np.array([*kinds, *[""] * 200]),
        "half": np.array([*rng.choice(["a", "b"], 320), *[""] * 200]),
    }
    people = PeopleDesign(
        subgroups=(Subgroups("kind", (), ("Privacy->Sharing",)), Subgroups("half"))
    )
    plan = survey_plan(people=people)
    return compare(
        {**data, **told}, plan, group=labels, resampling=Resampling(seed=1, bootstrap=40)
    )


def test_a_model_that_is_like_some_people_has_a_gap_and_one_between_halves_cannot_be_told(divided):
    gaps = {(row.by, row.measure): row for row in divided.parity}
    kind, half = gaps["kind", "size"], gaps["half", "size"]
    assert (kind.best, kind.worst, kind.subgroups, kind.compared) == ("like", "unlike", 3, 2)
    assert kind.gap > 0.2
    assert kind.interval.lower >= 0.01
    assert kind.resolved is True
    assert half.resolved is False
    assert half.interval.lower < 0 < half.interval.upper
    (said,) = [notice for notice in divided.notices if notice.code == "parity_gap"]
    assert "agrees better with some people: kind like than unlike in the size" in said.sentence
    assert "half" not in said.sentence


def test_fewer_than_thirty_people_are_no_subgroup_of_which_something_could_be_told(divided):
    (few,) = [row for row in divided.subgroups if row.subgroup == "few" and row.measure == "size"]
    assert (few.n, few.agreement, few.interval, few.reason) == (20, None, None, "too_few")
    (said,) = [notice for notice in divided.notices if notice.code == "small_subgroups"]
    assert "kind few (n = 20)" in said.sentence


def test_a_path_that_differs_between_subgroups_is_found(divided):
    (row,) = divided.moderation
    slopes = {slope.subgroup: slope.est for slope in row.slopes}
    assert slopes["like"] < -0.3 < slopes["unlike"]
    assert row.pvalue < 0.001
    assert not row.clusters_shared


def test_slopes_by_sex_are_those_of_lavaan(shared_dir):
    """The metric model of the German people by sex, MLR with missing answers."""
    folder = shared_dir / "data" / "german_cwa"
    data, plan = german_people(shared_dir)
    with (folder / "cwa_wave1_vendor_codes.csv").open(encoding="utf-8") as file:
        female = np.array([row["female"] for row in csv.DictReader(file)])
    paths = ("PRV->ACC", "PRO->ACC")
    plan = replace(
        plan,
        estimator="MLR",
        missing="fiml",
        people=PeopleDesign(subgroups=(Subgroups("female", (), paths),)),
    )
    specs = [GroupSpec("people", "People", Kind.HUMAN)]
    rows = {**data, "female": np.where(np.isin(female, ["TRUE", "FALSE"]), female, "")}
    sources = analyse(rows, plan, group=["people"] * len(female), groups=specs)
    found = moderations(fit_subgroups(sources.people, plan, {}), plan)

    lavaan = json.loads((folder / "lavaan_mlr_fiml_by_sex_metric.json").read_text())
    labels = [str(label).upper() for label in lavaan["group_labels"]]
    expected = {
        (f"{row['rhs']}->{row['lhs']}", labels[row["group"] - 1]): (row["est"], row["se"])
        for row in lavaan["parameters"]
        if row["op"] == "~"
    }
    for row in found:
        assert len(row.slopes) == 2
        for slope in row.slopes:
            assert (slope.est, slope.se) == pytest.approx(
                expected[row.path, slope.subgroup], abs=1e-4
            )
        assert row.df == 1
        assert row.pvalue > 0.05, "lavaan's joint test of both has p = .23"


# ---------------------------------------------------------------- adjustment


def test_what_is_adjusted_for_predicts_its_outcome_alone_and_is_left_out_where_nothing_varies():
    people = PeopleDesign(adjustments=(Adjustment("sex", ("Sharing",), "f", ("m",)),))
    plan = survey_plan(facets=True, people=people)
    answers = {**survey_answers(80), "about_sex_m": np.r_[np.zeros(40), np.ones(40)]}
    told = analyse(answers, plan, group=["human"] * 80, groups=PEOPLE).people
    syntax = told.models["main"].syntax
    assert "Sharing ~ Privacy + Prosocial + about_sex_m" in syntax
    assert "Privacy ~~ about_sex_m" in syntax

    untold = replace(
        told.sample, values=np.where(np.isnan(told.sample.values), 0, told.sample.values)
    )
    untold.values[:, untold.names.index("about_sex_m")] = np.nan
    assert "about_sex_m" not in latent_syntax(spec_for(untold, plan, "main"))
