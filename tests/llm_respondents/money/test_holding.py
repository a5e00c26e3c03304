"""Money is held back for many calls at once, and no concurrency passes a cap by a billionth."""

import asyncio
import threading
from contextlib import contextmanager
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from factories import TESTER

from llm_respondents.endpoints.file import NANO, Price
from llm_respondents.models import Panel, StudyBudget
from llm_respondents.runner.purse import Purse, Together
from llm_respondents.services import cap_spend, cap_study_spend
from llm_respondents.store.leases import LeasedGateway, hold_spend
from llm_respondents.store.outcomes import Lease
from llm_respondents.store.reservations import hold_amounts, settle_amounts
from surveys.models import Study


def nano(amount):
    return Decimal(amount) / NANO


def held_and_spent():
    return sum(panel.reserved_nano + panel.spent_nano for panel in Panel.objects.all())


@contextmanager
def threads(*functions):
    """Run functions beside the test, each with connections of its own; raise what they raise."""
    errors = []

    def run(function):
        try:
            function()
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
        finally:
            connections.close_all()

    running = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in running:
        thread.start()
    yield running
    for thread in running:
        thread.join(60)
        assert not thread.is_alive(), "waited in vain"
    assert not errors, errors


def test_each_amount_is_held_or_told_which_cap_has_no_room(recruit, open_study):
    panel = recruit(sessions=1)
    cap_spend(panel=panel, cap=nano(1000), by=TESTER)
    assert hold_amounts(panel.pk, [600, 500, 400, 1]) == ["", "budget_spent", "", "budget_spent"]
    cap_study_spend(study=open_study, cap=nano(1000), by=TESTER)
    assert hold_amounts(panel.pk, [0, 1]) == ["", "study_budget_spent"]
    settle_amounts(panel.pk, reserved=1000, spent=300)
    panel.refresh_from_db()
    assert (panel.reserved_nano, panel.spent_nano) == (0, 300)
    assert hold_amounts(panel.pk, [701, 700]) == ["study_budget_spent", ""]


def test_a_panel_that_is_gone_holds_nothing(db):
    with pytest.raises(Panel.DoesNotExist):
        hold_amounts(4711, [1])


def test_calls_that_wait_at_once_are_held_for_in_one_transaction(recruit):
    panel = recruit(sessions=1)
    cap_spend(panel=panel, cap=nano(100), by=TESTER)

    async def ask():
        gateway = LeasedGateway(Lease(panel.pk, "a"))
        return await asyncio.gather(*(gateway.hold(7) for _ in range(20)))

    with CaptureQueriesContext(connections["default"]) as queries:
        codes = async_to_sync(ask)()
    assert codes == [""] * 14 + ["budget_spent"] * 6
    updates = [query for query in queries if query["sql"].startswith("UPDATE")]
    assert len(updates) == 1
    assert held_and_spent() == 98


def test_whoever_comes_while_the_store_is_at_it_is_served_next():
    served = []

    async def store(amounts):
        served.append(list(amounts))
        await asyncio.sleep(0.01)
        if 13 in amounts:
            raise OSError("the store is away")
        return ["" for _ in amounts]

    async def ask():
        together = Together(store)
        first = [asyncio.create_task(together.hold(amount)) for amount in (1, 2)]
        await asyncio.sleep(0.005)
        second = [asyncio.create_task(together.hold(amount)) for amount in (13, 4)]
        second[1].cancel()
        codes = await asyncio.gather(*first)
        with pytest.raises(OSError, match="away"):
            await second[0]
        return [*codes, await together.hold(5)]

    assert asyncio.run(ask()) == ["", "", ""]
    assert served[0] == [1, 2]
    assert served[-1] == [5]


def test_a_running_length_bounds_as_the_messages_do():
    purse = Purse(Price(Decimal(1), Decimal(3)), 10, hold=lambda _amount: None)
    messages = [{"role": "user", "content": "Größe"}, {"role": "assistant", "content": "3"}]
    assert purse.bound(messages, {}) == purse.bound_of(8, 2, {})


@pytest.mark.django_db(transaction=True)
def test_loops_of_several_workers_and_panels_fill_the_caps_exactly(recruit, open_study):
    panels = [recruit(sessions=1, key=key) for key in ("one", "two", "three")]
    cap_study_spend(study=open_study, cap=nano(1000), by=TESTER)
    cap_spend(panel=panels[0], cap=nano(70), by=TESTER)
    codes = []

    def worker(panel):
        async def ask():
            gateway = LeasedGateway(Lease(panel.pk, "w"))
            return await asyncio.gather(*(gateway.hold(7) for _ in range(60)))

        return lambda: codes.extend(async_to_sync(ask)())

    with threads(*(worker(panel) for panel in panels for _ in range(2))):
        pass
    assert len(codes) == 360
    assert codes.count("") == 1000 // 7
    assert held_and_spent() == 994
    assert Panel.objects.get(pk=panels[0].pk).reserved_nano <= 70


@pytest.mark.django_db(transaction=True)
def test_a_cap_that_is_set_and_lowered_meanwhile_holds_from_then_on(recruit, open_study):
    panels = [recruit(sessions=1, key=key) for key in ("one", "two")]
    ended = threading.Event()

    def worker(panel):
        def work():
            while not ended.is_set():
                hold_spend(Lease(panel.pk, "w"), 3)
                settle_amounts(panel.pk, reserved=3, spent=1)

        return work

    with threads(*(worker(panel) for panel in panels)):
        try:
            for _ in range(10):
                cap_study_spend(study=open_study, cap=None, by=TESTER)
                cap_study_spend(study=open_study, cap=nano(held_and_spent() + 40), by=TESTER)
        finally:
            ended.set()
    assert StudyBudget.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_new_study_cap_counts_what_is_being_held_back_at_that_moment(recruit, open_study):
    one, two = (recruit(sessions=1, key=key) for key in ("one", "two"))
    is_held, may_commit, is_capped = (threading.Event() for _ in range(3))

    def holder():
        with transaction.atomic():
            assert hold_amounts(one.pk, [60]) == [""]
            is_held.set()
            assert may_commit.wait(30)

    def capper():
        assert is_held.wait(30)
        cap_study_spend(study=Study.objects.get(pk=open_study.pk), cap=nano(100), by=TESTER)
        is_capped.set()

    with threads(holder, capper):
        assert is_held.wait(30)
        # The cap waits for the money that is being held back.
        early = is_capped.wait(1)
        code = hold_spend(Lease(two.pk, "b"), 60) if early else ""
        may_commit.set()
        assert is_capped.wait(30)
    if not early:
        code = hold_spend(Lease(two.pk, "b"), 60)
    assert code == "study_budget_spent"
    assert held_and_spent() == 60


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_panel_appears_while_a_cap_is_being_set(recruit, open_study):
    is_capped, is_recruited = threading.Event(), threading.Event()

    def capper():
        with transaction.atomic():
            cap_study_spend(study=Study.objects.get(pk=open_study.pk), cap=nano(100), by=TESTER)
            is_capped.set()
            assert not is_recruited.wait(0.5)

    def recruiter():
        assert is_capped.wait(30)
        panel = recruit(sessions=1)
        is_recruited.set()
        assert hold_spend(Lease(panel.pk, "a"), 101) == "study_budget_spent"

    with threads(capper, recruiter):
        pass
    assert is_recruited.is_set()
