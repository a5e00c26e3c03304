"""Panels no model fits: each is reported with a reason, none stops the comparison."""

import warnings

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.json_codec import from_json, to_json
from analysis.compare.results import Comparison, GroupSpec, Reason, Resampling, Rung
from tests.analysis.compare.datasets import (
    PRIVACY,
    PROSOCIAL,
    SHARING,
    Data,
    stacked,
    survey_answers,
    survey_plan,
)

EVERYTHING = (*PRIVACY, *PROSOCIAL, *SHARING)


def panels() -> dict[str, Data]:
    rng = np.random.default_rng(0)
    few = survey_answers(20, seed=3)
    return {
        "copies": {
            name: np.where(rng.random(200) < 0.03, 3.0, np.repeat(column, 10))
            for name, column in few.items()
        },
        "flat": {name: np.full(200, 4.0) for name in EVERYTHING},
        "thirty": survey_answers(30, seed=5),
        "silent": {name: np.full(50, np.nan) for name in EVERYTHING},
        "one": survey_answers(1),
        "two": survey_answers(2),
        "almost": {name: np.where(np.arange(200) == 7, 5.0, 4.0) for name in EVERYTHING},
        "uniform": {name: rng.integers(1, 6, 200).astype(float) for name in EVERYTHING},
        "nobody": {name: np.empty(0) for name in EVERYTHING},
    }


@pytest.fixture(scope="module", params=["ML", "MLR"])
def comparison(request: pytest.FixtureRequest) -> Comparison:
    data, group = stacked(human=survey_answers(400), **panels())
    specs = [GroupSpec("human", "People", "human")]
    specs += [GroupSpec(name, name, "llm") for name in panels()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return compare(
            data,
            survey_plan(estimator=request.param),
            group=group,
            groups=specs,
            resampling=Resampling(seed=1, bootstrap=60, permutations=60, noise_draws=60),
        )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("flat", Reason.CONSTANT_COMPOSITE),
        ("silent", Reason.NOT_ANSWERED),
        ("one", Reason.TOO_FEW_ROWS),
        ("nobody", Reason.NO_ROWS),
    ],
)
def test_a_panel_without_variation_has_no_rung_and_its_own_reason(
    comparison: Comparison, name: str, reason: Reason
) -> None:
    row = next(row for row in comparison.estimability if row.group == name)
    assert (row.rung, row.reason) == (Rung.NONE, reason)
    assert comparison.score(name).evidence == 0.5


def test_every_panel_is_scored_and_every_missing_number_is_none(comparison: Comparison) -> None:
    assert {score.group for score in comparison.vaar} == set(panels())
    assert from_json(Comparison, to_json(comparison)) == comparison


def test_thirty_sessions_are_estimated_but_not_ranked(comparison: Comparison) -> None:
    refusal = next(one for one in comparison.notices if one.code == "ranking_refused")
    assert "thirty has an effective n of 30" in refusal.sentence
    assert comparison.ranking == ()


def test_copies_are_called_copies(comparison: Comparison) -> None:
    warned = {one.group for one in comparison.notices if one.code == "copied_rows"}
    assert "copies" in warned
    assert "uniform" not in warned
