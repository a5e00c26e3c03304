"""A panel never costs more than its cap, whatever runs at once; the account is exact."""

from decimal import Decimal

import pytest
from factories import TESTER
from workers import options

from llm_respondents.endpoints.file import NANO
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Panel
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import cancel_panel, cap_spend, resume_panel, run_panel
from llm_respondents.store.leases import hold_spend
from llm_respondents.store.outcomes import Lease


@pytest.fixture
def lab(list_endpoint):
    behaviour = Behaviour(latency_seconds=0.01, server_error=0.05, malformed_answer=0.02)
    with Endpoint(behaviour) as endpoint:
        list_endpoint(endpoint.base_url)
        yield endpoint


def billed():
    """What the endpoint would put on the bill, from its own counts."""
    tokens = Attempt.objects.exclude(prompt_tokens=None).values_list(
        "prompt_tokens", "completion_tokens"
    )
    return sum(prompt * 1000 + completion * 3000 for prompt, completion in tokens)


def test_without_a_cap_the_cost_of_every_call_is_kept(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=3)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    panel.refresh_from_db()
    assert panel.spent_nano == billed() > 0
    assert panel.reserved_nano == 0
    costs = Attempt.objects.values_list("cost_nano", flat=True)
    assert sum(costs) == panel.spent_nano
    assert None not in costs


@pytest.mark.parametrize("concurrency", [1, 20])
def test_a_capped_panel_stops_below_its_cap_and_says_so(lab, recruit, concurrency):
    panel = recruit(base_url=lab.base_url, sessions=10)
    cap_spend(panel=panel, cap=Decimal("0.05"), by=TESTER)
    run = run_panel(panel_id=panel.pk, options=options(concurrency=concurrency), by=TESTER)
    panel.refresh_from_db()
    assert (run.status, run.halt_code) == ("halted", "budget_spent")
    assert panel.spent_nano == billed() <= int(0.05 * NANO)
    assert panel.reserved_nano == 0
    # Not timid either: what is left would not have paid for one more call at its longest.
    assert int(0.05 * NANO) - panel.spent_nano < 0.02 * NANO


def test_a_raised_cap_lets_the_panel_go_on_where_it_was(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=2)
    cap_spend(panel=panel, cap=Decimal("0.02"), by=TESTER)
    first = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    cap_spend(panel=panel, cap=Decimal(1), by=TESTER)
    second = run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert (first.status, second.status) == ("halted", "complete")
    assert panel_progress(panel).answered == 80


def test_cancelling_at_the_cap_leaves_its_own_reason(lab, recruit):
    panel = recruit(base_url=lab.base_url, sessions=2)
    cap_spend(panel=panel, cap=Decimal("0.02"), by=TESTER)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    panel.refresh_from_db()
    cancel_panel(panel=panel, by=TESTER)
    assert set(panel_progress(panel).missing) == {"budget_stop"}


def test_a_cap_without_a_price_is_refused_before_anything_is_asked(recruit):
    panel = recruit(sessions=1)
    cap_spend(panel=panel, cap=Decimal(1), by=TESTER)
    with pytest.raises(PanelStateError) as refusal:
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert refusal.value.code == "price_unknown"


def test_reservations_never_add_up_to_more_than_the_cap(recruit):
    panel = recruit(sessions=1)
    cap_spend(panel=panel, cap=Decimal("0.000001"), by=TESTER)
    lease = Lease(panel.pk, "a")
    granted = [hold_spend(lease, 300) == "" for _ in range(5)]
    assert granted == [True, True, True, False, False]
    assert Panel.objects.get().reserved_nano == 900


def test_a_call_that_may_have_been_billed_stays_counted(list_endpoint, recruit):
    with Endpoint(Behaviour(hang=1.0, hang_seconds=1)) as silent:
        list_endpoint(silent.base_url)
        panel = recruit(base_url=silent.base_url, sessions=1)
        cap_spend(panel=panel, cap=Decimal("0.02"), by=TESTER)
        run = run_panel(
            panel_id=panel.pk, options=options(timeout_seconds=0.05, max_calls=1000), by=TESTER
        )
    panel.refresh_from_db()
    assert run.halt_code == "budget_spent"
    assert 0 < panel.spent_nano <= 0.02 * NANO
    assert resume_panel(panel=panel, by=TESTER).status == "ready"
