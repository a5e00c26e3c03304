"""Whether to call again is a table."""

import pytest

from llm_respondents.providers.base import Failure
from llm_respondents.runner.retry import (
    CircuitBreaker,
    RetryDecision,
    RetryPolicy,
    asks_again,
    decide,
)

POLICY = RetryPolicy(max_calls=4, first_wait=1, longest_backoff=10, longest_wait=60)


def after(kind, *, failed_calls=1, retry_after=None, jitter=0.0, proven=True):
    failure = Failure(kind, "…", retry_after=retry_after)
    return decide(failure, failed_calls=failed_calls, policy=POLICY, jitter=jitter, proven=proven)


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("rate_limit", "retry"),
        ("server", "retry"),
        ("timeout", "retry"),
        ("connection", "retry"),
        ("malformed", "retry"),
        ("context_length", "give_up"),
        ("bad_request", "give_up"),
        ("quota", "halt"),
        ("auth", "halt"),
        ("not_found", "halt"),
    ],
)
def test_each_kind_of_failure_has_one_consequence(kind, action):
    assert after(kind).action == action


@pytest.mark.parametrize(("failed_calls", "wait"), [(1, 1), (2, 2), (3, 4)])
def test_waits_double(failed_calls, wait):
    assert after("server", failed_calls=failed_calls).after == wait


def test_jitter_shortens_a_wait_by_at_most_a_quarter():
    assert after("server", jitter=1.0).after == 0.75


def test_the_servers_wish_is_a_lower_bound_even_under_jitter():
    assert after("rate_limit", retry_after=7.5, jitter=1.0) == RetryDecision(
        "retry", "rate_limit", 7.5
    )


def test_a_wait_that_is_too_long_halts_the_run_instead_of_losing_the_turn():
    assert after("rate_limit", retry_after=3600).action == "halt"


def test_calls_that_come_too_fast_cost_a_turn_later_than_calls_that_fail():
    assert [after("rate_limit", failed_calls=n).action for n in (4, 15, 16)] == [
        "retry",
        "retry",
        "give_up",
    ]


def test_the_last_call_allowed_gives_up():
    assert after("server", failed_calls=4).action == "give_up"


def test_a_bad_request_before_any_success_is_a_matter_of_configuration():
    assert after("bad_request", proven=False).action == "halt"


def test_the_backoff_stays_bounded_however_many_calls_failed():
    patient = RetryPolicy(max_calls=10_000, longest_backoff=30)
    decision = decide(Failure("server", ""), failed_calls=5_000, policy=patient, jitter=0)
    assert decision.after == 30


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        ("unparsable", True),
        ("schema_violation", True),
        ("out_of_range", True),
        ("truncated", True),
        ("refused", False),
        ("content_filter", False),
        ("answered", False),
    ],
)
def test_a_form_error_is_asked_again_and_a_refusal_is_respected(outcome, again):
    assert asks_again(outcome, reasks=0, policy=POLICY) is again


def test_asking_again_is_bounded():
    assert not asks_again("unparsable", reasks=2, policy=RetryPolicy(max_reasks=2))


def test_the_breaker_opens_only_on_an_unbroken_row():
    breaker = CircuitBreaker(threshold=3)
    assert [breaker.failed(), breaker.failed()] == [False, False]
    breaker.succeeded()
    assert [breaker.failed(), breaker.failed(), breaker.failed()] == [False, False, True]
