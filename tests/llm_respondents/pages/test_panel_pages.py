"""Panels in the back office and over REST: for members of the study, and for nobody else."""

import pytest
from django.urls import reverse
from factories import TESTER
from workers import options

from llm_respondents.models import Attempt, Panel
from llm_respondents.services import run_panel
from surveys.selectors import presentation_of


@pytest.fixture
def panel(scripted):
    made = scripted(sessions=2, label="Rehearsed model")
    run_panel(panel_id=made.pk, options=options(), by=TESTER)
    made.refresh_from_db()
    return made


def pages(panel):
    return [
        reverse("llm_respondents:models", args=[panel.study.slug]),
        reverse("llm_respondents:panel", args=[panel.pk]),
        reverse("llm_respondents:panel_fragment", args=[panel.pk]),
        reverse("llm_respondents:transcript", args=[panel.pk, 1]),
        f"/api/panels/{panel.pk}/",
        f"/api/panels/{panel.pk}/sessions/1/",
    ]


def test_owner_and_collaborator_see_panels_and_transcripts(client, panel, owner, collaborator):
    for user in (owner, collaborator):
        client.force_login(user)
        for address in pages(panel):
            shown = client.get(address, headers={"HX-Request": "true"})
            assert shown.status_code == 200, address


def test_sessions_that_were_only_recruited_are_not_said_to_have_begun(client, scripted, owner):
    panel = scripted(sessions=2)
    client.force_login(owner)
    overview = client.get(reverse("surveys:study", args=[panel.study.slug])).content.decode()
    assert "Not ended" in overview
    assert "Began" not in overview
    shown = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "Not ended" in shown
    assert "Under way" not in shown


def test_a_stranger_finds_nothing_and_can_steer_nothing(client, panel, stranger):
    client.force_login(stranger)
    for address in pages(panel):
        assert client.get(address).status_code == 404, address
    assert client.get("/api/panels/").json()["results"] == []
    steer = reverse("llm_respondents:steer", args=[panel.pk])
    assert client.post(steer, {"act": "cancel"}).status_code == 404
    assert client.post(f"/api/panels/{panel.pk}/cancel/").status_code == 404


def test_nobody_sees_anything_without_logging_in(client, panel):
    for address in pages(panel):
        assert client.get(address).status_code in (302, 401), address


def test_every_page_says_where_the_rows_come_from(client, panel, owner):
    client.force_login(owner)
    for address in pages(panel)[:2] + pages(panel)[3:4]:
        assert "model-generated, simulated" in client.get(address).content.decode(), address
    assert client.get(pages(panel)[4]).json()["provenance"] == "model-generated, simulated"


def test_the_fragment_is_a_whole_page_without_javascript_and_a_part_with_it(client, panel, owner):
    client.force_login(owner)
    address = reverse("llm_respondents:models", args=[panel.study.slug])
    assert "<html" in client.get(address).content.decode()
    assert "<html" not in client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_the_study_has_a_tab_with_its_panels_and_the_old_address_leads_there(client, panel, owner):
    client.force_login(owner)
    page = client.get(reverse("surveys:study", args=[panel.study.slug])).content.decode()
    models = reverse("llm_respondents:models", args=[panel.study.slug])
    assert f'<a href="{models}" data-tab="6">Models <span class="count">1</span>' in page
    assert client.get(f"/studies/{panel.study.slug}/panels/").url == models


def test_cancelling_for_good_asks_first_and_says_what_stays(client, panel, owner):
    Panel.objects.update(status="paused")
    client.force_login(owner)
    asked = client.get(reverse("llm_respondents:cancel_panel", args=[panel.pk])).content.decode()
    assert "Sessions that are complete: 2" in asked
    assert 'name="act" value="cancel"' in asked
    panel.refresh_from_db()
    assert panel.status == "paused"


def test_the_address_of_the_progress_leads_to_the_panel_without_javascript(client, panel, owner):
    client.force_login(owner)
    address = reverse("llm_respondents:panel_fragment", args=[panel.pk])
    assert client.get(address).url == reverse("llm_respondents:panel", args=[panel.pk])


def test_progress_is_polled_only_while_a_panel_runs(client, panel, owner):
    client.force_login(owner)
    address = reverse("llm_respondents:panel_fragment", args=[panel.pk])
    assert "hx-trigger" not in client.get(address, headers={"HX-Request": "true"}).content.decode()
    Panel.objects.update(status="running")
    assert "hx-trigger" in client.get(address, headers={"HX-Request": "true"}).content.decode()


def test_a_transcript_shows_question_and_reply_of_every_turn(client, panel, owner):
    client.force_login(owner)
    address = reverse("llm_respondents:transcript", args=[panel.pk, 1])
    shown = client.get(f"{address}?page=all").content.decode()
    member = panel.members.get(number=1)
    assert shown.count('<li class="card" id="call-') == 40
    attempt = Attempt.objects.filter(administration=member.respondent.administration).first()
    assert attempt.reply.replace('"', "&quot;") in shown


def test_a_transcript_is_read_page_by_page_beside_what_a_person_is_shown(client, panel, owner):
    client.force_login(owner)
    address = reverse("llm_respondents:transcript", args=[panel.pk, 1])
    administration = panel.members.get(number=1).respondent.administration
    pages = presentation_of(administration).pages
    asked = 0
    for page in pages:
        shown = client.get(f"{address}?page={page.number}").content.decode()
        # What a person is shown is what the participant's page has, with what was answered marked.
        assert shown.count('<fieldset class="item') == len(page.questions)
        assert shown.count(" checked>") == len(page.questions)
        assert '<fieldset class="as-delivered" disabled>' in shown
        asked += shown.count('<li class="card" id="call-')
        assert (f"?page={page.number + 1}" in shown) == (page != pages[-1])
    assert asked == 40
    # A call that was found is shown on its page; sessions lead to each other.
    last = Attempt.objects.filter(administration=administration).last()
    assert f'id="call-{last.pk}"' in client.get(f"{address}?call={last.pk}").content.decode()
    first = client.get(address).content.decode()
    assert reverse("llm_respondents:transcript", args=[panel.pk, 2]) in first
    assert 'rel="prev"' not in first


def test_a_reply_with_markup_is_shown_as_text(client, panel, owner):
    Attempt.objects.update(reply="<script>alert(1)</script>")
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:transcript", args=[panel.pk, 1])).content.decode()
    assert "<script>alert(1)</script>" not in page


def test_run_enqueues_pause_pauses_and_cancel_ends(client, scripted, owner, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    panel = scripted(sessions=1)
    client.force_login(owner)
    steer = reverse("llm_respondents:steer", args=[panel.pk])
    statuses = []
    for act in ("pause", "run", "cancel", "run"):
        assert client.post(steer, {"act": act}).status_code == 302
        panel.refresh_from_db()
        statuses.append(panel.status)
    assert statuses == ["paused", "ready", "cancelled", "cancelled"]
    assert client.post(steer, {"act": "explode"}).status_code == 400


def test_a_scripted_panel_is_recruited_over_rest(client, open_study, owner):
    client.force_login(owner)
    wanted = {"study": open_study.slug, "profile": "reversed", "sessions": 2, "name": "Mine"}
    made = client.post("/api/panels/", wanted, content_type="application/json")
    assert made.status_code == 201
    assert made.json()["progress"]["sessions"] == 2
    assert made.json()["name"] == "Mine"


@pytest.mark.parametrize("name", ["base_url", "api_key_env", "provider", "dialect"])
def test_rest_cannot_send_the_server_to_an_address(client, open_study, owner, name):
    client.force_login(owner)
    wanted = {
        "study": open_study.slug,
        "profile": "people-like",
        "sessions": 1,
        name: "http://169.254.169.254/",
    }
    refused = client.post("/api/panels/", wanted, content_type="application/json")
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == [name]
    assert not Panel.objects.exists()


def test_a_panel_whose_worker_is_gone_says_so_and_can_be_run_again(client, panel, owner):
    Panel.objects.update(status="running")
    client.force_login(owner)
    page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
    assert "the worker is gone" in page
    assert 'value="run"' in page


def test_a_panel_that_waits_for_a_worker_says_so_and_is_followed(client, scripted, owner, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    waiting, other = scripted(sessions=1), scripted(sessions=1)
    client.force_login(owner)
    client.post(reverse("llm_respondents:steer", args=[waiting.pk]), {"act": "run"})

    def shown(panel: Panel) -> str:
        page = client.get(reverse("llm_respondents:panel", args=[panel.pk])).content.decode()
        return page[page.index('id="panel-progress"') :].split("</div>")[0]

    assert "It waits for a worker. Next in line. Nothing happens without a worker" in shown(waiting)
    assert "hx-trigger" in shown(waiting)
    assert "hx-trigger" not in shown(other)
    listed = client.get(reverse("llm_respondents:models", args=[waiting.study.slug]))
    assert 'id="panel-list" hx-get' in listed.content.decode()
