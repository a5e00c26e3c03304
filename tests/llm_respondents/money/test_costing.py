"""What a panel will cost, has cost, and by whose count: against an endpoint that counts tokens."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.management import call_command
from factories import TESTER
from workers import options

from llm_respondents.conversation.prompts import Arm
from llm_respondents.endpoints.file import NANO, Price
from llm_respondents.models import Attempt, Panel, StudyBudget
from llm_respondents.money.account import cost_of
from llm_respondents.money.forecast import estimate_cost, pilot_cost
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.services import cap_spend, run_panel

ARMS = [
    Arm(),
    Arm(history="window", window=3),
    Arm(history="none", elicitation="number"),
    Arm(history="block", items_per_turn="page"),
    Arm(elicitation="reason"),
    Arm(elicitation="distribution", items_per_turn="block"),
]


@pytest.fixture
def lab(list_endpoint):
    """Start an endpoint with a price list; the price of prompts is an odd one on purpose."""
    started = []

    def start(price=1.0007, **behaviour):
        endpoint = Endpoint(Behaviour(**behaviour)).__enter__()
        started.append(endpoint)
        list_endpoint(endpoint.base_url, prompt=price, completion=3.3)
        return endpoint

    yield start
    for endpoint in started:
        endpoint.__exit__(None, None, None)


def spent(panel):
    return Panel.objects.get(pk=panel.pk).spent_nano


def within(range_, name, truth):
    return getattr(range_.low, name) <= truth <= getattr(range_.high, name)


@pytest.mark.parametrize("arm", ARMS)
def test_the_texts_foretell_the_tokens_of_a_panel(lab, recruit, arm):
    panel = recruit(base_url=lab().base_url, sessions=2, arms=(arm,))
    before = estimate_cost(panel)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    bill = cost_of(panel)
    assert within(before, "prompt_tokens", bill.prompt_tokens)
    assert within(before, "completion_tokens", bill.completion_tokens)
    assert within(before, "nano", bill.spent_nano)
    # The expectation is of use: not just somewhere in a range that is wide enough. Only how long
    # a model's reasons are cannot be known: this one gives a single word.
    near = 0.35 if arm.elicitation == "reason" else 0.15
    assert before.expected.prompt_tokens == pytest.approx(bill.prompt_tokens, rel=near)
    assert before.high.nano < before.most.nano


def test_nothing_is_asked_for_an_estimate_and_reality_does_not_change_it(lab, recruit):
    endpoint = lab()
    panel = recruit(base_url=endpoint.base_url, sessions=2)
    before = estimate_cost(panel)
    assert endpoint.requests == []
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert estimate_cost(panel) == before


def test_an_estimate_of_a_large_panel_is_scaled_up_from_a_few_sessions_of_each_cell(recruit):
    arms = (Arm(), Arm(history="none"))
    small = estimate_cost(recruit(sessions=2, arms=arms))
    large = estimate_cost(recruit(sessions=200, arms=arms))
    assert (large.sessions, large.based_on) == (200, 20)
    assert large.expected.prompt_tokens == pytest.approx(100 * small.expected.prompt_tokens, 0.01)
    assert large.expected.nano is None
    assert large.notes == ("price_unknown",)


def test_a_bound_of_the_session_bounds_the_estimate(recruit):
    whole, part = (estimate_cost(recruit(sessions=1, max_turns=turns)) for turns in (0, 10))
    assert part.low.calls == 10
    assert part.expected.prompt_tokens < whole.expected.prompt_tokens / 4


def test_without_faults_the_account_is_the_price_of_the_tokens_to_the_billionth(lab, recruit):
    endpoint = lab()
    panel = recruit(base_url=endpoint.base_url, sessions=3)
    run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    found = reconcile_panel(panel)
    assert found.is_exact
    theirs = endpoint.account.prompt_tokens + endpoint.account.completion_tokens
    assert found.prompt_tokens + found.completion_tokens + found.probe_tokens == theirs
    assert found.probe_nano > 0
    assert found.expected_nano == found.attempts_nano == found.booked_nano - found.probe_nano
    assert found.booked_nano == spent(panel)
    assert (found.calls, found.counted_calls) == (120, 120)


def test_what_timeouts_may_have_cost_is_named_to_the_billionth(lab, recruit):
    endpoint = lab(hang=0.05, malformed_answer=0.02, server_error=0.03, hang_seconds=2)
    panel = recruit(base_url=endpoint.base_url, sessions=3)
    run_panel(panel_id=panel.pk, options=options(timeout_seconds=0.3), by=TESTER)
    found = reconcile_panel(panel)
    timeouts = Attempt.objects.filter(detail__startswith="timeout")
    assert found.bound_calls == found.lost_calls == timeouts.count() > 0
    assert found.bound_nano == sum(timeouts.values_list("cost_nano", flat=True))
    assert found.booked_nano == spent(panel) == found.expected_nano + found.bound_nano
    assert found.unreconciled_nano == found.bound_nano
    assert not found.is_exact
    # What the endpoint would really bill lies between the two sums.
    theirs = endpoint.account
    billed = found.prices[0].nano(theirs.prompt_tokens, theirs.completion_tokens)
    assert found.expected_nano < billed < found.booked_nano


def test_a_reply_without_a_count_is_held_to_cost_the_most_it_can(lab, recruit):
    panel = recruit(base_url=lab(usage_missing=0.1).base_url, sessions=2)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    found, silent = reconcile_panel(panel), Attempt.objects.filter(prompt_tokens=None)
    assert found.uncounted_replies == found.bound_calls == silent.count() > 0
    assert found.booked_nano == found.expected_nano + found.bound_nano
    assert cost_of(panel).calls_without_usage == silent.count()


class Pricing(Endpoint):
    """Counts half of each prompt as cached and says what each call costs, as some do."""

    def _completion(self, *given):
        completion = super()._completion(*given)
        usage = completion["usage"]
        usage["prompt_tokens_details"] = {"cached_tokens": usage["prompt_tokens"] // 2}
        usage["cost"] = 0.00125
        return completion


def test_cached_tokens_have_a_price_of_their_own_and_the_endpoint_its_own_account(
    recruit, list_endpoint
):
    with Pricing() as endpoint:
        cached = "cached_input_per_million = 0.1"
        list_endpoint(endpoint.base_url, completion=3.3, more=cached)
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    found = reconcile_panel(panel)
    cached, other = found.cached_tokens, found.prompt_tokens - found.cached_tokens
    assert found.is_exact
    assert found.expected_nano == cached * 100 + other * 1000 + found.completion_tokens * 3300
    assert (found.provider_calls, found.provider_nano) == (40, 40 * 1_250_000)
    assert "cached" in pilot_cost(panel).notes
    panel.group.refresh_from_db()
    assert "0.05 by the endpoint's own account" in panel.group.method["cost"]


def test_tokens_that_are_written_into_a_cache_have_a_price_of_their_own_and_no_cap_is_passed(
    recruit, list_endpoint
):
    with Endpoint() as endpoint:
        more = "cached_input_per_million = 0.1\ncache_write_per_million = 1.25"
        list_endpoint(endpoint.base_url, api="anthropic", more=more)
        panel = recruit(base_url=endpoint.base_url, sessions=1, api="anthropic")
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
        prompt, said = endpoint.account.prompt_tokens, endpoint.account.completion_tokens
    found = reconcile_panel(panel)
    read, written = found.cached_tokens, found.written_tokens
    fresh = found.prompt_tokens - read - written
    assert found.is_exact
    assert (found.prompt_tokens, found.completion_tokens) == (prompt, said)
    assert read > written > 0
    assert found.booked_nano == read * 100 + written * 1250 + fresh * 1000 + said * 3000
    panel.group.refresh_from_db()
    assert "written into the cache" in panel.group.method["cost"]


def test_the_most_that_a_call_can_cost_is_that_of_writing_all_of_it_into_the_cache():
    price = Price(Decimal(1), Decimal(3), Decimal("0.1"), cache_write_per_million=Decimal("1.25"))
    assert price.most(1000, 10) == price.nano(1000, 10, 0, 1000) == 1000 * 1250 + 10 * 3000
    assert price.in_batch.most(1000, 10) == (1000 * 1250 + 10 * 3000) // 2
    # No more tokens can have been read and written than there were.
    assert price.nano(1000, 0, 800, 800) == 800 * 100 + 200 * 1250


def test_a_price_list_that_changes_leaves_the_account_as_it_was(
    lab, recruit, list_endpoint, settings
):
    endpoint = lab()
    panel = recruit(base_url=endpoint.base_url, sessions=4)
    cap_spend(panel=panel, cap=Decimal("0.02"), by=TESTER)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    list_endpoint(endpoint.base_url, prompt=7, completion=3.3)
    cap_spend(panel=panel, cap=None, by=TESTER)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    (settings.DATA_DIR / "endpoints.toml").write_text("")
    found = reconcile_panel(panel)
    assert [price.input_per_million for price in found.prices] == [Decimal("1.0007"), Decimal(7)]
    assert found.is_exact
    assert found.expected_nano == spent(panel)


def test_what_was_booked_for_sessions_that_were_deleted_stays_named(lab, recruit):
    panel = recruit(base_url=lab().base_url, sessions=2)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    attempts = Attempt.objects.filter(administration__respondent__panel_member__number=1)
    theirs = sum(attempts.values_list("cost_nano", flat=True))
    attempts.delete()
    found = reconcile_panel(panel)
    assert found.unrecorded_nano == theirs > 0
    assert found.booked_nano == found.expected_nano + found.unrecorded_nano


def test_what_killed_workers_held_is_named(lab, recruit):
    panel = recruit(base_url=lab().base_url, sessions=1)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    Panel.objects.update(reserved_nano=1234)
    found = reconcile_panel(panel)
    assert found.abandoned_nano == found.unreconciled_nano == 1234
    assert found.total_nano == found.booked_nano + 1234


def test_the_bill_says_what_is_spent_left_and_to_come(lab, recruit, open_study):
    panel = recruit(base_url=lab().base_url, sessions=6)
    StudyBudget.objects.create(study=open_study, cap_nano=NANO)
    cap_spend(panel=panel, cap=Decimal("0.1"), by=TESTER)
    assert cost_of(panel).projected_nano is None
    run_panel(panel_id=panel.pk, options=options(concurrency=1), by=TESTER)
    bill = cost_of(panel)
    assert (bill.spent_nano, bill.cap_nano) == (spent(panel), NANO // 10)
    assert bill.room_nano == bill.cap_nano - bill.spent_nano
    assert bill.study_room_nano == NANO - bill.spent_nano
    assert bill.exceeds_cap
    cap_spend(panel=panel, cap=None, by=TESTER)
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    assert bill.projected_nano == pytest.approx(spent(panel), rel=0.02)
    assert cost_of(panel).projected_nano == spent(panel)


def pilot(first):
    return replace(options(), first=first)


def test_a_pilot_conducts_the_first_sessions_and_they_count(lab, recruit):
    endpoint = lab()
    panel = recruit(base_url=endpoint.base_url, sessions=5)
    run = run_panel(panel_id=panel.pk, options=pilot(2), by=TESTER)
    assert (run.status, run.unfinished, len(endpoint.requests)) == ("ready", 3, 80)
    again = run_panel(panel_id=panel.pk, options=pilot(2), by=TESTER)
    assert (again.status, len(endpoint.requests)) == ("ready", 80)
    assert run_panel(panel_id=panel.pk, options=options(), by=TESTER).status == "complete"
    assert len(endpoint.requests) == 200


def test_a_pilot_foretells_what_the_whole_panel_costs(lab, recruit):
    arms = (Arm(), Arm(history="none"))
    endpoint = lab(malformed_answer=0.05)
    panel = recruit(base_url=endpoint.base_url, sessions=24, arms=arms, max_turns=15)
    run_panel(panel_id=panel.pk, options=pilot(12), by=TESTER)
    foretold = pilot_cost(panel)
    assert (foretold.sessions, foretold.based_on, foretold.notes) == (24, 12, ())
    # Much narrower than what the texts alone can tell.
    assert foretold.high.nano < 1.1 * foretold.low.nano
    run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    bill = cost_of(panel)
    assert foretold.low.nano <= bill.spent_nano <= foretold.high.nano
    assert within(foretold, "prompt_tokens", bill.prompt_tokens)
    after = pilot_cost(panel)
    assert (after.low.nano, after.high.nano) == (bill.spent_nano, bill.spent_nano)


def test_a_pilot_says_when_it_is_too_small(lab, recruit):
    panel = recruit(base_url=lab().base_url, sessions=8, arms=(Arm(), Arm(history="none")))
    assert pilot_cost(panel) is None
    run_panel(panel_id=panel.pk, options=pilot(1), by=TESTER)
    assert pilot_cost(panel).notes == ("no_interval", "cells_unseen")
    run_panel(panel_id=panel.pk, options=pilot(4), by=TESTER)
    assert pilot_cost(panel).notes == ("few_sessions",)


def call(capsys, **given):
    call_command("run_panel", json=True, **{"verbosity": 0, "no_probe": True, **given})
    return json.loads(capsys.readouterr().out)


def test_the_command_says_what_a_panel_will_cost_and_asks_nothing(lab, open_study, capsys):
    endpoint = lab()
    model = {"model": "small", "base_url": endpoint.base_url}
    facts = call(capsys, study=open_study.slug, sessions=3, key="p", estimate=True, **model)
    assert endpoint.requests == []
    assert (facts["status"], facts["calls"], facts["projection"]) == ("ready", 0, None)
    pilot = call(capsys, study=open_study.slug, key="p", pilot=2)
    assert (pilot["status"], len(endpoint.requests)) == ("ready", 80)
    assert pilot["projection"]["based_on"] == 2
    whole = call(capsys, panel=pilot["panel"])
    spent = whole["bill"]["spent_nano"]
    for foretold in (facts["estimate"], pilot["projection"]):
        assert foretold["low"]["nano"] <= spent <= foretold["high"]["nano"]
    assert whole["reconciliation"]["expected_nano"] == spent
    assert whole["reconciliation"]["is_exact"]


def test_the_command_prints_the_account(lab, open_study, capsys):
    endpoint = lab(hang=0.1, hang_seconds=2)
    given = {"study": open_study.slug, "model": "small", "base_url": endpoint.base_url}
    call_command("run_panel", sessions=3, pilot=1, timeout=0.3, verbosity=0, **given)
    printed = capsys.readouterr().out
    for part in ("Cost: ", "when complete", "tokens by the provider's count: ", "Probe of the"):
        assert part in printed
    assert "calls without a count, held to cost the most they can: " in printed
    assert "By the 1 session that ended, all 3 sessions cost " in printed
    assert "By the texts alone, all 3 sessions cost " in printed
    assert "One session gives no range." in printed


def test_a_report_reads_the_cost_its_prices_and_what_is_uncertain(lab, recruit):
    panel = recruit(base_url=lab().base_url, sessions=1)
    run_panel(panel_id=panel.pk, options=options(probe=True), by=TESTER)
    panel.group.refresh_from_db()
    bill, cost = cost_of(panel), panel.group.method["cost"]
    assert cost.startswith(f"{bill.prompt_tokens:,} prompt and {bill.completion_tokens:,} complet")
    assert "(per million: 1.0007 for prompt tokens, 3.3 for completion tokens)" in cost
    assert cost.endswith("; reconciled exactly")
    assert "remember the first word" in panel.group.method["context_used"]


def test_an_account_without_a_price_is_one_of_tokens(recruit):
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    found = reconcile_panel(panel)
    assert (found.expected_nano, found.booked_nano, found.unpriced_calls) == (None, 0, 40)
    assert found.prompt_tokens == cost_of(panel).prompt_tokens > 0
    panel.group.refresh_from_db()
    assert panel.group.method["cost"].endswith(" completion tokens")
