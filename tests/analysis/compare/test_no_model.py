"""The rows without an effect and without a model: what they get, and when they can be had."""

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.data.measurement import model_spec
from analysis.compare.data.samples import GroupSample, read_samples
from analysis.compare.plan import Adjustment, PeopleDesign, told_column
from analysis.compare.results import (
    NoModel,
    PathSpec,
    Plan,
    Resampling,
    Rung,
    SignSource,
    VaarScore,
)
from analysis.compare.uncertainty.draws import deals
from analysis.compare.uncertainty.no_model import (
    PathsWithoutModel,
    Sampling,
    paths_without_model,
    standardised_slopes,
)
from tests.analysis.compare.datasets import (
    PATHS,
    PRIVACY,
    PROSOCIAL,
    SHARING,
    Data,
    stacked,
    survey_answers,
    survey_plan,
)

SAMPLING = Sampling(seed=1, group=1, size=200, draws=60)


def samples(**told: np.ndarray) -> tuple[GroupSample, GroupSample]:
    """The same 400 answers as people and as a model whose sessions were told these things."""
    answers = survey_answers(400)
    data: Data = {name: np.tile(column, 2) for name, column in answers.items()}
    data |= {told_column(name): np.tile(column, 2) for name, column in told.items()}
    group = np.repeat(["human", "model"], 400)
    read = read_samples(data, survey_plan(), group=group, told=list(told))
    return read["human"], read["model"]


def mean_of(names: tuple[str, ...]) -> np.ndarray:
    return np.mean([survey_answers(400)[name] for name in names], axis=0)


def row(told: tuple[str, ...] | None, **columns: np.ndarray) -> PathsWithoutModel:
    return paths_without_model(survey_plan(), *samples(**columns), told, SAMPLING)


def mean_paths(found: PathsWithoutModel) -> np.ndarray:
    assert found.standing is NoModel.SCORED
    assert found.paths is not None
    assert found.paths.estimate.shape == (60, 2)
    return found.paths.estimate.mean(axis=0)


def test_what_tells_nothing_of_the_constructs_gives_paths_about_zero() -> None:
    rng = np.random.default_rng(3)
    age, town = rng.normal(50, 15, 400), rng.choice(["a", "b", "c"], 400)
    assert mean_paths(row(("age", "town"), age=age, town=town)) == pytest.approx([0, 0], abs=0.03)


def test_who_is_told_attitude_and_action_gets_the_path_between_them() -> None:
    told = {"concern": mean_of(PRIVACY), "action": mean_of(SHARING)}
    privacy, prosocial = mean_paths(row(tuple(told), **told))
    assert privacy == pytest.approx(-0.37, abs=0.05)
    assert abs(prosocial) < 0.35


def test_what_is_told_and_adjusted_for_gives_no_path() -> None:
    age = mean_of(PRIVACY) + 0.3 * np.random.default_rng(6).normal(size=400)
    adjustment = Adjustment("age", ("Sharing",))
    plan = survey_plan(people=PeopleDesign(adjustments=(adjustment,)))
    answers = survey_answers(400) | {"about_age": age, told_column("age"): age}
    data = {name: np.tile(column, 2) for name, column in answers.items()}
    read = read_samples(data, plan, group=np.repeat(["human", "model"], 400), told=("age",))
    found = paths_without_model(plan, read["human"], read["model"], ("age",), SAMPLING)
    assert mean_paths(found) == pytest.approx([0, 0], abs=0.1)


def test_many_useless_variables_do_not_smuggle_in_the_peoples_own_path() -> None:
    rng = np.random.default_rng(4)
    told = {f"x{k}": rng.normal(size=400) for k in range(30)}
    assert mean_paths(row(tuple(told), **told)) == pytest.approx([0, 0], abs=0.05)


def test_where_nothing_was_told_or_it_is_not_known_there_is_no_row() -> None:
    word = np.full(400, "here")
    assert row(None).standing is NoModel.NOT_RECORDED
    assert row(()).standing is NoModel.NOTHING_TOLD
    nobody_asked = np.full(400, "")
    assert row(("town",), town=nobody_asked).standing is NoModel.NOT_RECORDED
    both = row(("town", "origin"), town=nobody_asked, origin=word)
    assert (both.standing, both.told) == (NoModel.SCORED, ("origin",))


def test_a_regression_with_too_few_people_for_its_columns_is_not_made() -> None:
    towns = np.array([f"town {k % 45}" for k in range(400)])
    found = row(("town",), town=towns)
    assert (found.standing, found.paths) == (NoModel.TOO_FEW_PEOPLE, None)


def test_standardised_slopes_are_those_of_least_squares() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(500, 2)) @ np.array([[1.0, 0.4], [0.0, 1.0]])
    y = 0.5 * x[:, 0] - 0.3 * x[:, 1] + rng.normal(size=500)
    design = np.column_stack([np.ones(500), x])
    raw = np.linalg.lstsq(design, y, rcond=None)[0]
    rest = y - design @ raw
    errors = np.sqrt(rest @ rest / 497 * np.diag(np.linalg.inv(design.T @ design)))[1:]
    scale = x.std(axis=0) / y.std()
    pairs = standardised_slopes(x, y)
    assert [b for b, _ in pairs] == pytest.approx(raw[1:] * scale)
    assert [se for _, se in pairs] == pytest.approx(errors * scale)
    assert np.isnan(standardised_slopes(np.column_stack([x[:, 0]] * 2), y)).all()


# ---------------------------------------------------------------- no effect

THROUGH = PathSpec("Prosocial", "Privacy", 1, SignSource.THEORY, "between")


def without_effect(plan: Plan, model: Data, cluster: np.ndarray | None = None) -> VaarScore:
    """The score of a model with what it gets once its outcomes are dealt to other sessions."""
    data, group = stacked(human=survey_answers(400), model=model)
    if cluster is not None:
        data["persona"] = np.concatenate([1000 + np.arange(400), cluster])
    return compare(
        data,
        plan,
        group=group,
        cluster=() if cluster is None else ("persona",),
        resampling=Resampling(seed=3, permutations=300),
    ).score("model")


def is_pure_noise(score: VaarScore) -> bool:
    """About half of the signs, next to nothing sure, and the log form of noise."""
    found = score.floor_mean
    sure = found["agree"] + found["contradict"]
    return bool(abs(found["hard"] - 0.5) < 0.08 and sure < 0.12 and abs(found["log"] + 0.44) < 0.12)


@pytest.mark.parametrize("rung", [Rung.COMPOSITE, Rung.SINGLE_INDICATOR])
def test_outcomes_are_dealt_again_whatever_they_are_measured_by(rung: Rung) -> None:
    plan = survey_plan(rungs=(rung,))
    score = without_effect(plan, survey_answers(200, seed=5))
    assert is_pure_noise(score)
    assert score.permutation_p["joint"] == pytest.approx(1 / 301)


def test_answers_that_hardly_vary_have_no_effect_that_is_sure() -> None:
    rng = np.random.default_rng(8)
    few = {name: np.where(rng.random(200) < 0.06, 4.0, 3.0) for name in SHARING}
    model = survey_answers(200, seed=5) | few | {"a1": np.full(200, 3.0)}
    score = without_effect(survey_plan(facets=False, rungs=(Rung.COMPOSITE,)), model)
    assert is_pure_noise(score)


@pytest.mark.parametrize("rung", [Rung.FULL, Rung.COMPOSITE])
def test_a_path_between_two_outcomes_is_broken_like_the_others(rung: Rung) -> None:
    plan = survey_plan(rungs=(rung,), paths=(*PATHS, THROUGH))
    model = survey_answers(200, seed=5)
    for own, other in zip(PROSOCIAL, PRIVACY * 2, strict=False):
        model[own] = np.rint((model[own] + model[other]) / 2)
    assert is_pure_noise(without_effect(plan, model))


def test_personas_of_different_numbers_of_sessions_keep_no_effect() -> None:
    sizes = np.arange(1, 41) % 10 + 1
    persona = np.repeat(np.arange(40), sizes)
    model = {name: column[persona] for name, column in survey_answers(40, seed=5).items()}
    score = without_effect(survey_plan(rungs=(Rung.COMPOSITE,)), model, persona)
    assert is_pure_noise(score)


def test_outcomes_in_a_circle_are_dealt_one_by_one() -> None:
    back = PathSpec("Privacy", "Prosocial", 1, SignSource.THEORY, "back")
    chain = model_spec(survey_plan(paths=(*PATHS, THROUGH)), "main")
    circle = model_spec(survey_plan(paths=(*PATHS, THROUGH, back)), "main")
    assert chain.stages == (("Prosocial",), ("Sharing",))
    assert circle.stages == (("Sharing",), ("Prosocial",), ("Privacy",))


def test_every_stage_is_dealt_in_an_order_of_its_own() -> None:
    first, second = deals(np.arange(50), 1, 0, range(1), 2)[0]
    assert sorted(first) == sorted(second) == list(range(50))
    assert not np.array_equal(first, second)
