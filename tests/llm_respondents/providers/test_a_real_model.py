"""A language model on this machine, asked from end to end: small, slow, and nobody's fake."""

import json
import operator
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from workers import Site, site_of_its_own, wait_for

pytestmark = [pytest.mark.model, pytest.mark.timeout(1800)]

HERE = Path(__file__).parents[1] / "local_model"
INSTALLED = Path(os.environ.get("COUNTERPART_LOCAL_MODEL", settings.BASE_DIR / "var" / "model"))
SESSIONS, QUESTIONS = 2, 10
ORDER = operator.itemgetter("administration", "pk")
SPEC = """
model = "smollm2-135m"
base_url = "{base_url}"
dialect = "llama_cpp"
sessions = {sessions}

[sampling]
max_tokens = 32

[[arms]]
elicitation = "schema"

[[arms]]
elicitation = "number"
"""
# The first block of the bundled study alone: a session of some seconds.
STUDY = """
from dataclasses import replace
from django.contrib.auth import get_user_model
from surveys import services
from surveys.instrument_files import bundled_study
from surveys.models import Door
from surveys.services.audit import Actor
whole = bundled_study("privacy-prosocial")
made = services.create_study(
    definition=replace(
        whole,
        slug="short",
        blocks=whole.blocks[:1],
        attention_checks=(),
        consent=replace(whole.consent, contact="lab@example.org"),
    ),
    owner=get_user_model().objects.get(),
    by=Actor(Door.COMMAND, name="tester"),
)
services.open_study(study=made, by=Actor(Door.COMMAND, name="tester"))
"""
ELICITATION = "administration__respondent__panel_member__cell__arm__elicitation"
CALLS = """
from llm_respondents.models import Attempt
fields = (
    "pk", "administration", "turn", "request_hash", "reply", "outcome", "closes_turn", "raw",
    "administration__respondent__panel_member__cell__arm__elicitation",
)
found = list(Attempt.objects.filter(used=True).order_by("pk").values(*fields))
"""
STATE = """
from llm_respondents.models import Panel
from surveys.models import Administration, Answer
found = {
    "capabilities": Panel.objects.get().capabilities,
    "sessions": list(Administration.objects.values_list("status", flat=True)),
    "answers": list(Answer.objects.values("administration", "value", "missing_reason", "revision")),
}
"""


@contextmanager
def served() -> Iterator[str]:
    """The address of the model's server; a process of its own, which is killed at the end."""
    command = ["node", str(HERE / "server.mjs"), str(INSTALLED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    if not shutil.which("node") or not (INSTALLED / "node_modules").is_dir():
        pytest.skip(f"no model on this machine: bash {HERE / 'install.sh'} {INSTALLED}")
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def site(tmp_path_factory, base_url, django_db_setup) -> Iterator[Site]:
    directory = tmp_path_factory.mktemp("site")
    spec = SPEC.format(base_url=base_url, sessions=SESSIONS)
    (directory / "panel.toml").write_text(spec)
    with site_of_its_own(directory) as made:
        made.python(STUDY)
        yield made


@pytest.fixture(scope="module")
def asked(site) -> dict[str, Any]:
    """What is known after a worker was killed in the middle and another went on."""
    spec = str(Path(site.environment["DATA_DIR"]) / "panel.toml")
    run = ("run_panel", "--study", "short", "--spec", spec, "--key", "real")
    worker = site.start(*run)

    def is_in_the_middle() -> bool:
        return worker.poll() is not None or len(site.query(CALLS)) >= QUESTIONS // 2

    try:
        wait_for(is_in_the_middle, seconds=900, every=1)
    finally:
        worker.send_signal(signal.SIGKILL)
        said = worker.communicate()
    assert worker.returncode == -signal.SIGKILL, said
    before = site.query(CALLS)
    facts = site.facts(*run, seconds=900)
    return {"before": before, "facts": facts, "calls": site.query(CALLS), **site.query(STATE)}


def test_the_probe_finds_that_a_real_server_enforces_schemas_and_reads_the_longest_session(asked):
    found = asked["capabilities"]
    assert found["response_format"] == "honoured"
    assert found["context"] == "honoured"
    assert found["usage"]
    assert found["left_out"] == []


def test_no_answer_is_lost_or_doubled_though_the_worker_was_killed(asked):
    assert asked["facts"]["status"] == "complete"
    assert asked["sessions"] == ["completed"] * SESSIONS
    assert len(asked["answers"]) == SESSIONS * QUESTIONS
    assert {answer["revision"] for answer in asked["answers"]} == {1}
    turns = [(call["administration"], call["turn"]) for call in asked["calls"]]
    closed = [turn for turn, call in zip(turns, asked["calls"], strict=True) if call["closes_turn"]]
    assert len(closed) == len(set(closed)) == SESSIONS * QUESTIONS
    # What was stored before is what later turns carry on from, word for word.
    assert asked["calls"][: len(asked["before"])] == asked["before"]


def test_a_schema_is_answered_every_time_and_free_text_only_by_what_is_nothing_but_an_answer(asked):
    schema, number = (
        [call for call in asked["calls"] if call[ELICITATION] == name]
        for name in ("schema", "number")
    )
    assert {call["outcome"] for call in schema} == {"answered"}
    assert all(json.loads(call["reply"])["answer"] in range(1, 8) for call in schema)
    assert number
    for call in number:
        is_bare = call["reply"].strip() in {str(code) for code in range(1, 8)}
        assert call["outcome"] == "answered" or not is_bare


def test_transcripts_hold_what_the_server_said_word_for_word(asked, site, tmp_path):
    out = tmp_path / "transcripts.jsonl"
    site.manage("export_transcripts", "--study", "short", "--group", "real", "--out", str(out))
    calls = [json.loads(line) for line in out.read_text().splitlines()]
    assert [call["request_sha256"] for call in calls] == [
        call["request_hash"] for call in sorted(asked["calls"], key=ORDER)
    ]
    bodies = [json.loads(call["raw"]) for call in sorted(asked["calls"], key=ORDER)]
    said = [body["choices"][0]["message"]["content"] for body in bodies]
    assert [call["reply"] for call in calls] == said
    assert all(
        call["prompt_tokens"] == body["usage"]["prompt_tokens"]
        for call, body in zip(calls, bodies, strict=True)
    )
