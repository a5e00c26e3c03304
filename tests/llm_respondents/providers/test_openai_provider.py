"""The real client against a local endpoint: every fault becomes the value it should be."""

import asyncio
from email.utils import formatdate
from time import time

import pytest

from llm_respondents.conversation.prompts import Arm, messages, plan_turns
from llm_respondents.providers.apis.shape import Sampling
from llm_respondents.providers.base import Failure, MissingKey, Reply, Request, encode
from llm_respondents.providers.complaints import retry_after
from llm_respondents.providers.endpoint import endpoint_provider
from llm_respondents.rehearsal import Behaviour, Endpoint
from surveys.presentation import BlockContent, QuestionContent, Questionnaire, present

OPTIONS = ((1, "Disagree"), (2, "Neither"), (3, "Agree"))
BLOCK = BlockContent("b", "B", "How far?", (QuestionContent("b.i", "I plan.", OPTIONS),))


def request_of(arm=None):
    arm = arm or Arm()
    (turn,) = plan_turns(present(Questionnaire("Q", "en", (BLOCK,)), seed=1), arm)
    sent = messages("Reply.", [], turn, arm)
    return Request(sent, [encode(m) for m in sent], turn, arm, session_seed=2**61, attempt=1)


def put(provider, request):
    return provider.ask(request, provider.parameters(request))


def ask(behaviour, *, arm=None, timeout_seconds=5.0, sampling=None):
    async def go(base_url):
        provider = endpoint_provider(
            model="small", base_url=base_url, timeout_seconds=timeout_seconds, sampling=sampling
        )
        try:
            return await put(provider, request_of(arm))
        finally:
            await provider.aclose()

    with Endpoint(behaviour) as endpoint:
        return asyncio.run(go(endpoint.base_url)), endpoint


def test_a_reply_is_kept_with_everything_the_endpoint_said_about_it():
    reply, _ = ask(Behaviour())
    assert isinstance(reply, Reply)
    assert reply.text.startswith('{"answer": ')
    assert reply.model == "small-2026-01-01"
    assert reply.system_fingerprint == "fp_local"
    assert reply.request_id == "req-1"
    assert reply.usage.prompt_tokens > 0
    assert '"chatcmpl-1"' in reply.raw
    assert "must-never-be-stored" not in str(reply.headers)


def test_the_request_carries_schema_seed_and_sampling_and_no_retry_of_the_client():
    sampling = Sampling(temperature=0.7, top_p=0.9, max_tokens=50, reasoning_effort="low")
    _, endpoint = ask(Behaviour(), sampling=sampling)
    (body,) = endpoint.requests
    assert body["messages"] == request_of().messages
    assert body["response_format"]["json_schema"]["strict"] is True
    assert (body["temperature"], body["top_p"], body["reasoning_effort"]) == (0.7, 0.9, "low")
    assert body["max_completion_tokens"] == 50
    assert 0 <= body["seed"] < 2**31
    assert "max_retries" not in body


def test_plain_text_arms_send_no_schema():
    reply, endpoint = ask(Behaviour(), arm=Arm(elicitation="number"))
    assert "response_format" not in endpoint.requests[0]
    assert reply.text in {"1", "2", "3"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("rate_limited", "rate_limit"),
        ("server_error", "server"),
        ("malformed_envelope", "malformed"),
        ("dropped_connection", "connection"),
    ],
)
def test_a_fault_of_the_endpoint_is_a_failure_after_one_call(fault, kind):
    failure, endpoint = ask(Behaviour(**{fault: 1.0}))
    assert isinstance(failure, Failure)
    assert failure.kind == kind
    assert len(endpoint.requests) == 1


def test_a_rate_limit_says_how_long_to_wait():
    failure, _ = ask(Behaviour(rate_limited=1.0, retry_after_seconds=1.5))
    assert failure.retry_after == 1.5
    assert failure.status == 429


def test_an_endpoint_that_hangs_is_a_timeout():
    failure, _ = ask(Behaviour(hang=1.0), timeout_seconds=0.2)
    assert failure.kind == "timeout"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_request"),
        (401, "auth"),
        (402, "quota"),
        (403, "auth"),
        (404, "not_found"),
        (409, "server"),
        (422, "bad_request"),
        (503, "server"),
    ],
)
def test_each_status_is_classified(status, kind):
    failure, _ = ask(Behaviour(always_status=status))
    assert (failure.kind, failure.status) == (kind, status)


def test_nobody_listening_is_a_connection_failure():
    async def go():
        provider = endpoint_provider(model="small", base_url="http://127.0.0.1:9/v1")
        try:
            return await put(provider, request_of())
        finally:
            await provider.aclose()

    assert asyncio.run(go()).kind == "connection"


def test_a_refusal_field_arrives_as_such():
    reply, _ = ask(Behaviour(refusal=1.0))
    assert (reply.text, bool(reply.refusal)) == ("", True)


@pytest.mark.parametrize(
    ("fault", "reason"), [("truncated", "length"), ("content_filter", "content_filter")]
)
def test_the_finish_reason_is_kept(fault, reason):
    reply, _ = ask(Behaviour(**{fault: 1.0}))
    assert reply.finish_reason == reason


def test_the_key_comes_from_the_named_variable_only(monkeypatch):
    monkeypatch.setenv("SOME_KEY", "s3cret")
    monkeypatch.setenv("OPENAI_API_KEY", "another")

    async def go(base_url):
        provider = endpoint_provider(model="small", base_url=base_url, api_key_env="SOME_KEY")
        await put(provider, request_of())
        await provider.aclose()

    with Endpoint() as endpoint:
        asyncio.run(go(endpoint.base_url))
    assert endpoint.headers[0]["authorization"] == "Bearer s3cret"


def test_a_missing_key_is_named_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("SOME_KEY", raising=False)
    with pytest.raises(MissingKey, match="SOME_KEY"):
        endpoint_provider(model="small", api_key_env="SOME_KEY")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": formatdate(time() - 60, usegmt=True)}, 0.0),
    ],
)
def test_retry_after_is_read_in_each_of_its_forms(headers, seconds):
    assert retry_after(headers) == seconds


def test_calls_at_once_keep_no_more_connections_than_calls_and_carry_no_cookie_on():
    async def waves(base_url):
        provider = endpoint_provider(model="small", base_url=base_url, concurrency=8)
        try:
            return [
                reply
                for _ in range(3)
                for reply in await asyncio.gather(*(put(provider, request_of()) for _ in range(8)))
            ]
        finally:
            await provider.aclose()

    connections = []

    class Counting(Endpoint):
        async def _connection(self, reader, writer):
            connections.append(writer)
            await super()._connection(reader, writer)

    with Counting(Behaviour(latency_seconds=0.05)) as endpoint:
        replies = asyncio.run(waves(endpoint.base_url))
    assert [type(reply) for reply in replies] == [Reply] * 24
    assert len(connections) == 8
    assert not any("cookie" in headers for headers in endpoint.headers)
