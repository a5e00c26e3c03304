"""Many people who are to be looked at for flags: a worker does, and the page follows it."""

import csv
import io

import pytest
from django.urls import reverse
from factories import TESTER
from rest_framework.test import APIClient

from surveys import services
from surveys.errors import JobCancelled
from surveys.jobs import leases
from surveys.jobs.queue import carry_out
from surveys.jobs.watch import Watch
from surveys.models import Administration, Flag, FlagCheck, Job
from surveys.services.flagging import looks, signals
from surveys.services.flagging.looks import LOOK, carry_out_look, start_look_at_people
from surveys.services.flagging.signals import raise_flags, unlooked
from surveys.services.jobs import cancel_job
from tests.analysis.respondents import answer_as, make_group

# A helping of these tests. There are two of them and one more: the page itself takes the first.
MOST_AT_ONCE = 20
MANY = 2 * MOST_AT_ONCE + 1


@pytest.fixture
def study(open_study, monkeypatch):
    for module in (looks, signals):
        monkeypatch.setattr(module, "MOST_AT_ONCE", MOST_AT_ONCE)
    monkeypatch.setitem(raise_flags.__kwdefaults__, "most", MOST_AT_ONCE)
    answer_as(open_study, make_group(open_study, "people", "human"), profile="people", n=MANY)
    return open_study


def test_the_list_waits_for_a_worker_whom_the_page_follows(client, owner, study):
    client.force_login(owner)
    people = reverse("surveys:people", args=[study.slug])
    wanted = reverse("surveys:payment_list", args=[study.slug]) + "?outcome=complete"
    assert client.get(wanted).url == f"{people}?outcome=complete"
    assert not FlagCheck.objects.exists()

    begin = reverse("surveys:look_at_people", args=[study.slug])
    assert f'action="{begin}"' in client.get(people).content.decode()
    assert client.post(begin).url == people
    job = Job.objects.get(kind=LOOK)
    page = client.get(people).content.decode()
    assert reverse("surveys:job", args=[job.pk]) in page
    assert begin not in page

    assert carry_out.call(job.pk) == "done"
    assert unlooked(study) == []
    assert reverse("surveys:job", args=[job.pk]) not in client.get(people).content.decode()
    rows = client.get(reverse("surveys:payment_list", args=[study.slug])).content.decode()
    assert len(list(csv.DictReader(io.StringIO(rows.lstrip("\ufeff"))))) == MANY


def test_rest_begins_the_same_once(owner, study):
    client = APIClient()
    client.force_authenticate(owner)
    address = f"/api/studies/{study.slug}/flags/"
    first, second = client.post(address), client.post(address)
    assert (first.status_code, first.json()["kind"]) == (202, LOOK)
    assert second.json()["id"] == first.json()["id"]
    assert carry_out.call(first.json()["id"]) == "done"
    assert client.get(f"/api/jobs/{first.json()['id']}/").json()["result"] == {"people": MANY}


def test_what_was_looked_at_stays_when_it_is_stopped_and_is_gone_on_with(study):
    job = start_look_at_people(study=study, by=TESTER)
    assert leases.take(job, "here")
    cancel_job(job=job, by=TESTER)
    with pytest.raises(JobCancelled):
        carry_out_look(Watch(job, "here"))
    assert len(unlooked(study)) == MANY - MOST_AT_ONCE
    assert leases.cancelled(job, owner="here")

    again = start_look_at_people(study=study, by=TESTER)
    assert carry_out.call(again.pk) == "done"
    again.refresh_from_db()
    assert again.result == {"people": MANY - MOST_AT_ONCE}
    found = set(Flag.objects.values_list("flag_check__administration", "code"))
    FlagCheck.objects.all().delete()
    raise_flags(study=study, most=None)
    assert set(Flag.objects.values_list("flag_check__administration", "code")) == found


def test_nothing_is_worked_out_of_who_withdraws_before_it_is_their_turn(study):
    last = Administration.objects.get(pk=unlooked(study)[-1])

    def withdraw(*_where):
        services.withdraw(administration=last, by=TESTER)

    raise_flags(study=study, most=None, progress=withdraw)
    assert FlagCheck.objects.count() == MANY - 1
    assert not FlagCheck.objects.filter(administration=last).exists()
