"""Turns that were lost for want of a reply are asked again in their place; nothing is doubled."""

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from factories import TESTER
from price_lists import list_prices
from workers import options

from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Panel
from llm_respondents.money.forecast import cost_of_asking_again
from llm_respondents.readout.progress import panel_progress
from llm_respondents.rehearsal import Endpoint
from llm_respondents.services import cancel_panel, cap_spend, pause_panel, run_panel
from llm_respondents.services.afterwards.lost_turns import reopen_lost_turns
from surveys.models import Action, Answer, AnswerRevision, AuditEntry

DOWN = json.dumps({"error": {"message": "overloaded"}})


class Failing:
    """An endpoint that fails for some questions, by their words."""

    def __init__(self, *questions):
        self.questions = set(questions)

    def __call__(self, request, _number):
        return (500, DOWN) if request["messages"][-1]["content"] in self.questions else None


def texts_of(panel):
    """The question of each turn of the panel's first session, word for word."""
    calls = Attempt.objects.of(panel).filter(closes_turn=True).order_by("turn")
    return [call.new_messages[-1]["content"] for call in calls]


@pytest.fixture
def endpoint():
    with Endpoint() as made:
        yield made


def run(panel):
    done = run_panel(panel_id=panel.pk, options=options(max_calls=2), by=TESTER)
    panel.refresh_from_db()
    return done


@pytest.fixture
def questions(endpoint, recruit):
    """What each turn of a session asks, where nothing fails."""
    other = recruit(base_url=endpoint.base_url, sessions=1, key="whole")
    run(other)
    asked = texts_of(other)
    endpoint.requests.clear()
    return asked


def lossy(endpoint, recruit, questions, *turns, **values):
    endpoint.odd = Failing(*(questions[turn] for turn in turns))
    panel = recruit(base_url=endpoint.base_url, **{"sessions": 1, **values})
    assert run(panel).status == "complete"
    endpoint.odd = None
    return panel


def test_a_lost_turn_is_asked_in_its_place_and_the_others_stay(endpoint, recruit, questions):
    panel = lossy(endpoint, recruit, questions, 3, 5)
    before = {a.pk: (a.value, a.missing_reason) for a in panel.answers}
    assert panel_progress(panel).missing == {"transport_error": 2}
    opened = reopen_lost_turns(panel=panel, by=TESTER)
    assert (opened.sessions, opened.turns, panel.status) == (1, 2, "ready")
    # Until they are asked the answers say why they are missing.
    assert {a.pk: (a.value, a.missing_reason) for a in panel.answers} == before
    asked = len(endpoint.requests)
    assert run(panel).status == "complete"

    first, second = endpoint.conversations[asked:]
    users = [m["content"] for m in first if m["role"] == "user"]
    assert users == questions[:4]
    assert [m["content"] for m in second if m["role"] == "user"] == questions[:6]
    progress = panel_progress(panel)
    assert (progress.missing_total, progress.answered) == (0, progress.questions)
    changed = [a for a in panel.answers if (a.value, a.missing_reason) != before[a.pk]]
    assert len(changed) == 2
    kept = AnswerRevision.objects.filter(answer__in=changed)
    assert set(kept.values_list("missing_reason", flat=True)) == {"transport_error"}
    calls = Attempt.objects.of(panel)
    assert calls.filter(set_aside=True, used=False).count() == 4
    assert calls.filter(used=True, closes_turn=True).count() == len(questions)
    assert not calls.exclude(flags=[]).exists()
    panel.group.refresh_from_db()
    line = panel.group.method["retries"]
    assert "2 turns that had been lost" in line
    assert f"{len(questions) - 5} turns behind them had been asked without them" in line
    row = AuditEntry.objects.get(action=Action.TURNS_REOPENED)
    assert (row.before, row.after["turns"]) == ({"status": "complete"}, 2)
    with pytest.raises(PanelStateError) as refused:
        reopen_lost_turns(panel=panel, by=TESTER)
    assert refused.value.code == "nothing_lost"


def test_what_is_lost_again_stays_missing_and_can_be_asked_once_more(endpoint, recruit, questions):
    panel = lossy(endpoint, recruit, questions, 1, len(questions) - 1)
    for missing in (1, 0):
        endpoint.odd = Failing(questions[1]) if missing else None
        reopen_lost_turns(panel=panel, by=TESTER)
        assert run(panel).status == "complete"
        assert panel_progress(panel).missing_total == missing
    assert Answer.objects.filter(administration__in=panel.sessions).count() == len(questions)
    numbers = Attempt.objects.of(panel).filter(used=True).values_list("turn", "number")
    assert len(numbers) == len(set(numbers)) == len(questions)


def test_a_bound_of_the_session_itself_is_not_asked_past(endpoint, recruit, questions):
    panel = lossy(endpoint, recruit, questions, 2, max_turns=6)
    assert panel_progress(panel).missing == {
        "transport_error": 1,
        "budget_stop": len(questions) - 6,
    }
    # Only the lost turn is asked, and the session ends where it did.
    reopen_lost_turns(panel=panel, by=TESTER)
    asked = len(endpoint.requests)
    run(panel)
    assert len(endpoint.requests) == asked + 1
    assert panel_progress(panel).missing == {"budget_stop": len(questions) - 6}
    with pytest.raises(PanelStateError):
        reopen_lost_turns(panel=panel, reasons=["budget_stop"], by=TESTER)


def test_a_panel_that_ended_at_its_cap_goes_on_when_the_cap_is_raised(
    endpoint, recruit, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    list_prices(tmp_path, endpoint.base_url)
    panel = recruit(base_url=endpoint.base_url, sessions=1)
    cap_spend(panel=panel, cap=Decimal("0.01"), by=TESTER)
    assert run(panel).halt_code == "budget_spent"
    cancel_panel(panel=panel, by=TESTER)
    lost = panel_progress(panel).missing["budget_stop"]
    assert lost > 10
    cost = cost_of_asking_again(panel)
    assert cost.questions == {"budget_stop": lost}
    assert cost.low.nano < cost.expected.nano < cost.most.nano
    assert round(cost.low.calls) == lost
    cap_spend(panel=panel, cap=None, by=TESTER)
    reopen_lost_turns(panel=panel, by=TESTER)
    assert run(panel).status == "complete"
    assert panel_progress(panel).missing_total == 0
    requests = [json.dumps(one) for one in endpoint.conversations]
    assert len(requests) == len(set(requests)) == panel_progress(panel).questions


def test_sessions_at_work_and_panels_that_somebody_cancelled_are_left_alone(
    endpoint, recruit, questions, scripted
):
    panel = lossy(endpoint, recruit, questions, 4)
    session = panel.sessions.get()
    Panel.objects.filter(pk=panel.pk).update(status="running")
    type(session).objects.filter(pk=session.pk).update(
        status="in_progress", ended_at=None, lease_owner="w", lease_until="2100-01-01T00:00Z"
    )
    with pytest.raises(PanelStateError) as refused:
        reopen_lost_turns(panel=panel, by=TESTER)
    assert refused.value.code == "panel_busy"
    cancelled = scripted(key="other")
    pause_panel(panel=cancelled, by=TESTER)
    cancel_panel(panel=cancelled, by=TESTER)
    with pytest.raises(PanelStateError) as refused:
        reopen_lost_turns(panel=cancelled, by=TESTER)
    assert refused.value.code == "nothing_lost"


def test_every_door_says_what_it_costs_and_asks_again(
    client, endpoint, recruit, questions, owner, queue
):
    panel = lossy(endpoint, recruit, questions, 3)
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "transport error: 1 question" in page
    assert "about 1 calls in one session" in page
    address = f"/api/panels/{panel.pk}/lost-turns/"
    assert client.get(address).json()["expected"]["calls"] == 1
    out = StringIO()
    call_command("run_panel", panel=panel.pk, again=[], estimate=True, stdout=out)
    assert "Lost questions: 1 transport_error." in out.getvalue()

    client.post(reverse("llm_respondents:ask_again", args=[panel.pk]), {"reasons": "budget_stop"})
    panel.refresh_from_db()
    assert panel.status == "complete"
    refused = client.post(address, {"reasons": ["budget_stop"]}, content_type="application/json")
    assert refused.json()["code"] == "nothing_lost"
    done = client.post(address, {}, content_type="application/json")
    assert (done.status_code, done.json()) == (202, {"sessions": 1, "turns": 1})
    assert len(queue.results) == 1
    panel.refresh_from_db()
    assert panel.status == "ready"
    out, err = StringIO(), StringIO()
    call_command(
        "run_panel", panel=panel.pk, no_probe=True, json=True, verbosity=0, stdout=out, stderr=err
    )
    assert json.loads(out.getvalue())["missing"] == {}
    transcript = client.get(reverse("llm_respondents:transcript", args=[panel.pk, 1]))
    assert "Set aside: no reply came" in transcript.content.decode()
