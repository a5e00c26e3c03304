"""Behind a recruiting link: information, consent, and the way in."""

import pytest
from django.test import Client
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, personal

from surveys import services
from surveys.models import Administration, Consent, RecruitingLink, Respondent, Study
from surveys.services.rehearsal import read_form


def address(link: RecruitingLink, query: str = "") -> str:
    return reverse("surveys:information", args=[link.token]) + query


def decide(client: Client, link: RecruitingLink, decision: str = "agree", query: str = ""):
    form = read_form(client.get(address(link, query)).content.decode())
    begin = reverse("surveys:begin", args=[link.token]) + query
    return client.post(begin, {**form.hidden, "decision": decision})


def test_looking_makes_no_row_and_is_counted(client, link):
    for _ in range(2):
        assert client.get(address(link)).status_code == 200
    link.refresh_from_db()
    assert link.loads == 2
    assert not Respondent.objects.exists()


def test_the_page_shows_title_information_statement_and_contact(client, link):
    page = client.get(address(link)).content.decode()
    text = link.study.consent_texts.get(language="en")
    assert link.study.title("en") in page
    assert "<strong>What you will do:</strong>" in page
    assert text.statement in page
    assert text.contact in page


def test_agreeing_begins_and_leads_to_the_first_page(client, link):
    response = decide(client, link)
    administration = Administration.objects.get()
    assert response.url == personal("page", administration, number=1)
    assert client.get(personal("resume", administration)).url == response.url
    consent = Consent.objects.get()
    assert consent.given
    assert consent.text.language == "en"


def test_the_same_form_sent_twice_begins_once(client, link):
    form = read_form(client.get(address(link)).content.decode())
    sent = {**form.hidden, "decision": "agree"}
    first, second = (client.post(address(link), sent) for _ in range(2))
    assert first.url == second.url
    assert Respondent.objects.count() == 1


def test_the_form_goes_to_an_address_that_keeps_what_the_recruiter_said(client, link):
    page = client.get(address(link, "?id=ann&language=de")).content.decode()
    begin = reverse("surveys:begin", args=[link.token])
    assert f'action="{begin}?id=ann&amp;language=de"' in page
    assert client.get(f"{begin}?id=ann").url == address(link, "?id=ann")


def test_a_new_visit_to_an_open_link_begins_anew(client, link):
    assert decide(client, link).url != decide(client, link).url


def test_declining_keeps_that_somebody_declined_and_nothing_about_them(client, link):
    response = decide(client, link, "decline")
    page = client.get(response.url, follow=True)
    assert "You do not take part" in page.content.decode()
    assert "nothing about you" in page.content.decode()
    respondent = Respondent.objects.get()
    assert respondent.recruiter_id == ""
    assert respondent.demographics == {}
    assert respondent.administration.status == "declined"
    assert not respondent.consent.given


def test_declining_twice_is_kept_once_and_a_mind_may_change(client, link):
    form = read_form(client.get(address(link)).content.decode())
    for _ in range(2):
        response = client.post(address(link), {**form.hidden, "decision": "decline"})
    assert Respondent.objects.count() == 1
    page = client.get(response.url, follow=True).content.decode()
    assert address(link) in page
    assert decide(client, link).status_code == 302


def test_a_form_without_a_decision_is_shown_again_and_stores_nothing(client, link):
    response = client.post(address(link), {"start": "x" * 22})
    assert response.status_code == 422
    assert "Nothing is stored yet" in response.content.decode()
    assert not Respondent.objects.exists()


@pytest.mark.parametrize(
    ("recruiter", "parameter"),
    [
        ("prolific", "PROLIFIC_PID"),
        ("connect", "participantId"),
        ("mturk", "workerId"),
        ("sona", "survey_code"),
        ("", "id"),
    ],
)
def test_each_recruiter_names_the_person_its_own_way(client, open_study, recruiter, parameter):
    link = make_link(open_study, recruiter=recruiter)
    decide(client, link, query=f"?{parameter}=ann")
    respondent = Respondent.objects.get()
    assert (respondent.recruiter, respondent.recruiter_id.lower()) == (recruiter, "ann")


def test_the_same_recruiter_id_in_the_same_browser_finds_its_own_place(client, open_study):
    link = make_link(open_study, recruiter="prolific")
    begun = decide(client, link, query="?PROLIFIC_PID=ann")
    again = client.get(address(link, "?PROLIFIC_PID=ann"))
    assert client.get(again.url).url == begun.url
    assert Respondent.objects.count() == 1


def test_the_recruiting_link_shows_the_completion_code_again_in_the_same_browser(
    client, open_study
):
    link = make_link(open_study, recruiter="prolific")
    decide(client, link, query="?PROLIFIC_PID=ann")
    person = Administration.objects.get()
    answer_everything(person)
    code = services.complete_administration(administration=person).completion_code
    page = client.get(address(link, "?PROLIFIC_PID=ann"), follow=True)
    assert code in page.content.decode()


def test_a_recruiter_id_that_does_not_fit_is_refused_with_a_sentence(client, link):
    response = decide(client, link, query=f"?id={'x' * 121}")
    assert response.status_code == 422
    assert "an id that is too long" in response.content.decode()
    assert not Respondent.objects.exists()


def test_the_browser_language_is_taken_and_can_be_changed(client, link):
    german = client.get(address(link), headers={"accept-language": "de-AT,de;q=0.9"})
    assert '<html lang="de">' in german.content.decode()
    assert "Information und Einwilligung" in german.content.decode()
    assert german.headers["Content-Language"] == "de"
    english = client.get(
        address(link, "?language=en&id=ann"), headers={"accept-language": "de-AT,de;q=0.9"}
    )
    assert '<html lang="en">' in english.content.decode()
    assert "?language=de&amp;id=ann" in english.content.decode()


def test_the_questionnaire_comes_in_the_language_in_which_consent_was_given(client, link):
    decide(client, link, query="?language=de")
    administration = Administration.objects.get()
    page = client.get(personal("resume", administration), follow=True).content.decode()
    assert administration.language == "de"
    assert '<html lang="de">' in page
    assert "Seite 1 von 8" in page


def test_whoever_comes_through_a_simulated_link_is_stored_and_shown_as_simulated(
    client, open_study
):
    link = make_link(open_study, simulated=True)
    assert "stored and shown as simulated" in client.get(address(link)).content.decode()
    response = decide(client, link)
    assert Respondent.objects.get().simulated
    page = client.get(response.url, follow=True).content.decode()
    assert "stored and shown as simulated" in page


def test_a_single_use_link_lets_one_person_begin(client, open_study):
    link = make_link(open_study, kind=RecruitingLink.Kind.SINGLE_USE)
    form = read_form(client.get(address(link)).content.decode())
    assert decide(client, link).status_code == 302
    assert client.get(address(link)).status_code == 410
    late = client.post(address(link), {**form.hidden, "decision": "agree"})
    assert late.status_code == 410
    assert "has been used" in late.content.decode()
    assert Respondent.objects.count() == 1


def test_sending_the_form_of_a_single_use_link_twice_still_leads_in(client, open_study):
    link = make_link(open_study, kind=RecruitingLink.Kind.SINGLE_USE)
    form = read_form(client.get(address(link)).content.decode())
    sent = {**form.hidden, "decision": "agree"}
    assert client.post(address(link), sent).url == client.post(address(link), sent).url


def test_a_closed_study_says_so_calmly(client, link):
    form = read_form(client.get(address(link)).content.decode())
    services.close_study(study=link.study, by=TESTER)
    response = client.get(address(link))
    assert response.status_code == 410
    assert "This study has ended" in response.content.decode()
    assert client.post(address(link), {**form.hidden, "decision": "agree"}).status_code == 410
    assert not Respondent.objects.exists()


def test_a_draft_study_lets_nobody_in(client, draft_study: Study):
    response = client.get(address(make_link(draft_study)))
    assert response.status_code == 403
    assert "has not begun yet" in response.content.decode()


def test_an_unknown_link_is_not_found_in_the_readers_language(client, db):
    response = client.get("/s/nothing/", headers={"accept-language": "de"})
    assert response.status_code == 404
    assert "Unter dieser Adresse ist nichts" in response.content.decode()


def test_the_page_may_be_kept_by_the_browser_but_by_no_proxy(client, link):
    caching = client.get(address(link)).headers["Cache-Control"]
    assert "private" in caching
    assert "no-store" not in caching


def test_no_cookie_is_set_and_none_is_needed(link):
    strict = Client(enforce_csrf_checks=True)
    response = decide(strict, link)
    assert response.status_code == 302
    strict.get(response.url, follow=True)
    assert not strict.cookies
