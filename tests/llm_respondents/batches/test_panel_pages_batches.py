"""Batches from a panel's page: offered where they are taken, with the time that they can take."""

from dataclasses import replace

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import TESTER
from workers import options

from llm_respondents.batches.states import waves_ahead
from llm_respondents.conversation.prompts import Arm
from llm_respondents.models import Batch
from llm_respondents.services import run_panel
from surveys.models import Job


@pytest.fixture
def at_once(recruit):
    return recruit(sessions=2, arms=(Arm(history="none"),))


def page_of(client, panel, **more):
    return client.get(reverse("llm_respondents:panel", args=[panel.pk]), **more)


def test_the_page_says_how_long_batches_take_and_starts_them(client, owner, at_once, queue):
    client.force_login(owner)
    page = page_of(client, at_once)
    assert page.context["batch_plan"].waves == 1
    assert "One wave lies ahead: at most 24 hours" in page.content.decode()
    steer = reverse("llm_respondents:steer", args=[at_once.pk])
    said = client.post(steer, {"act": "batch"}, follow=True).content.decode()
    assert "as soon as a worker is free" in said
    job = Job.objects.get()
    assert (job.kind, job.subject, job.created_by) == ("batches", f"panel:{at_once.pk}", owner)
    assert [one.args for one in queue.results] == [[job.pk]]


def test_a_history_takes_a_wave_for_each_turn_and_the_page_says_so(client, owner, recruit):
    client.force_login(owner)
    page = page_of(client, recruit(sessions=1))
    assert page.context["batch_plan"].waves == 40
    shown = page.content.decode()
    assert "at most 960 hours" in shown
    assert "Whole blocks in one request" in shown


def test_the_session_that_is_furthest_behind_decides(recruit, scripted):
    panel = recruit(sessions=4, arms=(Arm(), Arm(history="none")))
    done = scripted(sessions=4, arms=(Arm(), Arm("block")))
    assert waves_ahead(panel.pk) == 40
    run_panel(panel_id=done.pk, options=replace(options(), first=2), by=TESTER)
    assert waves_ahead(done.pk) == 40
    run_panel(panel_id=done.pk, by=TESTER)
    assert waves_ahead(done.pk) == 0


def test_a_panel_without_batches_is_not_offered_any_and_says_why(
    client, owner, scripted, recruit, queue
):
    client.force_login(owner)
    for panel in (scripted(sessions=1), recruit(sessions=1, dialect="vllm")):
        assert 'value="batch"' not in page_of(client, panel).content.decode()
        steer = reverse("llm_respondents:steer", args=[panel.pk])
        said = client.post(
            steer, {"act": "batch"}, follow=True, headers={"Accept-Language": "de"}
        ).content.decode()
        assert "Stapel" in said
        assert "run it without" not in said
    assert queue.results == []


def test_the_state_of_each_batch_is_shown_in_the_readers_language(client, owner, at_once):
    client.force_login(owner)
    Batch.objects.create(
        panel=at_once,
        key="k",
        wave=1,
        status="submitted",
        provider_id="batch_1",
        provider_status="in_progress",
        submitted_at=timezone.now(),
        remark="batch_failed",
        remark_args={"said": "see https://secret.example/"},
    )
    shown = page_of(client, at_once, headers={"Accept-Language": "de"}).content.decode()
    assert "beim Anbieter in Arbeit" in shown
    assert "0 von 0 Aufrufen gelesen" in shown
    assert "Der Anbieter hat den Stapel nicht angenommen." in shown
    assert "secret.example" not in shown
