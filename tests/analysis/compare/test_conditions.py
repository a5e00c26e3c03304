"""Inference holds for the conditions asked; how far paths move between them stands beside it."""

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.results import Comparison, Resampling
from analysis.compare.subgroups.conditions import flip_p
from tests.analysis.compare.datasets import stacked, survey_answers, survey_plan

KEY = "Privacy->Sharing"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Sessions in one order without persona; one of three wordings turns a path."""
    parts = [
        survey_answers(120, seed=5),
        survey_answers(120, privacy=0.4, seed=6),
        survey_answers(20, seed=7),
        survey_answers(20, seed=9),
    ]
    model = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    data, group = stacked(human=survey_answers(300), model=model)
    wordings = np.repeat(["plain", "opposite", "short"], [120, 120, 40])
    data["wording"] = np.concatenate([np.full(300, ""), wordings])  # type: ignore[assignment]
    data["history"] = np.full(580, "full")  # type: ignore[assignment]
    few = np.repeat(["schema", "number"], [260, 20])
    data["elicitation"] = np.concatenate([np.full(300, ""), few])  # type: ignore[assignment]
    return compare(
        data,
        survey_plan(),
        group=group,
        conditions=("wording", "history", "elicitation"),
        resampling=Resampling(seed=1, bootstrap=60, permutations=60),
    )


def test_sessions_of_one_order_without_persona_have_intervals_and_no_clusters(
    comparison: Comparison,
) -> None:
    model = next(one for one in comparison.groups if one.key == "model")
    assert (model.clusters, model.effective_n, model.has_repeats) == (280, 280.0, False)
    row = comparison.path_estimate("model", KEY)
    assert row.std_ci_lower is not None
    assert row.std_ci_upper is not None
    assert row.std_ci_upper - row.std_ci_lower > 0.1
    assert row.pvalue is not None
    assert comparison.score("model").permutation_p
    assert not {"pooled_repeats", "too_few_clusters"} & {one.code for one in comparison.notices}


def test_every_path_is_given_in_each_condition_that_varied(comparison: Comparison) -> None:
    found = {(one.path, one.factor): one for one in comparison.conditions}
    assert {factor for _path, factor in found} == {"wording", "elicitation"}
    spread = found[KEY, "wording"]
    values = {one.level: one for one in spread.values}
    assert {level: one.n for level, one in values.items()} == {
        "opposite": 120,
        "plain": 120,
        "short": 40,
    }
    assert values["plain"].std == pytest.approx(-0.4, abs=0.2)
    assert values["opposite"].std == pytest.approx(0.4, abs=0.2)
    assert values["plain"].ci is not None
    assert (spread.lowest, spread.highest) == (
        min(one.std for one in spread.values if one.std is not None),
        values["opposite"].std,
    )
    assert spread.flip_p is None  # three wordings can show nothing


def test_a_condition_of_a_handful_of_sessions_has_no_value(comparison: Comparison) -> None:
    found = next(one for one in comparison.conditions if one.factor == "elicitation")
    (small,) = (one for one in found.values if one.level == "number")
    assert (small.std, small.ci, small.reason) == (None, None, "too_few")


def test_signs_are_flipped_over_wordings() -> None:
    assert flip_p(np.array([0.3, 0.2, 0.4, 0.1])) is None
    assert flip_p(np.array([0.3, 0.2, 0.4, 0.1, 0.2])) == pytest.approx(1 / 32)
    assert flip_p(np.array([0.3, -0.3, 0.2, -0.2, 0.0])) == pytest.approx(22 / 32, abs=0.1)
    many = flip_p(np.full(20, 0.1))
    assert many == pytest.approx(1 / 4096)
