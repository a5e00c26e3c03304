"""Prices that are noted and probes that are booked at once undo nothing of each other."""

import threading
from decimal import Decimal

import pytest
from django.db import connections
from factories import TESTER
from workers import options

from llm_respondents.models import Panel
from llm_respondents.money.prices import note_price, price_listed, price_periods
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import probing, run_panel


@pytest.fixture
def lab(list_endpoint):
    with Endpoint(Behaviour()) as endpoint:
        list_endpoint(endpoint.base_url)
        yield endpoint


def test_a_worker_that_notes_its_price_late_leaves_what_a_probe_found_and_cost(
    lab, recruit, list_endpoint
):
    panel = recruit(base_url=lab.base_url, sessions=1)
    # A worker that began when nothing was known of the panel, and comes to its price only now.
    stale = Panel.objects.get(pk=panel.pk)
    assert run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER).status == "complete"
    list_endpoint(lab.base_url, completion=Decimal("3.5"))
    note_price(stale, price_listed(stale))
    panel.refresh_from_db()
    account = reconcile_panel(panel)
    assert account.probe_nano > 0
    assert account.unrecorded_nano == 0
    assert account.booked_nano == account.expected_nano + account.probe_nano
    assert panel.capabilities["response_format"] == "honoured"
    assert [str(one.price.output_per_million) for one in price_periods(panel)] == ["3", "3.5"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_begin_at_once_pay_for_both_probes_and_note_one_price(
    lab, recruit, monkeypatch
):
    panel = recruit(base_url=lab.base_url, sessions=2)
    together = threading.Barrier(2)
    whole_probe = probing.probe

    async def both_have_begun(*given, **more):
        found = await whole_probe(*given, **more)
        together.wait(timeout=30)
        return found

    monkeypatch.setattr(probing, "probe", both_have_begun)

    def work():
        run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
        connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    panel.refresh_from_db()
    assert panel.status == "complete"
    account = reconcile_panel(panel)
    # Six calls find out everything.
    assert account.probe_calls == 12
    assert account.unrecorded_nano == 0
    assert account.reserved_nano == 0
    assert len(price_periods(panel)) == 1
