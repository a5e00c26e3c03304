"""Workers for the tests: quick to retry, or processes with a database of their own."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from llm_respondents.models import Panel
from llm_respondents.runner.limits import Limits
from llm_respondents.runner.retry import RetryPolicy
from llm_respondents.services import RunOptions
from surveys.jobs.queue import carry_out
from surveys.models import Job

_TESTS = Path(__file__).resolve().parents[1]
# What a process that is started may use of the tests: as `pythonpath` in pyproject.toml.
WITH_TESTS = {"PYTHONPATH": os.pathsep.join(map(str, (_TESTS, _TESTS / "support")))}


def options(
    *, concurrency=20, lease_seconds=60.0, timeout_seconds=5.0, probe=False, **retry
) -> RunOptions:
    return RunOptions(
        Limits(concurrency),
        RetryPolicy(**{"first_wait": 0.01, **retry}),
        timeout_seconds,
        lease_seconds,
        probe,
    )


def do_job(panel: Panel, kind: str) -> str:
    """Do the latest job of a panel as a worker would; return the panel's status."""
    job = Job.objects.filter(subject=f"panel:{panel.pk}", kind=kind).latest("pk")
    Job.objects.filter(pk=job.pk, due_at__isnull=False).update(due_at=timezone.now())
    carry_out.call(job.pk)
    job.refresh_from_db()
    return job.result.get("status") or Panel.objects.get(pk=panel.pk).status


@dataclass
class Worker:
    """A process of `manage.py`, forked from the one that a site has; to be used as a `Popen`."""

    pid: int
    out: Path
    err: Path
    _ask: Callable[..., dict[str, Any]]
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._ask(wait=self.pid)["ended"]
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def communicate(self, timeout: float = 300) -> tuple[str, str]:
        """Wait until it has ended; what it wrote, and what it wrote of errors and progress."""
        wait_for(lambda: self.poll() is not None, timeout, every=0.005)
        return self.out.read_text("utf-8"), self.err.read_text("utf-8")


@dataclass(frozen=True)
class Site:
    """An installation with an open study, reached through `manage.py` alone."""

    environment: dict[str, str]
    # One process that runs code on demand, and of which others are forks (site_shell.py).
    _shells: list[subprocess.Popen[str]] = field(default_factory=list)

    def launch(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Start `manage.py` as a user does, from nothing."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env={**os.environ, **WITH_TESTS, **self.environment},
            text=True,
            **pipes,
        )

    def manage(self, *arguments: str, seconds: float = 300) -> str:
        process = self.launch(*arguments)
        out, err = process.communicate(timeout=seconds)
        assert process.returncode == 0, err
        return out

    def start(self, *arguments: str) -> Worker:
        """A process that does the same, and need not import everything anew."""
        said = Path(self.environment["DATA_DIR"], f"said-{uuid4().hex}")
        out, err = (said.with_suffix(f".{stream}") for stream in ("out", "err"))
        out.touch()
        err.touch()
        forked = self._ask(fork=arguments, out=str(out), err=str(err))
        return Worker(forked["pid"], out, err, self._ask)

    def facts(self, *arguments: str, seconds: float = 300) -> dict[str, Any]:
        """The facts of a command in a process of its own."""
        worker = self.start(*arguments, "--json", "--verbosity", "0")
        out, err = worker.communicate(timeout=seconds)
        assert worker.returncode == 0, err
        return json.loads(out)

    def call(self, *arguments: str) -> dict[str, Any]:
        """The facts of a command, in the process at hand: any but those that are killed."""
        given = (*arguments, "--json", "--verbosity", "0")
        code = f"from django.core.management import call_command\ncall_command(*{given!r})"
        return json.loads(self.python(code))

    def query(self, code: str) -> Any:
        """Evaluate code that sets `found` to a JSON value, inside the installation."""
        return json.loads(self.python(f"{code}\nimport json\nprint(json.dumps(found))"))

    def python(self, code: str) -> str:
        """Run code inside the installation; return what it prints."""
        reply = self._ask(run=code)
        assert not reply["error"], reply["error"]
        return reply["said"]

    def _ask(self, **asked: Any) -> dict[str, Any]:
        if not self._shells:
            shell = "import site_shell; site_shell.serve()"
            streams = {"stdin": subprocess.PIPE, "stderr": None}
            self._shells.append(self.launch("shell", "-v0", "-c", shell, **streams))
        stdin, stdout = self._shells[0].stdin, self._shells[0].stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{json.dumps(asked)}\n")
        stdin.flush()
        return json.loads(stdout.readline())

    def close(self) -> None:
        for shell in self._shells:
            shell.communicate()


@contextmanager
def site_of_its_own(directory: Path, **environment: str) -> Iterator[Site]:
    """An installation with a database of its own, on the engine that the tests run on."""
    with _database(directory) as url:
        site = Site({"DATABASE_URL": url, "DATA_DIR": str(directory), **environment})
        try:
            yield site
        finally:
            site.close()


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    """A copy of the template, which is made once: to migrate takes longer than many a test."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        file = directory / "site.sqlite3"
        file.write_bytes(_template_file())
        yield f"sqlite:///{file}"
        return
    with _postgresql_database(f'TEMPLATE "{_template_database()}"') as url:
        yield url


@cache
def _template_file() -> bytes:
    with TemporaryDirectory() as directory:
        file = Path(directory, "site.sqlite3")
        _copy_schema(file)
        _set_up(f"sqlite:///{file}")
        return file.read_bytes()


def _copy_schema(file: Path) -> None:
    """The tests' own database without the rows of a test under way; nothing if it is not made."""
    with suppress(sqlite3.OperationalError), ExitStack() as stack:
        tests = f"file:{settings.DATABASES['default']['TEST']['NAME']}?mode=ro"
        made = stack.enter_context(closing(sqlite3.connect(tests, uri=True)))
        made.backup(stack.enter_context(closing(sqlite3.connect(file))))


@cache
def _template_database() -> str:
    try:
        url = _templates.enter_context(_postgresql_database(_schema_at_hand()))
    except psycopg.errors.ObjectInUse:
        url = _templates.enter_context(_postgresql_database())
    _set_up(url)
    return url.rpartition("/")[2]


def _schema_at_hand() -> str:
    """The tests' own database, if it is made; it can be copied while nobody uses it."""
    name = connection.settings_dict["NAME"]
    if connection.in_atomic_block or not name.startswith("test_"):
        return ""
    connection.close()
    connection.close_pool()
    return f'TEMPLATE "{name}"'


# What outlives a test; the session's last deed is to close it.
_templates = ExitStack()


def drop_templates() -> None:
    """Drop the template, if there is one."""
    _templates.close()


@contextmanager
def _postgresql_database(template: str = "") -> Iterator[str]:
    default = settings.DATABASES["default"]
    name = f"site_{uuid4().hex}"
    host, port, user = default["HOST"] or "127.0.0.1", default["PORT"] or 5432, default["USER"]
    server = f"postgres://{user}:{default['PASSWORD']}@{host}:{port}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as administrator:
        administrator.execute(f'CREATE DATABASE "{name}" {template}')
        try:
            yield f"{server}/{name}"
        finally:
            administrator.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _set_up(url: str) -> None:
    with TemporaryDirectory() as directory:
        Site({"DATABASE_URL": url, "DATA_DIR": directory}).manage("shell", "-v0", "-c", _SET_UP)


def wait_for(condition: Callable[[], bool], seconds: float = 240, every: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


_SET_UP = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
get_user_model().objects.create_user("olga")
call_command("open_study", "privacy-prosocial", simulated=True)
"""
