"""Size beside sign: ratios, their intervals, and the calibration line, against numbers by hand."""

import numpy as np
import pytest

from analysis.compare.results import PathEstimate, Reason, Rung, SizeBesideSign
from analysis.compare.vaar.sizes import fieller, size_beside_sign
from tests.analysis.compare.test_vaar_numbers import HUMAN, OMNI, Pairs, estimates, plan_of


def sizes(model: Pairs, human: Pairs, count: int = 5) -> SizeBesideSign:
    plan = plan_of(("A", "B", "C", "D", "E")[:count], (1, 1, 1, -1, -1)[:count])
    return size_beside_sign(plan, estimates(plan, "m", model), estimates(plan, "people", human))


def test_a_model_that_agrees_on_every_sign_may_be_three_times_as_steep() -> None:
    human: Pairs = [(0.3, 0.02), (0.2, 0.02), (-0.1, 0.02)]
    row = sizes([(0.9, 0.02), (0.6, 0.02), (-0.3, 0.02)], human, 3)
    assert row.ratio == pytest.approx(3.0)
    assert row.ratio_ci is not None
    assert row.ratio_ci.lower > 2.5
    assert row.calibration.slope == pytest.approx(1 / 3)
    assert row.calibration.intercept == pytest.approx(0.0, abs=1e-12)
    assert row.calibration.slope_ci is not None
    assert row.calibration.slope_ci.upper < 1.0


def test_the_line_and_the_ratio_are_those_of_a_calculation_by_hand() -> None:
    row = sizes(OMNI, HUMAN)
    x, y = np.array([one[0] for one in OMNI]), np.array([one[0] for one in HUMAN])
    slope, intercept = np.polyfit(x, y, 1)
    assert row.calibration.paths == 5
    assert row.calibration.slope == pytest.approx(slope)
    assert row.calibration.intercept == pytest.approx(intercept)
    assert row.ratio == pytest.approx(np.abs(x).sum() / np.abs(y).sum())
    assert row.ratios[0].ratio == pytest.approx(0.570 / 0.349)


def test_the_delta_method_gives_the_spread_of_redrawn_lines() -> None:
    rng = np.random.default_rng(1)
    points = [np.array(pairs) for pairs in (OMNI, HUMAN)]
    drawn = [rng.normal(one[:, 0], one[:, 1], (4000, 5)) for one in points]
    lines = np.array([np.polyfit(x, y, 1) for x, y in zip(*drawn, strict=True)])
    ci = sizes(OMNI, HUMAN).calibration.slope_ci
    assert ci is not None
    assert (ci.upper - ci.lower) / (2 * 1.96) == pytest.approx(lines[:, 0].std(), rel=0.1)


def test_two_paths_make_no_line_and_equal_ones_none_either() -> None:
    strong = (0.3, 0.02)
    assert sizes([strong, (0.2, 0.02)], [strong, strong], 2).calibration.slope is None
    assert sizes([strong] * 3, [strong, (0.2, 0.02), (0.1, 0.02)], 3).calibration.slope is None
    assert sizes([None, strong, strong], [strong] * 3, 3).calibration.paths == 2


def test_a_ratio_over_a_slope_that_may_be_zero_has_no_interval() -> None:
    ratio, interval = fieller((0.3, 0.02**2), (0.03, 0.02**2), 0.95)
    assert ratio == pytest.approx(10.0)
    assert interval is None
    assert fieller((0.3, 0.0004), (0.0, 0.0004), 0.95) == (None, None)
    rng = np.random.default_rng(2)
    drawn = rng.normal(0.3, 0.02, 200_000) / rng.normal(0.2, 0.02, 200_000)
    known = fieller((0.3, 0.0004), (0.2, 0.0004), 0.95)[1]
    assert known is not None
    assert [known.lower, known.upper] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975]).tolist(), abs=0.02
    )


def test_a_path_that_is_null_in_people_is_left_out_of_the_mean_ratio() -> None:
    row = sizes([(0.3, 0.02), (0.4, 0.02)], [(0.3, 0.02), (0.001, 0.01)], 2)
    assert row.ratio == pytest.approx(1.0)


def test_estimates_of_which_nothing_can_be_told_have_sizes_and_no_intervals() -> None:
    plan = plan_of(("A", "B", "C"), (1, 1, 1))
    human: Pairs = [(0.3, 0.02), (0.2, 0.02), (0.1, 0.02)]
    few = {
        path.key: PathEstimate("m", path.key, Rung.FULL, Reason.TOO_FEW_CLUSTERS, std=0.6 - 0.2 * k)
        for k, path in enumerate(plan.paths)
    }
    row = size_beside_sign(plan, few, estimates(plan, "people", human))
    assert row.ratio == pytest.approx(2.0)
    assert (row.ratio_ci, row.ratios[0].ci, row.calibration.slope_ci) == (None, None, None)
    assert row.calibration.slope == pytest.approx(0.5)
