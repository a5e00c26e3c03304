"""Workers for the tests: quick to retry, or processes with a database of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from django.conf import settings

from llm_respondents.runner.limits import Limits
from llm_respondents.runner.retry import RetryPolicy
from llm_respondents.services import RunOptions


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


@dataclass(frozen=True)
class Site:
    """An installation with an open study, reached through `manage.py` alone."""

    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def manage(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out

    def facts(self, *arguments: str) -> dict[str, Any]:
        return json.loads(self.manage(*arguments, "--json", "--verbosity", "0"))

    def query(self, code: str) -> Any:
        """Evaluate code that sets `found` to a JSON value, inside the installation."""
        return json.loads(self.python(f"{code}\nimport json\nprint(json.dumps(found))"))

    def python(self, code: str) -> str:
        """Run code inside the installation; return what it prints."""
        return self.manage("shell", "-v0", "-c", code)


@contextmanager
def site_of_its_own(directory: Path, **environment: str) -> Iterator[Site]:
    """An installation with a database of its own, on the engine that the tests run on."""
    with _database(directory) as url:
        site = Site({"DATABASE_URL": url, "DATA_DIR": str(directory), **environment})
        site.python(_SET_UP)
        yield site


@contextmanager
def _database(directory: Path) -> Iterator[str]:
    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{directory / 'site.sqlite3'}"
        return
    name = f"site_{uuid4().hex}"
    host, port, user = default["HOST"] or "127.0.0.1", default["PORT"] or 5432, default["USER"]
    server = f"postgres://{user}:{default['PASSWORD']}@{host}:{port}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server}/{name}"
        finally:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


_SET_UP = """
from django.contrib.auth import get_user_model
from django.core.management import call_command
call_command("migrate", verbosity=0)
get_user_model().objects.create_user("olga")
call_command("open_study", "privacy-prosocial")
"""
