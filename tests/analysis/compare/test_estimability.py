"""What a group can support: every step down the ladder is taken for a stated reason."""

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.results import Comparison, Estimability, GroupSpec, PathEstimate, Reason, Rung
from tests.analysis.compare.datasets import (
    PRIVACY,
    PROSOCIAL,
    SHARING,
    Data,
    stacked,
    survey_answers,
    survey_plan,
)


def beside_people(model: Data, *, facets: bool = False, **changes: object) -> Comparison:
    data, group = stacked(human=survey_answers(400), model=model)
    return compare(data, survey_plan(facets=facets, **changes), group=group)


def of_model(comparison: Comparison) -> Estimability:
    return next(row for row in comparison.estimability if row.group == "model")


def path(comparison: Comparison, predictor: str, group: str = "model") -> PathEstimate:
    return comparison.path_estimate(group, f"{predictor}->Sharing")


def constant(data: Data, *names: str) -> Data:
    return {name: np.full(len(x), 4.0) if name in names else x for name, x in data.items()}


def test_a_sound_group_stands_on_the_planned_model() -> None:
    found = of_model(beside_people(survey_answers(200, seed=5)))
    assert (found.rung, found.reason) == (Rung.FULL, None)


def test_two_constant_items_are_dropped_by_name_in_that_group_only() -> None:
    comparison = beside_people(constant(survey_answers(200, seed=5), "p2", "s7"))
    found = of_model(comparison)
    assert (found.rung, found.reason) == (Rung.ITEMS_DROPPED, Reason.CONSTANT_ITEM)
    assert found.dropped_items == ("p2", "s7")
    assert path(comparison, "Privacy").rung is Rung.ITEMS_DROPPED
    assert path(comparison, "Privacy", "human").rung is Rung.FULL
    assert path(comparison, "Privacy").std == pytest.approx(-0.4, abs=0.15)


def test_a_constant_item_inside_a_facet_is_left_out_of_its_score() -> None:
    found = of_model(beside_people(constant(survey_answers(200, seed=5), "p2"), facets=True))
    assert (found.rung, found.dropped_items) == (Rung.ITEMS_DROPPED, ("p2",))


def test_a_construct_left_with_one_item_steps_down_to_composites() -> None:
    comparison = beside_people(constant(survey_answers(200, seed=5), *SHARING[1:]))
    found = of_model(comparison)
    assert found.rung is Rung.COMPOSITE
    assert [step.rung for step in found.attempts] == [
        Rung.FULL,
        Rung.ITEMS_DROPPED,
        Rung.COMPOSITE,
    ]


def test_people_are_estimated_again_on_the_rung_of_a_model_that_stepped_down() -> None:
    comparison = beside_people(constant(survey_answers(200, seed=5), *SHARING[1:]))
    rungs = {row.rung for row in comparison.paths if row.group == "human"}
    assert rungs == {Rung.FULL, Rung.COMPOSITE}


def test_a_constant_predictor_costs_its_own_path_only() -> None:
    comparison = beside_people(constant(survey_answers(200, seed=5), *PRIVACY))
    assert path(comparison, "Privacy").reason is Reason.CONSTANT_COMPOSITE
    assert not path(comparison, "Privacy").estimable
    assert path(comparison, "Prosocial").estimable
    score = comparison.score("model")
    assert score.not_estimable == 0.5
    assert score.bounds["hard"].upper == 1.0


def test_a_constant_outcome_leaves_nothing_to_estimate() -> None:
    comparison = beside_people(constant(survey_answers(200, seed=5), *SHARING))
    found = of_model(comparison)
    assert (found.rung, found.reason) == (Rung.NONE, Reason.CONSTANT_COMPOSITE)
    score = comparison.score("model")
    assert (score.hard, score.not_estimable, score.evidence) == (0.0, 1.0, 0.5)


def test_an_entirely_constant_panel_is_reported_not_fatal() -> None:
    everything = (*PRIVACY, *PROSOCIAL, *SHARING)
    comparison = beside_people(constant(survey_answers(200, seed=5), *everything))
    assert of_model(comparison).reason is Reason.CONSTANT_COMPOSITE
    assert len(of_model(comparison).constant_items) == 33


def test_more_items_than_sessions_are_told_as_too_few_rows_for_the_planned_model() -> None:
    found = of_model(beside_people(survey_answers(30, seed=5)))
    assert found.attempts[0].reason is Reason.TOO_FEW_ROWS
    assert "30 complete rows for 33 variables" in found.attempts[0].detail
    assert found.rung is Rung.COMPOSITE


def test_refusals_above_the_limit_end_the_matter() -> None:
    data, group = stacked(human=survey_answers(400), model=survey_answers(200, seed=5))
    shares = dict.fromkeys((*PRIVACY, *PROSOCIAL, *SHARING), 0.3)
    specs = [GroupSpec("human", "People", "human"), GroupSpec("model", "M", "llm", False, shares)]
    comparison = compare(data, survey_plan(), group=group, groups=specs)
    assert of_model(comparison).reason is Reason.REFUSALS


def test_one_item_refused_too_often_is_dropped_for_that_reason() -> None:
    data, group = stacked(human=survey_answers(400), model=survey_answers(200, seed=5))
    specs = [
        GroupSpec("human", "People", "human"),
        GroupSpec("model", "M", "llm", False, {"p1": 0.5}),
    ]
    found = of_model(compare(data, survey_plan(), group=group, groups=specs))
    assert (found.rung, found.reason) == (Rung.ITEMS_DROPPED, Reason.REFUSALS)
    assert found.dropped_items == ("p1",)


def test_a_plan_may_forbid_composites_and_take_single_indicators_with_known_reliability() -> None:
    model = constant(survey_answers(200, seed=5), *SHARING[1:])
    comparison = beside_people(
        model,
        rungs=(Rung.FULL, Rung.SINGLE_INDICATOR),
        reliabilities={"Sharing": 0.6, "Privacy": 0.85, "Prosocial": 0.9},
    )
    assert of_model(comparison).rung is Rung.SINGLE_INDICATOR
    composite = beside_people(model, rungs=(Rung.FULL, Rung.COMPOSITE))
    corrected, plain = path(comparison, "Privacy").std, path(composite, "Privacy").std
    assert corrected is not None
    assert plain is not None
    assert corrected == pytest.approx(plain / np.sqrt(0.6 * 0.85), abs=0.05)


def test_a_model_never_stands_above_the_people() -> None:
    people = constant(survey_answers(400), *SHARING[1:])
    data, group = stacked(human=people, model=survey_answers(200, seed=5))
    comparison = compare(data, survey_plan(facets=False), group=group)
    assert of_model(comparison).rung is Rung.COMPOSITE


def test_the_last_word_is_a_name_for_every_failure() -> None:
    everything = beside_people(survey_answers(2, seed=5))
    assert of_model(everything).rung is Rung.NONE
    assert of_model(everything).reason is not None
