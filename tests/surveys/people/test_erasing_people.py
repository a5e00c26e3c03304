"""What becomes of a person's data: withdrawal as it is told, erasure on request, retention."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, answer_everything, make_link, make_person, personal

from surveys import services
from surveys.models import Administration, AuditEntry, RecruiterParameters, Respondent
from surveys.recruiters import LinkTerms
from surveys.selectors import consent_text
from surveys.services.people.erasure import erase_person, set_retention
from surveys.services.people.terms import set_terms

PID = "5f3e00000000000000000abc"


@pytest.fixture
def paid(open_study):
    """Somebody whom Prolific sent, with everything that can be known of a person."""
    link = make_link(open_study, recruiter="prolific")
    person = services.enrol_person(
        link=link,
        consent_text=consent_text(open_study, "en"),
        recruiter_id=PID,
        parameters={"SESSION_ID": "session-77"},
    )
    services.record_demographics(administration=person, values={"age": 47, "gender": "female"})
    answer_everything(person)
    return services.complete_administration(administration=person)


def everything(study) -> str:
    """All that the database holds of the study's people, and the log."""
    rows = [
        *Respondent.objects.filter(study=study).values(),
        *Administration.objects.filter(study=study).values(),
        *RecruiterParameters.objects.filter(respondent__study=study).values(),
        *study.administrations.values("answers__value", "submissions__idempotency_key"),
        *study.administrations.values("respondent__consent__decided_at"),
        *AuditEntry.objects.values(),
    ]
    return json.dumps(rows, default=str)


def test_somebody_erased_on_request_is_found_by_nothing_and_the_log_names_nobody(
    client, owner, paid
):
    study, old = paid.study, personal("end", paid)
    secrets = [PID, "session-77", paid.completion_code, paid.token, str(paid.seed)]
    secrets += [paid.realised_order[0], paid.started_at.isoformat(" ")]
    before = everything(study)
    assert all(secret in before for secret in secrets)
    client.force_login(owner)
    address = reverse("surveys:erase_person", args=[study.slug, paid.respondent_id])
    assert "Erase this person?" in client.get(address).content.decode()
    assert Respondent.objects.filter(recruiter_id=PID).exists()
    page = client.post(address, follow=True).content.decode()
    assert "The person is erased" in page
    after = everything(study)
    assert [secret for secret in secrets if secret in after] == []
    assert client.get(old).status_code == 404
    row = AuditEntry.objects.get(action="person_erased")
    assert (row.subject_kind, row.before, row.after) == ("study", {}, {})
    person = Respondent.objects.get(pk=paid.respondent_id)
    assert (person.demographics, person.administration.outcome) == ({}, "withdrew")
    assert person.administration.started_at.hour == 0


def test_erasing_tells_panels_to_forget_the_person(paid):
    from surveys.signals import person_withdrew

    told = []

    def listen(*, respondent, **_more):
        told.append(respondent.pk)

    person_withdrew.connect(listen)
    try:
        erase_person(respondent=paid.respondent, by=TESTER)
    finally:
        person_withdrew.disconnect(listen)
    assert told == [paid.respondent_id]


def test_a_member_erases_over_rest_and_by_command_and_a_stranger_does_not(
    client, owner, stranger, paid, link
):
    client.force_login(stranger)
    assert client.delete(f"/api/people/{paid.respondent_id}/").status_code == 404
    page = reverse("surveys:erase_person", args=[paid.study.slug, paid.respondent_id])
    assert client.post(page).status_code == 404
    other = make_person(link)
    client.force_login(owner)
    assert client.delete(f"/api/people/{other.respondent_id}/").status_code == 204
    other.refresh_from_db()
    assert other.status == "withdrawn"
    call_command("erase_person", paid.study.slug, f" {PID.upper()} ")
    assert not Respondent.objects.filter(recruiter_id=PID).exists()
    with pytest.raises(CommandError, match="nobody_found"):
        call_command("erase_person", paid.study.slug, PID)


def test_whoever_withdraws_reads_what_stays_and_no_more_stays(client, paid):
    page = client.get(personal("withdraw", paid)).content.decode()
    assert "are kept, so that you can be paid and are not asked again" in page
    client.post(personal("withdraw", paid))
    paid.refresh_from_db()
    assert (paid.realised_order, paid.seed, paid.answers.count()) == ([], 0, 0)
    assert paid.respondent.recruiter_id == PID
    assert "so that you can be paid" in client.get(personal("end", paid)).content.decode()


@pytest.mark.parametrize("with_id", [True, False])
def test_whoever_asks_or_had_no_id_leaves_a_day_and_nothing_else(client, paid, person, with_id):
    one = paid if with_id else person
    client.post(personal("withdraw", one), {"forget_id": "1"} if with_id else {})
    one.refresh_from_db()
    respondent = Respondent.objects.get(pk=one.respondent_id)
    assert (respondent.recruiter, respondent.recruiter_id, respondent.demographics) == ("", "", {})
    assert (one.realised_order, one.started_at.minute, one.ended_at.second) == ([], 0, 0)
    assert one.completion_code == ""
    assert not RecruiterParameters.objects.filter(respondent=respondent).exists()
    page = client.get(personal("end", one)).content.decode()
    assert "Only that somebody took part and withdrew is kept, with the day." in page


def test_ids_go_when_their_time_has_come_and_answers_stay(open_study, paid):
    set_retention(study=open_study, days=30, by=TESTER)
    call_command("tidy_people")
    assert Respondent.objects.filter(recruiter_id=PID).exists()
    Administration.objects.update(ended_at=timezone.now() - timezone.timedelta(days=31))
    call_command("tidy_people")
    call_command("tidy_people")
    assert not Respondent.objects.filter(recruiter_id=PID).exists()
    assert "session-77" not in everything(open_study)
    assert paid.answers.exists()
    rows = AuditEntry.objects.filter(action="ids_deleted")
    assert [row.after for row in rows] == [{"people": 1}]


def test_a_member_sets_the_retention_and_people_read_it(client, owner, paid):
    client.force_login(owner)
    address = reverse("surveys:retention", args=[paid.study.slug])
    for wrong in ("0", "-1", "x", "99999"):
        client.post(address, {"days": wrong})
        paid.study.refresh_from_db()
        assert paid.study.ids_kept_days is None
    client.post(address, {"days": "90"})
    page = client.get(personal("stored", paid)).content.decode()
    assert "It is deleted 90 days after your part ends." in page
    assert AuditEntry.objects.get(action="retention_set").after == {"ids_kept_days": 90}


def test_people_see_and_take_along_what_is_stored_about_them(client, paid):
    page = client.get(personal("stored", paid)).content.decode()
    assert PID in page
    assert f"{len(paid.realised_order)} answers" in page
    assert "47" in page
    copy = client.get(personal("stored_file", paid)).json()
    assert copy["recruiter_id"] == PID
    assert len(copy["answers"]) == len(paid.realised_order)
    presented = client.get(personal("stored", paid)).content.decode()
    assert copy["answers"][0]["question"] in presented
    assert copy["answers"][0]["answer"]
    assert copy["parameters"] == {"SESSION_ID": "session-77"}
    client.post(personal("withdraw", paid), {"forget_id": "1"})
    nothing = client.get(personal("stored_file", paid)).json()
    assert (nothing["answers"], nothing["about_you"], nothing["recruiter_id"]) == ([], {}, "")


def test_whoever_is_late_is_ended_also_if_they_never_come_back(link, person):
    set_terms(link=link, terms=LinkTerms(minutes_allowed=10), by=TESTER)
    Administration.objects.update(started_at=timezone.now() - timezone.timedelta(minutes=11))
    call_command("tidy_people")
    person.refresh_from_db()
    assert person.outcome == "timed_out"
