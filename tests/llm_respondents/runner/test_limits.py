"""Rates are kept, and unused time is caught up only within the burst."""

import pytest

from llm_respondents.runner.limits import Gate, Limits, Rate


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_requests_beyond_the_burst_are_spread_evenly():
    clock = Clock()
    rate = Rate(60, burst=2, clock=clock)
    assert [rate.take() for _ in range(6)] == [0, 0, 0, 1, 2, 3]


def test_idle_time_is_not_saved_up_beyond_the_burst():
    clock = Clock()
    rate = Rate(60, burst=2, clock=clock)
    clock.now += 1000
    assert [rate.take() for _ in range(4)] == [0, 0, 0, 1]


def test_no_limit_means_no_wait():
    rate = Rate(0, clock=Clock())
    assert {rate.take(10_000) for _ in range(100)} == {0.0}


def test_a_minute_never_carries_more_than_its_limit_and_the_burst():
    clock = Clock()
    rate = Rate(120, burst=1, clock=clock)
    starts = [rate.take() for _ in range(500)]
    assert sum(1 for start in starts if start < 60) <= 120 + 2 + 1


def test_tokens_that_were_not_used_are_given_back():
    clock = Clock()
    gate = Gate(Limits(tokens_per_minute=600), clock=clock)
    gate.enter(500)
    assert gate.enter(100) == pytest.approx(49)
    gate.settle(estimated=500, used=50)
    gate.settle(estimated=100, used=100)
    assert gate.enter(1) == pytest.approx(14)
