"""Workers of the queues: RQ on Redis with PostgreSQL, and the default queue in the database."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from workers import Site, Worker, site_of_its_own, wait_for

from llm_respondents.rehearsal import Behaviour, Endpoint

SESSIONS = 40
QUESTIONS = 40
AT_ONCE = 8
WORKER = ("rqworker", "default", "--job-class", "django_tasks_rq.Job")
ENQUEUE = """
from llm_respondents.models import Panel
from llm_respondents.jobs import run_panel
for _ in range(JOBS):
    run_panel.enqueue(Panel.objects.get().pk, {"user": None, "name": "tester"})
"""
STATE = """
from django.db.models import Count
from llm_respondents.models import Attempt, Panel
from surveys.models import Administration, Answer
answers = Answer.objects.all()
turns = Attempt.objects.values("administration", "turn").annotate(times=Count("pk"))
found = {
    "panel": Panel.objects.get().status,
    "sessions": sorted(set(Administration.objects.values_list("status", flat=True))),
    "leases": Administration.objects.exclude(lease_owner="").count(),
    "answers": answers.count(),
    "missing": answers.exclude(missing_reason="").count(),
    "revisions": sum(answers.values_list("revision", flat=True)),
    "turns": turns.count(),
    "replies": Attempt.objects.count(),
    "used": Attempt.objects.filter(used=True).count(),
    "workers": sorted(set(Attempt.objects.values_list("worker", flat=True))),
}
"""


@pytest.fixture
def site(tmp_path, redis_url, django_db_setup) -> Iterator[Site]:
    # What a killed worker held is free again soon, whether or not it can be seen to be dead.
    queue = {"TASKS_BACKEND": "rq", "REDIS_URL": redis_url, "PANEL_LEASE_SECONDS": "10"}
    with site_of_its_own(tmp_path, **queue) as made:
        yield made


@contextmanager
def rq_worker(site: Site) -> Iterator[Worker]:
    """A worker as a process manager starts it; whatever is left of it is killed."""
    process = site.start(*WORKER, "--verbosity", "0")
    try:
        yield process
    finally:
        kill(process)


def kill(worker: Worker) -> None:
    """SIGKILL a worker and the process in which it runs its job, as when its machine goes."""
    if worker.poll() is None:
        children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
        for pid in [worker.pid, *map(int, children)]:
            os.kill(pid, signal.SIGKILL)
    worker.communicate()


def recruit(site: Site, endpoint: Endpoint, *, sessions: int) -> None:
    """A panel at an endpoint at which the operator allows each worker a few calls at once."""
    listed = f'[endpoints.local]\nbase_url = "{endpoint.base_url}"\nconcurrency = {AT_ONCE}\n'
    Path(site.environment["DATA_DIR"], "endpoints.toml").write_text(listed)
    panel = ("--study", "privacy-prosocial", "--model", "small", "--endpoint", "local")
    site.call("run_panel", *panel, "--sessions", str(sessions), "--recruit-only")


def enqueue(site: Site, *, jobs: int) -> None:
    site.python(ENQUEUE.replace("JOBS", str(jobs)))


def sessions(connection: psycopg.Connection, column: str, condition: str) -> int:
    query = f"SELECT count({column}) FROM surveys_administration WHERE {condition}"
    return connection.execute(query).fetchone()[0]


def panel_status(connection: psycopg.Connection) -> str:
    return connection.execute("SELECT status FROM llm_respondents_panel").fetchone()[0]


PROBED = {"role": "system", "content": "Reply in one short sentence."}


def turns_sent(endpoint: Endpoint) -> int:
    """Requests of sessions; those that probe the endpoint have no system prompt of a session."""
    first = (messages[0] for messages in endpoint.conversations)
    return sum(one["role"] == "system" and one != PROBED for one in first)


@pytest.mark.postgres
@pytest.mark.redis
def test_two_rq_workers_share_a_panel_and_one_is_killed(site):
    with ExitStack() as stack:
        endpoint = stack.enter_context(Endpoint(Behaviour(latency_seconds=0.05)))
        database = stack.enter_context(
            psycopg.connect(site.environment["DATABASE_URL"], autocommit=True)
        )
        recruit(site, endpoint, sessions=SESSIONS)
        enqueue(site, jobs=1)
        first = stack.enter_context(rq_worker(site))
        owners = "DISTINCT lease_owner"
        wait_for(lambda: sessions(database, owners, "lease_owner <> ''") == 1)
        # While one worker is at it, "Run" lets another one help; an order that waits is given once.
        enqueue(site, jobs=1)
        stack.enter_context(rq_worker(site))
        wait_for(lambda: sessions(database, owners, "lease_owner <> ''") == 2)
        wait_for(lambda: len(endpoint.requests) >= SESSIONS * QUESTIONS // 4)
        kill(first)
        assert sessions(database, "*", "status = 'in_progress'") > 2 * AT_ONCE

        # A process manager starts another worker, and somebody presses "Run" again.
        enqueue(site, jobs=1)
        stack.enter_context(rq_worker(site))
        wait_for(lambda: sessions(database, "*", "status = 'in_progress'") == 0)
        wait_for(lambda: sessions(database, "*", "lease_owner <> ''") == 0)
        # A worker says what became of the panel after its last session.
        wait_for(lambda: panel_status(database) == "complete")
        state = site.query(STATE)

    assert len(state.pop("workers")) >= 2
    turns = SESSIONS * QUESTIONS
    assert state == {
        "panel": "complete",
        "sessions": ["completed"],
        "leases": 0,
        # No answer is lost, none is doubled or changed.
        "answers": turns,
        "missing": 0,
        "revisions": turns,
        # One reply for each turn, and each is used: none that was received was asked for again.
        "turns": turns,
        "replies": turns,
        "used": turns,
    }
    # Nothing but the calls in flight of the killed worker was sent twice.
    assert 0 <= turns_sent(endpoint) - turns <= AT_ONCE


def test_the_default_queue_runs_a_panel(tmp_path, django_db_setup):
    with site_of_its_own(tmp_path) as site, Endpoint() as endpoint:
        recruit(site, endpoint, sessions=3)
        enqueue(site, jobs=1)
        assert site.query(STATE)["panel"] == "ready"
        site.manage("db_worker", "--batch", "--no-startup-delay")
        state = site.query(STATE)
    assert (state["panel"], state["sessions"]) == ("complete", ["completed"])
    assert state["answers"] == state["used"] == state["replies"] == 3 * QUESTIONS
