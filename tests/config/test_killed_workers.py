"""A worker is killed while it does a job of any kind: pages say so, and the work is done once.

One that dies at the last statement has perhaps done everything but say so; one that dies at the
first has done nothing. Whoever takes the job up cannot know.
"""

import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from batch_endpoint import BatchEndpoint
from forked_worker import AT_ITS_END
from jobs_of_every_kind import AT_HAND, CASES, SET_UP, Case
from workers import Site, site_of_its_own

from surveys.jobs import kinds

KILLED = -9
# Before what is tried now nothing waits or runs.
CLEAR = """
from django_tasks_db.models import DBTaskResult
from surveys.models import Job
from surveys.jobs.queue import stop_job
for one in Job.objects.filter(status__in=Job.UNFINISHED):
    stop_job(job=one)
DBTaskResult.objects.all().delete()
found = Job.objects.filter(status__in=Job.UNFINISHED).count()
"""
WORK = """
from pathlib import Path
from forked_worker import do_one_task
found = do_one_task(KIND, die_at=DIE_AT, count=Path(COUNT), log=Path(LOG), sona=SONA)
"""
# What waits for a time that is far away is gone on with at once; of the dead it is told.
LOOK = """
from django.utils import timezone
from surveys.jobs.queue import look_after_jobs
from surveys.models import Job
later = Job.objects.filter(pk=JOB, due_at__gt=timezone.now())
later.update(due_at=timezone.now(), woken_at=None)
look_after_jobs()
row = Job.objects.get(pk=JOB)
found = {"status": row.status, "code": row.error_code, "error": row.error}
"""
PAGE = """
from django.test import Client
from django.contrib.auth import get_user_model
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(get_user_model().objects.get(username="olga"))
found = client.get("/jobs/JOB/").content.decode()
"""
# A worker that tells an address is killed when the address has heard it, and has not answered.
TELL = """
import os, signal, time
from pathlib import Path
from django.db import connections
from django.utils import timezone
from surveys.services.webhooks.arranging import add_webhook
from surveys.services.webhooks.telling import tell_what_happened
add_webhook(study=study, address=ADDRESS, events=["job.failed"], by=by)
Job.objects.create(study=study, kind="export", status="failed", ended_at=timezone.now())
connections.close_all()
pid = os.fork()
if not pid:
    try:
        tell_what_happened()
    finally:
        os._exit(0)
while not Path(HEARD).exists():
    time.sleep(0.01)
os.kill(pid, signal.SIGKILL)
found = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
TELL_AGAIN = """
from django.utils import timezone
from surveys.services.webhooks.telling import tell_what_happened
before = tell_what_happened()
WebhookMessage.objects.update(due_at=timezone.now())
message = WebhookMessage.objects.get() if tell_what_happened() else None
found = [before, message.state, message.attempts]
"""
WEBHOOKS_PAGE = PAGE.replace("/jobs/JOB/", "/studies/privacy-prosocial/data/webhooks/")


@dataclass
class World:
    """An installation, and those outside of it who are told something."""

    site: Site
    directory: Path
    endpoint: BatchEndpoint
    mails: list[str] = field(default_factory=list)
    credit: list[str] = field(default_factory=list)
    sona: str = ""
    # Each job has a number, by which what it made is known.
    number: int = 0

    def start(self, case: Case) -> int:
        self.number += 1
        assert self.site.query(CLEAR) == 0
        return self.site.query(f"{self._at_hand()}{case.start}found = job")

    def once(self, case: Case, job: int) -> Any:
        return self.site.query(f"{self._at_hand()}job = {job}\n{case.once}")

    def work(self, kind: str, *, die_at: int = 0) -> int:
        """Do one task; how the worker ended."""
        said = {"KIND": kind, "COUNT": str(self.count), "LOG": str(self.log), "SONA": self.sona}
        code = WORK.replace("DIE_AT", str(die_at))
        for name, value in said.items():
            code = code.replace(name, repr(value))
        return self.site.query(code)

    def look(self, job: int) -> dict[str, str]:
        return self.site.query(LOOK.replace("JOB", str(job)))

    def page(self, job: int) -> str:
        return self.site.query(PAGE.replace("JOB", str(job)))

    def kill(self, kind: str, job: int, die_at: int) -> None:
        """Let a worker die over a job; one that waits for others is gone on with until then."""
        while (ended := self.work(kind, die_at=die_at)) != KILLED:
            state = self.look(job)["status"]
            assert (ended, state) == (0, "waiting"), (kind, die_at, ended, state)

    def finish(self, kind: str, job: int) -> dict[str, str]:
        for _ in range(200):
            state = self.look(job)
            if state["status"] not in ("waiting", "running"):
                return state
            assert self.work(kind) == 0, self.log.read_text()
        raise AssertionError(f"{kind} does not end: {state}")

    @property
    def count(self) -> Path:
        return self.directory / "count"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    def _at_hand(self) -> str:
        return f"{AT_HAND}n = {self.number}\nENDPOINT = {self.endpoint.base_url!r}\n"


class MailServer(socketserver.StreamRequestHandler):
    """Takes every mail, and keeps to whom it went as soon as it has it."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].strip().upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(message_from_bytes(body)["To"])
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
            if word == b"QUIT":
                return


class Sona(BaseHTTPRequestHandler):
    """Grants whatever it is asked for, and keeps which code that was."""

    def do_GET(self) -> None:
        self.server.credit.extend(parse_qs(urlsplit(self.path).query)["survey_code"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<a:credit_status>G</a:credit_status>")

    def log_message(self, *_arguments: Any) -> None: ...


class Program(BaseHTTPRequestHandler):
    """Hears everything, and does not answer the first time while the other end waits."""

    def do_POST(self) -> None:
        heard = self.server.heard
        heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        if len(heard) == 1:
            self.server.is_heard.touch()
            self.rfile.read(1)  # nothing comes, until whoever sent it is gone
            return
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None: ...


@pytest.fixture(scope="module")
def world(tmp_path_factory, django_db_setup) -> Iterator[World]:
    directory = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        mail = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailServer))
        sona = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Sona))
        for server in (mail, sona):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
        endpoint = stack.enter_context(BatchEndpoint())
        site = stack.enter_context(
            site_of_its_own(
                directory,
                EMAIL_HOST="127.0.0.1",
                EMAIL_PORT=str(mail.server_address[1]),
                EMAIL_USE_TLS="false",
                EMAIL_FROM="office@example.org",
                RECRUITER_SECRET_SONA="9185",
                WEBHOOK_HOSTS="127.0.0.1",
            )
        )
        listed = f'[endpoints.ours]\nbase_url = "{endpoint.base_url}"\n'
        (directory / "endpoints.toml").write_text(listed)
        site.python(SET_UP)
        made = World(site, directory, endpoint, sona=f"http://127.0.0.1:{sona.server_port}/")
        mail.mails, sona.credit = made.mails, made.credit
        yield made


def test_every_kind_of_job_is_tried():
    assert set(CASES) == set(kinds._kinds)


@pytest.mark.parametrize("kind", CASES)
def test_whatever_a_killed_worker_did_is_done_once(world, kind):
    case = CASES[kind]
    whole, statements = _left_alone(world, kind)
    for die_at in _moments(case, statements):
        world.mails.clear()
        world.credit.clear()
        job = world.start(case)
        world.kill(kind, job, die_at)
        # Whoever looks is told; where nobody takes it up, it has ended by then.
        said = "worker_died" if case.ends == "failed" else "The worker that did this is gone"
        assert said in world.page(job)
        ended = world.finish(kind, job)
        about = (kind, die_at, statements, ended)
        assert ended["status"] == case.ends, about
        if case.ends == "failed":
            assert ended["code"] == "worker_died", about
            continue
        found = world.once(case, job)
        if kind == "mailing":
            _is_written_to_once(world, found, about)
        elif kind == "credits":
            _is_given_credit_once(world, found, about)
        else:
            assert found == whole, about


def _left_alone(world: World, kind: str) -> tuple[Any, int]:
    """What is there when nobody is killed, and how many statements that takes.

    The first time there is more to do: what a study asks, and what people are flagged for, is kept.
    """
    counts = []
    for _ in range(2):
        job = world.start(CASES[kind])
        assert world.finish(kind, job)["status"] == "done"
        counts.append(int(world.count.read_text()))
    return world.once(CASES[kind], job), min(counts)


def _moments(case: Case, statements: int) -> list[int]:
    """At which statements a worker dies: at first, in the middle, at last, or at each of many."""
    if case.moments:
        assert statements <= case.moments
        return [*range(1, statements + 1), AT_ITS_END]
    return [*(moment for moment in (1, statements // 2) if 0 < moment <= statements), AT_ITS_END]


def _is_written_to_once(world: World, states: dict[str, str], about: Any) -> None:
    """Nobody gets a mail twice; at most the one in hand is nobody's to say."""
    got = Counter(world.mails)
    assert not [one for one, times in got.items() if times > 1], about
    assert Counter(states.values())["in_hand"] <= 1, about
    for address, state in states.items():
        assert state in ("sent", "in_hand"), about
        assert state == "in_hand" or got[address] == 1, about


def _is_given_credit_once(world: World, states: dict[str, str], about: Any) -> None:
    """Everybody has credit; whom the dead worker had asked for is asked for by the same code."""
    assert set(states.values()) == {"granted"}, about
    got = Counter(world.credit)
    assert len(got) == len(states), about
    assert got.total() <= len(states) + 1, about


def test_a_message_whose_worker_is_killed_is_seen_to_be_unsent_and_is_sent_again(world, tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), Program) as program:
        program.heard, program.is_heard = [], tmp_path / "heard"
        threading.Thread(target=program.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{program.server_port}/"
        code = TELL.replace("ADDRESS", repr(address)).replace("HEARD", repr(str(program.is_heard)))
        assert world.site.query(AT_HAND + code) == KILLED
        page = world.site.query(WEBHOOKS_PAGE)
        assert "It is being sent; if whoever does that is ended, it is sent again." in page
        assert "again:" in page
        # Not while the dead one might still be at it.
        assert world.site.query(AT_HAND + TELL_AGAIN) == [0, "arrived", 2]
        program.shutdown()
    assert len(program.heard) == 2
    assert len(set(program.heard)) == 1
