"""No verdict that stops a panel rests on one sample, and what is rejected is left out."""

import asyncio
import json

import pytest
from endpoint import Endpoint
from factories import TESTER
from workers import options

from llm_respondents.models import Attempt
from llm_respondents.providers.base import Failure, Reply, Usage
from llm_respondents.providers.probe import probe
from llm_respondents.services import run_panel

SESSION = [
    {"role": "user" if n % 2 else "assistant", "content": f"Turn {n}. " * 20} for n in range(40)
]
REJECTED = Failure("bad_request", "not supported", 400)


def found(reply, *, longest=SESSION):
    """The findings at an endpoint that replies by a function of (body, earlier bodies)."""
    bodies = []

    async def complete(body):
        earlier = list(bodies)
        bodies.append(body)
        said = reply(body, earlier)
        return Reply(text=said) if isinstance(said, str) else said

    return asyncio.run(probe(complete, base={}, longest_session=longest)), bodies


def counted(body, text="Hello.", *, most=10**6):
    tokens = sum(len(message["content"]) // 4 for message in body["messages"])
    return Reply(text=text, usage=Usage(min(tokens, most), 5))


def test_a_weak_model_that_does_not_remember_is_told_from_an_endpoint_that_forgets_by_counts():
    read, _ = found(lambda body, _: counted(body))
    assert read.context == "honoured"
    cut, _ = found(lambda body, _: counted(body, most=1200))
    assert cut.context == "ignored"


def recalls(body):
    return body["messages"][-1]["content"].startswith("Which code word")


@pytest.mark.parametrize(("second", "verdict"), [("heron 4711", "honoured"), ("?", "ignored")])
def test_without_counts_two_samples_have_to_agree(second, verdict):
    def reply(body, earlier):
        asked = sum(map(recalls, earlier))
        return second if recalls(body) and asked == 2 else "Hello."

    findings, bodies = found(reply)
    assert findings.context == verdict
    assert sum(map(recalls, bodies)) == 3


@pytest.mark.parametrize(
    ("texts", "verdict"), [(["Hi", '{"answer": 3}'], "honoured"), (["Hi", "Hi"], "ignored")]
)
def test_an_ignored_schema_is_asked_for_twice(texts, verdict):
    def reply(body, earlier):
        if "response_format" not in body:
            return "heron 4711"
        return texts[sum("response_format" in one for one in earlier)]

    assert found(reply)[0].response_format == verdict


def test_a_reply_that_was_cut_off_says_nothing_of_a_schema():
    def reply(body, _earlier):
        return Reply(text="", finish_reason="length") if "response_format" in body else "heron 4711"

    assert found(reply)[0].response_format == "unknown"


def test_an_endpoint_without_system_messages_is_told_from_one_that_takes_nothing():
    def reply(body, _earlier):
        return REJECTED if body["messages"][0]["role"] == "system" else "heron 4711"

    assert found(reply)[0].system == "rejected"
    assert found(lambda _body, _earlier: REJECTED)[0] == REJECTED


def odd(key, *, role=""):
    error = json.dumps({"error": {"message": f"{key or role} is not supported"}})

    def reply(request, _nth):
        refused = key in request or request["messages"][0]["role"] == role
        return (400, error) if refused else None

    return reply


def test_a_seed_that_is_rejected_is_left_out_and_the_calls_say_so(recruit):
    with Endpoint(odd=odd("seed")) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        done = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert done.status == "complete"
    panel.refresh_from_db()
    assert panel.capabilities["seed"] == "rejected"
    assert not any("seed" in call.parameters for call in Attempt.objects.all())


def test_a_panel_is_not_begun_where_system_messages_are_refused(recruit):
    with Endpoint(odd=odd("", role="system")) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        done = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert done.halt_code == "no_system_message"
    assert "refuses system messages" in done.note
    assert not Attempt.objects.exists()
