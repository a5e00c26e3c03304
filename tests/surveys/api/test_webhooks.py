"""Other programs are told what happened: once, signed, and nothing of who it was."""

import hashlib
import hmac
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.urls import reverse
from django.utils import timezone
from factories import TESTER, answer_everything, make_person

from surveys import services
from surveys.models import Job, Webhook, WebhookMessage
from surveys.services.webhooks import sending
from surveys.services.webhooks.arranging import add_webhook, switch_webhook, try_webhook
from surveys.services.webhooks.refusals import WebhookError
from surveys.services.webhooks.telling import MOST_FAILURES, PAUSES, tell_what_happened

EVENTS = ["person.completed", "job.failed"]


class Receiver(BaseHTTPRequestHandler):
    """A program that is told; `server.heard` has what, `server.answer` is the status it gives."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((dict(self.headers), body))
        self.send_response(self.server.answer)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_words):
        """Say nothing."""


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_HOSTS = ["127.0.0.1"]
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    server.heard, server.answer = [], 200
    server.address = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def added(study, receiver, events=EVENTS):
    return add_webhook(study=study, address=receiver.address, events=events, by=TESTER)


def completed(link, recruiter_id=""):
    person = make_person(link, recruiter_id=recruiter_id)
    answer_everything(person)
    return services.complete_administration(administration=person)


def failed_job(study):
    ended = {"status": "failed", "ended_at": timezone.now(), "error_code": "worker_died"}
    return Job.objects.create(study=study, kind="export", error="Ann Smith", **ended)


def test_what_happened_is_told_once_signed_and_without_who_it_was(open_study, link, receiver):
    completed(link)
    _webhook, secret = added(open_study, receiver)
    person = completed(link, recruiter_id="5f3e000000000000000000aa")
    failed_job(open_study)
    assert tell_what_happened() == 2
    assert tell_what_happened() == 0
    told = {}
    for headers, body in receiver.heard:
        signed = f"{headers['Counterpart-Timestamp']}.".encode() + body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["Counterpart-Signature"] == f"v1={expected}"
        told[headers["Counterpart-Event"]] = json.loads(body)
    # Who completed before the address was added is counted, and not told.
    assert (
        told["person.completed"].items()
        >= {
            "study": open_study.slug,
            "code": person.completion_code,
            "simulated": False,
            "people": 2,
            "simulated_people": 0,
        }.items()
    )
    assert told["job.failed"]["code"] == "worker_died"
    everything = b"".join(body for _headers, body in receiver.heard)
    assert not any(word in everything for word in (b"5f3e", b"Ann Smith", person.token.encode()))
    # The secret can be read nowhere: not in the row, and not by another installation.
    assert secret not in Webhook.objects.get().secret


def test_what_does_not_arrive_is_sent_again_and_given_up_at_last(
    open_study, link, receiver, settings
):
    webhook, _secret = added(open_study, receiver)
    receiver.answer = 302  # a redirect is not followed
    completed(link)
    for number in range(len(PAUSES) + 1):
        assert tell_what_happened() == 0
        message = WebhookMessage.objects.get()
        assert (message.attempts, message.status) == (number + 1, 302)
        assert tell_what_happened() == 0  # it is not due
        WebhookMessage.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert (message.state, message.error_code) == ("failed", "webhook_bad_status")
    assert len(receiver.heard) == len(PAUSES) + 1
    Webhook.objects.update(failures=MOST_FAILURES - 1)
    completed(link)
    tell_what_happened()
    webhook.refresh_from_db()
    assert webhook.disabled_at
    completed(link)
    assert tell_what_happened() == 0
    # Taken up again it is told of what happens from now on.
    receiver.answer = 204
    switch_webhook(webhook=webhook, paused=False, by=TESTER)
    assert tell_what_happened() == 0
    completed(link)
    assert tell_what_happened() == 1
    settings.SECRET_KEY = "another"
    assert try_webhook(webhook=webhook, by=TESTER).error_code == "webhook_secret_lost"


def test_a_message_whose_last_sender_was_ended_is_given_up_with_that_reason(
    client, open_study, owner, link, receiver
):
    webhook, _secret = added(open_study, receiver)
    completed(link)
    receiver.answer = 500
    tell_what_happened()
    # As one leaves it who is killed over the last attempt.
    WebhookMessage.objects.update(
        attempts=len(PAUSES) + 1, error_code="webhook_in_hand", due_at=timezone.now()
    )
    tell_what_happened()
    message = WebhookMessage.objects.get()
    assert (message.state, message.error_code) == ("failed", "webhook_interrupted")
    assert len(receiver.heard) == 1
    client.force_login(owner)
    page = client.get(reverse("surveys:webhooks", args=[open_study.slug])).content.decode()
    assert "perhaps it arrived" in page
    over_rest = client.get(f"/api/webhooks/{webhook.pk}/messages/").json()["results"]
    assert over_rest[0]["next_try"] is None


@pytest.mark.parametrize(
    ("address", "code", "found"),
    [
        ("http://example.org/", "webhook_not_https", "93.184.215.14"),
        ("https://me:word@example.org/", "webhook_not_https", "93.184.215.14"),
        ("ftp://example.org/", "webhook_not_https", "93.184.215.14"),
        ("https:///x", "webhook_not_https", "93.184.215.14"),
        ("https://example.org:port/", "webhook_not_https", "93.184.215.14"),
        ("https://inside.example.org/", "webhook_private", "10.1.2.3"),
        ("https://inside.example.org/", "webhook_private", "169.254.169.254"),
        ("https://inside.example.org/", "webhook_private", "::1"),
        ("https://inside.example.org/", "webhook_private", "::ffff:127.0.0.1"),
        ("https://inside.example.org/", "webhook_private", "fe80::1%eth0"),
        ("https://inside.example.org/", "webhook_private", "100.64.0.1"),
        ("https://inside.example.org/", "webhook_private", "64:ff9b:1::7f00:1"),
        ("https://inside.example.org/", "webhook_private", "2002:7f00:1::"),
    ],
)
def test_no_address_leads_into_the_network_of_the_server(monkeypatch, address, code, found):
    answer = [(None, None, None, "", (found, 443))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_a, **_k: answer)
    with pytest.raises(WebhookError) as refused:
        sending.place_of(address)
    assert refused.value.code == code


def test_what_was_looked_up_is_what_is_called(monkeypatch):
    answer = [(None, None, None, "", ("93.184.215.14", 443))]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *_a, **_k: answer)
    called = []

    def refuse(where, *_rest):
        called.append(where)
        raise OSError

    monkeypatch.setattr(sending.socket, "create_connection", refuse)
    with pytest.raises(WebhookError) as nobody:
        sending.send(address="https://example.org/x", body=b"", secret="s", timestamp=1, about={})
    assert (nobody.value.code, called) == ("webhook_no_answer", [("93.184.215.14", 443)])


def test_owners_arrange_them_on_a_page(client, owner, collaborator, open_study, receiver):
    address = reverse("surveys:webhooks", args=[open_study.slug])
    client.force_login(collaborator)
    assert client.get(address).status_code == 403
    client.force_login(owner)
    assert address in client.get(reverse("surveys:data", args=[open_study.slug])).content.decode()
    private = client.post(address, {"address": "https://localhost/", "events": EVENTS})
    assert private.status_code == 422
    assert "private network" in private.content.decode()
    made = client.post(address, {"address": receiver.address, "events": EVENTS})
    assert "whsec_" in made.content.decode()
    webhook = Webhook.objects.get()
    steer = reverse("surveys:steer_webhook", args=[open_study.slug, webhook.pk])
    page = client.post(steer, {"do": "test"}, follow=True).content.decode()
    assert "The message arrived." in page
    assert "whsec_" not in page
    receiver.answer = 500
    page = client.post(steer, {"do": "test"}, follow=True).content.decode()
    assert "It did not arrive. It answered with something else" in page
    assert "paused" in client.post(steer, {"do": "pause"}, follow=True).content.decode()
    client.post(steer, {"do": "resume"})
    Webhook.objects.update(disabled_at=timezone.now())
    assert "Too much did not arrive" in client.get(address).content.decode()
    drop = reverse("surveys:drop_webhook", args=[open_study.slug, webhook.pk])
    asked = client.get(drop).content.decode()
    assert receiver.address in asked
    assert f"{webhook.messages.count()} messages to it" in asked
    assert Webhook.objects.exists()
    client.post(drop)
    assert not Webhook.objects.exists()


def test_programs_arrange_them_over_rest(
    client, owner, collaborator, stranger, open_study, link, receiver
):
    client.force_login(owner)

    def post(path, body=None):
        return client.post(f"/api/webhooks/{path}", body or {}, content_type="application/json")

    body = {"study": open_study.slug, "address": receiver.address, "events": EVENTS}
    made = post("", body)
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    one = f"{made.json()['id']}/"
    assert post(f"{one}test/").json()["state"] == "arrived"
    completed(link)
    tell_what_happened()
    events = [row["event"] for row in client.get(f"/api/webhooks/{one}messages/").json()["results"]]
    assert events == ["person.completed", "test"]
    assert post(f"{one}pause/").json()["paused"]
    assert not post(f"{one}resume/").json()["paused"]
    listed = client.get(f"/api/webhooks/?study={open_study.slug}").json()["results"]
    assert ("secret" in listed[0], listed[0]["events"]) == (False, EVENTS)
    assert post("", {**body, "events": []}).json()["code"] == "webhook_events"
    assert post("", {**body, "events": ["tea"]}).status_code == 400
    client.force_login(collaborator)
    assert post(f"{one}test/").status_code == 403
    client.force_login(stranger)
    assert post(f"{one}test/").status_code == 404
    assert post("", body).status_code == 404
    client.force_login(owner)
    assert client.delete(f"/api/webhooks/{one}").status_code == 204
