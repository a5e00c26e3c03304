"""What an endpoint allows per minute holds for all workers of all its panels together."""

import asyncio
import heapq
import itertools
import threading
import time

import pytest
from django.db import connections
from factories import TESTER
from workers import options, site_of_its_own

from llm_respondents.models import EndpointRate
from llm_respondents.rehearsal import Endpoint
from llm_respondents.runner.limits import Limits, SharedGate, drawn
from llm_respondents.services import run_panel
from llm_respondents.store.leases import draw_rate

FILE = """
[endpoints.lab]
base_url = "{base_url}"
concurrency = 10
requests_per_minute = {requests}
tokens_per_minute = {tokens}
"""


class Timed(Endpoint):
    """Notes when each request came."""

    def __post_init__(self):
        super().__post_init__()
        self.arrivals = []

    async def _converse(self, writer, headers, asked):
        self.arrivals.append(time.monotonic())
        return await super()._converse(writer, headers, asked)

    def most_within(self, seconds):
        """The most requests in any window of this length."""
        return max(
            sum(1 for later in self.arrivals[first:] if later < at + seconds)
            for first, at in enumerate(self.arrivals)
        )

    @property
    def span(self):
        return self.arrivals[-1] - self.arrivals[0]


class Ledger:
    """The shared account of a rate, in memory; time is a number."""

    def __init__(self):
        self.now = 1000.0
        self.next_at = {}
        self.draws = 0

    async def draw(self, name, amount, per_minute):
        self.draws += 1
        start, self.next_at[name] = drawn(self.next_at.get(name, 0.0), self.now, amount, per_minute)
        return start

    def gate(self, **limits):
        return SharedGate(Limits(**limits), self.draw, clock=lambda: self.now)


def starts(ledger, gates, calls, tokens=0, used=None):
    """When each of so many calls is sent; each gate's next call follows its last one at once."""

    async def scene():
        found = []
        times = [(ledger.now, n) for n in range(len(gates))]
        while len(found) < calls:
            ledger.now, n = heapq.heappop(times)
            found.append(ledger.now + await gates[n].enter(tokens))
            heapq.heappush(times, (found[-1], n))
            if used is not None:
                gates[n].settle(estimated=tokens, used=used)
        return sorted(found)

    return asyncio.run(scene())


def test_two_workers_keep_one_rate_and_draw_a_second_of_it_at_a_time():
    ledger = Ledger()
    sent = starts(ledger, [ledger.gate(requests_per_minute=600) for _ in range(2)], 600)
    assert 55 <= sent[-1] - sent[0] <= 70
    assert max(sum(at <= other < at + 10 for other in sent) for at in sent) <= 103
    assert ledger.draws <= 80


def test_a_slow_rate_is_drawn_call_by_call_and_not_ahead():
    ledger = Ledger()
    gates = [ledger.gate(requests_per_minute=6) for _ in range(2)]
    sent = starts(ledger, gates, 6)
    assert [round(later - before) for before, later in itertools.pairwise(sent)] == [10] * 5


def test_time_in_which_nobody_called_is_not_caught_up():
    ledger = Ledger()
    gate = ledger.gate(requests_per_minute=60)
    starts(ledger, [gate], 3)
    ledger.now += 1000
    sent = starts(ledger, [gate], 5)
    assert sent[-1] - sent[0] >= 3.5


def test_tokens_that_replies_left_are_used_and_those_beyond_the_estimate_are_made_up_for():
    saved = Ledger()
    sent = starts(saved, [saved.gate(tokens_per_minute=6000)], 60, tokens=1000, used=100)
    # 60 calls of 100 tokens at 100 tokens a second.
    assert 45 <= sent[-1] - sent[0] <= 72
    owed = Ledger()
    sent = starts(owed, [owed.gate(tokens_per_minute=6000)], 60, tokens=50, used=100)
    assert 55 <= sent[-1] - sent[0] <= 70


def test_a_clock_that_was_wrong_stops_nobody():
    assert drawn(2_000_000.0, 1000.0, 1, 60) == (1000.0, 1001.0)
    assert drawn(1030.0, 1000.0, 1, 60) == (1030.0, 1031.0)


def test_without_limits_of_the_endpoint_nothing_is_drawn(recruit):
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert not EndpointRate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_draws_of_many_workers_at_once_never_overlap():
    found, lock = [], threading.Lock()

    def worker():
        mine = [draw_rate("lab|requests", 10, 6000) for _ in range(20)]
        with lock:
            found.extend(mine)
        connections.close_all()

    workers = [threading.Thread(target=worker) for _ in range(5)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    gaps = [later - before for before, later in itertools.pairwise(sorted(found))]
    assert len(found) == 100
    assert min(gaps) > 0.0999


def both_within_the_rate(directory):
    with site_of_its_own(directory) as site, Timed() as endpoint:
        listed = FILE.format(base_url=endpoint.base_url, requests=900, tokens=0)
        (directory / "endpoints.toml").write_text(listed)
        arguments = ["--study", "privacy-prosocial", "--endpoint", "lab", "--model", "small"]
        arguments += ["--sessions", "1", "--no-probe"]
        workers = [site.start("run_panel", *arguments, "--key", key) for key in ("one", "two")]
        for worker in workers:
            _, err = worker.communicate(timeout=120)
            assert worker.returncode == 0, err
    return endpoint


def test_two_processes_on_two_panels_stay_within_the_rate_and_use_it(tmp_path, django_db_setup):
    endpoint = both_within_the_rate(tmp_path)
    assert len(endpoint.arrivals) == 2 * 40
    # 15 a second; a quarter of a second may be caught up, and requests may be under way for long.
    assert endpoint.most_within(3) <= 1.15 * 3 * 15
    assert endpoint.most_within(1) <= 1.5 * 15
    assert endpoint.span < 1.5 * 80 / 15
