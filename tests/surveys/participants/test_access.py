"""A recruiter's id is no key: who gets back into a questionnaire, and how."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, make_person, page_of, personal

from surveys import services
from surveys.models import Administration, Answer, Respondent, Submission
from surveys.selectors import presentation_of
from surveys.services.rehearsal import read_form
from surveys.views import limits

LONG = "5f2c8a9b3d4e5f6a7b8c9d0e"
SHORT = "10457"


@pytest.fixture(autouse=True)
def _nobody_tried_yet():
    limits.cache.clear()


@pytest.fixture(params=["prolific", "sona"])
def arrived(request, open_study) -> tuple[Administration, str]:
    """Somebody who answered two pages, and the address that the recruiter opened."""
    recruiter_id = LONG if request.param == "prolific" else SHORT
    return begun(open_study, request.param, recruiter_id)


@pytest.fixture
def of_prolific(open_study) -> tuple[Administration, str]:
    return begun(open_study, "prolific", LONG)


def begun(study, recruiter: str, recruiter_id: str) -> tuple[Administration, str]:
    link = make_link(study, recruiter=recruiter)
    person = make_person(link, recruiter_id=recruiter_id)
    for number in (1, 2):
        fill(person, number)
    return person, address_of(link, recruiter_id)


def fill(person: Administration, number: int) -> None:
    given = [services.GivenAnswer(q.ref, 3) for q in page_of(person, number).questions]
    services.record_answers(administration=person, answers=given, idempotency_key=str(number))


def address_of(link, recruiter_id: str) -> str:
    parameter = {"prolific": "PROLIFIC_PID", "sona": "survey_code"}[link.recruiter]
    return reverse("surveys:information", args=[link.token]) + f"?{parameter}={recruiter_id}"


def back(address: str) -> str:
    return address.replace("/?", "/return/?")


def read(response) -> str:
    return response.content.decode()


def everywhere(person: Administration) -> list[str]:
    """What must not be on a page of somebody who only has the id."""
    return [person.token, person.resume_code, "checked", "/withdraw/"]


def stored(person: Administration) -> list[tuple]:
    return list(person.answers.order_by("position").values_list("position", "value", "revision"))


def test_an_id_in_another_browser_opens_nothing(arrived):
    person, address = arrived
    response = Client().get(address)
    assert response.status_code == 409
    assert "A questionnaire under this id exists" in read(response)
    assert not [secret for secret in everywhere(person) if secret in read(response)]


def test_consenting_with_somebody_elses_id_leads_nowhere_and_makes_nobody(arrived):
    person, address = arrived
    for decision in ("agree", "decline"):
        sent = {"decision": decision, "start": "another-persons-form"}
        response = Client().post(address.replace("/?", "/begin/?"), sent)
        assert response.status_code == 409
        assert person.token not in read(response)
    assert Respondent.objects.count() == 1


def test_the_same_browser_comes_back_by_its_cookie(open_study, client):
    link = make_link(open_study, recruiter="sona")
    address = address_of(link, SHORT)
    form = read_form(read(client.get(address))).hidden
    response = client.post(address.replace("/?", "/begin/?"), {**form, "decision": "agree"})
    person = Administration.objects.get()
    assert client.get(address).url == personal("resume", person)
    cookie = response.cookies["counterpart_place"]
    assert cookie["httponly"]
    assert cookie["path"] == reverse("surveys:information", args=[link.token])
    assert cookie["samesite"] == "Lax"
    assert person.token not in cookie.value


def test_a_cookie_that_was_tampered_with_or_is_another_persons_opens_nothing(open_study, client):
    link = make_link(open_study, recruiter="sona")
    other = make_person(link, recruiter_id="222")
    address = address_of(link, SHORT)
    form = read_form(read(client.get(address))).hidden
    client.post(address.replace("/?", "/begin/?"), {**form, "decision": "agree"})
    assert client.get(address_of(link, "222")).status_code == 409
    signed = client.cookies["counterpart_place"].value
    client.cookies["counterpart_place"] = signed.replace(signed.split(":")[0], str(other.pk), 1)
    assert client.get(address_of(link, "222")).status_code == 409
    assert client.get(address).status_code == 409


def test_the_form_that_was_sent_twice_leads_in_without_a_cookie(open_study):
    link = make_link(open_study, recruiter="sona")
    address = address_of(link, SHORT)
    sent = {**read_form(read(Client().get(address))).hidden, "decision": "agree"}
    first, second = (Client().post(address, sent) for _ in range(2))
    assert first.url == second.url == personal("page", Administration.objects.get(), number=1)


def test_every_page_shows_the_resume_code_and_it_leads_back(arrived, client):
    person, address = arrived
    for name in ("page", "withdraw"):
        kwargs = {"number": 1} if name == "page" else {}
        shown = person.resume_code in read(client.get(personal(name, person, **kwargs)))
        assert shown == (name == "page")
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}", person.resume_code)
    browser = Client()
    for typed in (person.resume_code, person.resume_code.lower().replace("-", " ")):
        response = browser.post(back(address), {"code": typed})
        assert response.url == personal("resume", person)
    # That browser is known from now on.
    assert browser.get(address).url == personal("resume", person)


def test_who_came_without_an_id_sees_no_code_that_would_be_good_for_nothing(client, person):
    assert "resume code" not in read(client.get(personal("page", person, number=1)))


def test_a_resume_code_is_stored_nowhere_and_opens_only_its_own_questionnaire(open_study, client):
    person, address = begun(open_study, "sona", SHORT)
    other, _ = begun(open_study, "sona", "222")
    assert client.post(back(address), {"code": other.resume_code}).status_code == 422
    fields = [f.attname for f in Administration._meta.concrete_fields]
    bare = person.resume_code.replace("-", "")
    assert not any(bare in str(getattr(person, field)).upper() for field in fields)


def test_codes_cannot_be_tried_out(of_prolific):
    person, address = of_prolific
    statuses = [
        Client(REMOTE_ADDR=f"10.0.0.{n}").post(back(address), {"code": f"AAAA-{n:04}"}).status_code
        for n in range(12)
    ]
    assert statuses == [422] * 10 + [429] * 2
    right = Client().post(back(address), {"code": person.resume_code})
    assert right.status_code == 429
    assert "Please wait a few minutes" in read(right)


def test_a_short_id_alone_does_not_even_go_on(open_study):
    _, address = begun(open_study, "sona", SHORT)
    assert "Go on at the next open question" not in read(Client().get(address))
    assert Client().post(back(address), {"go": "on"}).status_code == 422


@pytest.mark.parametrize("recruiter_id", ["ann", "12345", LONG[:-1], LONG + "0"])
def test_an_id_that_is_not_of_the_long_kind_does_not_go_on(open_study, recruiter_id):
    _, address = begun(open_study, "prolific", recruiter_id)
    assert Client().post(back(address), {"go": "on"}).status_code == 422


def test_a_long_id_goes_on_at_the_open_questions_and_shows_changes_and_withdraws_nothing(
    of_prolific,
):
    person, address = of_prolific
    before = stored(person)
    browser = Client()
    way = browser.post(back(address), {"go": "on"}).url
    ref = page_of(person, 3).questions[0].ref
    steps = 0
    while True:
        page = browser.get(way)
        assert not [secret for secret in everywhere(person) if secret in read(page)]
        person.refresh_from_db()
        if person.status == "completed":
            break
        form = read_form(read(page))
        stored_refs = {presentation_of(person).order[at - 1] for at, _, _ in stored(person)}
        assert not stored_refs & set(form.names)
        answers = {name: "1" for name in form.names if "." in name}
        # Forged: the answer to a page that is stored already.
        forged = {page_of(person, 1).questions[0].ref: "7"}
        assert browser.post(way, {**form.hidden, **forged, **answers}).url == way
        steps += 1
    assert person.completion_code in read(page)
    assert stored(person)[: len(before)] == before
    assert person.answers.get(position=page_of(person, 3).questions[0].position).revision == 1
    assert ref in presentation_of(person).order
    assert set(Submission.objects.values_list("door", flat=True)) == {"not_recorded", "return_page"}
    # Not after the end.
    assert Client().post(back(address), {"go": "on"}).status_code == 422
    assert person.completion_code not in read(Client().get(address))


def test_going_on_with_a_gap_keeps_the_rest_and_asks_for_the_gap_alone(of_prolific):
    person, address = of_prolific
    browser = Client()
    way = browser.post(back(address), {"go": "on"}).url
    form = read_form(read(browser.get(way)))
    first, *others = [name for name in form.names if "." in name]
    response = browser.post(way, {**form.hidden, **dict.fromkeys(others, "1")})
    assert response.status_code == 422
    again = read_form(read(response))
    assert [name for name in again.names if "." in name] == [first]
    assert browser.post(way, {**again.hidden, "prefers_not": "1"}).url == way
    assert person.answers.get(position=page_of(person, 3).questions[0].position).value is None


def test_what_was_answered_meanwhile_is_not_changed_by_going_on(of_prolific):
    person, address = of_prolific
    browser = Client()
    way = browser.post(back(address), {"go": "on"}).url
    form = read_form(read(browser.get(way)))
    fill(person, 3)
    sent = {**form.hidden, **{name: "7" for name in form.names if "." in name}}
    assert browser.post(way, sent).url == way
    position = page_of(person, 3).questions[0].position
    assert person.answers.get(position=position).revision == 1


def test_what_a_person_said_about_themselves_is_neither_shown_nor_changed(of_prolific):
    person, address = of_prolific
    way = Client().post(back(address), {"go": "on"}).url
    answer_everything(person)
    services.record_demographics(administration=person, values={"age": 47})
    page = read(Client().get(way))
    assert "About you" not in page
    Client().post(way, {"step": "about-you", "age": "20"})
    person.respondent.refresh_from_db()
    assert person.respondent.demographics == {"age": 47}


@pytest.mark.parametrize("forged", ["{}", "{}:x:y", "nothing"])
def test_a_pass_cannot_be_made_up(of_prolific, forged):
    person, _ = of_prolific
    assert Client().get(f"/c/{forged.format(person.pk)}/").status_code == 410


def test_a_pass_ends_after_a_sitting(of_prolific, monkeypatch):
    _, address = of_prolific
    way = Client().post(back(address), {"go": "on"}).url
    monkeypatch.setattr("surveys.views.participants.continuation._VALID_SECONDS", -1)
    response = Client().get(way)
    assert response.status_code == 410
    assert "no longer valid" in read(response)


def test_guessed_ids_find_sixty_people_at_most_and_open_nobody(open_study):
    link = make_link(open_study, recruiter="sona")
    people = [make_person(link, recruiter_id=str(number)) for number in range(100, 170)]
    attacker = Client()
    statuses = [attacker.get(address_of(link, str(n))).status_code for n in range(100, 740)]
    assert statuses.count(409) == 60
    assert statuses[-1] == 429
    assert 302 not in statuses
    assert not Answer.objects.exists()
    assert len(people) == 70
    # Nobody at another address notices.
    assert Client(REMOTE_ADDR="10.1.1.1").get(address_of(link, "5000")).status_code == 200


def test_whoever_withdrew_is_not_told_apart_from_whoever_goes_on(open_study):
    link = make_link(open_study, recruiter="sona")
    pages = []
    for recruiter_id in ("111", "222"):
        person = make_person(link, recruiter_id=recruiter_id)
        if recruiter_id == "222":
            services.withdraw(administration=person, by=TESTER)
        pages.append(read(Client().get(address_of(link, recruiter_id))))
    assert pages[0] == pages[1].replace("222", "111")


def test_the_page_is_in_the_readers_language(of_prolific):
    _, address = of_prolific
    page = Client().get(address, headers={"accept-language": "de"})
    assert "Unter dieser Kennung gibt es einen Fragebogen" in read(page)
    assert page.headers["Content-Language"] == "de"
    wrong = Client().post(back(address), {"code": "x", "language": "de"})
    assert "Dieser Code passt nicht" in read(wrong)
