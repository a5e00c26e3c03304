"""`serve` answers people until it is told to stop, and stops in an orderly way."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from select import select
from shutil import copyfile
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings

from config.management.commands import serve

PYTHON = [sys.executable, "manage.py"]


def environment_of(directory):
    here = {"DATA_DIR": str(directory), "DATABASE_URL": "", "SITE_URL": "http://127.0.0.1:8000"}
    return {**os.environ, **here}


@pytest.fixture
def environment(tmp_path):
    return environment_of(tmp_path)


@pytest.fixture(scope="module")
def migrated(tmp_path_factory, django_db_setup, kept_schema):
    """An installation without a row; where today's tables were kept, they need not be made."""
    directory = tmp_path_factory.mktemp("migrated")
    here = environment_of(directory)
    if kept_schema.exists():
        copyfile(kept_schema, directory / "counterpart.sqlite3")
    else:
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


@contextmanager
def serving(environment, *options):
    """A server on a free port; yields the process and its address."""
    server = subprocess.Popen(
        [*PYTHON, "serve", "--port", "0", "--json", *options],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Whoever starts tests in the background has its children ignore Ctrl-C.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
    )
    try:
        yield server, json.loads(server.stdout.readline())["address"]
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_serves_static_files_and_exits_cleanly(migrated, stop):
    with serving(migrated) as (server, address):
        with urlopen(f"{address}login/", timeout=30) as page:
            assert page.status == 200
        with urlopen(f"{address}static/admin/css/base.css", timeout=30) as sheet:
            assert sheet.headers["Content-Type"].startswith("text/css")
        server.send_signal(stop)
        _, told = server.communicate(timeout=30)
        assert (server.returncode, "Stopped." in told) == (0, True)
        # The worker beside it ends in an orderly way too.
        assert "Fatal" not in told


@pytest.mark.parametrize(
    ("said", "listens", "links"),
    [
        (None, "http://127.0.0.1:9001/", "http://127.0.0.1:9001"),
        (None, "http://0.0.0.0:9001/", "http://127.0.0.1:8000"),
        ("https://survey.example.org", "http://127.0.0.1:9001/", "https://survey.example.org"),
    ],
    ids=["nothing said", "every interface", "an address said"],
)
def test_links_lead_where_it_listens_unless_an_address_is_said(
    said, listens, links, monkeypatch, settings
):
    monkeypatch.setenv("SITE_URL", said or "")
    if said is None:
        monkeypatch.delenv("SITE_URL")
    settings.SITE_URL = said or "http://127.0.0.1:8000"
    serve._link_to(listens)
    assert links == settings.SITE_URL


def test_its_lines_hold_no_token_and_no_id_and_it_reads_no_body_that_is_too_large(migrated):
    loud = {**migrated, "LOG_LEVEL": "DEBUG"}
    with serving(loud, "--no-worker") as (server, address):
        port = int(address.rsplit(":", 1)[1].strip("/"))
        for head in (
            "GET /r/kX3vQ9aaZbbYccXddWeeVf/1/ HTTP/1.1",
            "GET /s/kX3vQ9aaZbbYccXddWeeVf/?survey_code=10457 HTTP/1.1",
            "POST /r/kX3vQ9aaZbbYccXddWeeVf/1/ HTTP/1.1\r\nContent-Length: 60000000",
        ):
            with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
                connection.sendall(f"{head}\r\nHost: 127.0.0.1\r\n\r\n".encode())
                status = connection.recv(4096).split()[1]
                # It is answered although nothing of the body was sent.
                assert status == (b"413" if "Length" in head else b"404")
        server.send_signal(signal.SIGTERM)
        _, told = server.communicate(timeout=30)
    assert "kX3vQ9aaZbb" not in told
    assert "10457" not in told


def test_a_body_without_an_announced_length_is_cut_off(migrated):
    """Sixty megabytes in pieces: refused as soon as they are too many, and never kept whole."""
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with serving(migrated, "--no-worker") as (_server, address):
        port = int(address.rsplit(":", 1)[1].strip("/"))
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            head = "POST /r/kX3vQ9aaZbbYccXddWeeVf/1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            sent = 0
            with suppress(ConnectionError):
                while sent < 60_000_000 and not select([connection], [], [], 0)[0]:
                    connection.sendall(piece)
                    sent += len(piece)
            assert sent < 30_000_000
            with suppress(ConnectionError):
                assert connection.recv(4096).split()[1] == b"413"


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


def children_of(pid):
    """Process ids of the children of a process that are still running."""
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    return [int(one) for one in done.stdout.split()]


def eventually(holds, seconds=60):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.2)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_runs_beside_it_and_ends_with_it_however_it_ends(migrated, end):
    with serving(migrated) as (server, _address):
        eventually(lambda: children_of(server.pid))
        (worker,) = children_of(server.pid)
        server.send_signal(end)
        server.wait(timeout=60)
        eventually(lambda: not is_running(worker))


def test_it_serves_without_a_worker_where_one_runs_elsewhere(migrated):
    with serving(migrated, "--no-worker") as (server, _address):
        time.sleep(1)
        assert children_of(server.pid) == []


def test_a_page_of_answers_that_is_too_large_is_refused_by_the_program_too(migrated):
    with serving(migrated, "--no-worker") as (_server, address):
        request = Request(f"{address}r/nobody/1/", data=b"x" * 300_000)
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=30)
        with refused.value as answer:
            assert answer.status == 413
