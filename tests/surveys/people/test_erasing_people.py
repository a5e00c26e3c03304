"""What becomes of a person's data: withdrawal as it is told, erasure on request, retention."""

import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, answer_everything, make_link, make_person, personal

from surveys import services
from surveys.instrument_files import InstrumentFileError
from surveys.models import (
    Administration,
    AuditEntry,
    RecruiterParameters,
    Respondent,
    Submission,
    Webhook,
    WebhookEvent,
    WebhookMessage,
)
from surveys.recruiters import LinkTerms
from surveys.selectors import consent_text, link_outcomes, respondent_flows
from surveys.services.authoring.study_settings import change_settings
from surveys.services.people.erasure import erase_person, set_retention
from surveys.services.people.terms import set_terms
from surveys.services.webhooks.happenings import find_happenings

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
        *WebhookMessage.objects.values(),
    ]
    return json.dumps(rows, default=str)


def told_of(person):
    """Another program is told that this person completed."""
    webhook = Webhook.objects.create(
        study=person.study,
        address="https://lab.example/told",
        events=[WebhookEvent.PERSON_COMPLETED.value],
        secret="sealed",
        looked_at=person.started_at,
        told_since=person.started_at,
    )
    assert find_happenings() == 1
    assert WebhookMessage.objects.get(webhook=webhook).content["code"] == person.completion_code


def test_somebody_erased_on_request_is_found_by_nothing_and_the_log_names_nobody(
    client, owner, paid
):
    study, old = paid.study, personal("end", paid)
    told_of(paid)
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


def test_who_is_erased_on_request_is_counted_as_that_and_who_withdrew_as_that(
    client, owner, paid, person, link
):
    study, other = paid.study, make_person(link)
    for one in (person, other):
        services.withdraw(administration=one, by=TESTER)
    # The second of these withdrew first; that stays what they did.
    for one in (paid, other):
        erase_person(respondent=one.respondent, by=TESTER)
        erase_person(respondent=one.respondent, by=TESTER)
    (flow,) = respondent_flows(study).values()
    assert (flow["withdrawn"], flow["erased"], flow["completed"]) == (2, 1, 0)
    assert link_outcomes(study)[paid.respondent.link_id] == {"erased": 1}
    client.force_login(owner)
    overview = client.get(reverse("surveys:study", args=[study.slug])).content.decode()
    assert "withdrew 2 · erased 1" in overview
    people = reverse("surveys:people", args=[study.slug])
    shown = client.get(people, {"outcome": "erased"}).content.decode()
    assert f"#{paid.respondent_id}" in shown
    assert f"#{person.respondent_id}<" not in shown
    found = client.get("/api/people/", {"study": study.slug, "outcome": "erased"}).json()
    assert [one["outcome"] for one in found["results"]] == ["erased"]
    listed = client.get(reverse("surveys:payment_list", args=[study.slug]))
    assert listed.content.decode().count(",erased,,") == 1


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


def test_ids_of_whoever_closed_the_page_for_good_go_as_well(open_study):
    """Their time runs from what they sent last: they may come back as long as others may."""
    link = make_link(open_study, recruiter="prolific")
    gone, lately = (make_person(link, recruiter_id=f"{PID[:-1]}{one}") for one in "de")
    long_ago = timezone.now() - timezone.timedelta(days=31)
    Administration.objects.update(started_at=long_ago)
    Submission.objects.create(administration=gone, idempotency_key="a")
    Submission.objects.create(administration=lately, idempotency_key="b")
    Submission.objects.filter(administration=gone).update(recorded_at=long_ago)
    set_retention(study=open_study, days=30, by=TESTER)
    call_command("tidy_people")
    kept = Respondent.objects.exclude(recruiter_id="").values_list("pk", flat=True)
    assert list(kept) == [lately.respondent_id]


def test_whoever_withdraws_reads_what_it_does_not_reach_and_whom_to_ask(client, paid):
    page = client.get(personal("withdraw", paid)).content.decode()
    assert "copies that the researchers took earlier, such as backups, are theirs to delete" in page
    assert consent_text(paid.study, "en").contact in page


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


def ended_long_ago(days=31):
    Administration.objects.update(ended_at=timezone.now() - timezone.timedelta(days=days))


def test_answers_go_with_the_ids_where_the_study_says_so(open_study, paid, person):
    """Also of whoever came without an id; whoever ended lately stays."""
    answer_everything(person)
    services.complete_administration(administration=person)
    set_retention(study=open_study, days=30, answers_deleted=True, by=TESTER)
    call_command("tidy_people")
    assert paid.answers.exists()
    ended_long_ago()
    lately = make_person(person.respondent.link)
    call_command("tidy_people")
    call_command("tidy_people")
    assert not paid.answers.exists()
    assert not person.answers.exists()
    assert PID not in everything(open_study)
    assert "47" not in [str(one.demographics.get("age")) for one in Respondent.objects.all()]
    gone = Administration.objects.get(pk=paid.pk)
    assert (gone.status, gone.erased, gone.completion_code) == ("withdrawn", True, "")
    assert Administration.objects.get(pk=lately.pk).status == "in_progress"
    rows = AuditEntry.objects.filter(action="answers_deleted")
    assert [row.after for row in rows] == [{"people": 2}]
    assert not AuditEntry.objects.filter(action="withdrawn").exists()


@pytest.mark.parametrize("door", ["page", "rest"])
def test_a_member_chooses_what_is_deleted_and_people_are_told(client, owner, paid, door):
    link = paid.respondent.link
    information = reverse("surveys:information", args=[link.token])
    client.force_login(owner)
    for delete, told, not_told in (
        ("ids", "Your answers stay, without it.", "All that is stored about you"),
        ("answers", "All that is stored about you is deleted 90 days", "Your answers stay"),
    ):
        if door == "page":
            address = reverse("surveys:retention", args=[paid.study.slug])
            client.post(address, {"days": "90", "delete": delete})
        else:
            address = f"/api/studies/{paid.study.slug}/retention/"
            put = {"days": 90, "delete": delete}
            answer = client.put(address, put, content_type="application/json")
            assert answer.json() == client.get(address).json() == {**put, "hashes_kept": False}
        page = client.get(information, {"PROLIFIC_PID": PID[::-1]}).content.decode()
        assert told in page
        assert not_told not in page
    assert told in client.get(personal("stored", paid)).content.decode()
    assert (
        "answers deleted as well"
        in client.get(reverse("surveys:log", args=[paid.study.slug])).content.decode()
    )


def test_a_study_begins_with_the_retention_of_its_settings(draft_study, owner):
    wanted = {"retention": {"days": 60, "delete": "answers"}}
    study = change_settings(study=draft_study, settings=wanted, by=TESTER)
    assert (study.ids_kept_days, study.answers_deleted) == (60, True)
    set_retention(study=study, days=10, by=TESTER)
    study = change_settings(study=study, settings={"retention": None}, by=TESTER)
    assert (study.ids_kept_days, study.answers_deleted) == (None, False)
    set_retention(study=study, days=10, by=TESTER)
    study = change_settings(study=study, settings={"minutes": 3}, by=TESTER)
    assert study.ids_kept_days == 10
    with pytest.raises(InstrumentFileError):
        change_settings(study=study, settings={"retention": {"days": 0}}, by=TESTER)
