"""A worker is killed in the middle; the next one goes on as if nothing had happened."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from workers import Site, site_of_its_own, wait_for

from llm_respondents.rehearsal import Behaviour, Endpoint

SESSIONS = 4
QUESTIONS = 40
TRANSCRIPTS = """
from llm_respondents.models import Attempt
rows = Attempt.objects.filter(used=True, administration__respondent__group__key=KEY)
fields = ("administration__respondent__panel_member__number", "turn", "request_hash", "reply")
found = list(rows.order_by("administration", "pk").values_list(*fields))
"""
STATE = """
from surveys.models import Administration, Answer
sessions = Administration.objects.filter(respondent__group__key=KEY)
answers = Answer.objects.filter(administration__in=sessions)
found = {
    "answers": answers.count(),
    "missing": answers.exclude(missing_reason="").count(),
    "revisions": sum(answers.values_list("revision", flat=True)),
    "statuses": list(sessions.values_list("status", flat=True)),
    "leases": sessions.exclude(lease_owner="").count(),
}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[Site]:
    with site_of_its_own(tmp_path_factory.mktemp("site")) as made:
        yield made


def of(site: Site, query: str, key: str) -> Any:
    return site.query(query.replace("KEY", repr(key)))


def panel_arguments(endpoint: Endpoint, key: str, sessions: int = SESSIONS) -> list[str]:
    return [
        "run_panel",
        *("--study", "privacy-prosocial", "--model", "small", "--base-url", endpoint.base_url),
        *("--sessions", str(sessions), "--seed", "7", "--key", key, "--no-probe"),
    ]


def conversations(endpoint: Endpoint) -> Counter[str]:
    """How often each conversation was sent; short ones may be the same in two sessions."""
    return Counter(json.dumps(conversation) for conversation in endpoint.conversations)


def test_a_killed_run_goes_on_and_sends_what_an_uninterrupted_one_sends(site):
    slow = Behaviour(latency_seconds=0.02)
    with Endpoint(slow) as endpoint:
        worker = site.start(*panel_arguments(endpoint, "broken"))
        wait_for(lambda: len(endpoint.requests) >= SESSIONS * QUESTIONS // 2)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        sent_before = len(endpoint.requests)
        half = of(site, STATE, "broken")
        assert 0 < half["answers"] < SESSIONS * QUESTIONS
        assert half["leases"] == SESSIONS
        resumed = site.facts(*panel_arguments(endpoint, "broken"))
    broken = of(site, TRANSCRIPTS, "broken")

    # Every session is complete; no answer is lost, doubled or changed.
    state = of(site, STATE, "broken")
    assert (resumed["status"], resumed["completed"]) == ("complete", SESSIONS)
    assert state["answers"] == state["revisions"] == SESSIONS * QUESTIONS
    assert state["missing"] == state["leases"] == 0
    assert set(state["statuses"]) == {"completed"}

    # At most the turns in flight were asked again, and nothing that was stored.
    assert len(endpoint.requests) - SESSIONS * QUESTIONS <= SESSIONS
    assert sent_before >= half["answers"]

    # The same panel without interruption sends and receives the same, message by message.
    with Endpoint(slow) as whole:
        site.call(*panel_arguments(whole, "whole"))
    assert broken == of(site, TRANSCRIPTS, "whole")
    assert not conversations(whole) - conversations(endpoint)
    assert set(conversations(endpoint)) == set(conversations(whole))


def test_sigterm_finishes_the_calls_in_flight_and_exits_with_success(site):
    with Endpoint(Behaviour(latency_seconds=0.1)) as endpoint:
        worker = site.start(*panel_arguments(endpoint, "asked"), "--json", "--verbosity", "0")
        wait_for(lambda: len(endpoint.requests) >= 3 * SESSIONS)
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=30)
    assert worker.returncode == 0, err
    facts = json.loads(out)
    assert facts["status"] == "ready"
    assert facts["answered"] == facts["calls"] == len(endpoint.requests) < SESSIONS * QUESTIONS
    assert of(site, STATE, "asked")["leases"] == 0


def test_three_workers_share_a_panel_and_survive_the_death_of_one(site):
    with Endpoint(Behaviour(latency_seconds=0.03, rate_limited=0.1, server_error=0.02)) as endpoint:
        made = site.call(*panel_arguments(endpoint, "shared", 6), "--recruit-only")
        share = (
            "run_panel",
            "--panel",
            str(made["panel"]),
            "--concurrency",
            "2",
            "--lease",
            "1",
        )
        workers = [site.start(*share, "--no-probe", "--json", "--verbosity", "0") for _ in range(3)]
        wait_for(lambda: len(endpoint.requests) >= 6 * QUESTIONS // 2)
        workers[0].send_signal(signal.SIGKILL)
        for worker in workers:
            worker.communicate(timeout=120)
    assert [worker.returncode for worker in workers[1:]] == [0, 0]
    state = of(site, STATE, "shared")
    assert set(state["statuses"]) == {"completed"}
    assert state["answers"] == state["revisions"] == 6 * QUESTIONS
    assert state["missing"] == 0
