"""Invitations and reminders by mail: to whom they are due, once, until somebody asks for none."""

import re
import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, answer_everything, make_person

from surveys import services
from surveys.errors import StudyError
from surveys.jobs.watch import Watch
from surveys.models import (
    Administration,
    AuditEntry,
    Contact,
    Delivery,
    Job,
    Mailing,
    Study,
)
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.recruiters.mails import Address, MailDraft, read_addresses
from surveys.services.inviting import mailing as sending
from surveys.services.inviting.contacts import forget_addresses, mark_bounced, set_addresses
from surveys.services.inviting.mailing import carry_out_mailing, send_mailing
from surveys.services.people.erasure import erase_person, set_retention
from surveys.services.people.link_lists import make_link_list
from surveys.services.people.refusing import ArrangementRefused

WORDS = {
    "en": "Hello {pseudonym}, {study}: {link}\n{unsubscribe}",
    "de": "Hallo {pseudonym}, {study}: {link}\n{unsubscribe}",
}
SUBJECTS = {"en": "Invitation", "de": "Einladung"}


def draft(**changed) -> MailDraft:
    return MailDraft(**{"subjects": SUBJECTS, "texts": WORDS, "per_minute": 600, **changed})


@pytest.fixture
def people(open_study):
    """A list of four personal links with addresses; the last reads German."""
    lines = numbered(4)
    made = make_link_list(
        study=open_study, draft=ListDraft("May", lines, kind="personal"), by=TESTER
    )
    addresses = [Address(one.pseudonym, f"{one.pseudonym}@example.org") for one in lines[:3]]
    german = Address("P004", "P004@example.org", "de")
    set_addresses(link_list=made, addresses=[*addresses, german], by=TESTER)
    return made


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(sending, "_pause", lambda _watch, _until: None)


def sent_to() -> list[str]:
    return [one.to[0].partition("@")[0] for one in mail.outbox]


def carry_out(mailing) -> dict:
    job = Job.objects.filter(kind="mailing").latest("pk")
    assert job.parameters == {"mailing": mailing.pk}
    return carry_out_mailing(Watch(job, ""))


def write(people, *, do=True, **changed):
    mailing = send_mailing(link_list=people, draft=draft(**changed), by=TESTER)
    # Jobs are queued when the transaction ends, which that of a test never does.
    sending._wake(mailing, TESTER.as_json())
    if do:
        carry_out(mailing)
    return mailing


def test_everybody_gets_a_mail_of_their_own_in_their_language(client, people):
    mailing = write(people)
    assert sent_to() == ["P001", "P002", "P003", "P004"]
    first, last = mail.outbox[0], mail.outbox[-1]
    link = people.links.first()
    assert f"/s/{link.token}/" in first.body
    assert (first.subject, last.subject) == ("Invitation", "Einladung")
    assert last.body.startswith("Hallo P004, ")
    assert {one.state for one in mailing.deliveries.all()} == {"sent"}
    entry = AuditEntry.objects.get(action="mail_sent")
    assert entry.after == {"people": 4, "recipients": "all"}
    (address,) = re.findall(r"<http[^>]*(/u/.*)>", first.extra_headers["List-Unsubscribe"])
    page = client.get(address).content.decode()
    assert "Write to me no more" in page
    assert Contact.objects.filter(state="reachable").count() == 4
    assert "You get no more mails" in client.post(address).content.decode()
    mail.outbox.clear()
    write(people)
    assert sent_to() == ["P002", "P003", "P004"]


def test_a_reminder_goes_to_those_whom_it_is_meant_for(people):
    links = list(people.links.order_by("pk"))
    begun, ended = make_person(links[0]), make_person(links[1])
    answer_everything(ended)
    services.complete_administration(administration=ended)
    write(people, recipients="not_begun")
    assert sent_to() == ["P003", "P004"]
    mail.outbox.clear()
    mailing = write(people, recipients="not_ended", do=False)
    assert mailing.deliveries.count() == 3
    # Who hands in, or asks for no more, before it is their turn is left out.
    answer_everything(begun)
    services.complete_administration(administration=begun)
    Contact.objects.filter(link=links[2]).update(state="unsubscribed")
    assert carry_out(mailing) == {"left_out": 2, "sent": 1}
    assert sent_to() == ["P004"]


def test_nothing_is_sent_twice_when_a_worker_dies_with_a_mail_in_hand(people, monkeypatch):
    mailing = write(people, do=False)

    class Killed(BaseException):
        """As a worker ends that is killed: nothing that it would have done afterwards is done."""

    accepted = EmailBackend.send_messages

    def dies_after_the_second(backend, messages):
        count = accepted(backend, messages)
        if len(mail.outbox) == 2:
            raise Killed
        return count

    monkeypatch.setattr(EmailBackend, "send_messages", dies_after_the_second)
    with pytest.raises(Killed):
        carry_out(mailing)
    monkeypatch.setattr(EmailBackend, "send_messages", accepted)
    assert carry_out(mailing) == {"in_hand": 1, "sent": 3}
    assert sent_to() == ["P001", "P002", "P003", "P004"]
    assert carry_out(mailing) == {"in_hand": 1, "sent": 3}
    assert len(mail.outbox) == 4


def test_a_refusal_is_kept_without_the_address_and_a_bounce_ends_mail(people, monkeypatch):
    def refuses_one(backend, messages):
        (address,) = messages[0].to
        if address.startswith("P002"):
            raise smtplib.SMTPRecipientsRefused({address: (550, b"no such user")})
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", refuses_one)
    mailing = write(people)
    refused = mailing.deliveries.get(state="refused")
    assert "550" in refused.said
    assert "P002@" not in refused.said
    assert Contact.objects.get(state="bounced").link.pseudonym == "P002"
    assert mark_bounced(study=people.study, addresses=["p003@EXAMPLE.org", "x@y.z"], by=TESTER) == 1
    assert write(people, do=False).deliveries.count() == 2
    # A new address makes somebody reachable again.
    set_addresses(link_list=people, addresses=[Address("P002", "new@example.org")], by=TESTER)
    assert write(people, do=False).deliveries.count() == 3


def test_no_mail_server_and_a_silent_one_send_nothing_and_lose_nothing(
    people, settings, monkeypatch
):
    def silent(_backend):
        raise ConnectionRefusedError

    mailing = write(people, do=False)
    monkeypatch.setattr(EmailBackend, "open", silent, raising=False)
    with pytest.raises(StudyError) as unheard:
        carry_out(mailing)
    assert unheard.value.code == "mail_server_silent"
    assert "ConnectionRefusedError" in str(unheard.value)
    assert mailing.deliveries.filter(state="waiting").count() == 4
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    with pytest.raises(StudyError) as refused:
        send_mailing(link_list=people, draft=draft(), by=TESTER)
    assert refused.value.code == "no_mail_server"


def test_every_mistake_of_a_mail_and_of_addresses_is_told(people):
    wrong = draft(
        subjects={"en": "See {link}\n"},
        texts={"en": "{lnik} {unsubscribe}", "de": WORDS["de"]},
        per_minute=0,
        recipients="friends",
    )
    with pytest.raises(ArrangementRefused) as refused:
        send_mailing(link_list=people, draft=wrong, by=TESTER)
    assert [(one.where, one.code.value) for one in refused.value.problems] == [
        ("subjects.en", "lines_in_subject"),
        ("subjects.en", "in_subject"),
        ("texts.en", "place_missing"),
        ("texts.en", "unknown_place"),
        ("subjects.de", "mail_empty"),
        ("per_minute", "rate"),
        ("recipients", "recipients"),
    ]
    assert "did you mean 'link'?" in refused.value.problems[3].message
    lines = "pseudonym;address;language\nP001;a@b.example;fr\nP009;a@b.example\nP002;nobody\n"
    with pytest.raises(ArrangementRefused) as refused:
        set_addresses(link_list=people, addresses=read_addresses(lines), by=TESTER)
    assert [(one.where, one.code.value) for one in refused.value.problems] == [
        ("addresses[1]", "unknown_language_here"),
        ("addresses[2]", "unknown_person"),
        ("addresses[3]", "no_address"),
    ]


def test_addresses_go_with_the_person_and_at_the_end_of_their_time(people):
    links = list(people.links.order_by("pk"))
    erased, ended = make_person(links[0]), make_person(links[1])
    erase_person(respondent=erased.respondent, by=TESTER)
    assert not Contact.objects.filter(link=links[0]).exists()
    links[0].refresh_from_db()
    assert (links[0].pseudonym, links[0].label) == ("", "May")
    services.end_early(administration=ended, outcome="timed_out")
    long_ago = timezone.now() - timedelta(days=40)
    Administration.objects.filter(pk=ended.pk).update(ended_at=long_ago)
    assert forget_addresses() == 0
    set_retention(study=people.study, days=30, by=TESTER)
    assert forget_addresses() == 1
    assert Contact.objects.count() == 2
    Study.objects.update(status="closed", closed_at=long_ago)
    assert forget_addresses() == 2


def test_members_write_through_pages_that_show_no_address(client, people, owner):
    client.force_login(owner)
    where = {"slug": people.study.slug, "list_id": people.pk}
    pages = [client.get(reverse("surveys:link_list", kwargs=where)).content.decode()]
    address = reverse("surveys:addresses", kwargs=where)
    assert client.post(address, {"addresses": "P001;nobody"}).status_code == 422
    assert client.post(address, {"addresses": "P001;new@example.org"}).status_code == 302
    bounced = reverse("surveys:bounced", kwargs=where)
    client.post(bounced, {"bounced": "P003@example.org"})
    writing = reverse("surveys:new_mail", kwargs=where)
    form = client.get(writing).context["form"]
    fields = {name: form[name].initial for name in form.fields}
    assert "Sie sind eingeladen" in fields["texts-de"]
    fields["recipients"] = "all"
    assert client.post(writing, {**fields, "texts-en": "no places"}).status_code == 422
    response = client.post(writing, fields, follow=True)
    (mailing,) = Mailing.objects.all()
    assert mailing.deliveries.count() == 3
    pages.append(response.content.decode())
    # No job came of it in a transaction that never ends: the rest can be asked for.
    again = reverse("surveys:send_again", args=[people.study.slug, mailing.pk])
    assert again in pages[-1]
    assert client.post(again).status_code == 302
    assert Delivery.objects.filter(state="waiting").count() == 3
    for page in pages:
        assert "@example.org" not in page


def test_a_program_invites_over_rest_and_is_shown_no_address(client, people, owner, stranger):
    client.force_login(owner)
    study = f"/api/studies/{people.study.slug}/"
    addresses = f"{study}link-lists/{people.pk}/addresses/"

    def send(method, address, body):
        return getattr(client, method)(address, body, content_type="application/json")

    wrong = send("put", addresses, {"addresses": [{"pseudonym": "P009", "address": "nobody"}]})
    assert wrong.status_code == 409
    assert [one["code"] for one in wrong.json()["errors"]["addresses"]] == [
        "unknown_person",
        "no_address",
    ]
    moved = {"pseudonym": "P002", "address": "new@example.org", "language": "de"}
    told = send("put", addresses, {"addresses": [moved]}).json()["people"]
    assert told[1] == {"pseudonym": "P002", "language": "de", "state": "reachable"}
    gone = {"addresses": ["p003@example.org", "x@y.z"]}
    assert send("post", f"{study}bounced/", gone).json() == {"noted": 1}
    body = {"link_list": people.pk, "subjects": SUBJECTS, "texts": WORDS, "per_minute": 600}
    wrong = send("post", f"{study}mails/", {**body, "texts": {"en": "{link}"}})
    assert {one["code"] for one in wrong.json()["errors"]["mail"]} == {
        "place_missing",
        "mail_empty",
    }
    made = send("post", f"{study}mails/", body)
    assert (made.status_code, made.json()["states"]) == (201, {"waiting": 3})
    one = f"{study}mails/{made.json()['id']}/"
    sending._wake(Mailing.objects.get(), TESTER.as_json())
    assert client.get(one).json()["under_way"]
    carry_out(Mailing.objects.get())
    assert client.get(f"{study}mails/").json()["mails"][0]["states"] == {"sent": 3}
    shown = client.get(f"{one}deliveries/?limit=2")
    assert "after=" in shown.json()["next"]
    assert [row["pseudonym"] for row in shown.json()["results"]] == ["P001", "P002"]
    assert send("post", f"{one}rest/", {}).status_code == 200
    pages = [client.get(page) for page in (addresses, one, f"{one}deliveries/", f"{study}mails/")]
    assert all("@example.org" not in page.content.decode() for page in pages)
    client.force_login(stranger)
    assert {client.get(page).status_code for page in (addresses, one, f"{study}mails/")} == {404}
