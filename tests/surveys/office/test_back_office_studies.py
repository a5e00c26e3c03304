"""The pages of a study for those who run it."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape
from factories import TESTER, answer_everything, make_link, make_person

from surveys import services
from surveys.models import Kind, RecruitingLink
from surveys.presentation import present
from surveys.selectors import consent_text, questionnaire
from surveys.services import begin_administration


@pytest.fixture
def office(owner) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def read(response) -> str:
    return response.content.decode()


def page(study, name: str = "study", *args) -> str:
    return reverse(f"surveys:{name}", args=[study.slug, *args])


def finish(person):
    answer_everything(person)
    return services.complete_administration(administration=person)


def model_session(study):
    group, _ = study.groups.get_or_create(key="panel", label="A panel", kind=Kind.LLM)
    model = study.respondents.create(group=group, kind=Kind.LLM)
    return begin_administration(respondent=model, study=study, seed=1, language="en")


def test_the_list_counts_people_rehearsals_and_models_apart(office, open_study):
    people, rehearsal = make_link(open_study), make_link(open_study, simulated=True)
    for link in (people, people, people, rehearsal, rehearsal):
        finish(make_person(link))
    finish(model_session(open_study))
    cells = re.findall(r'data-label="([^"]+)">(\d+)</td>', read(office.get("/")))
    assert cells == [("People", "3"), ("Simulated people", "2"), ("Model sessions", "1")]


def test_an_empty_list_says_what_to_do(office):
    assert "manage.py open_study" in read(office.get("/"))


def test_an_address_at_which_nobody_could_begin_needs_somebody_on_both_pages(office, open_study):
    assert "Needs you" not in read(office.get("/"))
    link = make_link(open_study)
    services.record_alert(link=link, fault="unfilled", parameter="PROLIFIC_PID", found="{{%X%}}")
    for address in ("/", page(open_study)):
        html = read(office.get(address))
        assert "Nobody could begin with the address of “Poster”: PROLIFIC_PID" in html
        assert f'href="{page(open_study, "recruit")}"' in html


def test_the_steps_of_a_study_follow_from_what_is_stored(office, draft_study):
    def steps() -> list[tuple[str, str]]:
        html = read(office.get(page(draft_study)))
        return re.findall(r'<li class="(\w+)"[^>]*><a href="[^"]+">(\w+)</a>', html)

    assert steps()[0] == ("now", "Design")
    services.open_study(study=draft_study, by=TESTER)
    opened = {name: state for state, name in steps()}
    assert opened == {
        "Design": "done",
        "Plan": "open",
        "Recruit": "now",
        "Models": "open",
        "Compare": "open",
    }
    services.close_study(study=draft_study, by=TESTER)
    assert ("open", "Recruit") in steps()


def test_the_overview_hands_htmx_the_part_alone_that_changes(office, open_study):
    part = read(office.get(page(open_study), headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert "hx-trigger" in part
    services.close_study(study=open_study, by=TESTER)
    assert "hx-trigger" not in read(office.get(page(open_study), headers={"HX-Request": "true"}))


def test_the_flow_of_each_group_carries_its_provenance(office, open_study):
    link = make_link(open_study)
    finish(make_person(link))
    services.withdraw(administration=make_person(link), by=TESTER)
    services.decline(link=link, consent_text=consent_text(open_study, "en"))
    make_person(make_link(open_study, simulated=True))
    model_session(open_study)
    html = read(office.get(page(open_study)))
    people, rehearsal, panels = (words_of(card) for card in html.split("<section")[1:4])
    assert people.startswith("People people Agreed 2 Completed 1 50 % declined 1 ")
    assert people.endswith("under way 0 · stopped 0 · withdrew 1")
    assert rehearsal.startswith("Simulated people people, simulated Agreed 1 Completed 0 0 % ")
    assert panels.endswith("A panel model-generated 1 1 0 0")


def words_of(card: str) -> str:
    """What is read of the card that these marks begin with."""
    shown = card[card.index(">") + 1 : card.index("</section>")]
    # What a word means is read by whoever asks.
    shown = re.sub(r'<button[^>]*class="term".*?</span>', "", shown, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", shown).replace(" · under", " under").split())


def test_a_link_shows_its_address_with_what_the_panel_fills_in(office, open_study):
    link = make_link(open_study, recruiter="prolific")
    query = "&amp;".join(
        f"{name}={{{{%{name}%}}}}" for name in ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
    )
    address = f"{settings.SITE_URL}/s/{link.token}/?{query}"
    assert f'value="{address}"' in read(office.get(page(open_study, "recruit")))


def test_a_link_is_made_on_the_page(office, open_study):
    sent = {"label": "Wave 1", "kind": "single_use", "recruiter": "sona", "simulated": "on"}
    response = office.post(page(open_study, "new_link"), sent, follow=True)
    assert "Wave 1" in read(response)
    link = RecruitingLink.objects.get()
    assert (link.kind, link.recruiter, link.simulated) == ("single_use", "sona", True)


def test_a_link_without_a_name_is_not_made(office, open_study):
    response = office.post(page(open_study, "new_link"), {"kind": "open"})
    assert response.status_code == 422
    assert not RecruitingLink.objects.exists()


def test_the_qr_code_is_an_image_of_the_address(office, open_study):
    link = make_link(open_study)
    response = office.get(page(open_study, "link_qr", link.pk))
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert response.content.startswith(b"<?xml")


def test_a_link_is_switched_off_and_on(office, open_study, client):
    link = make_link(open_study)
    address = page(open_study, "switch_link", link.pk)
    office.post(address, {"off": "1"})
    assert client.get(f"/s/{link.token}/").status_code == 410
    office.post(address, {"on": "1"})
    assert client.get(f"/s/{link.token}/").status_code == 200


def test_a_used_single_use_link_cannot_be_switched_on_again(office, open_study):
    link = make_link(open_study, kind="single_use")
    make_person(link)
    address = page(open_study, "switch_link", link.pk)
    response = office.post(address, {"on": "1"}, follow=True)
    assert "lets one person begin, and somebody did" in read(response)
    link.refresh_from_db()
    assert not link.active


def test_opening_and_closing_ask_first(office, draft_study):
    for name, status in (("open_study", "open"), ("close_study", "closed")):
        before = draft_study.status
        assert "Cancel" in read(office.get(page(draft_study, name)))
        draft_study.refresh_from_db()
        assert draft_study.status == before
        office.post(page(draft_study, name))
        draft_study.refresh_from_db()
        assert draft_study.status == status


def test_a_closed_study_offers_no_further_link(office, open_study):
    new_link = page(open_study, "new_link")
    assert new_link in read(office.get(page(open_study, "recruit")))
    services.close_study(study=open_study, by=TESTER)
    assert new_link not in read(office.get(page(open_study, "recruit")))


def test_a_closed_study_is_not_opened_again(office, open_study):
    services.close_study(study=open_study, by=TESTER)
    response = office.post(page(open_study, "open_study"), follow=True)
    assert "closed for good" in read(response)


def test_the_preview_shows_the_same_words_to_both_sides(office, draft_study):
    shown = present(questionnaire(draft_study, "de"), seed=7, scale_direction="reversed").pages[2]
    address = page(draft_study, "preview") + "?language=de&seed=7&direction=reversed&page=3"
    html = read(office.get(address))
    person, model = html.split('id="model"')
    for question in shown.questions:
        assert escape(question.text) in person
        assert escape(question.text) in model
        for option in question.options:
            assert f"<span>{escape(option.label)}</span>" in person
    first = shown.questions[0].options[0]
    assert f"1 = {escape(first.label)}" in model


@pytest.mark.parametrize(
    "query", ["?page=99", "?page=x&seed=-1&language=fr&direction=up", "?page=0"]
)
def test_a_preview_that_was_asked_for_wrongly_shows_the_nearest_page(office, draft_study, query):
    assert office.get(page(draft_study, "preview") + query).status_code == 200


def tabs_of(html: str) -> list[str]:
    """The tabs of a page by their names; the current one in brackets."""
    found = re.findall(r'<a href="[^"]+" data-tab="\d"( aria-current="\w+")?>([^<]+)', html)
    return [f"[{name.strip()}]" if current else name.strip() for current, name in found]


def test_every_app_adds_its_tabs_and_an_absent_app_leaves_none(office, open_study, settings):
    everywhere = tabs_of(read(office.get(page(open_study))))
    assert everywhere[0] == "[Overview]"
    assert {"Plan", "Models", "Compare"} <= set(everywhere)
    settings.ROOT_URLCONF = "back_office_urls"
    here = tabs_of(read(office.get(page(open_study))))
    assert here[:3] == ["[Overview]", "Design", "Recruit"]
    assert not {"Plan", "Models", "Compare"} & set(here)


@pytest.mark.parametrize(
    ("name", "tab"),
    [
        ("new_link", "Recruit"),
        ("log", "Team"),
        ("state_facts", "Design"),
        ("close_study", "Overview"),
    ],
)
def test_a_page_below_a_tab_marks_it_and_leads_back_to_it(office, open_study, name, tab):
    html = read(office.get(page(open_study, name)))
    assert [one for one in tabs_of(html) if one.startswith("[")] == [f"[{tab}]"]
    way = html[html.index('class="crumbs"') : html.index("</ol>")]
    assert f'href="{page(open_study)}"' in way


def test_a_tab_says_how_many_links_there_are_and_marks_one_that_lets_nobody_in(office, open_study):
    link = make_link(open_study)
    assert '<span class="count">1</span>' in read(office.get(page(open_study)))
    services.record_alert(link=link, fault="unfilled", parameter="PROLIFIC_PID", found="{{%X%}}")
    assert '<span class="count attention">1</span>' in read(office.get(page(open_study)))


def test_the_theme_and_the_language_that_were_chosen_are_kept(office, open_study):
    address, here = reverse("surveys:appearance"), page(open_study)
    assert "data-theme" not in read(office.get(here))
    response = office.post(address, {"theme": "dark", "next": here}, follow=True)
    assert response.redirect_chain == [(here, 302)]
    assert '<html lang="en" data-theme="dark">' in read(response)
    office.post(address, {"language": "de", "theme": "purple"})
    assert '<html lang="de" data-theme="dark">' in read(office.get(here))
    elsewhere = office.post(address, {"theme": "light", "next": "https://example.org/"})
    assert elsewhere.url == "/"


def test_what_cannot_be_undone_says_what_is_affected_and_what_stays(office, open_study):
    make_person(make_link(open_study))
    html = read(office.get(page(open_study, "close_study")))
    assert "Links that let people in: 1" in html
    assert "Questionnaires under way, which may be finished: 1" in html
    assert "Close for good" in html


def test_the_design_of_a_study_is_shown_block_by_block(office, open_study):
    html = read(office.get(page(open_study, "design")))
    for block in open_study.blocks.all():
        version = block.versions.get(language="en")
        assert escape(version.title) in html
        assert f'data-label="Questions">{version.items.count()}</td>' in html


def test_scripts_carry_the_nonce_of_the_policy(office, open_study):
    response = office.get(page(open_study))
    nonces = set(re.findall(r'<script [^>]*nonce="([^"]+)"', read(response)))
    assert len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in response.headers["Content-Security-Policy"]


def test_the_office_speaks_the_readers_language(office, open_study):
    make_link(open_study)
    html = read(office.get(page(open_study, "recruit"), headers={"accept-language": "de"}))
    assert "Wohin jeder Ausgang führt" in html
    assert '<html lang="de">' in html


@pytest.mark.parametrize("name", ["study", "recruit"])
def test_a_page_takes_the_same_queries_for_many_links_as_for_few(office, open_study, name):
    counts = []
    for links in (1, 8):
        for _ in range(links):
            make_person(make_link(open_study))
        with CaptureQueriesContext(connection) as queries:
            office.get(page(open_study, name))
        counts.append(len(queries))
    assert counts[0] == counts[1]
