"""All panels of a study together never cost more than its cap."""

import threading
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections
from django.db.models import F, Sum
from factories import TESTER
from workers import options

from llm_respondents.endpoints.file import NANO
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Panel, StudyBudget
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import cancel_panel, cap_spend, cap_study_spend, run_panel
from llm_respondents.store.leases import hold_spend
from llm_respondents.store.outcomes import Lease


@pytest.fixture
def lab(list_endpoint):
    with Endpoint(Behaviour(latency_seconds=0.01, server_error=0.05)) as endpoint:
        list_endpoint(endpoint.base_url)
        yield endpoint


def held_and_spent():
    both = Sum(F("spent_nano") + F("reserved_nano"))
    return Panel.objects.aggregate(both=both)["both"]


@pytest.mark.django_db(transaction=True)
def test_panels_that_run_at_once_never_hold_and_spend_more_together(lab, recruit, open_study):
    panels = [recruit(base_url=lab.base_url, sessions=5, key=key) for key in ("one", "two")]
    cap_study_spend(study=open_study, cap=Decimal("0.08"), by=TESTER)
    runs, seen, done = [], [], threading.Event()

    def work(panel):
        runs.append(run_panel(panel_id=panel.pk, options=options(concurrency=5), by=TESTER))
        connections.close_all()

    def look():
        while not done.wait(0.005):
            seen.append(held_and_spent())
        connections.close_all()

    workers = [threading.Thread(target=work, args=(panel,)) for panel in panels]
    watcher = threading.Thread(target=look)
    for thread in (*workers, watcher):
        thread.start()
    for thread in workers:
        thread.join()
    done.set()
    watcher.join()

    assert {(run.status, run.halt_code) for run in runs} == {("halted", "study_budget_spent")}
    assert max(seen) <= 0.08 * NANO
    tokens = Attempt.objects.exclude(prompt_tokens=None)
    billed = tokens.aggregate(n=Sum(F("prompt_tokens") * 1000 + F("completion_tokens") * 3000))
    assert held_and_spent() == billed["n"] <= 0.08 * NANO
    # What is left would not have paid for one more call at its longest.
    assert 0.08 * NANO - held_and_spent() < 0.02 * NANO


@pytest.mark.django_db(transaction=True)
def test_reservations_of_many_workers_and_panels_add_up_to_the_cap_exactly(recruit, open_study):
    leases = [Lease(recruit(sessions=1, key=key).pk, key) for key in ("one", "two", "three")]
    cap_study_spend(study=open_study, cap=Decimal("0.000000100"), by=TESTER)
    granted = []

    def worker(lease):
        granted.extend(hold_spend(lease, 7) == "" for _ in range(10))
        connections.close_all()

    workers = [threading.Thread(target=worker, args=(lease,)) for lease in leases]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert len(granted) == 30
    assert sum(granted) == 14
    assert held_and_spent() == 98


def test_it_is_said_which_cap_is_spent(recruit, open_study):
    lease = Lease(recruit(sessions=1).pk, "a")
    assert hold_spend(lease, 500) == ""
    cap_spend(panel=Panel.objects.get(), cap=Decimal("0.000001"), by=TESTER)
    cap_study_spend(study=open_study, cap=Decimal("0.000002"), by=TESTER)
    assert hold_spend(lease, 501) == "budget_spent"
    cap_study_spend(study=open_study, cap=Decimal("0.0000009"), by=TESTER)
    assert hold_spend(lease, 401) == "study_budget_spent"
    assert hold_spend(lease, 400) == ""
    cap_study_spend(study=open_study, cap=None, by=TESTER)
    assert not StudyBudget.objects.exists()
    assert hold_spend(lease, 100) == ""


def test_a_raised_cap_lets_the_panel_go_on_and_cancelling_leaves_its_own_reason(
    lab, recruit, open_study
):
    panel = recruit(base_url=lab.base_url, sessions=2)
    cap_study_spend(study=open_study, cap=Decimal("0.02"), by=TESTER)
    first = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    cap_study_spend(study=open_study, cap=Decimal("0.03"), by=TESTER)
    second = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert first.halt_code == second.halt_code == "study_budget_spent"
    assert second.progress.answered > 0
    cancel_panel(panel=Panel.objects.get(), by=TESTER)
    assert set(panel_progress(panel).missing) == {"budget_stop"}


def test_under_a_study_cap_a_model_needs_a_price_and_a_script_does_not(
    recruit, scripted, open_study
):
    cap_study_spend(study=open_study, cap=Decimal(1), by=TESTER)
    with pytest.raises(PanelStateError) as refusal:
        run_panel(panel_id=recruit(sessions=1).pk, options=options(), by=TESTER)
    assert refusal.value.code == "price_unknown"
    assert (
        run_panel(panel_id=scripted(sessions=1).pk, options=options(), by=TESTER).status
        == "complete"
    )
    with pytest.raises(PanelStateError) as refusal:
        cap_study_spend(study=open_study, cap=Decimal(-1), by=TESTER)
    assert refusal.value.code == "cap_negative"


def test_the_command_sets_the_cap_of_the_study(lab, recruit, capsys):
    panel = recruit(base_url=lab.base_url, sessions=2)
    with pytest.raises(CommandError, match="study_budget_spent"):
        call_command(
            "run_panel", panel=panel.pk, study_spend_cap=Decimal("0.02"), no_probe=True, verbosity=0
        )
    assert StudyBudget.objects.get().cap_nano == 0.02 * NANO
