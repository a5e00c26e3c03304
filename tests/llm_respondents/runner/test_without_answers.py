"""A panel that gets no answers stops, shows what came instead, and is never complete."""

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import translation
from factories import TESTER
from test_engine import NUMBER, Script, Store, always, conduct, work
from workers import options

from llm_respondents.models import Panel
from llm_respondents.providers.base import Reply, Usage
from llm_respondents.readout.progress import panel_progress
from llm_respondents.readout.sentences import halt_of
from llm_respondents.rehearsal import Behaviour, Endpoint
from llm_respondents.runner.usable import Bounds
from llm_respondents.services import run_panel
from surveys.models import Job


def chatty(_request):
    return "Hello! How can I help you today?"


@pytest.fixture
def useless():
    with Endpoint(answer=chatty) as endpoint:
        yield endpoint


def run(panel, **more):
    return run_panel(panel_id=panel.pk, options=replace(options(concurrency=2), **more), by=TESTER)


def test_a_panel_without_answers_halts_early_with_examples(recruit, useless):
    panel = recruit(base_url=useless.base_url, sessions=10)
    done = run(panel)
    assert (done.status, done.halt_code) == ("halted", "no_usable_answers")
    progress = panel_progress(panel)
    assert 20 <= sum(progress.missing.values()) <= 22
    # Three calls for each turn, of 400 turns.
    assert len(useless.requests) <= 70
    panel.refresh_from_db()
    assert panel.halt_args["turns"] == 20
    assert "“Hello! How can I help you today?” [schema_violation]" in str(halt_of(panel))


def test_a_panel_of_few_turns_is_not_complete_without_an_answer(recruit, useless):
    panel = recruit(base_url=useless.base_url, sessions=2, arms=[{"items_per_turn": "block"}])
    done = run(panel)
    assert (done.status, done.halt_code, done.unfinished) == ("halted", "no_answers", 0)
    assert "Hello! How can I help" in done.note
    # Nothing is left to ask, and it says so again.
    assert run(panel).halt_code == "no_answers"
    assert Panel.objects.get().ended_at is None


def test_five_sessions_that_ended_without_an_answer_are_enough():
    store = Store([work(n, arm=replace(NUMBER, items_per_turn="block")) for n in range(1, 31)])
    summary = conduct(store, Script(always("hm")), concurrency=1)
    assert summary.halt.code == "no_usable_answers"
    assert len(store.saved) == 5 * 3


def test_one_answer_among_the_first_is_enough_to_go_on():
    store = Store([work(n, arm=NUMBER) for n in range(1, 8)])
    provider = Script(lambda r, nth: Reply(text="2" if (r.session_seed, nth) == (1, 1) else "hm"))
    assert conduct(store, provider, concurrency=1).halt is None


def test_most_replies_useless_halts_also_after_a_good_beginning():
    store = Store([work(n, arm=NUMBER) for n in range(1, 101)])
    provider = Script(lambda request, _nth: Reply(text="2" if request.session_seed < 21 else "hm"))
    summary = conduct(store, provider, concurrency=1)
    assert summary.halt.code == "mostly_unusable"
    assert summary.halt.arguments["percent"] == 81
    assert summary.progress.missing == 81


def test_a_small_panel_is_not_complete_with_an_answer_or_two():
    store = Store([work(n, arm=NUMBER) for n in range(1, 51)])
    provider = Script(lambda request, _nth: Reply(text="2" if request.session_seed < 2 else "hm"))
    summary = conduct(store, provider, concurrency=1)
    assert summary.halt.code == "mostly_unusable"
    assert (summary.halt.arguments["percent"], summary.halt.arguments["turns"]) == (88, 40)


def test_half_of_the_turns_may_be_without_answers():
    store = Store([work(n, arm=NUMBER) for n in range(1, 61)])
    provider = Script(lambda request, _nth: Reply(text="2" if request.session_seed % 2 else "hm"))
    assert conduct(store, provider, concurrency=1).halt is None


def test_a_model_that_only_thinks_is_stopped_after_a_few_calls_and_told_as_such():
    usage = Usage(prompt_tokens=50, completion_tokens=1000, reasoning_tokens=990)
    thinking = always("", finish_reason="length", usage=usage)
    store = Store([work(n, arm=NUMBER) for n in range(1, 101)])
    summary = conduct(store, Script(thinking), concurrency=4)
    assert summary.halt.code == "tokens_spent_thinking"
    assert "990 of 1000 tokens were thought" in str(summary.halt)
    assert len(store.saved) <= 8
    assert not any(outcome.answers for outcome in store.saved)
    assert store.saved[0].attempt.detail.startswith("990 of 1000 tokens were thought")


def test_an_answer_that_was_only_cut_is_no_thinking():
    store = Store([work(1, arm=NUMBER)])
    assert conduct(store, Script(always("4", finish_reason="length"))).halt is None


def test_whoever_insists_gets_every_reply(recruit, useless):
    panel = recruit(base_url=useless.base_url, sessions=1)
    done = run(panel, bounds=Bounds(insists=True))
    assert (done.halt_code, panel_progress(panel).closed) == ("no_answers", 40)


def test_the_command_halts_and_goes_on_when_told_to(recruit, useless):
    panel = recruit(base_url=useless.base_url, sessions=2)
    with pytest.raises(CommandError, match="no_usable_answers"):
        call_command("run_panel", panel=panel.pk, no_probe=True, concurrency=1, verbosity=0)
    with pytest.raises(CommandError, match="no_answers"):
        call_command("run_panel", panel=panel.pk, no_probe=True, whatever_comes=True, verbosity=0)
    assert panel_progress(panel).closed == 80


def test_the_page_and_rest_show_examples_and_outcomes_and_let_go_on(recruit, useless, owner, queue):
    panel = recruit(base_url=useless.base_url, sessions=10)
    run(panel)
    client = Client()
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "Hello! How can I help you today?" in page
    assert "Calls by what came:" in page
    assert f"schema violation {len(useless.requests)}</a>" in page
    assert 'value="insist"' in page
    steer = reverse("llm_respondents:steer", args=[panel.pk])
    assert client.post(steer, {"act": "insist"}).status_code == 302
    assert Job.objects.latest("pk").parameters == {"first": 0, "insists": True}
    facts = client.get(f"/api/panels/{panel.pk}/").json()
    assert facts["progress"]["outcomes"] == {"schema_violation": len(useless.requests)}


def test_the_examples_are_said_in_german(recruit, useless):
    panel = recruit(base_url=useless.base_url, sessions=10)
    run(panel)
    with translation.override("de"):
        assert str(halt_of(Panel.objects.get())).startswith("Keine der ersten 20 Fragen")


def test_a_model_that_changes_is_an_alert_with_counts(recruit, owner):
    with Endpoint(Behaviour(model_changes_at=21)) as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        assert run(panel).status == "complete"
    client = Client()
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "The replies came from more than one model" in page
    assert "small-2026-01-01 · fp_local: 20 replies" in page
    assert "small-2026-02-01 · fp_local: 20 replies" in page
    replying = client.get(f"/api/panels/{panel.pk}/").json()["progress"]["replying"]
    assert {one["model"]: one["replies"] for one in replying} == {
        "small-2026-01-01": 20,
        "small-2026-02-01": 20,
    }


def test_one_model_throughout_is_no_alert(recruit, owner):
    with Endpoint() as endpoint:
        panel = recruit(base_url=endpoint.base_url, sessions=1)
        run(panel)
    client = Client()
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "more than one model" not in page
