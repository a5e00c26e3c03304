"""Batches of Anthropic and Gemini, by their own clients, behind what OpenAI's go through too."""

import pytest
from batch_endpoint import Batching
from factories import TESTER
from native_batches import GeminiBatches, MessageBatches
from test_batch_runs import ALONE, BLOCKS, QUESTIONS, each_once, in_batches, stored
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.models import Attempt, Batch
from llm_respondents.rehearsal import Behaviour
from llm_respondents.services import cancel_panel, run_panel
from llm_respondents.services.batch_runs import plan_batches

ENDPOINTS = {"anthropic": MessageBatches, "gemini": GeminiBatches}
each_api = pytest.mark.parametrize("api", ENDPOINTS)


def served(api, behaviour=None, **wrong):
    return ENDPOINTS[api](behaviour or Behaviour(), batching=Batching(path="", **wrong))


@each_api
@pytest.mark.parametrize("arm", [Arm(items_per_turn="block", reasoning="carry"), ALONE])
def test_the_same_panel_is_stored_alike_in_batches_and_otherwise(recruit, api, arm):
    faults = Behaviour(refusal=0.03, content_filter=0.02, thinks=arm.reasoning == "carry")
    values = {"sessions": 3, "arms": (arm,), "seed": 5, "api": api}
    with served(api, faults) as endpoint:
        one = recruit(base_url=endpoint.base_url, **values)
        assert run_panel(panel_id=one.pk, options=options(), by=TESTER).status == "complete"
    with served(api, faults) as endpoint:
        other = recruit(base_url=endpoint.base_url, **values, label="b")
        assert plan_batches(panel=other).waves == (1 if arm == ALONE else 3)
        assert in_batches(other).status == "complete"
        assert endpoint.billed.total() == len(endpoint.requests)
    assert stored(other) == stored(one)


@each_api
def test_a_batch_that_goes_wrong_in_every_way_loses_and_doubles_nothing(recruit, api):
    wrong = {"expired": 0.15, "lost": 0.05, "repeated": 0.1, "cut": 0.05}
    faults = Behaviour(rate_limited=0.05, server_error=0.05)
    with served(api, faults, **wrong) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=3, arms=(ALONE,), seed=5, api=api)
        assert in_batches(panel, max_calls=20).status == "complete"
    progress = each_once(panel)
    assert (progress.answered, progress.missing_total) == (3 * QUESTIONS, 0)
    details = {text.partition(":")[0] for text in Attempt.objects.values_list("detail", flat=True)}
    assert {"server", "timeout", "rate_limit"} <= details


@each_api
def test_a_batch_whose_name_was_never_heard_is_found_and_not_made_again(recruit, api):
    with served(api, unheard=1) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(ALONE,), api=api)
        assert in_batches(panel, max_calls=20).status == "complete"
        assert len(endpoint.batches) == 1
    each_once(panel)


@each_api
def test_a_cancelled_panel_ends_its_batch_and_keeps_what_it_had_finished(recruit, api):
    with served(api) as endpoint:
        endpoint.is_holding = True
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(BLOCKS,), api=api)
        assert in_batches(panel, waits=False).status == "ready"
        cancel_panel(panel=panel, by=TESTER)
        in_batches(panel)
        assert endpoint.batches[0]["status"] == "cancelled"
    assert Batch.objects.get().status == Batch.Status.COLLECTED
    assert Attempt.objects.filter(http_status=200).count() == 1


@each_api
def test_a_batch_that_the_provider_does_not_know_any_more_halts_the_panel(recruit, api):
    with served(api) as endpoint:
        endpoint.is_holding = True
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(BLOCKS,), api=api)
        in_batches(panel, waits=False)
        endpoint.forgotten.add("batch_1")
        run = in_batches(panel)
    assert run.status == "halted"
    panel.refresh_from_db()
    assert panel.halt_code == "batch_unknown"


@each_api
def test_a_batch_that_expired_as_a_whole_is_sent_again_once_and_not_more(recruit, api):
    with served(api, expired=1.0) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, arms=(ALONE,), api=api)
        done = in_batches(panel, max_calls=20)
        assert (done.status, done.halt_code) == ("halted", "batch_expired")
        assert len(endpoint.batches) == 2
        endpoint.batching = Batching(path="")
        assert in_batches(panel).status == "complete"
    assert each_once(panel).answered == QUESTIONS
