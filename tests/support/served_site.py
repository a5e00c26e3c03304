"""An installation that is really served: processes that are killed, a database that is restarted.

Nothing of the test's own database is in it. Each web process is `manage.py serve`, forked from one
that has imported everything, so that starting one after a kill takes a moment and no more. The
PostgreSQL cluster is made for the test; the machine's own is never touched.
"""

import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import mkdtemp
from threading import Thread
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings
from workers import WITH_TESTS

GONE = (OSError, HTTPException)


class File:
    """SQLite. What a restart is to a server, a program that holds the file for a while is to it."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "site.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def stop(self) -> None:
        """Nothing: it has no process."""

    def disturb(self) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(0.2)
            other.execute("ROLLBACK")

    def rows(self, sql: str) -> list[tuple]:
        with closing(sqlite3.connect(self.path, timeout=20)) as connection:
            return connection.execute(sql).fetchall()


class Cluster:
    """A PostgreSQL server of its own, of another user than root, which it refuses."""

    def __init__(self, _directory: Path) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        ctl = str(found[-1]) if found else shutil.which("pg_ctl")
        if ctl is None:
            pytest.skip("pg_ctl is not installed: apt-get install postgresql")
        self.bin = Path(ctl).parent
        # The path of a socket may be 107 characters long, and pytest's folders are not.
        self.home = Path(mkdtemp(prefix="cluster-"))
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.home, self.user)
        self.port = free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        self._run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8")
        self._start()

    def _run(self, program: str, *arguments: str) -> None:
        as_user = {"user": self.user, "group": self.user} if os.geteuid() == 0 else {}
        subprocess.run(
            [self.bin / program, "-D", self.home / "data", *arguments],
            cwd=self.home,
            check=True,
            stdout=subprocess.DEVNULL,
            extra_groups=[] if as_user else None,
            **as_user,
        )

    def _start(self) -> None:
        listen = f"-p {self.port} -k {self.home} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-w", "-l", str(self.home / "log"), "-o", listen, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.home)

    def disturb(self) -> None:
        """As after a power cut: every connection ends at once, and the log is gone through."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        self._start()

    def rows(self, sql: str) -> list[tuple]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()


@dataclass
class ServedSite:
    """Two web processes on one database, as behind a proxy; each can have a clock of its own."""

    database: File | Cluster
    environment: dict[str, str]
    ports: list[int]
    link: str = ""
    children: dict[int, int] = field(default_factory=dict)
    _nursery: subprocess.Popen[str] | None = None

    def prepare(self) -> None:
        """Migrate, open the small study, and start both."""
        self._nursery = subprocess.Popen(
            [sys.executable, "-c", _NURSERY],
            cwd=settings.BASE_DIR,
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._nursery.stdout is not None
        self.link = f"/s/{self._nursery.stdout.readline().strip()}/"
        for place in range(len(self.ports)):
            self.start(place)

    def start(self, place: int, clock_ms: int = 0) -> None:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(f"{self.ports[place]} {clock_ms}\n")
        self._nursery.stdin.flush()
        self.children[place] = int(self._nursery.stdout.readline())
        _await(self.ports[place])

    def kill(self, place: int) -> None:
        """SIGKILL. Its connections are closed by the system, in whatever they were."""
        child = self.children.pop(place)
        os.kill(child, signal.SIGKILL)
        until = time.monotonic() + 30
        while Path(f"/proc/{child}").exists():
            assert time.monotonic() < until, "it would not die"
            time.sleep(0.002)

    def close(self) -> None:
        for place in list(self.children):
            self.kill(place)
        if self._nursery is not None:
            self._nursery.communicate()

    def ask(
        self, place: int, method: str, path: str, fields: dict | None = None, cookie: str = ""
    ) -> "Reply":
        """One request and no second try; raises one of `GONE` where it was not answered."""
        with closing(HTTPConnection("127.0.0.1", self.ports[place], timeout=60)) as connection:
            headers = {"Accept-Language": "en", **({"Cookie": cookie} if cookie else {})}
            if fields is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = None if fields is None else urlencode(fields)
            connection.request(method, path, body, headers)
            got = connection.getresponse()
            text = got.read().decode()
            given = got.headers.get("Set-Cookie", "").partition(";")[0]
            return Reply(got.status, got.headers.get("Location", ""), text, given)


@dataclass(frozen=True)
class Reply:
    status: int
    url: str
    text: str
    cookie: str


@contextmanager
def beside(deed, after_ms: float) -> Iterator[None]:
    """Let something happen while the block waits for its answer."""
    failed: list[BaseException] = []

    def later() -> None:
        time.sleep(after_ms / 1000)
        try:
            deed()
        except BaseException as error:  # noqa: BLE001 - raised in the thread that waits
            failed.append(error)

    thread = Thread(target=later)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def served(kind: type[File] | type[Cluster], directory: Path) -> Iterator[ServedSite]:
    with ExitStack() as stack:
        database = kind(directory)
        stack.callback(database.stop)
        environment = {
            "DATABASE_URL": database.url,
            "DATA_DIR": str(directory),
            "ENROLMENTS_PER_ADDRESS": "1000000",
            **WITH_TESTS,
        }
        site = ServedSite(database, environment, [free_port(), free_port()])
        stack.callback(site.close)
        site.prepare()
        yield site


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _await(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.01)
    raise AssertionError(f"nothing listens at {port}")


# Each line names a port and how far its clock is ahead; the answer is the new process.
_NURSERY = """
import os, signal, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.core.management import call_command
from django.db import connections
call_command("migrate", verbosity=0)
from factories import make_link, make_user
from small_study import open_small_study
print(make_link(open_small_study(make_user("owner"))).token, flush=True)
from surveys.views.participants import page_clock, page_entries
# Whatever a first page has to import or to compile is done before anybody is forked.
from django.test import Client
Client().get("/login/")
connections.close_all()
for one in connections.all(initialized_only=True):
    one.close_pool() if hasattr(one, "close_pool") else None
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    port, ahead = map(int, line.split())
    child = os.fork()
    if not child:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin.close()
        os.dup2(2, 1)
        real = page_clock.now_ms
        for module in (page_clock, page_entries):
            module.now_ms = lambda: real() + ahead
        try:
            call_command("serve", port=port, no_worker=True, verbosity=0)
        finally:
            os._exit(1)
    print(child, flush=True)
"""
