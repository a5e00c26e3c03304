"""Slow and local servers: few calls at once, time for each, and no sleep through a long wait."""

import asyncio
import time

import pytest
from test_engine import NUMBER, Store, conduct, work

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import read_endpoints
from llm_respondents.providers.base import Failure, Reply
from llm_respondents.providers.probe import probe
from llm_respondents.runner.admission import Admission
from llm_respondents.runner.concurrency import Adaptation
from llm_respondents.runner.limits import Limits
from llm_respondents.runner.orders import Orders
from llm_respondents.services import limits_of, timeout_of

SLOW = """
[endpoints.laptop]
base_url = "http://127.0.0.1:8080/v1"
dialect = "llama_cpp"
timeout_seconds = 900
"""


@pytest.mark.parametrize(
    ("dialect", "at_once"), [("openai", 50), ("vllm", 16), ("ollama", 1), ("llama_cpp", 1)]
)
def test_a_server_on_a_desk_is_asked_one_call_at_a_time(settings, tmp_path, dialect, at_once):
    settings.DATA_DIR = tmp_path
    spec = PanelSpec(model="small", base_url="http://127.0.0.1:8080/v1", dialect=dialect)
    assert limits_of(spec).concurrency == at_once


def test_the_operator_says_how_long_a_call_may_take(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "endpoints.toml").write_text(SLOW)
    spec = PanelSpec(model="small", base_url="http://127.0.0.1:8080/v1", dialect="llama_cpp")
    assert timeout_of(spec) == 900
    other = PanelSpec(model="small", base_url="http://127.0.0.1:9999/v1")
    assert timeout_of(other) == 0


def test_a_time_that_is_no_number_is_refused_with_its_line():
    with pytest.raises(ValueError, match="timeout_seconds"):
        read_endpoints(SLOW.replace("900", '"long"'))


def test_fewer_calls_run_at_once_where_calls_time_out():
    async def go():
        async def pause(_seconds):
            return True

        rule = Adaptation(window_calls=8, window_seconds=0)
        admission = Admission(Limits(8), rule, None, pause, Orders())
        for _ in range(24):
            await admission.enter(1)
            admission.begun()
            admission.finished(Failure("timeout", "no reply"), 1)
            admission.leave()
        return admission.at_once

    assert asyncio.run(go()) < 8


def test_the_probe_tells_of_a_long_wait_and_does_not_sleep_through_it():
    async def busy(_body):
        return Failure("rate_limit", "slow down", 429, retry_after=3600)

    begun = time.monotonic()
    found = asyncio.run(probe(busy, base={}, longest_session=[]))
    assert isinstance(found, Failure)
    assert found.retry_after == 3600
    assert time.monotonic() - begun < 5


def test_a_one_slot_server_is_asked_to_the_end_without_a_timeout(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    spec = PanelSpec(model="small", base_url="http://127.0.0.1:8080/v1", dialect="llama_cpp")
    limit, took = 0.2, 0.03

    class OneSlot:
        name = "one-slot"

        def __init__(self):
            self.slot = asyncio.Lock()
            self.timeouts = 0

        def parameters(self, _request):
            return {}

        async def ask(self, _request, _parameters):
            try:
                async with asyncio.timeout(limit), self.slot:
                    await asyncio.sleep(took)
            except TimeoutError:
                self.timeouts += 1
                return Failure("timeout", "no reply")
            return Reply(text="2")

    server = OneSlot()
    store = Store([work(n, arm=NUMBER) for n in range(1, 21)])
    summary = conduct(store, server, concurrency=limits_of(spec).concurrency)
    assert summary.progress.answered == 100
    assert server.timeouts <= 5
