"""The files of a batch: what is written, what is read back, and how much fits."""

import json
from io import BytesIO

import pytest

from llm_respondents.batches.files import Place, Room, line, read_results
from llm_respondents.endpoints.dialects import DIALECTS, BatchTerms
from llm_respondents.providers.base import Failure, Reply

PLACE = Place(7, 3, 1)
BODY = {
    "id": "chatcmpl-1",
    "model": "small-2026",
    "choices": [{"message": {"content": '{"answer": 2}'}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 9, "completion_tokens": 4},
}


def result(custom_id="7-3-1", response=None, error=None):
    return json.dumps({"custom_id": custom_id, "response": response, "error": error})


def reply(body=BODY, status=200):
    return {"status_code": status, "request_id": "req-1", "body": body}


def read(*lines, known=("7-3-1",)):
    return read_results(BytesIO("\n".join(lines).encode()), known)


@pytest.mark.parametrize(
    ("dialect", "path"), [("openai", "/v1/chat/completions"), ("azure", "/chat/completions")]
)
def test_a_line_is_what_the_interface_describes_in_one_line_of_utf_8(dialect, path):
    assert DIALECTS[dialect].batch.path == path
    body = {"model": "small", "messages": [{"role": "user", "content": "Grüße\n\u2028 👋"}]}
    written = line(PLACE, body, path)
    assert written.count(b"\n") == 1
    assert json.loads(written) == {
        "custom_id": "7-3-1",
        "method": "POST",
        "url": path,
        "body": body,
    }


def test_half_of_a_surrogate_pair_can_be_written_too():
    written = line(PLACE, {"messages": [{"role": "user", "content": "\ud83d"}]}, "/x")
    assert json.loads(written)["custom_id"] == "7-3-1"


def test_a_reply_is_read_as_it_would_be_from_a_response():
    found = read(result(response=reply())).of(PLACE)
    assert isinstance(found, Reply)
    assert (found.text, found.request_id, found.status) == ('{"answer": 2}', "req-1", 200)
    assert (found.usage.prompt_tokens, found.model) == (9, "small-2026")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (result(response=reply({"error": {"message": "slow"}}, 429)), "rate_limit"),
        (result(response=reply({"error": {"code": "insufficient_quota"}}, 429)), "quota"),
        (result(response=reply({"error": {"message": "no"}}, 400)), "bad_request"),
        (result(error={"code": "batch_expired", "message": "too late"}), "server"),
        (result(error={"code": "insufficient_quota", "message": "empty"}), "quota"),
        (result(response=reply({"choices": []})), "malformed"),
        (result(), "malformed"),
        (result(response=reply())[:60], "malformed"),
        ("", "timeout"),
    ],
)
def test_what_is_no_reply_is_a_failure_of_its_kind(written, kind):
    found = read(written).of(PLACE)
    assert isinstance(found, Failure)
    assert found.kind == kind


def test_the_first_line_of_a_call_counts_and_strangers_do_not():
    results = read(
        result(response=reply()),
        result(response=reply({})),
        result("9-9-9", reply()),
        "not JSON",
    )
    assert isinstance(results.of(PLACE), Reply)
    assert results.notes == {"repeated": 1, "unknown": 1, "unreadable": 1}


def test_a_separator_inside_a_reply_does_not_end_its_line():
    body = {**BODY, "choices": [{"message": {"content": "a\u2028b\x85c"}, "finish_reason": "stop"}]}
    written = json.dumps(
        {"custom_id": "7-3-1", "response": reply(body), "error": None}, ensure_ascii=False
    )
    assert read(written).of(PLACE).text == "a\u2028b\x85c"


def test_a_file_takes_calls_and_bytes_up_to_its_bounds_and_sessions_whole():
    room = Room(BatchTerms(calls=5, bytes=100))
    assert room.take([10, 10])
    assert not room.take([10, 10, 10, 10])
    assert not room.take([81])
    assert room.take([80])
    assert not room.take([1])
    # A session larger than a file is handed over all the same: the provider may take it.
    assert Room(BatchTerms(calls=1, bytes=1)).take([10, 10])
