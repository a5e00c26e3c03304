"""What every test may use, and the rule that CI skips nothing."""

import gc
import os
import re
import sqlite3
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import cache as kept
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.test.client import FakePayload
from factories import (  # noqa: F401 - fixtures for every test
    collaborator,
    draft_study,
    link,
    open_study,
    owner,
    person,
    stranger,
)
from hypothesis import HealthCheck
from hypothesis import settings as examples
from redis import Redis

from surveys import selectors

# What is compiled is kept, whatever the shell says: hundreds of commands are started by tests, and
# each would compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says what else the machine does, and nothing about the program.
examples.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
examples.load_profile("any machine")

_request = Client.request


def _described_request(client: Client, **environment: Any) -> Any:
    """What REST answers in any test has to be what its description says (tests/described.py)."""
    address = environment["PATH_INFO"]
    is_rest = address.startswith("/api/") and address not in ("/api/", "/api/schema/")
    is_rest = is_rest and not address.startswith("/api/docs/")
    body = environment.get("wsgi.input") if is_rest else None
    sent = body.read() if body else b""
    if sent:
        environment["wsgi.input"] = FakePayload(sent)
    response = _request(client, **environment)
    if is_rest:
        from described import require_described

        # A number where words are due is taken as words, which is nobody's to rely on.
        response.sent = None if getattr(client, "sends_nonsense", False) else sent
        require_described(response)
    return response


Client.request = _described_request  # type: ignore[method-assign]

NO_SKIPS = os.environ.get("COUNTERPART_NO_SKIPS") == "1"
# What a test may need that is not on every machine, as marks.
SERVICES = ("postgres", "redis", "browser", "lavaan", "model")
ON_SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where COUNTERPART_NO_SKIPS=1, a test that skips for want of a service has failed."""
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and here nothing may be: {report.longrepr}"
    return report


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only tests of services are asked for, a file without one need not be imported."""
    words = set(re.findall(r"\w+", config.option.markexpr))
    only_services = words and words <= {*SERVICES, "and", "or"}
    is_test = only_services and collection_path.match("test_*.py")
    return True if is_test and not _named_services(collection_path) else None


@kept
def _named_services(path: Path) -> frozenset[str]:
    """The services whose marks a file names, in words."""
    return frozenset(re.findall(rf"\bmark\.({'|'.join(SERVICES)})\b", path.read_text("utf-8")))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share what their module sets up run first.

    A worker without work takes the last tests of another's queue; it would set up once more.
    """
    for item in items:
        marks = {mark.name for mark in item.iter_markers()} & set(SERVICES)
        if not marks <= _named_services(item.path):
            raise pytest.UsageError(f"{item.nodeid}: its own file has to say mark.{marks.pop()}")
    items.sort(key=lambda item: not _shares_set_up(item))


def pytest_collection_finish() -> None:
    """What was imported and collected stays: to walk through it finds no garbage, ever."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class LongestFirst:
    """Whoever may take longer than the usual bound begins first: nobody waits for it at the end."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Once others, who know databases, have put everything in order."""
        bounds = {item: item.get_closest_marker("timeout") for item in items}
        items.sort(key=lambda item: -(own.args[0] if (own := bounds[item]) else 0))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(LongestFirst())


def _shares_set_up(item: pytest.Item) -> bool:
    fixtures = item._fixtureinfo.name2fixturedefs if isinstance(item, pytest.Function) else {}
    return any(one[-1].scope == "module" for one in fixtures.values())


@pytest.fixture(scope="session")
def kept_schema(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that these migrations made in an earlier run, if there was one."""
    written = sha256(f"{version('django')} {version('django-tasks-db')}".encode())
    for path in sorted(Path(settings.BASE_DIR).glob("*/migrations/*.py")):
        written.update(path.read_bytes())
    cache = getattr(request.config, "cache", None)  # not with -p no:cacheprovider
    folder = cache.mkdir("schema") if cache else tmp_path_factory.mktemp("schema")
    return folder / f"{written.hexdigest()}.sqlite3"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None,
    tmp_path_factory: pytest.TempPathFactory,
    kept_schema: Path,
) -> None:
    """SQLite in a file, as in production: in memory, threads do not wait for each other's locks."""
    database = settings.DATABASES["default"]
    if ON_SQLITE:
        file = tmp_path_factory.mktemp("database") / "test.sqlite3"
        if kept_schema.exists():
            copyfile(kept_schema, file)
        database.setdefault("TEST", {})["NAME"] = str(file)


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """Migrate what is in the file: nothing, where it is a copy of a migrated one."""
    return ON_SQLITE or request.config.getvalue("reuse_db")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, kept_schema: Path) -> None:
    """The test database; what its migrations made, which takes seconds, is kept for other runs."""
    if ON_SQLITE and not kept_schema.exists():
        for stale in kept_schema.parent.glob("*.sqlite3"):
            stale.unlink(missing_ok=True)
        tests = settings.DATABASES["default"]["TEST"]["NAME"]
        made = kept_schema.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(tests)) as source, closing(sqlite3.connect(made)) as copy:
            source.backup(copy)
        made.replace(kept_schema)


@pytest.fixture(scope="session", autouse=True)
def _templates() -> Iterator[None]:
    """What installations of their own were copied from goes when the last test has run."""
    yield
    if workers := sys.modules.get("workers"):
        workers.drop_templates()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Data and reference numbers kept beside the repository; they are never part of it."""
    path = Path(settings.BASE_DIR).parent / "shared"
    if not path.is_dir():
        pytest.skip("../shared is not on this machine: its data and numbers are not distributed")
    return path


@pytest.fixture(autouse=True)
def _postgres_only(request: pytest.FixtureRequest) -> None:
    """A test marked `postgres` runs where DATABASE_URL names a PostgreSQL server."""
    if request.node.get_closest_marker("postgres"):
        engine = settings.DATABASES["default"]["ENGINE"]
        if not engine.endswith("postgresql"):
            pytest.skip("needs DATABASE_URL=postgres://…")


@pytest.fixture(autouse=True)
def _fresh_study_cache() -> None:
    """Rows of different tests may share their keys; what is kept about one is not the other's."""
    selectors.forget_frozen_studies()
    # How often an address logged in or began is no other test's concern.
    cache.clear()


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A database of the Redis server that nobody uses; emptied afterwards."""
    server = settings.REDIS_URL.rpartition("/")[0]
    for number in range(15, 0, -1):
        url = f"{server}/{number}"
        with Redis.from_url(url) as redis:
            if not redis.dbsize() and redis.set("claimed by a test", "1", nx=True):
                yield url
                redis.flushdb()
                return
    pytest.fail("every database of the Redis server is in use")
