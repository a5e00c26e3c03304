"""An anonymous study: nothing that is stored, exported or logged tells who answered what."""

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core import serializers
from django.db.models import F
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from factories import (
    TESTER,
    answer_everything,
    asked_by_somebody,
    made_once,
    make_draft,
    make_link,
    make_person,
    personal,
)

from surveys import services
from surveys.errors import StudyError
from surveys.exports.content import ExportChoice
from surveys.instrument_files import bundled_study
from surveys.models import (
    Administration,
    Answer,
    AuditEntry,
    Consent,
    EarlierId,
    RecruiterParameters,
    RecruitingLink,
    Respondent,
    Submission,
    Webhook,
    WebhookEvent,
    WebhookMessage,
)
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.recruiters.link_lists import Line, ListDraft
from surveys.selectors import presentation_of
from surveys.services.data.exports import export_data
from surveys.services.people.erasure import withdraw_person
from surveys.services.people.link_lists import make_link_list
from surveys.services.people.listing import look_up
from surveys.services.people.terms import set_terms
from surveys.services.people.tidying import tidy_people
from surveys.services.submissions import GivenAnswer
from surveys.services.webhooks.happenings import find_happenings

IDS = [f"5f2c8a9b3d4e5f6a7b8c9d{n:02x}" for n in range(12)]


@pytest.fixture
def study(owner):
    definition = asked_by_somebody(bundled_study("privacy-prosocial"))
    agreed = {**definition.settings, "anonymous": True}

    def opened():
        draft = make_draft(owner, replace(definition, slug="nameless", settings=agreed))
        return services.open_study(study=draft, by=TESTER)

    return made_once("nameless", opened)


@pytest.fixture
def link(study):
    return make_link(study, recruiter="prolific")


def decided(link, recruiter_id, decision="agree"):
    address = reverse("surveys:begin", args=[link.token])
    query = f"?PROLIFIC_PID={recruiter_id}&STUDY_ID=the-study&SESSION_ID=of-{recruiter_id}"
    form = {"decision": decision, "start": f"start-{recruiter_id}"}
    led = Client().post(address + query, form)
    assert led.status_code == 302
    return Administration.objects.get(token=led.url.split("/")[2])


def handed_in(link, recruiter_id):
    person = decided(link, recruiter_id)
    answer_everything(person)
    return services.complete_administrations(administrations=[person])[0]


def everything_stored():
    """Every row of the apps, as text."""
    from django.apps import apps

    rows = [one for model in apps.get_models() for one in model._base_manager.all()]
    return serializers.serialize("json", rows)


@pytest.mark.django_db
def test_no_row_of_the_database_holds_an_id_that_came_with_somebody(link):
    for one in IDS[:3]:
        handed_in(link, one)
    decided(link, IDS[3], "decline")
    withdraw_person(administration=handed_in(link, IDS[4]), forget_id=False, by=TESTER)
    stored = everything_stored()
    assert not [one for one in IDS if one in stored]
    assert "the-study" not in stored
    assert not RecruiterParameters.objects.exists()
    assert not EarlierId.objects.exists()
    assert Respondent.objects.filter(study=link.study).count() == 5


@pytest.mark.django_db
def test_times_are_of_the_day_alone_and_durations_stay(link):
    person = decided(link, IDS[0])
    began = person.started_at
    answer_everything(person)
    given = Answer.objects.filter(administration=person).earliest("answered_at").answered_at
    (ended,) = services.complete_administrations(administrations=[person])
    ended.refresh_from_db()
    day = began.replace(hour=0, minute=0, second=0, microsecond=0)
    assert ended.started_at == day
    took = ended.ended_at - ended.started_at
    assert 0 < took.total_seconds() < 60
    first = Answer.objects.filter(administration=person).earliest("answered_at").answered_at
    assert first - day == given - began
    last = Submission.objects.filter(administration=person).latest("pk")
    assert last.recorded_at < ended.ended_at
    assert Consent.objects.get(respondent=person.respondent_id).decided_at == day
    assert Respondent.objects.get(pk=person.respondent_id).created_at == day
    for gone in (decided(link, IDS[1], "decline"), handed_in(link, IDS[2])):
        if gone.status == "completed":
            withdraw_person(administration=gone, forget_id=True, by=TESTER)
        gone.refresh_from_db()
        assert (gone.started_at, gone.ended_at) == (day, day)
    assert not AuditEntry.objects.filter(subject_kind__in=("administration", "respondent")).exists()


@pytest.mark.django_db
def test_neither_rows_nor_exports_tell_who_came_before_whom(client, owner, link, tmp_path):
    people = [handed_in(link, one) for one in IDS]
    for keys in ([one.pk for one in people], [one.respondent_id for one in people]):
        assert keys != sorted(keys)
        assert len(set(keys)) == len(IDS)
        # Beyond what a sequence gives, and exact in every program.
        assert all(2**40 <= one < 2**52 for one in keys)
    choice = ExportChoice(formats=("csv",), recruiter_ids=True, paradata=True)
    export_data(study=link.study, choice=choice, folder=tmp_path, by=TESTER)
    files = {path.name: path.read_text() for path in tmp_path.rglob("*.csv")}
    assert "recruiter_ids.csv" not in files
    assert not [one for one in IDS if one in "".join(files.values())]
    rows = list(csv.DictReader(io.StringIO(files["answers-people_form-raw_data.csv"])))
    assert len(rows) == len(IDS)
    assert {one["started_at"][10:] for one in rows} == {"T00:00:00+00:00"}
    client.force_login(owner)
    listed = client.get(f"/api/people/?study={link.study.slug}").json()
    assert not [one for one in IDS if one in json.dumps(listed)]
    told = json.dumps(list(AuditEntry.objects.values_list("before", "after")))
    assert not [one for one in IDS if one in told]


@pytest.mark.django_db
def test_a_link_that_would_name_its_person_is_refused(study):
    for asked in (
        {"kind": "single_use"},
        {"kind": "personal"},
        {"recruiter": "sona"},
        {"recruiter": "mturk"},
    ):
        with pytest.raises(StudyError) as refused:
            services.create_link(study=study, label="x", by=TESTER, **asked)
        assert refused.value.refused == "names_people"
    with pytest.raises(StudyError):
        make_link_list(study=study, draft=ListDraft("A", lines=(Line("P1"),)), by=TESTER)
    # Neither does one that was made before the study said so let anybody in.
    personal = make_link(study)
    RecruitingLink.objects.filter(pk=personal.pk).update(kind="personal")
    begin = reverse("surveys:begin", args=[personal.token])
    answer = Client().post(begin, {"decision": "agree", "start": "s" * 20})
    assert (answer.status_code, Respondent.objects.count()) == (410, 0)
    # Simulated people are nobody.
    services.create_link(study=study, label="x", kind="personal", simulated=True, by=TESTER)
    for recruiter in ("", "prolific", "connect"):
        services.create_link(study=study, label="y", recruiter=recruiter, by=TESTER)


@pytest.mark.django_db
def test_a_study_that_does_not_say_so_keeps_the_id_that_people_are_paid_by(open_study):
    person = decided(make_link(open_study, recruiter="prolific"), IDS[0])
    assert person.respondent.recruiter_id == IDS[0]
    assert person.pk < 2**40


TOLD = ("This study is anonymous.", "There is no name and no id under which")


@pytest.mark.django_db
def test_people_are_told_before_they_agree_and_where_they_read_what_is_stored(
    client, link, open_study
):
    page = client.get(f"/s/{link.token}/?PROLIFIC_PID={IDS[0]}&STUDY_ID=a&SESSION_ID=b")
    assert all(one in page.content.decode() for one in TOLD)
    stored = client.get(personal("stored", decided(link, IDS[1]))).content.decode()
    assert all(one in stored for one in TOLD)
    plain = client.get(f"/s/{make_link(open_study).token}/").content.decode()
    assert not [one for one in TOLD if one in plain]


@pytest.mark.parametrize("language", settings.PARTICIPANT_LANGUAGES)
def test_they_are_told_in_every_language_of_the_program(language):
    with translation.override(language):
        told = render_to_string("surveys/_anonymous.html")
    assert (TOLD[0] in told) is (language == "en")
    assert len(told) > 200


@pytest.mark.django_db
def test_whoever_is_shown_the_code_of_everybody_is_shown_their_own_as_well(client, link):
    """Or nobody could have their answers deleted once the address is gone."""
    terms = LinkTerms(exits={Outcome.COMPLETE: Exit(code="ALLTHESAME")})
    set_terms(link=link, terms=terms, by=TESTER)
    person = handed_in(link, IDS[0])
    page = client.get(personal("end", person)).content.decode()
    assert "ALLTHESAME" in page
    assert f"<strong>{person.completion_code}</strong>" in page
    assert look_up(study=link.study, text=person.completion_code) == [person.respondent_id]
    withdraw_person(administration=person, forget_id=False, by=TESTER)
    gone = client.get(personal("end", person)).content.decode()
    assert "By it the researchers find your answers" not in gone


@pytest.mark.django_db
def test_no_program_is_told_when_somebody_completed(link, open_study):
    """The moment of the message would be the clock time that is not kept."""
    began = timezone.now() - timedelta(days=1)
    for study in (link.study, open_study):
        Webhook.objects.create(
            study=study,
            address="https://lab.example/told",
            events=[WebhookEvent.PERSON_COMPLETED.value],
            looked_at=began,
            told_since=began,
        )
    handed_in(link, IDS[0])
    person = make_person(make_link(open_study))
    answer_everything(person)
    services.complete_administrations(administrations=[person])
    find_happenings()
    told = WebhookMessage.objects.values_list("webhook__study", flat=True)
    assert list(told) == [open_study.pk]


def moved_back(person, **ago):
    """As if all that a person did had been so long ago."""
    shift = timedelta(**ago)
    rows = Administration.objects.filter(pk=person.pk)
    rows.update(started_at=F("started_at") - shift)
    Submission.objects.filter(administration=person).update(recorded_at=F("recorded_at") - shift)
    Answer.objects.filter(administration=person).update(answered_at=F("answered_at") - shift)
    person.refresh_from_db()


def page_sent(person, number):
    page = presentation_of(person).pages[number]
    answers = [GivenAnswer(one.ref, one.code_of(2)) for one in page.questions]
    services.record_answers(
        administration=person, answers=answers, idempotency_key=f"page {number}"
    )


def times_of(person):
    person.refresh_from_db()
    sent = Submission.objects.filter(administration=person).order_by("pk")
    return [person.started_at, *sent.values_list("recorded_at", flat=True)]


def midnight(moment):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.mark.django_db
def test_who_goes_away_keeps_no_time_of_day_and_may_come_back(link):
    person = decided(link, IDS[0])
    page_sent(person, 0)
    moved_back(person, hours=23)
    before = times_of(person)
    tidy_people(by=TESTER)
    assert times_of(person) == before

    moved_back(person, hours=2)
    began, sent = times_of(person)
    assert tidy_people(by=TESTER)["clocks_hidden"] == 1
    assert times_of(person) == [midnight(began), midnight(began) + (sent - began)]
    answered = Answer.objects.filter(administration=person).latest("answered_at").answered_at
    assert midnight(began) <= answered <= midnight(began) + (sent - began)
    assert Consent.objects.get(respondent=person.respondent_id).decided_at == midnight(began)
    assert tidy_people(by=TESTER)["clocks_hidden"] == 0

    # They come back, and go away again.
    hidden = times_of(person)
    page_sent(person, 1)
    answer_everything(person)
    (ended,) = services.complete_administrations(administrations=[person])
    found = times_of(ended)
    assert found[: len(hidden)] == hidden
    today = midnight(timezone.now())
    assert today <= found[len(hidden)] < today + timedelta(seconds=5)
    assert today <= ended.ended_at < today + timedelta(minutes=1)
    last = Answer.objects.filter(administration=person).latest("answered_at").answered_at
    assert last < today + timedelta(minutes=1)


@pytest.mark.django_db
def test_only_the_silent_of_anonymous_studies_without_minutes_are_touched(link, open_study):
    here = decided(link, IDS[0])
    elsewhere = make_person(make_link(open_study))
    hurried = make_link(link.study, recruiter="prolific")
    set_terms(link=hurried, terms=LinkTerms(minutes_allowed=10_000), by=TESTER)
    timed = decided(hurried, IDS[1])
    for one in (here, elsewhere, timed):
        moved_back(one, days=3)
    assert tidy_people(by=TESTER)["clocks_hidden"] == 1
    for one in (elsewhere, timed):
        one.refresh_from_db()
        assert one.started_at != midnight(one.started_at)
