"""The comparison on real people and on answers whose paths are known."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.compare import compare
from analysis.compare.errors import ComparisonDataError
from analysis.compare.json_codec import from_json, to_json
from analysis.compare.results import Comparison, GroupSpec, PathSpec, Resampling, Rung, SignSource
from tests.analysis.compare.datasets import (
    german_people,
    read_table,
    stacked,
    survey_answers,
    survey_plan,
    swiss_people,
)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    data, group = stacked(
        human=survey_answers(500),
        like=survey_answers(200, seed=5),
        reversed=survey_answers(200, privacy=0.4, seed=6),
    )
    return compare(data, survey_plan(), group=group)


def test_the_german_people_have_the_paths_that_lavaan_recorded(shared_dir: Path) -> None:
    data, plan = german_people(shared_dir)
    plan = replace(plan, estimator="ML")
    people = compare(data, plan, group=np.full(len(data["acc1"]), "people"))
    recorded = json.loads((shared_dir / "data/german_cwa/lavaan_ml_listwise.json").read_text())
    expected = {
        row["rhs"]: row for row in recorded["parameters"] if (row["lhs"], row["op"]) == ("ACC", "~")
    }
    errors = {row["rhs"]: row["se"] for row in recorded["standardized"] if row["op"] == "~"}
    for predictor in ("PRV", "PRO"):
        row = people.path_estimate("people", f"{predictor}->ACC")
        assert row.est == pytest.approx(expected[predictor]["est"], abs=1e-5)
        assert row.se == pytest.approx(expected[predictor]["se"], abs=1e-5)
        assert row.std == pytest.approx(expected[predictor]["std.all"], abs=1e-5)
        assert row.std_se == pytest.approx(errors[predictor], abs=1e-5)
        assert row.n == 1827
    assert people.fits[0].indices["cfi"] == pytest.approx(recorded["fit"]["cfi"], abs=1e-6)
    assert people.fits[0].indices["rmsea"] == pytest.approx(recorded["fit"]["rmsea"], abs=1e-6)


def test_the_german_people_have_lavaans_robust_paths_with_missing_answers(
    shared_dir: Path,
) -> None:
    data, plan = german_people(shared_dir)
    plan = replace(plan, estimator="MLR", missing="fiml")
    people = compare(data, plan, group=np.full(len(data["acc1"]), "people"))
    recorded = json.loads((shared_dir / "data/german_cwa/lavaan_mlr_fiml.json").read_text())
    for row in recorded["standardized"]:
        if row["op"] == "~":
            found = people.path_estimate("people", f"{row['rhs']}->ACC")
            assert found.std == pytest.approx(row["est.std"], abs=1e-4)
            assert found.std_se == pytest.approx(row["se"], abs=1e-4)
            assert found.n == 2044


def test_the_swiss_people_have_the_paths_that_lavaan_recorded(shared_dir: Path) -> None:
    data, plan = swiss_people(shared_dir)
    people = compare(data, plan, group=np.full(757, "people"))
    recorded = json.loads((shared_dir / "data/swiss_dcta/lavaan_ml.json").read_text())
    for row in recorded["parameters"]:
        if row["op"] == "~":
            key = {"perc_risk_data": "RISK", "seek_risk_data": "SEEK"}.get(row["rhs"], row["rhs"])
            found = people.path_estimate("people", f"{key}->ACC")
            assert found.est == pytest.approx(row["est"], abs=1e-4)
            assert found.std == pytest.approx(row["std.all"], abs=1e-4)
    assert people.fits[0].indices["chisq"] == pytest.approx(recorded["fit"]["chisq"], rel=1e-5)


def test_the_models_do_not_move_the_people(shared_dir: Path) -> None:
    data, group = read_table(
        shared_dir / "reference/synth_clean/data.csv", groups=("human", "llm_a", "llm_b")
    )
    plan = survey_plan(facets=False)
    alone = compare({k: v[group == "human"] for k, v in data.items()}, plan, group=group[:500])
    together = compare(data, plan, group=group)
    key = "Privacy->Sharing"
    assert together.path_estimate("human", key) == alone.path_estimate("human", key)


def test_a_people_like_model_agrees_and_a_reversed_one_contradicts(comparison: Comparison) -> None:
    assert comparison.score("like").agree == 1.0
    assert comparison.score("reversed").agree == 0.5
    assert comparison.score("reversed").contradict == 0.5


def test_two_nearly_independent_paths_count_as_nearly_two(comparison: Comparison) -> None:
    number = comparison.score("like").effective_paths
    assert number is not None
    assert 1.8 < number <= 2.0


def test_known_paths_come_back(comparison: Comparison) -> None:
    for key, value in (("Privacy->Sharing", -0.4), ("Prosocial->Sharing", 0.35)):
        row = comparison.path_estimate("human", key)
        assert row.std_ci_lower is not None
        assert row.std_ci_upper is not None
        assert row.std_ci_lower < value < row.std_ci_upper


def test_p_values_are_adjusted_within_each_group(comparison: Comparison) -> None:
    rows = [row for row in comparison.paths if row.group == "like"]
    smallest = min(rows, key=lambda row: row.pvalue or 1.0)
    assert smallest.pvalue is not None
    assert smallest.pvalue_holm == pytest.approx(2 * smallest.pvalue)


def test_the_whole_comparison_survives_the_round_trip_through_json(comparison: Comparison) -> None:
    assert from_json(Comparison, to_json(comparison)) == comparison


def test_a_data_frame_is_as_good_as_a_mapping() -> None:
    data, group = stacked(human=survey_answers(300), model=survey_answers(200, seed=5))
    frame = pd.DataFrame(data).assign(who=group)
    assert to_json(compare(frame, survey_plan(), group="who")) == to_json(
        compare(data, survey_plan(), group=group)
    )


def test_people_come_first_whatever_the_order_of_the_rows() -> None:
    data, group = stacked(model=survey_answers(200, seed=5), human=survey_answers(300))
    comparison = compare(data, survey_plan(), group=group)
    assert [(row.key, row.kind) for row in comparison.groups] == [
        ("human", "human"),
        ("model", "llm"),
    ]


def test_a_simulated_group_says_so() -> None:
    data, group = stacked(human=survey_answers(300), model=survey_answers(200, seed=5))
    specs = [GroupSpec("human", "People", "human", True), GroupSpec("model", "M", "llm", True)]
    comparison = compare(data, survey_plan(), group=group, groups=specs)
    assert all(row.simulated for row in comparison.groups)


def test_the_people_must_be_among_the_groups() -> None:
    data, group = stacked(human=survey_answers(50), model=survey_answers(50, seed=5))
    with pytest.raises(ComparisonDataError) as caught:
        compare(data, survey_plan(), group=group, groups=[GroupSpec("model", "M", "llm")])
    assert caught.value.code == "no_reference_group"


def test_sub_paths_are_scored_by_model_and_family() -> None:
    split = survey_plan(
        paths=(
            PathSpec("Sharing", "Privacy", -1, SignSource.THEORY, "privacy", model="alone"),
            PathSpec("Sharing", "Privacy", -1, SignSource.THEORY, "privacy", model="both"),
            PathSpec("Sharing", "Prosocial", 1, SignSource.THEORY, "prosocial", model="both"),
        )
    )
    data, group = stacked(human=survey_answers(400), model=survey_answers(200, seed=5))
    comparison = compare(data, split, group=group)
    assert {row.path for row in comparison.paths} == {
        "alone:Privacy->Sharing",
        "both:Privacy->Sharing",
        "both:Prosocial->Sharing",
    }
    assert [row.paths for row in comparison.score("model").by_family] == [2, 1]
    assert all(row.rung is Rung.FULL for row in comparison.paths)


def test_an_ordinal_plan_takes_items_as_categories_and_joint_models_by_mlr() -> None:
    data, group = stacked(human=survey_answers(400), model=survey_answers(300, seed=5))
    plan = survey_plan(facets=False, estimator="WLSMV")
    comparison = compare(data, plan, group=group, resampling=Resampling(1, 20, 20, 20))
    assert {(fit.label, fit.estimator) for fit in comparison.fits} == {
        ("own", "WLSMV"),
        ("metric", "MLR"),
    }
    assert comparison.path_estimate("human", "Privacy->Sharing").std == pytest.approx(-0.4, abs=0.1)
    assert comparison.score("model").intervals == {}
