"""Fewer calls at once while an endpoint turns many away, and no fewer while it is only noisy."""

import asyncio
import heapq
import random
import time
from dataclasses import dataclass
from functools import partial

import pytest
from factories import TESTER
from workers import options

from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.runner import admission
from llm_respondents.runner.concurrency import AdaptiveConcurrency, Slots
from llm_respondents.services import run_panel


@dataclass
class Simulated:
    """Sessions that always have a call to make, and an endpoint; time is a number.

    `reply(admitted)` returns whether a call is rate-limited, and how long it takes.
    """

    reply: object
    configured: int = 50
    now: float = 0.0

    def __post_init__(self):
        self.concurrency = AdaptiveConcurrency(self.configured, clock=lambda: self.now)
        self.events = []
        self.in_flight = self.admitted = self.served = 0
        # Sessions that are not in flight and not waiting after a rejection.
        self.eager = self.configured
        self.sizes = []

    def run(self, seconds):
        until = self.now + seconds
        while self.now < until:
            while self.eager and self.in_flight < self.concurrency.current:
                self._call()
            self.now, _, limited = heapq.heappop(self.events)
            if limited is None:
                self.eager += 1
                continue
            self.in_flight -= 1
            self.sizes.append(self.concurrency.finished(limited=limited, in_flight=self.in_flight))
            self.admitted -= not limited
            self.served += not limited
            self._later(0.5 if limited else 0.0, None)

    def _call(self):
        limited, seconds = self.reply(self.admitted)
        self.admitted += not limited
        self.eager -= 1
        self.in_flight += 1
        self._later(seconds, limited)

    def _later(self, seconds, what):
        heapq.heappush(self.events, (self.now + seconds, random.random(), what))


def noisy(latency):
    chance = random.Random(5)

    def reply(_admitted):
        # One in ten is turned away at once; one in twenty fails after a while, like a reply.
        limited = chance.random() < 0.1
        return limited, 0.01 if limited else latency * chance.uniform(0.5, 1.5)

    return reply


def admitting(most, latency=0.5):
    chance = random.Random(6)

    def reply(admitted):
        limited = admitted >= most
        return limited, 0.01 if limited else latency * chance.uniform(0.5, 1.5)

    return reply


@pytest.mark.parametrize("configured", [10, 50, 400])
@pytest.mark.parametrize("latency", [0.2, 2, 15])
def test_an_endpoint_that_fails_at_random_is_used_in_full(configured, latency):
    simulated = Simulated(noisy(latency), configured)
    simulated.run(120)
    assert sum(simulated.sizes) / len(simulated.sizes) > 0.98 * configured


@pytest.mark.parametrize("most", [1, 3, 10, 40])
@pytest.mark.parametrize("latency", [0.1, 0.5, 5])
def test_an_endpoint_that_admits_few_at_once_is_called_by_about_as_many(most, latency):
    simulated = Simulated(admitting(most, latency))
    simulated.run(60)
    settled = len(simulated.sizes)
    served = simulated.served
    simulated.run(60)
    sizes = simulated.sizes[settled:]
    assert max(1, 0.6 * most) <= sum(sizes) / len(sizes) <= 1.3 * most + 1
    # Nor is the endpoint kept idle.
    assert simulated.served - served > 0.8 * most * 60 / latency


def test_an_endpoint_that_has_recovered_is_used_in_full_again():
    simulated = Simulated(admitting(5))
    simulated.run(60)
    assert simulated.sizes[-1] < 10
    simulated.reply = admitting(1000)
    simulated.run(60)
    assert simulated.sizes[-1] == 50


def test_slots_are_given_in_turn_and_their_number_may_change():
    async def scene():
        slots, entered = Slots(2), []

        async def session(name):
            entered.append((name, await slots.take()))

        async def settle():
            for _ in range(5):
                await asyncio.sleep(0)
            return [name for name, admitted in entered if admitted]

        async with asyncio.TaskGroup() as group:
            for name in "abcdefg":
                group.create_task(session(name))
            assert await settle() == ["a", "b"]
            slots.resize(1)
            slots.give_back()
            assert await settle() == ["a", "b"]
            slots.give_back()
            assert await settle() == ["a", "b", "c"]
            slots.resize(3)
            assert await settle() == ["a", "b", "c", "d", "e"]
            slots.close()
        assert entered[-2:] == [("f", False), ("g", False)]
        assert not await slots.take()

    asyncio.run(scene())


class Crowded(Endpoint):
    """Turns every call away, after a moment, that comes while another is being answered."""

    answering = False
    under_way = 0

    def __post_init__(self):
        super().__post_init__()
        self.at_once = []

    async def _converse(self, writer, headers, asked):
        self.under_way += 1
        self.at_once.append(self.under_way)
        try:
            return await self._one_alone(writer, headers, asked)
        finally:
            self.under_way -= 1

    async def _one_alone(self, writer, headers, asked):
        if self.answering:
            await asyncio.sleep(0.05)
            await self._send(writer, 429, {"error": {"message": "busy"}}, {"Retry-After": "0.005"})
            return True
        self.answering = True
        try:
            return await super()._converse(writer, headers, asked)
        finally:
            self.answering = False


@pytest.mark.django_db(transaction=True)
def test_a_panel_finds_out_how_many_calls_its_endpoint_takes(recruit, monkeypatch):
    # Windows of a tenth of a second: how long they should be, simulated calls have shown above.
    hasty = partial(AdaptiveConcurrency, clock=lambda: 10 * time.monotonic())
    monkeypatch.setattr(admission, "AdaptiveConcurrency", hasty)
    patient = options(concurrency=8, max_calls=50)
    with Crowded(Behaviour(latency_seconds=0.005)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=8)
        run = run_panel(panel_id=panel.pk, options=patient, by=TESTER)
    assert run.status == "complete"
    assert panel_progress(panel).missing == {}
    # All sessions still have calls to make in the middle.
    calls = endpoint.at_once
    middle = calls[len(calls) // 2 : len(calls) * 3 // 4]
    assert sum(middle) / len(middle) < 3
