"""How long a panel takes is told before it begins, by what the probe or its calls took."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from factories import TESTER
from workers import options

from llm_respondents.design.spec import PanelSpec
from llm_respondents.models import Attempt, Panel
from llm_respondents.money.duration import duration_of
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.runner.limits import Limits
from llm_respondents.services import pace_of, run_panel


def probed(panel, *seconds):
    Panel.objects.filter(pk=panel.pk).update(
        probed_at="2026-01-01T00:00Z", capabilities={"seconds": seconds}
    )
    panel.refresh_from_db()
    return panel


def calls_of_one(panel):
    return len(panel.sessions.first().realised_order)


def test_nothing_is_said_before_the_probe_nor_of_a_script(recruit, scripted):
    assert duration_of(recruit(), Limits(5)) is None
    assert duration_of(probed(scripted(key="other"), 1, 2), Limits(5)) is None


@pytest.mark.parametrize(("at_once", "rounds"), [(1, 4), (3, 2), (50, 1)])
def test_sessions_go_in_rounds_of_as_many_as_calls_are_made_at_once(recruit, at_once, rounds):
    panel = probed(recruit(sessions=4), 1.5, 6.0)
    found = duration_of(panel, Limits(at_once))
    turns = found.calls / 4
    assert found.low == pytest.approx(rounds * turns * 1.5)
    assert found.high == pytest.approx(rounds * turns * 6.0)
    assert (found.source, found.limit, found.at_once) == ("probe", "calls_at_once", min(at_once, 4))
    assert turns == pytest.approx(calls_of_one(panel), rel=0.05)


def test_where_histories_do_not_grow_the_middle_is_all_that_counts(recruit):
    panel = probed(recruit(arms=({"history": "none"},)), 1.5, 6.0)
    found = duration_of(panel, Limits(50))
    assert found.low == found.high


def test_a_rate_that_allows_less_decides(recruit, list_endpoint):
    panel = probed(recruit(base_url="http://127.0.0.1:9/v1"), 0.1, 0.2)
    list_endpoint("http://127.0.0.1:9/v1")
    assert duration_of(panel, pace_of(PanelSpec.from_stored(panel.spec))).limit == "calls_at_once"
    found = duration_of(panel, Limits(50, requests_per_minute=6))
    assert (found.limit, found.low) == ("requests_per_minute", pytest.approx(found.calls * 10))
    assert duration_of(panel, Limits(50, 0, 600)).limit == "tokens_per_minute"


def test_every_door_says_it_and_the_calls_so_far_replace_the_probe(client, recruit, owner):
    panel = recruit(base_url="http://127.0.0.1:9/v1", sessions=2)
    client.force_login(owner)
    page = reverse("llm_respondents:panel", args=[panel.pk])
    assert "unknown until the probe" in client.get(page).content.decode()
    out = StringIO()
    call_command("run_panel", panel=panel.pk, estimate=True, stdout=out)
    assert "unknown until the probe" in out.getvalue()
    assert client.get(f"/api/panels/{panel.pk}/estimate/").json()["duration"] is None

    probed(panel, 30, 60)
    assert "minutes, by how long the probe" in client.get(page).content.decode()
    duration = client.get(f"/api/panels/{panel.pk}/estimate/").json()["duration"]
    assert (duration["source"], duration["high"]) == ("probe", 2 * duration["low"])
    call_command("run_panel", panel=panel.pk, estimate=True, stdout=out)
    assert "(h:mm:ss), by the probe's calls, 2 at once." in out.getvalue()

    session = panel.sessions.first()
    Attempt.objects.create(
        administration=session, worker="w", turn=0, number=1, refs=[], prefix_hash="", reply="1",
        request_hash="", new_messages=[], outcome="answered", closes_turn=True, model="m",
        started_at="2026-01-01T00:00Z", latency_ms=2000,
    )  # fmt: skip
    found = duration_of(panel, Limits(2))
    assert (found.source, found.low) == ("calls", found.high)


def test_a_model_that_changes_is_told_with_counts_on_page_search_and_report(client, recruit, owner):
    class Changing(Behaviour):
        def dated(self, model, number):
            return f"{model}-{'b' if number > 30 else 'a'}"

    with Endpoint(Changing()) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        run_panel(panel_id=panel.pk, options=options(), by=TESTER)
    client.force_login(owner)
    for name in ("panel", "search"):
        shown = client.get(reverse(f"llm_respondents:{name}", args=[panel.pk])).content.decode()
        assert "from more than one model" in shown
        assert "small-a · fp_local: 30 replies" in shown
    panel.group.refresh_from_db()
    drift = panel.group.method["drift_check"]
    assert "2 models or builds (small-a fp_local 30; small-b fp_local" in drift
