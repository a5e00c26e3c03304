"""The same people several times: one personal link, one pseudonym, a group for each wave."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import CharField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, make_link, make_person, personal
from request_study import AGE, open_request_study

from surveys import services
from surveys.errors import EnrolmentError
from surveys.exports.content import ExportChoice
from surveys.jobs.watch import Watch
from surveys.models import Administration, Contact, Job, Respondent
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.recruiters.mails import Address, MailDraft
from surveys.selectors import walk_of
from surveys.services.data.export_rows import export_content, export_rows
from surveys.services.inviting import mailing as sending
from surveys.services.inviting.contacts import set_addresses
from surveys.services.inviting.waves import WaveDraft, set_waves
from surveys.services.people.erasure import erase_person, set_retention, withdraw_person
from surveys.services.people.link_lists import make_link_list
from surveys.services.people.refusing import ArrangementRefused
from surveys.services.people.tidying import tidy_people

DAY = timedelta(days=1)


@pytest.fixture
def study(owner):
    return open_request_study(owner)


def waves(study, *bounds) -> None:
    """Waves by (opens, closes) in days from now."""
    now = timezone.now()
    drafts = [
        WaveDraft(*(None if one is None else now + one * DAY for one in bound)) for bound in bounds
    ]
    set_waves(study=study, waves=drafts, by=TESTER)


@pytest.fixture
def people(study):
    draft = ListDraft("Panel", numbered(2), kind="personal")
    return make_link_list(study=study, draft=draft, by=TESTER)


def complete(person) -> Administration:
    Administration.objects.filter(pk=person.pk).update(
        status="completed", outcome="complete", completion_code="C", ended_at=timezone.now()
    )
    return Administration.objects.get(pk=person.pk)


def came(client, link):
    return client.get(reverse("surveys:information", kwargs={"token": link.token}))


def begins(link) -> Administration:
    link.refresh_from_db()
    return make_person(link)


def test_a_personal_link_leads_to_the_next_open_wave(client, study, people):
    link = people.links.first()
    waves(study, (None, 5), (10, 20))
    first = begins(link)
    assert came(client, link).url == personal("resume", first)
    with pytest.raises(EnrolmentError):
        begins(link)
    complete(first)
    page = came(client, link)
    assert page.status_code == 403
    assert "The next part opens later" in page.content.decode()
    with pytest.raises(EnrolmentError) as refused:
        begins(link)
    assert refused.value.code == "not_yet"
    waves(study, (None, -1), (-1, 20))
    assert "I agree, begin" in came(client, link).content.decode()
    second = begins(link)
    assert (second.respondent.wave, second.condition) == (2, first.condition)
    assert second.assignment_number is None
    assert second.respondent.group.key == "people-wave-2"
    assert first.respondent.group.key == "people"
    complete(second)
    assert came(client, link).url == personal("resume", second)
    # Whoever comes by another link is in no wave.
    assert make_person(make_link(study)).respondent.wave == 0


def test_who_missed_a_wave_comes_into_the_next_and_a_closed_one_can_be_finished(study, people):
    one, two = people.links.all()
    waves(study, (None, 5), (5, 9))
    begun = begins(one)
    waves(study, (None, -1), (-1, 9))
    assert begins(two).respondent.wave == 2
    assert begun.status == "in_progress"
    with pytest.raises(EnrolmentError):
        begins(one)
    complete(begun)
    assert begins(one).respondent.wave == 2


WAVE = """
[[conditions]]
key = "wave"
by = "wave"
levels = [
  { key = "first", label = { en = "first", de = "ersten" } },
  { key = "second", label = { en = "second", de = "zweiten" } },
]

[[show_if]]
show = "request.age"
when = "wave == 'second'"
"""


def test_what_is_asked_in_one_wave_only_is_not_shown_in_the_other(owner):
    def only_ages(text):
        before, _, _ = text.partition("[[show_if]]")
        return before + WAVE

    study = open_request_study(owner, change=only_ages)
    draft = ListDraft("Panel", numbered(1), kind="personal")
    link = make_link_list(study=study, draft=draft, by=TESTER).links.get()
    waves(study, (None, 5))
    first = begins(link)
    complete(first)
    waves(study, (None, -1), (-1, 9), (-1, None))
    second = begins(link)
    complete(second)
    third = begins(link)
    in_none = make_person(make_link(study))
    persons = (first, second, third, in_none)
    assert [one.condition["wave"] for one in persons] == ["first", "second", "second", "first"]
    asked = [
        any(q.ref == AGE for number in (1, 2, 3) for q in _page(one, number).questions)
        for one in persons
    ]
    assert asked == [False, True, True, False]
    # What chance decided stays with the person.
    assert second.condition["recipient"] == first.condition["recipient"]
    assert first.answers.get(item__key="age").missing_reason == "not_shown"
    # It is written and read again as it was, and nobody else's condition has the key.
    (decided,) = [one for one in study.flow["conditions"] if one["key"] == "wave"]
    assert decided["by"] == "wave"
    assert all("by" not in one for one in study.flow["conditions"] if one is not decided)


def _page(administration, number):
    walk = walk_of(administration)
    pages = walk.presentation.pages
    return walk.page(min(number, len(pages)))


def test_waves_are_columns_and_groups_of_an_export(study, people):
    waves(study, (None, None), (None, None))
    link = people.links.first()
    for age in (20, 21):
        person = begins(link)
        services.record_answers(
            administration=person,
            answers=[services.GivenAnswer(AGE, age)],
            idempotency_key="x",
        )
        complete(person)
    groups = list(study.groups.order_by("pk"))
    assert "pseudonym" in export_content(study, groups).conditions
    rows = list(export_rows(study, groups, ExportChoice()))
    told = [(row.about["group"], row.about["wave"], row.about["pseudonym"]) for row in rows]
    assert told == [("people", "1", "P001"), ("people-wave-2", "2", "P001")]
    assert [row.answers[AGE].value for row in rows] == [20, 21]


def test_a_reminder_is_of_the_wave_that_is_open(study, people, monkeypatch):
    monkeypatch.setattr(sending, "_pause", lambda _watch, _until: None)
    addresses = [Address("P001", "a@example.org"), Address("P002", "b@example.org")]
    set_addresses(link_list=people, addresses=addresses, by=TESTER)
    waves(study, (None, 5), (5, 9))
    complete(begins(people.links.first()))

    def remind() -> list[str]:
        mail.outbox.clear()
        languages = study.languages
        draft = MailDraft(
            dict.fromkeys(languages, "Again"),
            dict.fromkeys(languages, "{link} {unsubscribe} {closes}"),
            recipients="not_begun",
        )
        mailing = sending.send_mailing(link_list=people, draft=draft, by=TESTER)
        sending._wake(mailing, TESTER.as_json())
        sending.carry_out_mailing(Watch(Job.objects.latest("pk"), ""))
        return [one.to[0] for one in mail.outbox]

    assert remind() == ["b@example.org"]
    waves(study, (None, -1), (-1, 9))
    assert remind() == ["a@example.org", "b@example.org"]
    assert "–" not in mail.outbox[0].body


def test_withdrawing_and_erasing_reach_every_wave(study, people):
    waves(study, (None, None), (None, None))
    for link, act in zip(people.links.all(), ("withdraw", "erase"), strict=True):
        first = complete(begins(link))
        second = begins(link)
        if act == "withdraw":
            withdraw_person(administration=second, forget_id=False, by=TESTER)
        else:
            erase_person(respondent=second.respondent, by=TESTER)
        of_person = Administration.objects.filter(pk__in=(first.pk, second.pk))
        assert set(of_person.values_list("status", flat=True)) == {"withdrawn"}
        link.refresh_from_db()
        assert link.pseudonym == ""
    assert not Contact.objects.exists()


@pytest.mark.parametrize("answers_deleted", [False, True])
def test_a_retention_is_counted_from_the_end_of_the_last_wave(study, people, answers_deleted):
    link = people.links.first()
    waves(study, (None, 5), (5, 9))
    first = complete(begins(link))
    waves(study, (None, -1), (-1, 9))
    second = complete(begins(link))
    Respondent.objects.update(recruiter="panel", recruiter_id=Cast("wave", CharField()))
    Administration.objects.filter(pk=first.pk).update(ended_at=timezone.now() - 31 * DAY)
    set_retention(study=study, days=30, answers_deleted=answers_deleted, by=TESTER)

    def kept():
        status = list(study.administrations.order_by("pk").values_list("status", flat=True))
        return status, Respondent.objects.exclude(recruiter_id="").count()

    tidy_people(by=TESTER)
    assert kept() == (["completed", "completed"], 2)
    link.refresh_from_db()
    assert link.pseudonym
    Administration.objects.filter(pk=second.pk).update(ended_at=timezone.now() - 31 * DAY)
    tidy_people(by=TESTER)
    assert kept() == (["withdrawn" if answers_deleted else "completed"] * 2, 0)


def test_waves_are_set_on_a_page_and_over_rest_and_begun_ones_stay(client, study, people, owner):
    client.force_login(owner)
    address = reverse("surveys:waves", kwargs={"slug": study.slug})
    sent = {
        "waves-TOTAL_FORMS": "2",
        "waves-INITIAL_FORMS": "0",
        "waves-0-asked": "on",
        "waves-0-opens_at": "2026-01-01T10:00",
        "waves-1-asked": "on",
        "waves-1-opens_at": "2025-01-01T10:00",
    }
    assert client.post(address, sent).status_code == 422
    assert not study.waves.exists()
    sent["waves-1-opens_at"] = "2026-02-01T10:00"
    assert client.post(address, sent).status_code == 302
    assert study.waves.count() == 2
    complete(begins(people.links.first()))
    begins(people.links.first())
    assert "Wave 2: 1 began, 0 completed" in client.get(address).content.decode()
    with pytest.raises(ArrangementRefused):
        set_waves(study=study, waves=[WaveDraft()], by=TESTER)
    rest = f"/api/studies/{study.slug}/waves/"
    body = client.get(rest).json()["waves"]
    assert [(one["number"], one["began"], one["completed"]) for one in body] == [
        (1, 1, 1),
        (2, 1, 0),
    ]
    assert client.put(rest, json.dumps({"waves": []}), "application/json").status_code == 409
    body = json.dumps({"waves": [{}, {}, {"opens_at": "2030-01-01T00:00:00Z"}]})
    assert len(client.put(rest, body, "application/json").json()["waves"]) == 3
    assert Respondent.objects.filter(wave=2).count() == 1
