"""A batch may be larger than what a worker should keep of it: its files stay on the disk."""

import json
import tempfile
import tracemalloc
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from asgiref.sync import async_to_sync
from workers import options

from llm_respondents.batches.files import Place, line, read_results
from llm_respondents.batches.openai_files import OpenAIDoor
from llm_respondents.batches.store import BatchStore
from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.dialects import BatchTerms
from llm_respondents.services.workers import make_provider
from llm_respondents.store.outcomes import Lease

MEGABYTE = 1_000_000
LINES, TEXT = 2_500, "x" * 10_000


@contextmanager
def traced():
    """The most that was held at once, in bytes, as the only item when it is over."""
    peak = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


@pytest.fixture
def store(recruit):
    """A panel of 120 sessions with a long text before each question, claimed by one worker."""
    panel = recruit(
        base_url="http://127.0.0.1:1/v1",
        sessions=120,
        arms=(Arm(history="none"),),
        wordings={"long": "You are somebody who thinks for long. " * 100},
    )
    provider = make_provider(panel.study, PanelSpec.from_json(panel.spec), options())
    made = BatchStore(Lease(panel.pk, "here:1:a"), provider, provider.api, options().retry)
    made.claim()
    yield made
    async_to_sync(provider.aclose)()


def test_a_file_is_written_line_by_line(store):
    with traced() as preparing:
        ticket = store.prepare(1).ticket
    with tempfile.TemporaryFile() as file, traced() as writing:
        store.write(ticket, file)
        size = file.tell()
    assert size > 20 * MEGABYTE
    assert max(*preparing, *writing) < size / 2


def test_a_wave_is_split_by_the_size_of_its_files(store):
    terms = BatchTerms(bytes=5 * MEGABYTE)
    small = BatchStore(store.lease, store.provider, store.api, store.policy, terms=terms)
    sizes = []
    while ticket := small.prepare(1).ticket:
        with tempfile.TemporaryFile() as file:
            small.write(ticket, file)
            sizes.append(file.tell())
    assert len(sizes) > 4
    assert max(sizes) <= terms.bytes < sum(sizes) / 4


def _reply_line(number: int) -> bytes:
    body = {"choices": [{"message": {"content": TEXT}, "finish_reason": "stop"}]}
    response = {"status_code": 200, "request_id": "r", "body": body}
    return json.dumps({"custom_id": f"{number}-0-1", "response": response}).encode() + b"\n"


class Forgetful(BaseHTTPRequestHandler):
    """Takes files of any size, and gives them, without ever holding one."""

    received = 0

    def do_POST(self):
        left = int(self.headers["content-length"])
        while left:
            left -= len(part := self.rfile.read(min(left, 65_536)))
            Forgetful.received += len(part)
        described = {"id": "one", "object": "x", "status": "processed", "created_at": 1}
        self._begin(len(content := json.dumps(described).encode()))
        self.wfile.write(content)

    def do_GET(self):
        self._begin(sum(len(_reply_line(number)) for number in range(LINES)))
        for number in range(LINES):
            self.wfile.write(_reply_line(number))

    def _begin(self, size):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(size))
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def base_url():
    Forgetful.received = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Forgetful) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


async def _sent_and_read(base_url, file, into):
    door = OpenAIDoor(base_url=base_url, path=BatchTerms().path)
    try:
        return await door.submit("key", file), await door.read(("replies",), into)
    finally:
        await door.aclose()


def test_a_file_is_sent_and_replies_are_read_in_parts(base_url):
    body = {"model": "small", "messages": [{"role": "user", "content": TEXT}]}
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as replies:
        for number in range(LINES):
            file.write(line(Place(number, 0, 1), body, BatchTerms().path))
        file.flush()
        size = file.tell()
        with traced() as moving:
            sent, read = async_to_sync(_sent_and_read)(base_url, file, replies)
        with traced() as reading:
            results = read_results(replies, (f"{number}-0-1" for number in range(LINES)))
            texts = sum(len(results.of(Place(number, 0, 1)).text) for number in range(LINES))
        assert sent.provider_id == "one"
        assert Forgetful.received > size > 20 * MEGABYTE
        assert read > 20 * MEGABYTE
        assert texts == LINES * len(TEXT)
        assert max(*moving, *reading) < size / 5
