"""The two programs as they are run for people, each on a database of its own; their CPU time."""
# ruff: noqa: D102 - what `Site` says of a method holds for both

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from people_runs import study
from people_runs.visits import Visit

HERE = Path(__file__).resolve().parent
_TICK = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 60.0


@dataclass
class Site:
    """A program that people answer at; `url` is its database's."""

    name: str
    url: str
    directory: Path
    ports: list[int]
    link: str = ""
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _turn: Iterator[int] = field(default_factory=count)

    def command(self, port: int) -> list[str]:
        """What starts a web process."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """Of its processes."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Everything before, or after, the processes run that one needs to have people answer."""

    def cwd(self) -> Path:
        """Where its processes run."""
        return study.ROOT

    def start(self, place: int) -> None:
        """Start the process of a place, or start it anew after a kill."""
        log = (self.directory / f"{self.name}-{place}.log").open("ab")
        process = subprocess.Popen(
            self.command(self.ports[place]),
            cwd=self.cwd(),
            env=self.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.processes[place : place + 1] = [process]
        _await_port(self.ports[place], process)

    def kill(self, place: int) -> None:
        """End a process as a power cut would, with whatever it started."""
        os.killpg(self.processes[place].pid, signal.SIGKILL)
        self.processes[place].wait()

    def stop(self) -> None:
        for place in range(len(self.processes)):
            self.kill(place)

    def processor_seconds(self) -> float:
        """What the web processes and the database have used up to now."""
        groups = {process.pid for process in self.processes}
        own = sum(_used(stat) for stat in _stats() if int(stat[2]) in groups)
        return own + self._of_database()

    def _of_database(self) -> float:
        if self.url.startswith("sqlite"):
            return 0.0
        import psycopg

        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
        with psycopg.connect(self.url) as connection:
            own = connection.info.backend_pid
            pids = {pid for (pid,) in connection.execute(asked)} - {own}
        return sum(_used(stat) for stat in _stats() if int(stat[-1]) in pids)

    def visit(self, **more: Any) -> Visit:
        """A person who comes now: to the process whose turn it is, as a proxy would have it."""
        port = self.ports[next(self._turn) % len(self.ports)]
        return Visit(lambda: ("127.0.0.1", port), self.link, self.beside, **more)

    def beside(self, _address: str) -> Mapping[str, str]:
        """What a button adds to a form."""
        return {}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of its database."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(sql).fetchall()
        import psycopg

        with psycopg.connect(self.url) as connection:
            return connection.execute(sql).fetchall()  # type: ignore[arg-type]


class Ours(Site):
    """`manage.py serve` twice, as behind a proxy."""

    def command(self, port: int) -> list[str]:
        arguments = ["serve", "--no-worker", "--port", str(port)]
        return [sys.executable, str(study.ROOT / "manage.py"), *arguments]

    def environment(self) -> dict[str, str]:
        more = {"DATABASE_URL": self.url, "DATA_DIR": str(self.directory)}
        # Everybody comes from one address here; whoever floods says of how many they are.
        own = {"ENROLMENTS_PER_ADDRESS": "1000000", "BEHIND_PROXY": "1"}
        return {**os.environ, **more, **own}

    def prepare(self) -> None:
        made = subprocess.run(
            [sys.executable, str(HERE / "study.py")],
            env=self.environment(),
            stdout=subprocess.PIPE,
            check=True,
        )
        self.link = f"/s/{made.stdout.decode().split()[-1]}/"

    def beside(self, address: str) -> Mapping[str, str]:
        return {"decision": "agree"} if address.startswith("/s/") else {}


class OTree(Site):
    """oTree's production server: a web process and its process for time limits."""

    python: Path
    people: int = 2000

    def command(self, port: int) -> list[str]:
        return [str(self.python.parent / "otree"), "prodserver", f"127.0.0.1:{port}"]

    def cwd(self) -> Path:
        return self.directory / "otree_project"

    def environment(self) -> dict[str, str]:
        path = f"{self.python.parent}:{os.environ['PATH']}"
        own = {"PATH": path, "OTREE_PRODUCTION": "1", "HOME": str(self.directory)}
        # With SQLite it keeps everything in memory and writes a file when it ends.
        return own if self.url.startswith("sqlite") else {**own, "DATABASE_URL": self.url}

    def prepare(self) -> None:
        shutil.copytree(HERE / "otree_project", self.cwd())
        (self.cwd() / "_static").mkdir()
        asked = {
            "statements": study.statements(),
            "options": study.OPTIONS,
            "pages": study.pages(),
            "consent": study.CONSENT.split("\n\n"),
        }
        (self.cwd() / "study.json").write_text(json.dumps(asked), encoding="utf-8")

    def start(self, place: int) -> None:
        super().start(place)
        if not self.link:
            self.begin_session(self.people)

    def begin_session(self, people: int) -> None:
        """oTree makes the rows of its people before they come."""
        body = {"session_config_name": "load", "num_participants": people}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[0]}/api/sessions",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            self.link = json.load(answer)["session_wide_url"]


@contextmanager
def running(sites: list[Site]) -> Iterator[None]:
    """Let all of them stand ready."""
    with ExitStack() as stack:
        for site in sites:
            site.prepare()
            stack.callback(site.stop)
            for place in range(len(site.ports)):
                site.start(place)
        yield


def free_ports(number: int, first: int) -> list[int]:
    """Ports from `first` on that nobody listens to."""
    found: list[int] = []
    for port in count(first):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                found.append(port)
        if len(found) == number:
            return found
    raise AssertionError


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens at {port}; look at the logs")


def _stats() -> Iterator[list[str]]:
    """State, parent, group … of every process by its /proc/PID/stat, and its id at the end."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        yield [*text.rpartition(") ")[2].split(), path.parent.name]


def _used(stat: list[str]) -> float:
    # User and system time, of the process and of its children that have ended.
    return sum(map(int, stat[11:15])) / _TICK
