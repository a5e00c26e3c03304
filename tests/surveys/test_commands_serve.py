"""`serve` answers people until it is told to stop, and stops in an orderly way."""

import json
import os
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest
from django.conf import settings

PYTHON = [sys.executable, "manage.py"]


def environment_of(directory):
    here = {"DATA_DIR": str(directory), "DATABASE_URL": "", "SITE_URL": "http://127.0.0.1:8000"}
    return {**os.environ, **here}


@pytest.fixture
def environment(tmp_path):
    return environment_of(tmp_path)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    here = environment_of(tmp_path_factory.mktemp("migrated"))
    manage("migrate", "--verbosity", "0", environment=here, check=True)
    return here


def manage(*arguments, environment, **options):
    return subprocess.run(
        [*PYTHON, *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_serves_static_files_and_exits_cleanly(migrated, stop):
    server = subprocess.Popen(
        [*PYTHON, "serve", "--port", "0", "--json"],
        cwd=settings.BASE_DIR,
        env=migrated,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        address = json.loads(server.stdout.readline())["address"]
        with urlopen(f"{address}login/", timeout=30) as page:
            assert page.status == 200
        with urlopen(f"{address}static/admin/css/base.css", timeout=30) as sheet:
            assert sheet.headers["Content-Type"].startswith("text/css")
        server.send_signal(stop)
        _, told = server.communicate(timeout=30)
        assert (server.returncode, "Stopped." in told) == (0, True)
    finally:
        server.kill()
        server.communicate()


def test_it_does_not_serve_on_a_schema_that_is_out_of_date(environment):
    done = manage("serve", "--port", "0", environment=environment)

    assert done.returncode == 1
    assert "run `manage.py migrate` first" in done.stderr


def test_a_port_that_is_taken_is_named(migrated):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = manage("serve", "--port", port, environment=migrated)

    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "[port_unavailable]" in done.stderr
