"""One contract for every interface: what is sent, what is read, what is carried, what fails how."""

import asyncio
import json
from dataclasses import replace

import pytest
from factories import TESTER
from workers import options

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.parsing import Answered, judge
from llm_respondents.conversation.prompts import Turn
from llm_respondents.endpoints.apis import API_NAMES, APIS
from llm_respondents.models import Attempt
from llm_respondents.providers.apis.shape import Sampling
from llm_respondents.providers.base import Failure, Reply, Request, encode
from llm_respondents.providers.endpoint import endpoint_provider
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.rehearsal.shapes import COMMENTARY, THOUGHT
from llm_respondents.runner.session import Session
from llm_respondents.services import run_panel
from llm_respondents.store.leases import work_items
from tests.llm_respondents.conversation.test_parsing import question

every_api = pytest.mark.parametrize("api", API_NAMES)
NATIVE = tuple(api for api in API_NAMES if APIS[api].carries)
MESSAGES = [
    {"role": "system", "content": "Reply briefly."},
    {"role": "user", "content": "First?\n1 = no\n2 = yes"},
    {"role": "assistant", "content": '{"answer": 1}'},
    {"role": "user", "content": "Second?\n1 = no\n2 = yes\n3 = both"},
]


def turn():
    return Turn(0, "b", (question(),), MESSAGES[-1]["content"])


def request(messages=MESSAGES, arm=None):
    encoded = [encode(message) for message in messages]
    return Request(messages, encoded, turn(), arm or Arm(), 4711, 1)


def ask(api, behaviour=None, *, sampling=None, key="", **about):
    """The outcome of one call, and the endpoint."""

    async def go(base_url):
        provider = endpoint_provider(
            model="m", api=api, base_url=base_url, api_key_env=key, sampling=sampling, **about
        )
        try:
            asked = request()
            return await provider.ask(asked, provider.parameters(asked))
        finally:
            await provider.aclose()

    with Endpoint(behaviour or Behaviour()) as endpoint:
        return asyncio.run(go(endpoint.base_url)), endpoint


def read(reply):
    (outcome,) = judge(
        text=reply.text,
        turn=turn(),
        arm=Arm(),
        finish_reason=reply.finish_reason,
        refusal=reply.refusal,
    )
    return outcome


@every_api
def test_an_answer_in_the_schema_comes_back_with_thoughts_apart_and_every_token_counted(
    api, monkeypatch
):
    monkeypatch.setenv("SOME_KEY", "s3cret")
    for other in ("OPENAI_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.setenv(other, "another")
    sampling = Sampling(reasoning_effort="low", extra={"service_tier": "flex"})
    if api == "gemini":
        sampling = Sampling(extra={"generationConfig": {"stopSequences": ["#"]}})
    reply, endpoint = ask(api, Behaviour(thinks=True), sampling=sampling, key="SOME_KEY")
    assert isinstance(reply, Reply), reply
    assert isinstance(read(reply), Answered)
    assert reply.thoughts == THOUGHT
    assert COMMENTARY not in reply.text
    usage, thought = reply.usage, len(THOUGHT) // 4
    assert usage.prompt_tokens == endpoint.account.prompt_tokens
    assert usage.completion_tokens == endpoint.account.completion_tokens
    assert usage.reasoning_tokens == thought < usage.completion_tokens
    assert usage.cached_tokens == (None if api == "chat" else usage.prompt_tokens // 2)
    assert reply.model == "m-2026-01-01"
    assert reply.request_id == "req-1"
    assert reply.status == 200
    assert json.loads(reply.raw)
    sent, headers = endpoint.requests[0], endpoint.headers[0]
    assert "temperature" not in json.dumps(sent)
    assert "s3cret" in headers.get("authorization", "") + headers.get("x-goog-api-key", "")
    assert "another" not in str(headers)
    assert ("4711" in json.dumps(sent)) is APIS[api].takes_seed
    assert len(endpoint.requests) == 1


REFUSED = {"chat": "refused", "responses": "refused", "anthropic": "refused"}
FILTERED = {"anthropic": "refused"}


@every_api
@pytest.mark.parametrize(
    ("fault", "reasons", "usual"),
    [
        ("refusal", REFUSED, "content_filter"),
        ("content_filter", FILTERED, "content_filter"),
        ("truncated", {}, "truncated"),
        ("out_of_range", {}, "out_of_range"),
        ("malformed_answer", {}, "schema_violation"),
        ("spoken_refusal", {}, "refused"),
    ],
)
def test_the_reason_of_its_end_decides_what_a_reply_is(api, fault, reasons, usual):
    reply, _ = ask(api, Behaviour(**{fault: 1.0}))
    assert read(reply).reason == reasons.get(api, usual)


@every_api
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("rate_limited", "rate_limit"),
        ("server_error", "server"),
        ("malformed_envelope", "malformed"),
        ("empty_choices", "malformed"),
        ("dropped_connection", "connection"),
        ("hang", "timeout"),
    ],
)
def test_a_fault_is_a_failure_after_one_call(api, fault, kind):
    behaviour = Behaviour(**{fault: 1.0}, retry_after_seconds=1.5, hang_seconds=2)
    failure, endpoint = ask(api, behaviour, timeout_seconds=0.5 if fault == "hang" else 20)
    assert isinstance(failure, Failure)
    assert failure.kind == kind
    assert len(endpoint.requests) == 1
    if fault == "rate_limited":
        assert failure.retry_after == 1.5


ONE = {"content": {"parts": [{"text": "1"}]}}
SAID = {
    "responses": [
        ({"status": "completed", "output": []}, "", "completed"),
        ({"status": "weary", "output": []}, "", "weary"),
        (
            {"status": "incomplete", "output": [], "incomplete_details": {"reason": "steered"}},
            "",
            "steered",
        ),
    ],
    "anthropic": [
        ({"content": [{"type": "text", "text": "1"}], "stop_reason": "weary"}, "1", "weary"),
        ({"content": [{"type": "text", "text": "1"}]}, "1", "no reason given"),
    ],
    "gemini": [
        ({"promptFeedback": {"blockReason": "WEARY"}}, "", "blocked"),
        ({"candidates": [{**ONE, "finishReason": "MODEL_ARMOR"}]}, "1", "MODEL_ARMOR"),
        ({"candidates": [ONE]}, "1", "no reason given"),
    ],
}


@pytest.mark.parametrize(("api", "said"), [(api, one) for api in NATIVE for one in SAID[api]])
def test_what_did_not_end_as_replies_do_is_no_answer_and_its_end_is_named(api, said):
    body, text, reason = said
    provider = provider_of(api)
    reply = provider.api.read(json.dumps(body), 200, {})
    assert (reply.text, reply.finish_reason) == (text, reason)
    assert not isinstance(read(reply), Answered)


def in_parts(api, *texts):
    """A reply whose text comes in several parts."""
    parts = [{"type": "text", "text": text} for text in texts]
    spoken = [{"type": "output_text", "text": text} for text in texts]
    return {
        "chat": {"choices": [{"message": {"content": parts}, "finish_reason": "stop"}]},
        "responses": {
            "status": "completed",
            "output": [{"type": "message", "content": spoken}],
        },
        "anthropic": {"content": parts, "stop_reason": "end_turn"},
        "gemini": {"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]},
    }[api]


@pytest.mark.parametrize("api", API_NAMES)
def test_parts_of_a_reply_make_no_number_that_none_of_them_is(api):
    read = provider_of(api).api.read
    assert read(json.dumps(in_parts(api, "1", "0")), 200, {}).text == "1\n0"
    whole = in_parts(api, '{"answer"', ": 4", "}")
    assert read(json.dumps(whole), 200, {}).text == '{"answer": 4}'


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"content": [{"type": "reasoning", "text": "1"}, {"type": "text", "text": "0"}]},
         ("0", "1", "")),
        ({"content": [{"type": "thinking", "thinking": [{"text": "1"}]}, {"text": "0"}]},
         ("0", "1", "")),
        ({"content": "0", "reasoning_details": [{"text": "1"}]}, ("0", "1", "")),
        ({"content": [{"type": "refusal", "refusal": "No."}]}, ("", "", "No.")),
    ],
)  # fmt: skip
def test_parts_of_a_completion_are_what_they_are_called(message, said):
    body = {"choices": [{"message": message, "finish_reason": "stop"}]}
    reply = provider_of("chat").api.read(json.dumps(body), 200, {})
    assert (reply.text, reply.thoughts, reply.refusal) == said


def test_an_error_in_the_place_of_a_choice_is_that_error():
    error = {"code": 402, "message": "Insufficient credits"}
    body = {"choices": [{"message": {"content": ""}, "finish_reason": "error", "error": error}]}
    assert provider_of("chat").api.read(json.dumps(body), 200, {}).kind == "quota"


def provider_of(api):
    async def make():
        return endpoint_provider(model="m", api=api)

    return asyncio.run(make())


INVALID = "invalid_request_error"
PER_DAY = [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel"}]}]
ERRORS = [
    ("anthropic", 400, {"type": INVALID, "message": "Your credit balance is too low"}, "quota"),
    ("anthropic", 429, {"message": "no", "error_code": "enforced_spend_limit_reached"}, "quota"),
    ("anthropic", 400, {"type": INVALID, "message": "prompt is too long"}, "context_length"),
    ("anthropic", 529, {"type": "overloaded_error", "message": "Overloaded"}, "server"),
    ("responses", 429, {"code": "project_spend_limit_exceeded", "message": "no"}, "quota"),
    ("responses", 400, {"code": "context_length_exceeded", "message": "no"}, "context_length"),
    ("gemini", 400, {"message": "no", "details": [{"reason": "API_KEY_INVALID"}]}, "auth"),
    ("gemini", 429, {"status": "RESOURCE_EXHAUSTED", "details": PER_DAY}, "quota"),
    ("gemini", 400, {"message": "The input token count (9) exceeds"}, "context_length"),
]


@pytest.mark.parametrize(("api", "status", "error", "kind"), ERRORS)
def test_what_an_interface_says_is_wrong_is_known_by_its_own_words(api, status, error, kind):
    body = json.dumps({"type": "error", "error": error})

    async def go(base_url):
        provider = endpoint_provider(model="m", api=api, base_url=base_url)
        try:
            return await provider.ask(request(), provider.parameters(request()))
        finally:
            await provider.aclose()

    with Endpoint(odd=lambda _request, _number: (status, body)) as endpoint:
        failure = asyncio.run(go(endpoint.base_url))
    assert (failure.kind, failure.status) == (kind, status)
    assert len(endpoint.requests) == 1, "the client tries nothing again by itself"


@pytest.mark.parametrize("api", NATIVE)
@pytest.mark.parametrize("reasoning", ["drop", "carry"])
def test_a_panel_is_conducted_with_its_reasoning_left_out_or_sent_back_where_it_stood(
    recruit, api, reasoning
):
    arm = Arm(reasoning=reasoning)
    faults = Behaviour(thinks=True, rate_limited=0.1, malformed_answer=0.1, seed=3)
    with Endpoint(faults) as endpoint:
        panel = recruit(base_url=endpoint.base_url, api=api, sessions=2, arms=(arm,), max_turns=8)
        run = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert run.status == "complete"
    calls = Attempt.objects.of(panel)
    answered = calls.filter(outcome="answered")
    assert answered.count() == 16
    assert set(answered.values_list("thoughts", flat=True)) == {THOUGHT}
    assert not any(calls.exclude(flags=[]).values_list("flags", flat=True))
    assert calls.exclude(outcome__in=("answered", "transport_error")).exists()
    assert bool(endpoint.carried) is (reasoning == "carry")
    assert all(endpoint.carried), "a thought came back behind another conversation"
    panel.refresh_from_db()
    assert panel.capabilities["seed"] == ("honoured" if api == "gemini" else "absent")
    words = {"drop": "left out of later turns", "carry": "sent back with it in later turns"}
    facts = panel.group.method
    assert words[reasoning] in facts["reasoning"]
    assert "tokens of thought were counted" in facts["reasoning"]
    assert facts["access_route"] == APIS[api].route


@pytest.mark.parametrize("api", NATIVE)
def test_a_session_that_carries_goes_on_with_the_very_same_messages(recruit, api):
    arms = (Arm(reasoning="carry"),)
    with Endpoint(Behaviour(thinks=True, malformed_answer=0.4)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, api=api, sessions=1, arms=arms, max_turns=6)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    calls = list(Attempt.objects.of(panel).order_by("pk"))
    (item,) = work_items(panel.pk, [calls[0].administration_id])
    assert len(calls) > 6
    for done, call in enumerate(calls):
        resumed = Session(replace(item, past=item.past[:done]))
        asked = resumed.next_request(item.turns[call.turn])
        assert asked.request_hash == call.request_hash


def test_thoughts_aloud_are_stored_and_seen_by_no_later_turn(recruit):
    thought = "<think>\nBoth ends count.\n</think>\n\n"

    def answer(asked):
        return f'{thought}{{"answer": 1}}'

    with Endpoint(answer=answer) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, max_turns=3)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    calls = Attempt.objects.of(panel)
    assert set(calls.values_list("reply", "thoughts")) == {
        ('{"answer": 1}', "\nBoth ends count.\n")
    }
    assert all(
        thought.strip() in json.loads(raw)["choices"][0]["message"]["content"]
        for raw in calls.values_list("raw", flat=True)
    )
    assert "<think" not in json.dumps(endpoint.conversations)


def test_what_an_endpoint_or_a_panel_sends_besides_is_sent_and_said(recruit):
    extra = {"chat_template_kwargs": {"enable_thinking": False}, "stop": ["#"]}
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1, max_turns=1, extra_body=extra)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert extra.items() <= endpoint.requests[0].items()
    panel.refresh_from_db()
    assert panel.group.method["stop"] == '["#"]'
    assert "enable_thinking" in panel.group.method["extra_parameters"]
