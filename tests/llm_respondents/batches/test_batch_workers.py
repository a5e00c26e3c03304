"""A batch outlives the worker that sent it: nothing is lost, doubled or paid for twice."""

import json
import re
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from batch_endpoint import BatchEndpoint, Batching
from factories import TESTER
from workers import Site, options, site_of_its_own, wait_for

from llm_respondents.conversation.prompts import Arm
from llm_respondents.models import Attempt, Batch, BatchCall
from llm_respondents.readout.progress import panel_progress
from llm_respondents.services import cancel_panel, run_panel, run_panel_in_batches
from surveys.models import Administration

SESSIONS = 8
QUESTIONS = 40
STATE = """
from llm_respondents.models import Attempt, Batch, BatchCall
from surveys.models import Administration, Answer
sessions = Administration.objects.filter(respondent__group__key=KEY)
answers = Answer.objects.filter(administration__in=sessions)
attempts = Attempt.objects.filter(administration__in=sessions)
batches = Batch.objects.filter(panel__group__key=KEY)
found = {
    "answers": answers.exclude(value=None).count(),
    "revisions": sum(answers.values_list("revision", flat=True)),
    "attempts": attempts.count(),
    "replies": sorted(attempts.values_list(
        "administration__respondent__panel_member__number", "turn", "request_hash", "reply")),
    "batches": list(batches.values_list("status", flat=True)),
    "named": batches.exclude(provider_id="").count(),
    "calls": BatchCall.objects.filter(batch__in=batches).count(),
    "collected": BatchCall.objects.filter(batch__in=batches, collected=True).count(),
    "leases": sessions.exclude(lease_owner="").count(),
}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory, django_db_setup) -> Iterator[Site]:
    with site_of_its_own(tmp_path_factory.mktemp("site")) as made:
        yield made


def state(site, key):
    return site.query(STATE.replace("KEY", repr(key)))


def arguments(endpoint, key, *more):
    return [
        *("run_panel", "--study", "privacy-prosocial", "--model", "small", "--seed", "7"),
        *("--base-url", endpoint.base_url, "--sessions", str(SESSIONS), "--key", key),
        *("--history", "none", "--no-probe", "--batch", "--poll", "0.05", *more),
    ]


def killed(site, endpoint, key, until):
    worker = site.start(*arguments(endpoint, key))
    try:
        wait_for(until)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.communicate()


def complete(site, endpoint, key):
    """Go on after the death of a worker, and find everything once."""
    facts = site.call(*arguments(endpoint, key))
    found = state(site, key)
    assert (facts["status"], facts["completed"]) == ("complete", SESSIONS)
    assert found["answers"] == found["revisions"] == found["attempts"] == SESSIONS * QUESTIONS
    assert found["calls"] == found["collected"]
    assert found["leases"] == 0
    # Each request was worked on, and billed, once.
    assert endpoint.billed.total() == len(endpoint.billed) == SESSIONS * QUESTIONS
    return found


def test_a_worker_that_is_killed_while_it_waits_leaves_the_batch_to_the_next(site):
    with BatchEndpoint(is_holding=True) as endpoint:
        killed(site, endpoint, "waiting", lambda: len(endpoint.batches) == 1)
        time.sleep(0.3)
        assert state(site, "waiting")["attempts"] == 0
        endpoint.is_holding = False
        whole = complete(site, endpoint, "waiting")
        assert len(endpoint.uploads) == len(endpoint.batches) == 1
    with BatchEndpoint() as endpoint:
        site.call(*arguments(endpoint, "whole"))
    assert state(site, "whole")["replies"] == whole["replies"]


def test_a_batch_whose_name_was_lost_with_its_worker_is_found_by_its_key(site):
    with BatchEndpoint(is_holding=True, batching=Batching(unheard=1)) as endpoint:
        killed(site, endpoint, "unheard", lambda: len(endpoint.batches) == 1)
        before = state(site, "unheard")
        endpoint.is_holding = False
        complete(site, endpoint, "unheard")
        assert before["calls"] == SESSIONS * QUESTIONS
        assert len(endpoint.batches) == 1


def test_a_worker_that_is_killed_before_it_sends_sends_the_same_later(site):
    with BatchEndpoint(is_holding=True, refuses_uploads=True) as endpoint:
        killed(site, endpoint, "unsent", lambda: endpoint.refused_uploads > 0)
        assert state(site, "unsent")["named"] == 0
        endpoint.refuses_uploads = endpoint.is_holding = False
        complete(site, endpoint, "unsent")
        assert len(endpoint.batches) == 1


def test_a_worker_that_is_killed_while_it_collects_collects_the_rest_later(site):
    many = 120
    with BatchEndpoint() as endpoint:
        worker = site.start(*arguments(endpoint, "half", "--sessions", str(many)))
        # A line is written with the first portion of sessions that is stored.
        first = re.compile(rf"[1-9]\d* of {many * QUESTIONS}")
        wait_for(lambda: first.search(worker.err.read_text()), every=0.002)
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        half = state(site, "half")
        assert 0 < half["attempts"] == half["collected"] < many * QUESTIONS
        facts = site.facts(*arguments(endpoint, "half", "--sessions", str(many)))
        found = state(site, "half")
        assert facts["completed"] == many
        assert found["answers"] == found["revisions"] == found["attempts"] == many * QUESTIONS
        assert endpoint.billed.total() == len(endpoint.billed) == many * QUESTIONS
        assert len(endpoint.batches) == 1


def test_sigterm_leaves_the_batch_with_the_provider_and_exits_with_success(site):
    with BatchEndpoint(is_holding=True) as endpoint:
        worker = site.start(*arguments(endpoint, "asked"), "--json", "--verbosity", "0")
        wait_for(lambda: len(endpoint.batches) == 1)
        time.sleep(0.3)
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=30)
        assert worker.returncode == 0, err
        facts = json.loads(out)
        assert facts["status"] == "ready"
        assert facts["batch_plan"] == {"waves": 1, "at_most_hours": 24}
        assert state(site, "asked")["leases"] == 0
        # Whoever runs the panel without batches leaves its sessions alone.
        other = site.call("run_panel", "--panel", str(facts["panel"]), "--no-probe")
        assert (other["calls"], other["status"]) == (0, "ready")
        endpoint.is_holding = False
        complete(site, endpoint, "asked")


def stop_when_waiting(endpoint, stop):
    wait_for(lambda: endpoint.batches and endpoint.batches[0]["status"] == "in_progress")
    time.sleep(0.2)
    stop.set()


def test_a_cancelled_panel_keeps_what_its_batch_had_finished(recruit):
    with BatchEndpoint(is_holding=True) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=2, arms=(Arm(history="none"),))
        stop = threading.Event()
        threading.Thread(target=stop_when_waiting, args=(endpoint, stop)).start()
        stopped = run_panel_in_batches(
            panel_id=panel.pk, options=options(), stop=stop, poll_seconds=0.05, by=TESTER
        )
        assert (stopped.status, stopped.stopped) == ("ready", True)
        # Without batches there is nothing to do meanwhile, and nothing is asked twice.
        assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).unfinished == 2
        panel.refresh_from_db()
        cancel_panel(panel=panel, by=TESTER)
        assert Administration.objects.filter(status="in_progress").count() == 2
        ended = run_panel_in_batches(
            panel_id=panel.pk, options=options(), poll_seconds=0.05, by=TESTER
        )
    assert (ended.status, ended.unfinished) == ("cancelled", 0)
    assert Batch.objects.get().provider_status == "cancelled"
    progress = panel_progress(panel)
    assert (progress.answered, progress.missing) == (QUESTIONS, {"cancelled": QUESTIONS})
    assert Attempt.objects.filter(outcome="answered").count() == endpoint.billed.total()
    assert not BatchCall.objects.filter(collected=False).exists()
