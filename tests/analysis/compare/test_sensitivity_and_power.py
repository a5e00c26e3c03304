"""A declared grid is run whole; power is what theory says it is."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.compare import compare
from analysis.compare.errors import PlanError
from analysis.compare.parallel import Work
from analysis.compare.power import Expectation, indicator_plan, plan_power
from analysis.compare.results import GroupSpec, PathSpec, Resampling, SignSource
from analysis.compare.sensitivity import Choice, Dimension, SensitivityRow, cells_of, sensitivity
from analysis.compare.vaar.rates import required_n
from tests.analysis.compare.datasets import Data, stacked, survey_answers, survey_plan

HUMAN = GroupSpec("human", "People", "human")
MODEL = GroupSpec("model", "A model", "llm")
GRID = (
    Dimension("estimator", (Choice("ML"), Choice("MLR", estimator="MLR"))),
    Dimension(
        "history",
        (
            Choice("both"),
            Choice("on", keep={"history": ("on",)}, kind="llm"),
            Choice("off", keep={"history": ("off",)}, kind="llm"),
        ),
    ),
)
PATHS = {"Privacy->Sharing": -0.3, "Prosocial->Sharing": 0.25}


def answers() -> tuple[Data, np.ndarray, dict[str, np.ndarray]]:
    """A model whose sessions follow people with history on, and reverse privacy with it off."""
    data, group = stacked(
        human=survey_answers(300),
        model={
            name: np.concatenate([first, second])
            for (name, first), second in zip(
                survey_answers(200, seed=5).items(),
                survey_answers(200, privacy=0.4, seed=6).values(),
                strict=True,
            )
        },
    )
    history = np.array(["none"] * 300 + ["on"] * 200 + ["off"] * 200)
    return data, group, {**data, "history": history}


def run(work: Work | None = None, resampling: Resampling | None = None) -> list[SensitivityRow]:
    _, group, data = answers()
    rows = sensitivity(
        data,
        survey_plan(),
        GRID,
        group=group,
        groups=(HUMAN, MODEL),
        work=work,
        resampling=resampling,
    )
    return list(rows)


@pytest.fixture(scope="module")
def rows() -> list[SensitivityRow]:
    return run()


def value(rows: list[SensitivityRow], measure: str, **choices: str) -> float | None:
    return next(row.value for row in rows if row.measure == measure and row.choices == choices)


def test_every_combination_is_there_and_the_planned_one_is_marked(
    rows: list[SensitivityRow],
) -> None:
    hard = [row for row in rows if row.measure == "hard"]
    assert len(hard) == 6
    assert [row.choices for row in hard if row.main] == [{"estimator": "ML", "history": "both"}]


def test_the_planned_combination_is_the_comparison_itself(rows: list[SensitivityRow]) -> None:
    data, group, _ = answers()
    planned = compare(data, survey_plan(), group=group, groups=(HUMAN, MODEL))
    assert value(rows, "joint", estimator="ML", history="both") == planned.score("model").joint
    estimate = planned.path_estimate("model", "Privacy->Sharing")
    assert value(rows, "Privacy->Sharing", estimator="ML", history="both") == estimate.std


def test_an_arm_that_turns_a_path_around_is_seen(rows: list[SensitivityRow]) -> None:
    assert value(rows, "hard", estimator="ML", history="on") == 1.0
    assert value(rows, "hard", estimator="ML", history="off") == 0.5


def test_the_grid_is_the_same_in_several_processes(rows: list[SensitivityRow]) -> None:
    assert run(Work(processes=2)) == rows


def test_resampling_gives_the_measures_their_intervals() -> None:
    rows = run(resampling=Resampling(seed=3, bootstrap=60))
    assert all(row.interval is not None for row in rows if row.measure == "joint")


def test_a_combination_without_rows_says_why_it_has_no_value() -> None:
    _, group, data = answers()
    grid = (Dimension("who", (Choice("none", keep={"history": ("nobody",)}),)),)
    rows = sensitivity(data, survey_plan(), grid, group=group, groups=(HUMAN, MODEL))
    assert {row.reason for row in rows} == {"no_reference_group"}
    assert all(row.value is None for row in rows)


def test_a_choice_that_leaves_a_model_without_rows_is_not_estimable() -> None:
    _, group, data = answers()
    grid = (Dimension("who", (Choice("none", keep={"history": ("x",)}, kind="llm"),)),)
    rows = sensitivity(data, survey_plan(), grid, group=group, groups=(HUMAN, MODEL))
    assert next(row.value for row in rows if row.measure == "hard") == 0.0
    assert all(row.reason for row in rows if row.measure == "Privacy->Sharing")


def test_an_unknown_column_and_an_empty_dimension_are_refused() -> None:
    _, group, data = answers()
    with pytest.raises(PlanError) as caught:
        sensitivity(
            data,
            survey_plan(),
            (Dimension("who", (Choice("x", keep={"colour": ("red",)}),)),),
            group=group,
            groups=(HUMAN, MODEL),
        )
    assert caught.value.code == "unknown_column"
    with pytest.raises(PlanError) as caught:
        cells_of((Dimension("empty", ()),))
    assert caught.value.code == "empty_dimension"


def expected(group: GroupSpec, n: int, **changes: object) -> Expectation:
    one = Expectation(group, n, PATHS, dict.fromkeys(("Privacy", "Prosocial", "Sharing"), 0.9))
    return replace(one, **changes)  # type: ignore[arg-type]


def test_larger_panels_decide_more_signs() -> None:
    small, large = (
        plan_power(survey_plan(), (expected(HUMAN, 300), expected(MODEL, n)), studies=40, seed=2)
        for n in (60, 400)
    )
    shares = [
        next(row.agree for row in power.paths if (row.group, row.path) == key)
        for power in (small, large)
        for key in [("model", "Prosocial->Sharing")]
    ]
    assert shares[0] < 0.75 < shares[1]


def test_simulated_estimates_centre_on_what_was_expected() -> None:
    power = plan_power(
        survey_plan(), (expected(HUMAN, 500), expected(MODEL, 500)), studies=40, seed=3
    )
    for row in power.paths:
        assert row.mean == pytest.approx(row.expected, abs=0.03)


def test_vaar_of_noise_is_known_to_be_wide_before_any_data() -> None:
    nothing = expected(MODEL, 200, paths=dict.fromkeys(PATHS, 0.0))
    power = plan_power(survey_plan(), (expected(HUMAN, 500), nothing), studies=60, seed=4)
    joint = next(row for row in power.vaar if row.measure == "joint")
    assert joint.mean == pytest.approx(0.5, abs=0.12)
    assert joint.interval.upper - joint.interval.lower > 0.5


def test_the_rule_of_thumb_for_n_gives_about_eighty_per_cent_power() -> None:
    """One predictor, perfectly measured: the one-sided 5 % test is the two-sided 90 % interval."""
    plan = survey_plan(
        paths=(PathSpec("Sharing", "Privacy", -1, SignSource.THEORY, "privacy"),), level=0.90
    )
    n = required_n(0.2)
    sharp = dict.fromkeys(("Privacy", "Sharing"), 0.99)
    one = Expectation(MODEL, n, {"Privacy->Sharing": -0.2}, sharp)
    power = plan_power(plan, (replace(one, group=HUMAN), one), studies=200, seed=5)
    assert [row.agree for row in power.paths] == pytest.approx([0.8, 0.8], abs=0.09)


def test_power_is_the_same_in_several_processes() -> None:
    groups = (expected(HUMAN, 100), expected(MODEL, 100))
    here = plan_power(survey_plan(), groups, studies=20, seed=6)
    assert plan_power(survey_plan(), groups, studies=20, seed=6, work=Work(processes=2)) == here


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"paths": {}}, "missing_expectation"),
        ({"paths": {"Privacy->Sharing": -0.9, "Prosocial->Sharing": 0.9}}, "impossible_paths"),
        ({"reliabilities": {"Privacy": 1.5}}, "bad_reliability"),
    ],
)
def test_an_impossible_expectation_is_refused_with_a_code(
    changes: dict[str, object], code: str
) -> None:
    with pytest.raises(PlanError) as caught:
        plan_power(survey_plan(), (expected(HUMAN, 100), expected(MODEL, 100, **changes)))
    assert caught.value.code == code


def test_people_must_be_among_the_expectations() -> None:
    with pytest.raises(PlanError) as caught:
        plan_power(survey_plan(), (expected(MODEL, 100),))
    assert caught.value.code == "no_reference_group"


def test_the_simulated_plan_keeps_the_constructs_and_paths() -> None:
    drawn = indicator_plan(survey_plan())
    assert [one.key for one in drawn.constructs] == ["Privacy", "Prosocial", "Sharing"]
    assert len(drawn.items) == 9
