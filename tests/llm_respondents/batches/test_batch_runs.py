"""A panel run in batches stores what it would have stored otherwise, at half the price."""

from collections import Counter
from decimal import Decimal

import pytest
from batch_endpoint import BatchEndpoint, Batching
from factories import TESTER
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.endpoints.dialects import BatchTerms
from llm_respondents.endpoints.file import NANO
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Batch, BatchCall
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour
from llm_respondents.services import cancel_panel, cap_spend, run_panel
from llm_respondents.services.batch_runs import plan_batches, run_panel_in_batches
from surveys.models import Answer

QUESTIONS = 40
BLOCKS = Arm(items_per_turn="block")
ALONE = Arm(history="none")
FILE = """
[endpoints.lab]
base_url = "{base_url}"
[endpoints.lab.models.small]
input_per_million = 1
output_per_million = 3
"""


def in_batches(panel, **given):
    retry = {name: given.pop(name) for name in ("max_calls", "max_reasks") if name in given}
    return run_panel_in_batches(
        panel_id=panel.pk, options=options(**retry), poll_seconds=0.01, **given, by=TESTER
    )


def stored(panel):
    """Every call and every answer of a panel, without the clock and the bill."""
    of_panel = {"administration__respondent__panel_member__panel": panel}
    number = "administration__respondent__panel_member__number"
    calls = Attempt.objects.filter(**of_panel).values_list(
        *(number, "turn", "number", "refs", "prefix_hash", "request_hash", "new_messages"),
        *("parameters", "outcome", "detail", "closes_turn", "flags", "reply", "refusal"),
        *("finish_reason", "prompt_tokens", "completion_tokens", "model", "used"),
    )
    answers = Answer.objects.filter(**of_panel).values_list(
        number, "item_id", "attention_check_id", "value", "missing_reason", "revision"
    )
    return sorted(calls, key=repr), sorted(answers, key=repr)


def each_once(panel):
    """Every question has one answer, never written twice."""
    answers = panel.answers
    progress = panel_progress(panel)
    assert answers.count() == progress.questions
    assert set(answers.values_list("revision", flat=True)) == {1}
    assert not BatchCall.objects.filter(collected=False).exists()
    return progress


@pytest.mark.parametrize(
    ("arm", "api", "path"),
    [
        (BLOCKS, "chat", "/v1/chat/completions"),
        (ALONE, "chat", "/v1/chat/completions"),
        (Arm(items_per_turn="page", history="window", window=2), "chat", "/v1/chat/completions"),
        (Arm(items_per_turn="block", reasoning="carry"), "responses", "/v1/responses"),
    ],
)
def test_the_same_panel_is_stored_alike_in_batches_and_otherwise(recruit, arm, api, path):
    faults = Behaviour(refusal=0.03, content_filter=0.02, honours_schema=True, thinks=api != "chat")
    values = {"sessions": 4, "arms": (arm,), "seed": 5, "api": api}
    with BatchEndpoint(faults) as endpoint:
        one = recruit(base_url=endpoint.base_url, **values)
        assert run_panel(panel_id=one.pk, options=options(), by=TESTER).status == "complete"
    with BatchEndpoint(faults, batching=Batching(path=path)) as endpoint:
        other = recruit(base_url=endpoint.base_url, **values, label="b")
        assert in_batches(other).status == "complete"
        assert endpoint.billed.total() == len(endpoint.requests)
    assert stored(other) == stored(one)
    waves = Batch.objects.filter(panel=other).count()
    assert waves == (1 if arm == ALONE else max(call[1] for call in stored(one)[0]) + 1)


def test_replies_of_the_wrong_form_are_asked_for_again_in_the_next_wave(recruit):
    with BatchEndpoint(Behaviour(malformed_answer=0.2)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=3, arms=(BLOCKS,), seed=5)
        assert in_batches(panel).status == "complete"
    progress = each_once(panel)
    assert progress.reasked > 0
    again = Attempt.objects.filter(number=2).first()
    assert "is not the JSON that was asked for" in again.new_messages[-1]["content"]


def test_a_batch_that_goes_wrong_in_every_way_loses_and_doubles_nothing(recruit):
    wrong = Batching(expired=0.15, lost=0.05, repeated=0.1, cut=0.05, foreign=2)
    faults = Behaviour(rate_limited=0.05, server_error=0.05)
    with BatchEndpoint(faults, batching=wrong) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=4, arms=(ALONE,), seed=5)
        assert in_batches(panel, max_calls=20).status == "complete"
    progress = each_once(panel)
    assert (progress.answered, progress.missing_total) == (4 * QUESTIONS, 0)
    details = Counter(
        text.partition(":")[0] for text in Attempt.objects.values_list("detail", flat=True) if text
    )
    assert set(details) == {"server", "timeout", "malformed", "rate_limit"}
    left_out = Batch.objects.filter(remark="lines_left_out").values_list("remark_args", flat=True)
    assert sum(lines["unknown"] for lines in left_out) > 0
    assert sum(lines["repeated"] for lines in left_out) > 0


def test_calls_that_fail_again_and_again_end_as_missing_answers(recruit):
    with BatchEndpoint(Behaviour(server_error=0.6)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(ALONE,), seed=5)
        assert in_batches(panel, max_calls=2).status == "complete"
    progress = each_once(panel)
    assert progress.missing["transport_error"] > 0
    assert max(Attempt.objects.values_list("number", flat=True)) == 2


def test_a_wave_is_split_where_a_file_is_full(recruit):
    with BatchEndpoint(batching=Batching(max_lines=50)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=5, arms=(ALONE,))
        assert in_batches(panel, terms=BatchTerms(calls=50)).status == "complete"
        assert [upload.count(b"\n") for upload in endpoint.uploads] == [40] * 5
        assert set(Batch.objects.values_list("wave", flat=True)) == {1}
    each_once(panel)


def test_azure_names_its_own_path_and_the_deployment_and_checks_files_first(recruit, monkeypatch):
    monkeypatch.setattr("llm_respondents.batches.openai_files._CHECK_SECONDS", 0.01)
    azure = Batching(path="/chat/completions", checking=2)
    with BatchEndpoint(batching=azure) as endpoint:
        deployment = {"model": "my-deployment", "dialect": "azure"}
        panel = recruit(base_url=endpoint.base_url, arms=(ALONE,), **deployment)
        assert in_batches(panel).status == "complete"
        assert {request["model"] for request in endpoint.requests} == {"my-deployment"}
        assert endpoint.batches[0]["endpoint"] == "/chat/completions"
    each_once(panel)


def test_a_file_that_the_provider_refuses_halts_the_panel_with_its_words(recruit):
    with BatchEndpoint(batching=Batching(refused="the model takes no batches")) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(ALONE,))
        run = in_batches(panel)
        assert (run.status, run.halt_code) == ("halted", "batch_failed")
        assert "the model takes no batches" in run.note
        assert not Attempt.objects.exists()
        endpoint.batching = Batching()
        assert in_batches(panel).status == "complete"
    each_once(panel)


def test_a_batch_that_was_made_unheard_is_found_again_and_not_made_twice(recruit):
    with BatchEndpoint(batching=Batching(unheard=1)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(ALONE,))
        assert in_batches(panel).status == "complete"
        assert len(endpoint.batches) == 1
        assert set(endpoint.billed.values()) == {1}
    each_once(panel)


def test_bounds_of_a_session_hold_in_batches(recruit):
    with BatchEndpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(ALONE,), max_turns=7)
        assert in_batches(panel).status == "complete"
    progress = panel_progress(panel)
    assert (progress.answered, progress.missing) == (14, {"budget_stop": 2 * (QUESTIONS - 7)})


@pytest.fixture
def lab(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with BatchEndpoint(Behaviour(malformed_answer=0.05)) as endpoint:
        (tmp_path / "endpoints.toml").write_text(FILE.format(base_url=endpoint.base_url))
        yield endpoint


def billed():
    tokens = Attempt.objects.exclude(prompt_tokens=None).values_list(
        "prompt_tokens", "completion_tokens"
    )
    return sum(prompt * 500 + completion * 1500 for prompt, completion in tokens)


def test_a_batch_costs_half(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(BLOCKS,))
    in_batches(panel)
    panel.refresh_from_db()
    assert panel.spent_nano == billed() > 0
    assert panel.reserved_nano == 0


def test_the_spend_cap_holds_at_half_the_price(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=2, arms=(ALONE,))
    cap_spend(panel=panel, cap=Decimal("0.006"), by=TESTER)
    run = in_batches(panel)
    panel.refresh_from_db()
    assert (run.status, run.halt_code) == ("halted", "budget_spent")
    assert 0.004 * NANO < panel.spent_nano == billed() <= 0.006 * NANO
    assert panel.reserved_nano == 0
    cap_spend(panel=panel, cap=Decimal(1), by=TESTER)
    assert in_batches(panel).status == "complete"
    each_once(panel)


@pytest.mark.parametrize("capped", [True, False])
def test_a_panel_that_is_ended_at_its_cap_says_so_in_every_open_question(lab, recruit, capped):
    lab.behaviour = Behaviour()
    lab.is_holding = True
    panel = recruit(base_url=lab.base_url, sessions=3, arms=(ALONE,))
    cap_spend(panel=panel, cap=Decimal("0.006") if capped else Decimal(1), by=TESTER)
    assert in_batches(panel, waits=False).status == "ready"
    assert (BatchCall.objects.count() < 3 * QUESTIONS) == capped
    assert Batch.objects.get().remark == ("budget_spent" if capped else "")
    # Some sessions wait for the batch, and the cap bears no other.
    panel.refresh_from_db()
    cancel_panel(panel=panel, by=TESTER)
    ended = in_batches(panel)
    assert (ended.status, ended.unfinished) == ("cancelled", 0)
    progress = each_once(panel)
    assert progress.answered > 0
    missing = "budget_stop" if capped else "cancelled"
    assert set(progress.missing) == {missing}
    panel.refresh_from_db()
    assert (panel.halt_code, panel.ended_reason) == ("", missing)


def test_a_cap_that_was_raised_is_no_reason_to_end(lab, recruit):
    lab.is_holding = True
    panel = recruit(base_url=lab.base_url, sessions=3, arms=(ALONE,))
    cap_spend(panel=panel, cap=Decimal("0.006"), by=TESTER)
    in_batches(panel, waits=False)
    assert Batch.objects.get().remark == "budget_spent"
    cap_spend(panel=panel, cap=Decimal(1), by=TESTER)
    in_batches(panel, waits=False)
    assert set(Batch.objects.values_list("remark", flat=True)) == {""}


def test_nobody_is_promised_batches_where_there_are_none(recruit, scripted):
    for panel, code in (
        (scripted(), "batch_scripted"),
        (recruit(dialect="vllm", base_url="http://127.0.0.1:1/v1"), "batch_not_offered"),
    ):
        with pytest.raises(PanelStateError) as refusal:
            plan_batches(panel=panel)
        assert refusal.value.code == code


@pytest.mark.parametrize(("arm", "waves"), [(Arm(), QUESTIONS), (ALONE, 1)])
def test_it_is_said_beforehand_how_many_waves_there_will_be(recruit, arm, waves):
    plan = plan_batches(panel=recruit(arms=(arm,)))
    assert plan.as_json() == {"waves": waves, "at_most_hours": 24 * waves}


def test_a_batch_that_expired_is_sent_again_once_and_not_more_without_anybodys_word(recruit):
    with BatchEndpoint(batching=Batching(expired=1.0)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, arms=(ALONE,))
        done = in_batches(panel)
        assert (done.status, done.halt_code) == ("halted", "batch_expired")
        assert len(endpoint.batches) == 2
        assert panel_progress(panel).missing_total == 0
        endpoint.batching = Batching()
        assert in_batches(panel).status == "complete"
    assert each_once(panel).answered == QUESTIONS
