"""Transcripts leave the house without ids, and without personas unless somebody decides so."""

import json

from analysis.archive.files.transcripts import public_transcripts

CALL = {
    "respondent": 17,
    "administration": 90,
    "worker": "host-of-ours:4711",
    "persona": [["Age", "41"]],
    "new_messages": [
        {"role": "system", "content": "Answer as a nurse of 41 would."},
        {"role": "user", "content": "Question 1 of 38"},
    ],
    "reply": "4",
}


def public(*, redact: bool, respondent: int = 17) -> list[dict]:
    lines = [json.dumps({**CALL, "respondent": respondent}), ""]
    found = public_transcripts(lines, {17: "panel-0003"}, {17: "panel"}, redact=redact)
    return [json.loads(line) for line in found.get("panel", "").splitlines()]


def test_a_session_bears_the_pseudonym_of_the_data_files():
    assert public(redact=True)[0]["respondent"] == "panel-0003"


def test_rows_and_computers_are_never_named():
    text = json.dumps(public(redact=False))
    assert "90" not in text
    assert "host-of-ours" not in text


def test_a_redacted_transcript_has_the_questions_and_replies_but_not_the_persona():
    (call,) = public(redact=True)
    assert call["new_messages"][1]["content"] == "Question 1 of 38"
    assert call["reply"] == "4"
    assert "41" not in json.dumps(call)


def test_a_whole_transcript_has_the_persona():
    assert public(redact=False)[0]["new_messages"][0] == CALL["new_messages"][0]


def test_sessions_that_were_not_archived_are_left_out():
    assert public(redact=False, respondent=18) == []
