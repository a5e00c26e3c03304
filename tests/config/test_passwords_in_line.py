"""Guessed passwords take no thread from people who answer, and are answered at their own pace."""

import http.client
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing, contextmanager

import pytest
import waitress
from django.test import Client

from config.management.lanes import OF_ADDRESS, TO_BE_TOLD, Lanes
from surveys.views.account.login_queue import REFUSED, LoginsInTurn

CHECK = 0.05


def site(environ, start_response):
    """Takes a moment for a password, unless the server refused it, and none for a page."""
    refused = environ.get(REFUSED, False)
    if environ["REQUEST_METHOD"] == "POST" and not refused:
        time.sleep(CHECK)
    start_response("429 Too Many" if refused else "200 OK", [("Content-Length", "2")])
    return [b"ok"]


@contextmanager
def served(**settings):
    server = waitress.create_server(
        site, host="127.0.0.1", port=0, _dispatcher=Lanes(2, "/login/"), ident="", **settings
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        while server.active_channels:
            time.sleep(CHECK)
        server.close()


@contextmanager
def guessers(port: int, number: int, address):
    """Guess from so many connections, each again as soon as it was answered."""
    statuses, over = Counter(), threading.Event()

    def guess(place: int) -> None:
        while not over.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("POST", "/login/", "x=1", {"X-Forwarded-For": address(place)})
            statuses[connection.getresponse().status] += 1
            connection.close()

    threads = [threading.Thread(target=guess, args=(place,)) for place in range(number)]
    for one in threads:
        one.start()
    try:
        yield statuses
    finally:
        over.set()
        for one in threads:
            one.join()


def ask(port: int, method: str, address: str = "10.9.9.9") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, "/login/", "x=1", {"X-Forwarded-For": address})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.fixture(autouse=True)
def _behind_a_proxy(settings):
    settings.BEHIND_PROXY = True


def test_while_many_wait_pages_are_answered_and_nobody_is_refused():
    with served() as port, guessers(port, 12, lambda place: f"10.0.0.{place}") as statuses:
        time.sleep(4 * CHECK)
        began = time.monotonic()
        for _ in range(20):
            assert ask(port, "GET") == 200
        # Every thread would be waiting for a password otherwise.
        assert (time.monotonic() - began) / 20 < CHECK
        assert ask(port, "POST") == 200
    assert {*statuses} == {200}


def test_a_flood_from_one_address_is_refused_no_faster_than_passwords_are_checked():
    with served() as port, guessers(port, 3 * OF_ADDRESS, lambda _: "10.0.0.1") as statuses:
        began = time.monotonic()
        time.sleep(20 * CHECK)
        passed = time.monotonic() - began
        answered = statuses.total()
        # From anywhere else one waits, and is let in.
        assert ask(port, "POST") == 200
    assert statuses[200]
    assert statuses[429]
    assert answered <= 2 * passed / CHECK + 2


def test_who_waits_to_be_refused_leaves_connections_for_people_who_answer():
    with served(connection_limit=2 * TO_BE_TOLD) as port, ExitStack() as held:
        for _ in range(3 * TO_BE_TOLD):
            one = held.enter_context(closing(http.client.HTTPConnection("127.0.0.1", port)))
            one.request("POST", "/login/", "x=1", {"X-Forwarded-For": "10.0.0.1"})
        assert ask(port, "GET") == 200


@pytest.mark.django_db
def test_who_was_refused_by_the_server_reads_why():
    sent = {"username": "anybody", "password": "anything"}
    for _ in range(3):
        page = Client().post("/login/", sent, **{REFUSED: True})
    assert (page.status_code, page.headers["Retry-After"]) == (429, "2")
    assert "Nothing was checked" in page.content.decode()
    # No header can say so.
    client = Client(headers={REFUSED: "1"})
    assert client.get("/login/").status_code == 200


def test_the_log_tells_that_passwords_are_refused_and_of_whom_nothing(caplog, rf):
    refuses = LoginsInTurn(lambda _request: None)
    for _ in range(3):
        refuses(rf.post("/login/", {"username": "anybody"}, **{REFUSED: True}))
    (line,) = [one.getMessage() for one in caplog.records if "refused" in one.getMessage()]
    assert "1 were refused" in line
    assert "anybody" not in line
