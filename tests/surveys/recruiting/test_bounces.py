"""Mails that come back end mail to their addresses, whoever reports them, and nobody else's."""

import json
import mailbox
import socketserver
import sys
import threading
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from bounced_mails import COMPLAINT, EXCHANGE, HOLIDAY, POSTFIX, TAGGED, written
from django.core import mail
from django.core.management import CommandError, call_command
from django.urls import reverse
from factories import TESTER
from hypothesis import given
from hypothesis import strategies as st

from surveys.jobs.watch import Watch
from surveys.models import AuditEntry, Contact, Delivery, Job
from surveys.recruiters.bounces import Came, read_report
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.recruiters.mails import Address, MailDraft
from surveys.services.inviting import mailing as sending
from surveys.services.inviting.bounces import mail_id, note_bounces
from surveys.services.inviting.contacts import set_addresses
from surveys.services.inviting.mailing import carry_out_mailing, send_mailing
from surveys.services.people.link_lists import make_link_list

ADDRESSES = [Address(f"P00{n}", f"P00{n}@example.org") for n in (1, 2, 3, 4)]
TEXT = "{link} {unsubscribe}"


def written_to(people):
    words = dict.fromkeys(("en", "de"), TEXT)
    draft = MailDraft(subjects=dict.fromkeys(words, "Invitation"), texts=words, per_minute=600)
    mailing = send_mailing(link_list=people, draft=draft, by=TESTER)
    sending._wake(mailing, TESTER.as_json())
    carry_out_mailing(Watch(Job.objects.filter(kind="mailing").latest("pk"), ""))
    return mailing


@pytest.fixture
def people(open_study, monkeypatch, settings):
    settings.DEFAULT_FROM_EMAIL = "lab@example.org"
    monkeypatch.setattr(sending, "_pause", lambda _watch, _until: None)
    draft = ListDraft("May", numbered(4), kind="personal")
    made = make_link_list(study=open_study, draft=draft, by=TESTER)
    set_addresses(link_list=made, addresses=ADDRESSES, by=TESTER)
    return made


def states() -> str:
    return " ".join(Contact.objects.order_by("link").values_list("state", flat=True))


def test_each_server_s_report_finds_its_mail_and_ends_mail_to_its_address(
    people, settings, client, owner
):
    settings.BOUNCES_TO = "bounces@lab.example.org"
    mailing = written_to(people)
    deliveries = list(mailing.deliveries.order_by("pk"))
    ids = [mail_id(one) for one in deliveries]
    first = mail.outbox[0]
    assert first.from_email == f"bounces+{ids[0]}@lab.example.org"
    assert first.message()["From"] == "lab@example.org"
    assert first.message()["Message-ID"].startswith(f"<{ids[0]}@")
    reports = [
        written(POSTFIX, ids[0]),
        written(EXCHANGE, ids[1]),
        written(TAGGED, ids[2]),
        written(COMPLAINT, ids[3]),
    ]
    under_way = [
        written(POSTFIX, ids[3], action="delayed", status="4.4.1"),
        written(POSTFIX, ids[3], action="failed", status="4.2.2"),
    ]
    others = [written(HOLIDAY, ids[3]), b"", b"\xff\xfe no mail", written(POSTFIX, "d1.forged")]
    for again in (False, True):
        done = note_bounces(mails=[*reports, *under_way, *others], by=TESTER)
        assert done.as_json() == {
            "bounced": 3,
            "complained": 1,
            "under_way": 2,
            "unknown": 1,
            "no_report": 3,
        }
        assert states() == "bounced bounced bounced complained", again
    assert AuditEntry.objects.get(action="bounces_noted").after == {"people": 4}
    told = Delivery.objects.get(pk=deliveries[0].pk)
    assert told.state == "bounced"
    assert told.said == "5.1.1 550 5.1.1 <…>: Recipient address rejected: User unknown"
    client.force_login(owner)
    page = client.get(reverse("surveys:mailing", args=[people.study.slug, mailing.pk]))
    assert "complained" in page.content.decode()
    assert "550 5.4.1 Recipient address rejected" in page.content.decode()
    assert "P001@example.org" not in page.content.decode()
    assert written_to(people).deliveries.count() == 0


def test_a_new_address_is_reached_again_and_no_late_report_is_held_against_it(people):
    mailing = written_to(people)
    first, second, third, _fourth = mailing.deliveries.order_by("pk")
    note_bounces(mails=[written(POSTFIX, mail_id(first))], by=TESTER)
    set_addresses(link_list=people, addresses=ADDRESSES[:1], by=TESTER)
    assert states().split()[0] == "bounced"
    moved = [Address("P001", "new@example.org"), Address("P002", "other@example.org")]
    set_addresses(link_list=people, addresses=moved, by=TESTER)
    assert states().split()[:2] == ["reachable", "reachable"]
    late = [written(POSTFIX, mail_id(one)) for one in (first, second)]
    note_bounces(mails=late, by=TESTER)
    assert states().split()[:2] == ["reachable", "reachable"]
    # What somebody asked for outlives a report, and an address that is set once more.
    Contact.objects.filter(pk=third.contact_id).update(state="unsubscribed")
    note_bounces(mails=[written(COMPLAINT, mail_id(third))], by=TESTER)
    asked = [Address("P003", "P003@example.org"), Address("P004", "P004@example.org")]
    set_addresses(link_list=people, addresses=asked, by=TESTER)
    assert states().split()[2] == "unsubscribed"


class Imap(socketserver.StreamRequestHandler):
    """As much of an IMAP server as is asked for; `server.mails` are its unread ones."""

    def handle(self) -> None:
        self.say(b"* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, _space, command = line.partition(" ")
            verb = command.split()[0].upper()
            getattr(self, f"do_{verb.lower()}", lambda _command: None)(command)
            refused = verb == "LOGIN" and "right" not in command
            self.say(f"{tag} {'NO' if refused else 'OK'} done".encode())
            if verb == "LOGOUT":
                return

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def do_capability(self, _command):
        self.say(b"* CAPABILITY IMAP4rev1")

    def do_select(self, _command):
        self.say(f"* {len(self.server.mails)} EXISTS".encode())

    def do_search(self, _command):
        unread = [str(n) for n in self.server.mails if n not in self.server.seen]
        self.say(f"* SEARCH {' '.join(unread)}".encode())

    def do_fetch(self, command):
        content = self.server.mails[int(command.split()[1])]
        self.say(f"* {command.split()[1]} FETCH (BODY[] {{{len(content)}}}".encode())
        self.wfile.write(content)
        self.say(b")")

    def do_store(self, command):
        self.server.seen.add(int(command.split()[1]))


@pytest.fixture
def imap(settings):
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap)
    server.daemon_threads = True
    server.mails, server.seen = {}, set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.BOUNCES_IMAP_HOST, settings.BOUNCES_IMAP_PORT = server.server_address
    settings.BOUNCES_IMAP_USER, settings.BOUNCES_IMAP_PASSWORD = "lab", "right"
    settings.BOUNCES_IMAP_FOLDER = "INBOX"
    yield server
    server.shutdown()
    server.server_close()


def command(*arguments) -> dict:
    out = StringIO()
    call_command("read_bounces", *arguments, "--json", stdout=out)
    told = json.loads(out.getvalue())
    return {key: value for key, value in told.items() if value and key != "next"}


def test_a_command_reads_every_mailbox_that_a_laboratory_has(
    people, imap, tmp_path, monkeypatch, settings
):
    ids = [mail_id(one) for one in written_to(people).deliveries.order_by("pk")]
    box = mailbox.mbox(tmp_path / "mbox")
    box.add(written(POSTFIX, ids[0]))
    box.close()
    assert command(str(tmp_path / "mbox")) == {"bounced": 1}
    folder = mailbox.Maildir(tmp_path / "Maildir")
    folder.add(written(EXCHANGE, ids[1]))
    assert command(str(tmp_path / "Maildir")) == {"bounced": 1}
    given = TextIOWrapper(BytesIO(written(TAGGED, ids[2])))
    monkeypatch.setattr(sys, "stdin", given)
    assert command("-") == {"bounced": 1}
    imap.mails = {1: written(COMPLAINT, ids[3]), 2: written(HOLIDAY, ids[3])}
    assert command() == {"complained": 1, "no_report": 1}
    assert command() == {}
    assert states() == "bounced bounced bounced complained"
    settings.BOUNCES_IMAP_PASSWORD = "wrong"
    with pytest.raises(CommandError, match="mailbox_unreachable") as refused:
        call_command("read_bounces")
    assert "wrong" not in str(refused.value)
    settings.BOUNCES_IMAP_HOST = ""
    with pytest.raises(CommandError, match="no_mailbox_named"):
        call_command("read_bounces")
    with pytest.raises(CommandError, match=r"no_mailbox\]"):
        call_command("read_bounces", str(tmp_path / "nothing"))


def test_mails_stay_unread_where_they_could_not_be_stored(people, imap, monkeypatch):
    delivery = written_to(people).deliveries.first()
    imap.mails = {1: written(POSTFIX, mail_id(delivery))}

    def fails(*_arguments, **_more):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("surveys.services.inviting.bounces.record", fails)
        with pytest.raises(RuntimeError):
            command()
    assert not imap.seen
    assert states().split()[0] == "reachable"
    assert command() == {"bounced": 1}


@given(st.binary(max_size=300), st.integers(0, 2000), st.integers(0, 2000))
def test_a_damaged_report_is_read_or_left_and_never_raises(noise, start, length):
    content = written(POSTFIX, "d1.x")
    damaged = content[:start] + noise + content[start + length :]
    report = read_report(damaged)
    assert report is None or isinstance(report.came, Came)
