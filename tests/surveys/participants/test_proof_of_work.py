"""A short calculation before somebody begins: asked for where people are told, and a sign alone."""

import csv
import io
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from factories import (
    TESTER,
    answer_everything,
    asked_by_somebody,
    made_once,
    make_draft,
    make_link,
    personal,
)

from surveys import services
from surveys.exports.content import ExportChoice
from surveys.instrument_files import bundled_study
from surveys.models import Administration, Flag, Submission
from surveys.paradata.visits import stored_visit
from surveys.paradata.work import BITS, HOURS, PARTS, Challenge, judged, solves
from surveys.recruiters import LinkTerms
from surveys.services.data.exports import export_data
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.erasure import withdraw_person
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.terms import set_terms
from surveys.services.rehearsal import read_form
from surveys.views.participants import page_clock


@pytest.fixture
def link(owner):
    definition = asked_by_somebody(bundled_study("privacy-prosocial"))
    settings = {**definition.settings, "paradata": ["proof_of_work"]}

    def opened():
        draft = make_draft(owner, replace(definition, slug="working", settings=settings))
        return services.open_study(study=draft, by=TESTER)

    return make_link(made_once("working", opened))


def form_of(client, link):
    page = client.get(reverse("surveys:information", args=[link.token])).content.decode()
    return dict(read_form(page).hidden)


def solved(challenge):
    numbers = []
    for part in range(PARTS):
        number = 0
        while not proof(challenge, part, number):
            number += 1
        numbers.append(str(number))
    return f"412:{'.'.join(numbers)}"


def proof(challenge, part, number):
    import hashlib

    digest = hashlib.sha256(f"{challenge}:{part}:{number}".encode()).hexdigest()
    return int(digest, 16) >> (256 - BITS) == 0


def agreed(client, link, fields):
    answer = client.post(
        reverse("surveys:begin", args=[link.token]), {**fields, "decision": "agree"}
    )
    assert answer.status_code == 302
    return Administration.objects.get(token=answer.url.split("/")[2])


def page_of(person):
    row = Submission.objects.get(administration=person, page=0)
    return stored_visit(row.page, row.elapsed_ms, row.answers, row.paradata)


def flags_after_the_end(person):
    answer_everything(person)
    services.complete_administrations(administrations=[person])
    raise_flags(study=person.study)
    found = Flag.objects.filter(flag_check__administration=person, code__endswith="_work")
    return set(found.values_list("code", flat=True))


def test_an_answer_is_as_many_numbers_as_there_are_parts_each_of_them_found_by_trying():
    challenge = "1764381000000.aaaaaaaaaaaaaaaaaaaa"
    answer = solved(challenge)
    numbers = answer.split(":")[1].split(".")
    assert solves(challenge, numbers)
    assert not solves(challenge.replace("17", "18"), numbers)
    assert not solves(challenge, numbers[:-1])
    assert not solves(challenge, [*numbers[1:], numbers[0]])
    done = judged(Challenge(challenge, 3_000), answer)
    assert (done.page, done.work, done.work_ms, done.elapsed_ms) == (0, "done", 412, 3_000)
    # More than the server measured was not spent.
    claimed = judged(Challenge(challenge, 3_000), answer.replace("412:", "99999999:"))
    assert claimed.work_ms == 5_000
    late = judged(Challenge(challenge, HOURS * 3_600_000 + 1), answer)
    assert (late.work, late.work_ms) == ("late", None)
    for made_up in (
        "x",
        "1:1",
        "412:" + ".".join(["0"] * PARTS),
        answer + "." * 5000,
        "١" + answer,
    ):
        assert judged(Challenge(challenge, 3_000), made_up).work == "wrong"
    assert judged(Challenge("", None), answer).work == "wrong"
    assert judged(Challenge(challenge, 3_000), "").work == "absent"


@pytest.mark.django_db
def test_who_does_the_work_has_no_flag_and_reads_how_long_it_took(client, link):
    fields = form_of(client, link)
    person = agreed(client, link, {**fields, "work": solved(fields["challenge"])})
    visit = page_of(person)
    assert (visit.work, visit.work_ms, visit.reported) == ("done", 412, True)
    assert visit.elapsed_ms > 0
    assert flags_after_the_end(person) == set()
    stored = client.get(personal("stored", person)).content.decode()
    assert "short calculation, 0.4 s" in stored
    copy = client.get(personal("stored_file", person)).json()
    assert copy["pages"][0]["calculation_seconds"] == 0.412
    withdraw_person(administration=person, forget_id=True, by=TESTER)
    assert not Submission.objects.filter(administration=person).exists()


@pytest.mark.django_db
def test_nobody_is_kept_out_by_a_missing_made_up_used_or_late_answer(client, link, monkeypatch):
    fields = form_of(client, link)
    answer = solved(fields["challenge"])
    made_up = "9:" + ".".join(["7"] * PARTS)
    other = form_of(client, link)
    sent = {
        "no_work": form_of(client, link),
        "wrong_work": {**form_of(client, link), "work": made_up},
        # A challenge belongs to its form: an answer is worth nothing in another.
        "used": {**other, "challenge": fields["challenge"], "work": answer},
        "foreign": {**form_of(client, link), "challenge": "1.abc", "work": answer},
        "bare": {"start": "s" * 20, "work": answer},
    }
    people = {name: agreed(Client(), link, one) for name, one in sent.items()}
    first = agreed(client, link, {**fields, "work": answer})
    # The same form again is the same person.
    assert agreed(Client(), link, {**fields, "work": answer}) == first
    late = form_of(client, link)
    late["work"] = solved(late["challenge"])
    now = page_clock.now_ms()
    monkeypatch.setattr(page_clock, "now_ms", lambda: now + HOURS * 3_600_000 + 60_000)
    people["late_work"] = agreed(Client(), link, late)
    expected = {"used": "wrong_work", "foreign": "wrong_work", "bare": "wrong_work"}
    for name, person in people.items():
        assert flags_after_the_end(person) == {expected.get(name, name)}, name
        person.refresh_from_db()
        assert person.status == "completed"
    assert flags_after_the_end(first) == set()


@pytest.mark.django_db
def test_a_form_of_a_shared_computer_works_once_also_after_its_person_has_left(client, link):
    set_terms(link=link, terms=LinkTerms(shared_computer=True), by=TESTER)
    fields = form_of(client, link)
    fields["work"] = solved(fields["challenge"])
    first = agreed(client, link, fields)
    assert flags_after_the_end(first) == set()
    client.post(personal("next_person", first))
    first.refresh_from_db()
    again = agreed(Client(), link, fields)
    assert again != first
    assert page_of(again).work == "wrong"


@pytest.mark.django_db
def test_flag_reason_and_seconds_stand_in_list_rest_and_export(client, owner, link, tmp_path):
    fields = form_of(client, link)
    done = agreed(client, link, {**fields, "work": solved(fields["challenge"])})
    absent = agreed(Client(), link, form_of(client, link))
    for person in (done, absent):
        flags_after_the_end(person)
    client.force_login(owner)
    people = client.get(f"{reverse('surveys:people', args=['working'])}?flag=no_work")
    listed = people.content.decode()
    assert "no proof of work" in listed
    assert f"#{absent.respondent_id}<" in listed
    assert f"#{done.respondent_id}<" not in listed
    rows = client.get("/api/people/?study=working&flag=no_work").json()["results"]
    (flag,) = [one for one in rows[0]["flags"] if one["code"] == "no_work"]
    assert flag["sentence"].startswith("No proof of work: ")
    text = client.get(reverse("surveys:payment_list", args=["working"])).content.decode()
    paid = {one["code"]: one for one in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))}
    absent.refresh_from_db()
    assert "no_work" in paid[absent.completion_code]["flags"]
    assert paid[absent.completion_code]["approve"] == ""
    choice = ExportChoice(formats=("csv",), paradata=True)
    export_data(study=link.study, choice=choice, folder=tmp_path, by=TESTER)
    kept = list(csv.DictReader(io.StringIO((tmp_path / "page_visits.csv").read_text())))
    consent = {one["proof_of_work"]: one for one in kept if one["page"] == "0"}
    assert consent["done"]["work_ms"] == "412"
    assert consent["absent"]["work_ms"] == "NA"


@pytest.mark.django_db
def test_where_the_study_does_not_ask_for_it_nothing_of_it_is_sent_kept_or_asked(
    client, link, open_study
):
    plain = make_link(open_study)
    page = client.get(reverse("surveys:information", args=[plain.token])).content.decode()
    assert "proof_of_work" not in page
    assert "challenge" not in page
    person = agreed(client, plain, {"start": "s" * 20, "work": "1:1", "challenge": "1.a"})
    assert not Submission.objects.filter(administration=person).exists()
    rehearsal = make_link(link.study, simulated=True)
    # Simulated people are programs.
    assert "challenge" not in form_of(client, rehearsal)
    counts = []
    for one in (plain, link, plain, link):
        fields = form_of(client, one)
        with CaptureQueriesContext(connection) as captured:
            agreed(Client(), one, fields)
        counts.append(len(captured))
    # One row of what was found, once everything that is kept in memory is there.
    assert counts[3] == counts[2] + 1


@pytest.mark.django_db
def test_people_are_told_before_they_agree_and_that_javascript_is_no_condition(client, link):
    for language, told in (
        ("en", ("did a short calculation before you began", "without JavaScript")),
        ("de", ("eine kurze Rechnung gelöst hat", "ohne JavaScript")),
    ):
        address = f"{reverse('surveys:information', args=[link.token])}?language={language}"
        page = client.get(address).content.decode()
        assert all(words in page for words in told)
        assert re.search(r'data-worker="[^"]+proof_of_work_worker[^"]*\.js"', page)


@pytest.fixture
def asking(open_study):
    """A link that asks for it, of a study that does not."""
    link = make_link(open_study)
    return set_terms(link=link, terms=LinkTerms(proof_of_work=True), by=TESTER)


TOLD = "did a short calculation before you began"


@pytest.mark.django_db
def test_a_link_alone_asks_for_it_and_tells_its_people(client, owner, asking):
    other = make_link(asking.study)
    pages = {
        one: client.get(reverse("surveys:information", args=[one.token])).content.decode()
        for one in (asking, other)
    }
    assert TOLD in pages[asking]
    assert "proof_of_work.js" in pages[asking]
    assert TOLD not in pages[other]
    assert "challenge" not in pages[other]
    fields = form_of(client, asking)
    done = agreed(client, asking, {**fields, "work": solved(fields["challenge"])})
    assert page_of(done).work == "done"
    assert flags_after_the_end(agreed(Client(), asking, form_of(client, asking))) == {"no_work"}
    assert flags_after_the_end(agreed(Client(), other, form_of(client, other))) == set()
    client.force_login(owner)
    recruit = client.get(reverse("surveys:recruit", args=[asking.study.slug])).content.decode()
    assert recruit.count("asks for a proof of work") == 1


@pytest.mark.django_db
def test_it_is_switched_on_by_a_tick_on_the_card_and_over_rest(client, owner, open_study):
    link = make_link(open_study)
    client.force_login(owner)
    sent = {f"link-{link.pk}-proof_of_work": "on"}
    address = reverse("surveys:terms", args=[open_study.slug, link.pk])
    assert client.post(address, sent).status_code == 302
    told = client.get(f"/api/links/{link.pk}/terms/").json()
    assert told["proof_of_work"] is True
    off = {**told, "proof_of_work": False}
    client.put(f"/api/links/{link.pk}/terms/", off, content_type="application/json")
    link.refresh_from_db()
    assert not link.proof_of_work


@pytest.mark.django_db
def test_what_a_link_adds_is_told_beside_words_of_the_study_s_own(client, asking):
    own = {"paradata": ["focus"], "paradata_told": {"en": "We watch when you look away."}}
    asking.study.settings = {**asking.study.settings, **own}
    asking.study.save()
    page = client.get(reverse("surveys:information", args=[asking.token])).content.decode()
    assert "We watch when you look away." in page
    assert TOLD in page
    assert "left for another window" not in page


@pytest.mark.django_db
def test_where_people_could_not_be_told_a_link_cannot_ask_for_it(client, asking):
    asking.study.languages = ["en", "sw"]
    asking.study.save()
    # Asked before the language came: nobody is asked for what nobody is told.
    assert "challenge" not in form_of(client, asking)
    other = make_link(asking.study)
    with pytest.raises(ArrangementRefused) as refused:
        set_terms(link=other, terms=LinkTerms(proof_of_work=True), by=TESTER)
    (problem,) = refused.value.problems
    assert (problem.where, problem.arguments) == ("proof_of_work", {"language": "sw"})
