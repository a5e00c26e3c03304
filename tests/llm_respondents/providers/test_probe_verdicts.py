"""No verdict that stops a panel rests on one sample, and what is rejected is left out."""

import asyncio
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from factories import TESTER
from workers import options

from llm_respondents.conversation.arms import Arm
from llm_respondents.models import Attempt
from llm_respondents.providers.base import Failure, Reply, Usage
from llm_respondents.providers.probe import probe
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import run_panel
from llm_respondents.services.afterwards.probing_again import probe_again

SESSION = [
    {"role": "user" if n % 2 else "assistant", "content": f"Turn {n}. " * 20} for n in range(40)
]
REJECTED = Failure("bad_request", "not supported", 400)


def found(reply, *, longest=SESSION, base=None):
    """The findings at an endpoint that replies by a function of (body, earlier bodies)."""
    bodies = []

    async def complete(body):
        earlier = list(bodies)
        bodies.append(body)
        said = reply(body, earlier)
        return Reply(text=said) if isinstance(said, str) else said

    return asyncio.run(probe(complete, base=base or {}, longest_session=longest)), bodies


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


def test_a_schema_is_honoured_behind_a_thought_aloud_too():
    def reply(body, _):
        return '<think>3 or 4?</think>\n{"answer": 3}' if "response_format" in body else "Hello."

    assert found(reply)[0].response_format == "honoured"


@pytest.mark.parametrize(
    "said",
    [
        Reply(text="", refusal="I cannot help with that."),
        Reply(text="", finish_reason="content_filter"),
        Reply(text="Hi", finish_reason="error"),
    ],
)
def test_what_was_refused_withheld_or_failed_says_nothing_of_a_schema(said):
    findings, _ = found(lambda body, _: said if "response_format" in body else "Hello.")
    assert findings.response_format == "unknown"


def test_a_model_that_says_nothing_twice_does_not_repeat_itself_by_a_seed():
    def reply(body, _):
        return Reply(text="", finish_reason="length") if "seed" in body else "Hello."

    assert found(reply)[0].seed == "unknown"
    assert found(lambda *_: "1, 2, 3")[0].seed == "honoured"


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


@pytest.mark.parametrize(("dialect", "name"), [("anthropic", ""), ("mistral", "random_seed")])
def test_a_seed_goes_by_the_name_that_the_dialect_has_and_where_it_has_none_is_not_probed(
    recruit, dialect, name
):
    with Endpoint() as endpoint:
        arms = (Arm(elicitation="number", items_per_turn="block"),)
        panel = recruit(base_url=endpoint.base_url, dialect=dialect, sessions=1, arms=arms)
        run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    panel.refresh_from_db()
    assert panel.capabilities["seed"] == ("honoured" if name else "absent")
    sent = {key for request in endpoint.requests for key in request if "seed" in key}
    assert sent == ({name} if name else set())


def test_where_system_messages_are_refused_the_first_question_begins_with_the_instruction(recruit):
    with Endpoint(odd=odd("", role="system")) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        done = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    assert done.status == "complete"
    calls = Attempt.objects.order_by("pk")
    first, last = endpoint.conversations[-len(calls)], endpoint.conversations[-1]
    assert calls[0].new_messages == first
    assert last[0] == first[0]
    assert [one["role"] for one in last[:2]] == ["user", "assistant"]
    panel.group.refresh_from_db()
    begins = panel.group.method["system_prompt"]
    assert first[0]["content"].startswith(f"{begins}\n\n")
    assert "rejects system messages" in panel.group.method["call_structure"]


def takes(*, refused=(), named=True, only_tokens=""):
    """An endpoint that takes no request with one of these parameters, and may say which it was."""

    def reply(body, _earlier):
        wrong = [one for one in refused if one in body]
        if only_tokens and only_tokens not in body:
            wrong.append("max_tokens")
        if not wrong:
            return "heron 4711"
        return Failure("bad_request", f"{wrong[0]} is not taken" if named else "no", 400)

    return reply


BASE = {"model": "m", "temperature": 0.5, "top_p": 0.9, "max_completion_tokens": 50}


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("refused", [(), ("temperature",), ("top_p",), ("temperature", "top_p")])
def test_what_is_rejected_is_found_whether_the_error_names_it_or_not(refused, named):
    findings, bodies = found(takes(refused=refused, named=named), base=BASE)
    assert set(findings.left_out) == set(refused)
    assert findings.system == "honoured"
    last = bodies[-1]
    assert last == {**{n: v for n, v in BASE.items() if n not in refused}, **last}
    assert not set(refused) & last.keys()
    if named:
        assert len(bodies) == len(found(takes(), base=BASE)[1]) + len(refused)


def test_a_limit_of_tokens_is_given_by_its_other_name():
    findings, bodies = found(takes(only_tokens="max_tokens"), base=BASE)
    assert (findings.renamed, findings.left_out) == (("max_completion_tokens",), ())
    assert bodies[-1]["max_tokens"] == 50
    assert "max_completion_tokens" not in bodies[-1]


def test_a_panel_leaves_out_what_is_rejected_and_says_so_everywhere(client, recruit, owner):
    def reply(request, _nth):
        wrong = [one for one in ("temperature", "max_completion_tokens") if one in request]
        error = {"error": {"message": f"Unsupported parameter: '{wrong[0]}'"}} if wrong else None
        return (400, json.dumps(error)) if error else None

    with Endpoint(odd=reply) as endpoint:
        sampling = {"temperature": 0.5, "max_tokens": 90}
        panel = recruit(base_url=endpoint.base_url, sessions=1, sampling=sampling)
        assert run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER).status == (
            "complete"
        )
    sent = Attempt.objects.first().parameters
    assert "temperature" not in sent
    assert sent["max_tokens"] == 90
    panel.group.refresh_from_db()
    assert panel.group.method["temperature"] == (
        "0.5; rejected by the endpoint, and left out of every request"
    )
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "left out of every request: temperature." in page


def test_a_schema_that_is_rejected_halts_and_the_advice_to_insist_works(recruit):
    with Endpoint(odd=odd("response_format"), answer=lambda _: '{"answer": 2}') as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        halted = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
        assert halted.halt_code == "schema_not_honoured"
        done = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert done.progress.calls
    assert not any("response_format" in call.parameters for call in Attempt.objects.all())
    assert done.status == "complete"


def test_probing_again_replaces_the_findings_and_takes_the_halt_away(
    client, recruit, owner, queue, scripted
):
    refuses = {"response_format": True}
    error = json.dumps({"error": {"message": "response_format is not supported"}})

    def reply(request, _nth):
        return (400, error) if refuses["response_format"] and "response_format" in request else None

    with Endpoint(odd=reply) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        halted = run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
        assert halted.halt_code == "schema_not_honoured"
        assert probe_again(panel_id=panel.pk, by=TESTER).code == "schema_not_honoured"
        panel.refresh_from_db()
        before, refuses["response_format"] = panel.probed_at, False
        out = StringIO()
        call_command("run_panel", panel=panel.pk, probe_again=True, stdout=out)
    assert "response_format: honoured" in out.getvalue()
    panel.refresh_from_db()
    assert (panel.status, panel.halt_code) == ("ready", "")
    assert panel.probed_at > before
    assert panel.capabilities["seconds"][1] >= panel.capabilities["seconds"][0] > 0
    assert not Attempt.objects.exists()
    # Nobody is there now: the panel says so, and keeps what was found.
    assert probe_again(panel_id=panel.pk, by=TESTER).code == "connection"
    panel.refresh_from_db()
    assert (panel.status, panel.capabilities["response_format"]) == ("halted", "honoured")

    client.force_login(owner)
    steer = reverse("llm_respondents:steer", args=[panel.pk])
    client.post(steer, {"act": "probe"})
    assert client.post(f"/api/panels/{panel.pk}/probe/").status_code == 202
    # It waits for a worker already: one probe is enough.
    assert len(queue.results) == 1
    other = scripted(key="other")
    refused = client.post(f"/api/panels/{other.pk}/probe/")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_probe")
