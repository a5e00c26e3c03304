"""An endpoint that misbehaves in unusual ways: no answer is lost, doubled or given to another."""

import json

import pytest
from factories import TESTER
from workers import options

from llm_respondents.models import Attempt
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import run_panel
from surveys.models import Answer

SESSIONS = 3
QUESTIONS = 40
TURNS = SESSIONS * QUESTIONS


def answer_of_the_question(request):
    """A code that depends on the last message alone, so that a shifted answer shows."""
    schema = request["response_format"]["json_schema"]["schema"]
    codes = schema["properties"]["answer"]["enum"]
    return json.dumps({"answer": codes[sum(map(ord, last_message(request))) % len(codes)]})


def last_message(request):
    return request["messages"][-1]["content"]


def conduct(recruit, behaviour, *, concurrency=SESSIONS, **run):
    with Endpoint(behaviour, answer=answer_of_the_question) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=SESSIONS)
        done = run_panel(
            panel_id=panel.pk, options=options(concurrency=concurrency, **run), by=TESTER
        )
    assert done.status == "complete"
    return endpoint, panel


def assert_every_answer_is_its_own_questions(endpoint, panel):
    progress = panel_progress(panel)
    assert (progress.completed, progress.answered, progress.missing) == (SESSIONS, TURNS, {})
    answers = Answer.objects.filter(administration__respondent__group=panel.group)
    assert answers.count() == sum(answers.values_list("revision", flat=True)) == TURNS
    asked = {
        request["messages"][-1]["content"]: answer_of_the_question(request)
        for request in endpoint.requests
    }
    used = Attempt.objects.filter(used=True, outcome="answered")
    stored = list(used.values_list("new_messages", "administration", "turn", "reply"))
    for new_messages, administration, turn, reply in stored:
        # A repeated call adds no message of its own: its question is that of the call before.
        message = new_messages or used_messages(administration, turn)
        assert reply == asked[message[-1]["content"]]
    assert len(stored) == TURNS


def used_messages(administration, turn):
    calls = Attempt.objects.filter(administration=administration, turn=turn).order_by("pk")
    return next(messages for messages in calls.values_list("new_messages", flat=True) if messages)


@pytest.mark.parametrize(
    ("concurrency", "delay"), [(1, 0.0), (SESSIONS, 0.0), (SESSIONS, 0.01), (SESSIONS, 0.05)]
)
def test_a_reply_that_comes_twice_answers_no_other_question(recruit, delay, concurrency):
    behaviour = Behaviour(
        duplicate_reply=0.2, duplicate_after_seconds=delay, latency_seconds=0.02 if delay else 0
    )
    endpoint, panel = conduct(recruit, behaviour, concurrency=concurrency)
    assert endpoint.account.outcomes["duplicate_reply"] > TURNS / 10
    assert_every_answer_is_its_own_questions(endpoint, panel)


def test_replies_that_overtake_each_other_stay_with_their_questions(recruit):
    endpoint, panel = conduct(recruit, Behaviour(latency_seconds=0.005, latency_spread=1.5))
    assert_every_answer_is_its_own_questions(endpoint, panel)
    assert len(endpoint.requests) == TURNS


def test_bytes_now_and_then_do_not_keep_a_call_alive(recruit):
    behaviour = Behaviour(trickle=0.03, trickle_seconds=0.05, hang_seconds=30)
    endpoint, panel = conduct(recruit, behaviour, timeout_seconds=1.0)
    assert_every_answer_is_its_own_questions(endpoint, panel)
    details = Attempt.objects.exclude(outcome="answered").values_list("detail", "latency_ms")
    assert len(details) >= endpoint.account.outcomes["trickle"] > 0
    assert all(detail.startswith("timeout") and ms < 15_000 for detail, ms in details)


@pytest.mark.parametrize("fault", ["error_in_body", "empty_choices"])
def test_success_without_a_completion_is_a_failed_call_and_repeated(recruit, fault):
    endpoint, panel = conduct(recruit, Behaviour(**{fault: 0.1}))
    assert_every_answer_is_its_own_questions(endpoint, panel)
    failed = Attempt.objects.filter(outcome="transport_error")
    assert failed.count() == endpoint.account.outcomes[fault] > 0
    assert set(failed.values_list("http_status", flat=True)) == {200}


def test_what_a_gateway_passes_on_is_named(recruit):
    conduct(recruit, Behaviour(error_in_body=0.1))
    details = Attempt.objects.filter(outcome="transport_error").values_list("detail", flat=True)
    assert set(details) == {"server: The model server is restarting."}


@pytest.mark.parametrize("fault", ["wrong_content_type", "usage_missing"])
def test_a_completion_counts_whatever_is_wrong_around_it(recruit, fault):
    endpoint, panel = conduct(recruit, Behaviour(**{fault: 0.3}))
    assert_every_answer_is_its_own_questions(endpoint, panel)
    assert len(endpoint.requests) == TURNS
    assert not Attempt.objects.exclude(flags=[]).exists()


def test_a_model_that_changes_under_its_alias_is_on_record(recruit):
    endpoint, panel = conduct(recruit, Behaviour(model_changes_at=TURNS // 2))
    assert_every_answer_is_its_own_questions(endpoint, panel)
    names = Attempt.objects.order_by("pk").values_list("model", flat=True)
    assert set(names) == {"small-2026-01-01", "small-2026-02-01"}


def test_the_endpoints_own_account_is_what_was_stored(recruit):
    faults = Behaviour(rate_limited=0.1, server_error=0.05, malformed_answer=0.05)
    endpoint, _ = conduct(recruit, faults)
    stored = Attempt.objects.filter(http_status=200).values_list(
        "request_hash", "prompt_tokens", "completion_tokens"
    )
    account = endpoint.account
    assert account.paid_replies == len(stored)
    assert {key.hex() for key in account.paid} == {row[0] for row in stored}
    assert account.prompt_tokens == sum(row[1] for row in stored)
    assert account.completion_tokens == sum(row[2] for row in stored)
