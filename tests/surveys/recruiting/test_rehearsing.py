"""Rehearsals from the page and over REST: a worker sends simulated people through the pages."""

import pytest
from factories import TESTER

from surveys.jobs.queue import carry_out
from surveys.models import AuditEntry, Job, Respondent
from surveys.selectors import studies_with_counts
from surveys.services.jobs import cancel_job
from surveys.services.rehearsal import start_rehearsal


@pytest.fixture
def member(client, owner):
    client.force_login(owner)
    return client


def worked() -> Job:
    job = Job.objects.get(kind="rehearsal", status="waiting")
    carry_out.call(job.pk)
    job.refresh_from_db()
    return job


def test_the_page_sends_simulated_people_who_stay_simulated_everywhere(member, owner, open_study):
    page = f"/studies/{open_study.slug}/recruit/"
    assert "Rehearse with simulated people" in member.get(page).content.decode()
    sent = member.post(f"/studies/{open_study.slug}/rehearse/", {"people": "2"}, follow=True)
    assert "Next in line" in sent.content.decode()

    job = worked()
    assert (job.status, job.result) == ("done", {"finished": 2, "finished_before": 0})
    assert set(Respondent.objects.values_list("simulated", "group__key")) == {
        (True, "simulated-people")
    }
    study = studies_with_counts(owner).get()
    assert (study.people, study.simulated_people) == (0, 2)
    row = AuditEntry.objects.get(action="rehearsed")
    assert (row.actor_name, row.after) == (owner.username, {"people": 2, "seed": 1})
    shown = member.get(page, headers={"accept-language": "de"}).content.decode()
    assert "2 simulierte Personen sind fertig." in shown

    # The number is of all: whoever has finished is left alone, and a dead worker's work goes on.
    made = member.post(
        f"/api/studies/{open_study.slug}/rehearsals/", {"people": 3}, "application/json"
    )
    assert made.status_code == 202
    assert worked().result == {"finished": 1, "finished_before": 2}


def test_a_rehearsal_that_cannot_be_is_refused_at_each_door(member, open_study):
    rest, page = f"/api/studies/{open_study.slug}/rehearsals/", f"/studies/{open_study.slug}/"
    for people in ("0", "501", "many", ""):
        assert member.post(rest, {"people": people}, "application/json").status_code == 400
        sent = member.post(f"{page}rehearse/", {"people": people}, follow=True)
        assert "flash error" in sent.content.decode() or "toast" in sent.content.decode()
    unknown = {"people": 1, "profile": "martians"}
    assert member.post(rest, unknown, "application/json").status_code == 400
    assert not Job.objects.exists()


def test_a_closed_study_is_not_rehearsed_and_the_page_offers_nothing(member, open_study):
    open_study.status = "closed"
    open_study.save()
    address = f"/api/studies/{open_study.slug}/rehearsals/"
    refused = member.post(address, {"people": 1}, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "study_not_open")
    page = member.get(f"/studies/{open_study.slug}/recruit/").content.decode()
    assert "Rehearse with" not in page


def test_a_rehearsal_that_is_cancelled_stops_between_two_people(open_study, monkeypatch):
    job = start_rehearsal(study=open_study, people=5, by=TESTER)
    assert start_rehearsal(study=open_study, people=5, by=TESTER) == job

    def stop(*_where):
        cancel_job(job=Job.objects.get(pk=job.pk), by=TESTER)

    monkeypatch.setattr("surveys.jobs.watch.Watch.told", lambda _watch, _phase: stop)
    monkeypatch.setattr("surveys.jobs.watch.SECONDS_BETWEEN_LOOKS", 0)
    assert worked().status == "cancelled"
    assert Respondent.objects.count() == 1
