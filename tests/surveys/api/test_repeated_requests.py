"""A POST that is sent again under its key does its work once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from django.test.client import encode_multipart
from django.utils import timezone
from factories import TESTER, make_user

from surveys.models import AnsweredRequest, InstrumentDraft
from surveys.services.access.repeating import forget_answered_requests
from surveys.services.access.tokens import create_token

ADDRESS = "/api/instrument-drafts/"
DRAFT = {"slug": "tea", "languages": ["en"], "title": {"en": "Brewing"}}
KEY = "6f1c-93"


def a_token(user, name="script"):
    scopes = ("read", "write", "people")
    return create_token(user=user, name=name, scopes=scopes, days=1, by=TESTER)[1]


def post(token, body=DRAFT, key=KEY, address=ADDRESS):
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    return Client().post(address, body, content_type="application/json", headers=headers)


@pytest.fixture
def token(owner):
    return a_token(owner)


def test_the_second_is_answered_as_the_first_and_does_nothing(token, owner):
    first, second = post(token), post(token)
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.content, second["Content-Type"]) == (first.content, first["Content-Type"])
    assert (second["Idempotent-Replayed"], "Idempotent-Replayed" in first) == ("true", False)
    assert InstrumentDraft.objects.count() == 1
    # Neither the key nor the answer can be read where they are kept.
    kept = AnsweredRequest.objects.values_list().get()
    assert not any(word in str(kept) for word in (KEY, "Brewing"))
    # Another program, and the user at a browser, have keys of their own.
    assert "Idempotent-Replayed" not in post(a_token(owner, "other"))
    browser = Client()
    browser.force_login(owner)
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": KEY}}
    assert browser.post(ADDRESS, DRAFT, **sent).status_code == 201
    assert browser.post(ADDRESS, DRAFT, **sent)["Idempotent-Replayed"] == "true"
    assert InstrumentDraft.objects.count() == 3


def test_a_key_belongs_to_one_request_for_a_day(token):
    post(token)
    other = {**DRAFT, "version": "2"}
    for refused in (post(token, other), post(token, address=f"{ADDRESS}1/items/")):
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")
    for key in ("x" * 201, "\tä"):
        assert post(token, key=key).json()["code"] == "idempotency_key_invalid"
    AnsweredRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert post(token, other).status_code == 201
    assert AnsweredRequest.objects.count() == 1
    AnsweredRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    forget_answered_requests()
    assert not AnsweredRequest.objects.exists()


def test_what_was_refused_may_be_sent_again(token, owner):
    wrong = {**DRAFT, "colour": "green"}
    assert post(token, wrong).status_code == 400
    assert not AnsweredRequest.objects.exists()
    assert post(token).status_code == 201
    # A token that was taken back opens nothing, and no answer that it was given before.
    owner.tokens.update(revoked_at=timezone.now())
    assert post(token).status_code == 401


def test_a_form_is_the_same_whatever_its_boundary(token):
    def send(boundary, content):
        file = SimpleUploadedFile("q.csv", content)
        body = {"file": file, "language": "en"}
        return Client().post(
            "/api/instruments/import/",
            encode_multipart(boundary, body),
            content_type=f"multipart/form-data; boundary={boundary}",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": KEY},
        )

    table = b"name,text\na,I like tea.\nb,I like coffee.\n"
    first, second, other = send("aaa", table), send("bbb", table), send("aaa", table + b"c,x\n")
    assert first.status_code == second.status_code == 200, first.json()
    assert (first.content, second["Idempotent-Replayed"]) == (second.content, "true")
    assert other.json()["code"] == "idempotency_key_reused"


def all_at_once(token, count=4):
    start = Barrier(count)

    def send(_number):
        try:
            start.wait()
            return post(token)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(send, range(count)))


def one_wins(token):
    answers = all_at_once(token)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert InstrumentDraft.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_does_the_work():
    one_wins(a_token(make_user("owner")))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_does_the_work_on_postgresql():
    one_wins(a_token(make_user("owner")))
