"""The no-model row: what a regression on the persona gets, and when it can be had."""

import numpy as np
import pytest

from analysis.compare.data.samples import GroupSample, read_samples
from analysis.compare.plan import told_column
from analysis.compare.results import NoModel
from analysis.compare.uncertainty.no_model import (
    PathsWithoutModel,
    Sampling,
    paths_without_model,
    standardised_slopes,
)
from tests.analysis.compare.datasets import PRIVACY, SHARING, Data, survey_answers, survey_plan

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
