"""Projections from sessions that are over: what is known is known, the rest has an interval."""

import random

import pytest

from llm_respondents.money.projection import project


def test_nothing_is_projected_from_nothing():
    assert project({}, {"a": 5}) is None
    assert project({"a": []}, {"a": 5}) is None


def test_a_single_session_gives_an_expectation_and_no_interval():
    found = project({"a": [7.0]}, {"a": 10})
    assert (found.expected, found.low, found.high, found.interval) == (70, 70, 70, False)


def test_the_interval_is_students_with_the_correction_for_a_finite_panel():
    found = project({"a": [1.0, 2.0, 3.0]}, {"a": 12})
    # t(0.975, 2) = 4.302653, s = 1, n = 3, N = 12: 12 / sqrt(3) * sqrt(9 / 12) * t.
    assert found.expected == 24
    assert found.high == pytest.approx(24 + 6 * 4.302652729911275)
    # Never below what is spent already.
    assert found.low == 6


def test_a_panel_that_is_over_is_known_exactly():
    found = project({"a": [1.0, 2.0], "b": [5.0, 9.0]}, {"a": 2, "b": 2})
    assert (found.low, found.expected, found.high) == (17, 17, 17)


def test_cells_that_cost_differently_are_projected_by_themselves():
    found = project({"short": [1.0, 1.0], "long": [9.0, 9.0, 9.0]}, {"short": 50, "long": 50})
    assert (found.low, found.expected, found.high) == (500, 500, 500)


def test_a_cell_seen_once_is_projected_by_the_common_mean():
    found = project({"short": [1.0, 1.0], "long": [10.0]}, {"short": 5, "long": 5})
    assert found.expected == 40
    assert found.high > 90


def test_the_interval_holds_what_it_says():
    chance = random.Random(1)
    hits = 0
    for _ in range(400):
        panel = [chance.gauss(100, 15) for _ in range(60)]
        found = project({"a": panel[:12]}, {"a": 60})
        hits += found.low <= sum(panel) <= found.high
    assert 0.92 <= hits / 400 <= 0.98
