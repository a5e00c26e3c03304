"""Quotas: exactly as many as are wanted, whoever comes at once, and nobody is told wrong."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories import (
    TESTER,
    answer_everything,
    make_draft,
    make_link,
    make_person,
    make_user,
    personal,
)
from request_study import AGE, SHARE, open_request_study

from surveys import services
from surveys.models import Administration, Quota, QuotaPlace, RecruitingLink, Study, Submission
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.services import GivenAnswer
from surveys.services.people.erasure import erase_person, set_retention
from surveys.services.people.quotas import quota_states, set_quotas
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms
from surveys.services.people.tidying import end_late, tidy_people

YOUNG, OLD = f"{AGE} < 30", f"{AGE} >= 30"


def wanted(study, *quotas) -> Study:
    """The study with these quotas, each as (label, most, rule, link)."""
    rows = [dict(zip(("label", "most", "when", "link"), one, strict=False)) for one in quotas]
    set_quotas(study=study, values={"quotas": rows}, by=TESTER)
    return Study.objects.get(pk=study.pk)


def fresh(link) -> RecruitingLink:
    return RecruitingLink.objects.select_related("study").get(pk=link.pk)


def taken(study) -> dict[str, int]:
    return dict(study.quotas.values_list("label", "taken"))


def says(person, age, key="age"):
    return services.record_participant_answers(
        administration=person,
        answers=[GivenAnswer(AGE, age)],
        idempotency_key=f"{key} {age}",
        door="page",
    )


@pytest.fixture
def study(owner):
    return open_request_study(owner)


def test_whoever_finds_a_quota_full_ends_and_holds_nothing(study):
    study = wanted(study, ("young", 1, YOUNG), ("all", 9, ""))
    link = fresh(make_link(study))
    first, second = make_person(link), make_person(link)
    assert taken(study) == {"young": 0, "all": 2}
    assert not says(first, 20).quota_full
    receipt = says(second, 25)
    assert (receipt.quota_full, receipt.created) == (True, 1)
    second.refresh_from_db()
    assert (second.status, second.outcome) == ("stopped", "quota_full")
    assert second.answers.exists()
    assert taken(study) == {"young": 1, "all": 1}
    assert Quota.objects.get(label="young").turned_away == 1
    # The same page sent twice ends nothing else, and takes nothing else.
    assert says(second, 25).repeated
    assert says(first, 20).repeated
    assert taken(study) == {"young": 1, "all": 1}


def test_a_place_follows_the_answer_and_is_free_again_after_each_way_out(study):
    study = wanted(study, ("young", 1, YOUNG), ("old", 1, OLD))
    link = make_link(study)
    set_terms(link=link, terms=LinkTerms(minutes_allowed=5), by=TESTER)
    link = fresh(link)
    one = make_person(link)
    says(one, 20)
    assert taken(study) == {"young": 1, "old": 0}
    says(one, 40)
    assert taken(study) == {"young": 0, "old": 1}
    services.withdraw(administration=one, by=TESTER)
    assert taken(study) == {"young": 0, "old": 0}
    late = make_person(link)
    says(late, 20)
    Administration.objects.filter(pk=late.pk).update(started_at="2020-01-01T00:00Z")
    assert end_late() == 1
    assert taken(study) == {"young": 0, "old": 0}
    minor = make_person(link)
    assert says(minor, 17).screened_by
    assert taken(study) == {"young": 0, "old": 0}
    # A test and a rehearsal take nothing from real people.
    test = services.enrol_person(link=link, consent_text=one.respondent.consent.text, test=True)
    says(test, 20)
    says(make_person(fresh(make_link(study, simulated=True))), 20)
    assert taken(study) == {"young": 0, "old": 0}


def test_new_quotas_count_in_who_takes_part_already_and_send_nobody_back(study):
    link = make_link(study)
    people = [make_person(link) for _ in range(3)]
    for person in people:
        says(person, 20)
    study = wanted(study, ("young", 2, YOUNG))
    assert taken(study) == {"young": 3}
    assert Administration.objects.filter(status="in_progress").count() == 3
    assert says(make_person(fresh(link)), 20).quota_full
    # The same again changes nothing; a new number keeps the places.
    wanted(study, ("young", 2, YOUNG))
    assert study.log.filter(action="quotas_set").count() == 1
    wanted(study, ("young", 4, YOUNG))
    assert taken(study) == {"young": 3}
    assert not says(make_person(fresh(link)), 21).quota_full
    assert not wanted(study).has_quotas


def test_all_mistakes_of_quotas_are_told_at_once(study):
    with pytest.raises(ArrangementRefused) as refused:
        wanted(
            study,
            ("a", 1, "request.age ="),
            ("a", 1, "request.agee > 3"),
            ("b", 1, "recipient == 'nobody'"),
            ("c", 1, "gender == 'female'"),
            ("d", 1, "", 999_999),
        )
    found = [(one.where, one.code.value) for one in refused.value.problems]
    assert found == [
        ("quotas[1].when", "not_an_expression"),
        ("quotas[2].label", "same_name"),
        ("quotas[2].when", "unknown_item"),
        ("quotas[3].when", "impossible_value"),
        ("quotas[4].when", "unknown_name"),
        ("quotas[5].link", "unknown_link"),
    ]
    with pytest.raises(ArrangementRefused):
        set_quotas(study=study, values={"quotas": [{"label": "a", "most": "3"}]}, by=TESTER)
    assert not study.quotas.exists()


def test_a_full_link_says_so_before_anybody_agrees_and_leads_back(client, study):
    link = make_link(study, recruiter="prolific")
    terms = LinkTerms(exits={Outcome.QUOTA_FULL: Exit(code="FULL1")})
    set_terms(link=link, terms=terms, by=TESTER)
    study = wanted(study, ("link", 1, "", link.pk))
    make_person(fresh(link), recruiter_id="a" * 24)
    address = reverse("surveys:information", kwargs={"token": link.token})
    page = client.get(f"{address}?PROLIFIC_PID={'b' * 24}&STUDY_ID=s&SESSION_ID=t")
    text = page.content.decode()
    assert page.status_code == 410
    assert "The places are taken" in text
    assert "https://app.prolific.com/submissions/complete?cc=FULL1" in text
    # Another link is not concerned, and whoever was quicker with the form ends with the same code.
    assert (
        client.get(reverse("surveys:information", args=[make_link(study).token])).status_code == 200
    )
    late = make_person(fresh(link), recruiter_id="b" * 24)
    assert late.outcome == "quota_full"
    assert "FULL1" in client.get(personal("end", late)).content.decode()


def test_questions_about_the_person_can_come_first_and_decide(client, owner):
    study = make_draft(owner)
    study.settings = {**study.settings, "demographics_first": True}
    study.save()
    study = services.open_study(study=study, by=TESTER)
    study = wanted(study, ("men", 0, "gender == 'male'"), ("women", 5, "gender == 'female'"))
    link = fresh(make_link(study))
    person = make_person(link)
    about = personal("demographics", person)
    assert client.get(personal("resume", person)).url == about
    assert client.get(personal("page", person, number=1)).url == about
    page = client.get(about).content.decode()
    assert "Page 1 of" in page
    assert 'value="back"' not in page
    page = client.post(about, {"gender": "female", "age": "30"})
    assert client.get(page.url).url == personal("page", person, number=1)
    assert "Page 2 of" in client.get(personal("page", person, number=1)).content.decode()
    assert taken(study) == {"men": 0, "women": 1}
    man = make_person(link)
    page = client.post(personal("demographics", man), {"gender": "male", "age": "30"}, follow=True)
    assert "The places are taken" in page.content.decode()
    # Of men alone: there is still a place for a woman, so that nobody is told otherwise.
    assert "or as many from the group to which your answers belong" in page.content.decode()


def test_quotas_are_set_crossed_and_watched_in_the_browser_and_over_rest(client, study, owner):
    client.force_login(owner)
    address = reverse("surveys:quotas", kwargs={"slug": study.slug})
    crossing = {"cross": "1", "cross-by_1": AGE, "cross-by_2": "recipient", "cross-most": "7"}
    page = client.post(address, {**crossing, "cross-ranges": "18-29, 30-"})
    text = page.content.decode()
    assert 'value="18–29 · firm"' in text or 'value="18–29 · ' in text
    assert not study.quotas.exists()
    forms = page.context["rows"]
    sent = {"quotas-TOTAL_FORMS": len(forms.forms), "quotas-INITIAL_FORMS": 4}
    for number, form in enumerate(forms.initial_forms):
        sent |= {f"quotas-{number}-{name}": value for name, value in form.initial.items() if value}
    wrong = client.post(address, {**sent, "quotas-0-when": "request.agee > 3"})
    assert wrong.status_code == 422
    assert "did you mean" in wrong.content.decode()
    assert client.post(address, sent).status_code == 302
    assert sorted(study.quotas.values_list("most", flat=True)) == [7] * 4
    link = fresh(make_link(study))
    says(make_person(link), 20)
    text = client.get(reverse("surveys:recruit", kwargs={"slug": study.slug})).content.decode()
    assert "<strong>1</strong> / 7" in text
    live = reverse("surveys:quota_table", kwargs={"slug": study.slug})
    assert f'hx-get="{live}?seen=' in text
    assert "<strong>1</strong> / 7" in client.get(live).content.decode()
    rest = f"/api/studies/{study.slug}/quotas/"
    body = client.get(rest).json()
    assert sum(one["taken"] for one in body["quotas"]) == 1
    new = {"quotas": [{"label": "all", "most": 3}]}
    done = client.put(rest, json.dumps(new), content_type="application/json")
    assert [(one["label"], one["taken"]) for one in done.json()["quotas"]] == [("all", 1)]
    bad = {"quotas": [{"label": "all", "most": -3, "x": 1}]}
    refused = client.put(rest, json.dumps(bad), content_type="application/json")
    assert refused.status_code == 409
    assert {one["path"] for one in refused.json()["errors"]["quotas"]} == {
        "quotas[1].most",
        "quotas[1].x",
    }
    client.force_login(make_user("nobody"))
    assert client.get(address).status_code == 404
    assert client.get(rest).status_code == 404


def everybody_at_once(cells: int, each: int) -> tuple[Study, list[Administration], Counter[str]]:
    """Twice as many people as there are places, who begin and answer through pages at once."""
    study = open_request_study(make_user("owner"))
    rules = [
        (f"{age} {share}", each, f"{rule} and {SHARE} == {value}")
        for age, rule in (("young", YOUNG), ("old", OLD))
        for share, value in (("no", 0), ("yes", 1))
    ][:cells]
    study = wanted(study, *rules)
    link = fresh(make_link(study))
    together = 2 * each * cells
    people = [make_person(link) for _ in range(together)]
    barrier = Barrier(min(together, 32))

    def answer(number: int) -> str:
        try:
            person, cell = people[number], number % cells
            if number < barrier.parties:
                barrier.wait(20)
            client = Client()
            for page, fields in (
                (1, {AGE: str(25 if cell < 2 else 40)}),
                (2, {SHARE: str(1 + cell % 2)}),
            ):
                address = personal("page", person, number=page)
                sent = client.post(address, {**fields, "key": f"k{number}{page}"})
            return "full" if sent.url == personal("end", person) else "goes on"
        finally:
            connection.close()

    with ThreadPoolExecutor(barrier.parties) as pool:
        told = list(pool.map(answer, range(together)))
    outcomes = Administration.objects.in_bulk([one.pk for one in people])
    for number, person in enumerate(people):
        now = outcomes[person.pk]
        # Nobody was told otherwise than what is stored of them.
        assert (told[number] == "full") == (now.outcome == "quota_full")
    return study, people, Counter(told)


def assert_exactly(study: Study, each: int, cells: int, told: Counter[str]) -> None:
    states = quota_states(study=study)
    assert [one.quota.taken for one in states] == [each] * cells
    assert [one.quota.places.count() for one in states] == [each] * cells
    assert [one.quota.turned_away for one in states] == [each] * cells
    assert told == {"goes on": each * cells, "full": each * cells}


@pytest.mark.django_db(transaction=True)
def test_crossed_quotas_of_fifty_take_exactly_fifty_each_of_two_hundred_at_once():
    """On either database: this one runs wherever the tests do."""
    study, _people, told = everybody_at_once(cells=2, each=50)
    assert_exactly(study, 50, 2, told)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_four_crossed_quotas_of_fifty_take_exactly_fifty_each_of_four_hundred():
    study, _people, told = everybody_at_once(cells=4, each=50)
    assert_exactly(study, 50, 4, told)


def test_who_completed_is_counted_as_their_places_say(open_study):
    study = open_study
    set_quotas(study=study, values={"quotas": [{"label": "all", "most": 9}]}, by=TESTER)
    link = fresh(make_link(study))
    people = [make_person(link) for _ in range(6)]
    for person in people[:4]:
        answer_everything(person)
        services.complete_administration(administration=person)
    services.withdraw(administration=people[0], by=TESTER)
    erase_person(respondent=people[1].respondent, by=TESTER)
    services.enrolment.end_early(administration=people[4], outcome="screened_out")
    (state,) = quota_states(study=study)
    places = state.quota.places.values_list("administration__status", flat=True)
    assert (state.completed, state.under_way) == (2, 1)
    assert sorted(places) == ["completed", "completed", "in_progress"]


def test_a_place_of_whoever_completed_stays_taken_when_their_answers_are_deleted(study):
    study = wanted(study, ("all", 2, ""))
    link = fresh(make_link(study))
    done, silent = make_person(link), make_person(link)
    long_ago = timezone.now() - timezone.timedelta(days=9)
    Administration.objects.filter(pk=done.pk).update(
        status="completed", outcome="complete", completion_code="C", ended_at=long_ago
    )
    Administration.objects.filter(pk=silent.pk).update(started_at=long_ago)
    # What their condition leaves out was stored as they began.
    Submission.objects.update(recorded_at=long_ago)
    set_retention(study=study, days=8, answers_deleted=True, by=TESTER)
    assert tidy_people(by=TESTER)["answers_deleted"] == 2
    assert not QuotaPlace.objects.exists()
    assert taken(study) == {"all": 1}
