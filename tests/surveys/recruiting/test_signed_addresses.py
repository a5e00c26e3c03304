"""Addresses that Prolific signed lead a person back into their own questionnaire, and nobody else.

A local stand-in publishes its keys as the documentation says, and signs as it does.
"""

import json
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from factories import TESTER, answer_everything, make_link, personal

from surveys import services
from surveys.models import Respondent
from surveys.recruiters import RECRUITERS, LinkTerms
from surveys.selectors import consent_text
from surveys.services.access import signing_keys
from surveys.services.people.terms import set_terms

PID, OTHER = "5f2c8a9b3d4e5f6a7b8c9d0e", "5f2c8a9b3d4e5f6a7b8c9d0f"
SITE = "http://testserver"
CLAIM = {"PROLIFIC_PID": PID, "STUDY_ID": "s1", "SESSION_ID": "a1", "workspace_id": "w1"}


def in_base64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


class Signer:
    """Prolific's side: a private key, its public half under a name, and tokens."""

    def __init__(self, name: str = "k1", size: int = 2048) -> None:
        self.name, self._key = name, generate_private_key(65537, size)

    def published(self) -> dict:
        numbers = self._key.public_key().public_numbers()
        parts = {"e": numbers.e, "n": numbers.n}
        plain = {
            one: in_base64(value.to_bytes((value.bit_length() + 7) // 8))
            for one, value in parts.items()
        }
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.name, **plain}

    def token(self, *, head: dict | None = None, **claims) -> str:
        header = {"alg": "RS256", "typ": "JWT", "kid": self.name, **(head or {})}
        body = {"iss": "https://www.prolific.com", "exp": time.time() + 600, **claims}
        signed = ".".join(in_base64(json.dumps(one).encode()) for one in (header, body))
        return f"{signed}.{in_base64(self._key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture
def prolific(monkeypatch, signer):
    """A Prolific on this machine that publishes `keys`, and counts how often it is asked."""
    cache.clear()

    class Here(BaseHTTPRequestHandler):
        keys = (signer,)
        asked = 0

        def do_GET(self) -> None:
            type(self).asked += 1
            self.send_response(200)
            self.end_headers()
            listed = [one.published() for one in self.keys]
            self.wfile.write(json.dumps({"keys": listed}).encode())

        def log_message(self, *_arguments) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Here)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known = RECRUITERS["prolific"]
    here = replace(known.signing, keys_at=f"http://127.0.0.1:{server.server_port}/jwks.json")
    monkeypatch.setitem(RECRUITERS, "prolific", replace(known, signing=here))
    yield Here
    server.shutdown()
    server.server_close()
    cache.clear()


@pytest.fixture
def person(open_study, prolific):
    """Somebody who began in another browser."""
    others = {name: CLAIM[name] for name in ("STUDY_ID", "SESSION_ID")}
    return services.enrol_person(
        link=make_link(open_study, recruiter="prolific"),
        consent_text=consent_text(open_study, "en"),
        recruiter_id=PID,
        parameters=others,
    )


def page_of(person) -> str:
    return reverse("surveys:information", args=[person.respondent.link.token])


def come_back(person, token: str, **changed: str):
    given = {name: CLAIM[name] for name in ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")}
    return Client().get(page_of(person), {**given, **changed, "prolific_token": token})


def for_this(signer, person, **changed) -> str:
    claims = {"aud": SITE + page_of(person), "prolific": CLAIM, **changed}
    return signer.token(**claims)


def test_a_signed_address_leads_back_also_to_the_end_and_keys_are_kept(signer, person, prolific):
    for audience in (SITE + page_of(person), f"{SITE}/", "testserver", ["x", SITE]):
        led = come_back(person, for_this(signer, person, aud=audience))
        assert (led.status_code, led.url) == (302, personal("resume", person)), audience
    answer_everything(person)
    services.complete_administrations(administrations=[person])
    assert come_back(person, for_this(signer, person)).url == personal("resume", person)
    assert prolific.asked == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": time.time() - 1},
        {"exp": "never"},
        {"iss": "https://evil.example"},
        {"aud": "https://other.example/s/abc/"},
        {"aud": f"{SITE}/s/another-link/"},
        {"aud": None},
        {"aud": ["//[", 7, {}]},
        {"prolific": {**CLAIM, "PROLIFIC_PID": OTHER}},
        {"prolific": {**CLAIM, "SESSION_ID": "another-task"}},
        {"prolific": {}},
        {"prolific": "5f"},
        {"head": {"alg": "none"}},
        {"head": {"alg": "HS256"}},
        {"head": {"kid": "nobody"}},
    ],
)
def test_what_prolific_did_not_sign_for_this_person_here_and_now_opens_nothing(
    signer, person, changed
):
    refused = come_back(person, for_this(signer, person, **changed))
    assert refused.status_code == 409
    assert person.token not in refused.content.decode()


def test_a_token_that_was_tampered_with_or_made_up_opens_nothing(signer, person):
    good = for_this(signer, person)
    head, body, signature = good.split(".")
    other = for_this(signer, person, prolific={**CLAIM, "PROLIFIC_PID": OTHER}).split(".")[1]
    stranger = for_this(Signer(signer.name), person)
    for token in (
        f"{head}.{other}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        stranger,
        "...",
        "é.é.é",
        "a" * 50_000,
        good + "." + "b" * 5_000,
    ):
        assert come_back(person, token).status_code == 409
    # A token of one's own beside somebody else's id in the address is no key to them.
    mine = for_this(signer, person, prolific={**CLAIM, "PROLIFIC_PID": OTHER})
    assert come_back(person, mine).status_code == 409


def test_a_new_key_is_fetched_and_made_up_names_ask_nobody_for_ever(signer, person, prolific):
    assert come_back(person, for_this(signer, person)).status_code == 302
    new = Signer("k2")
    prolific.keys = (signer, new)
    # Within the pause a new name is not looked up.
    assert come_back(person, for_this(new, person)).status_code == 409
    cache.delete(f"signing_keys:{RECRUITERS['prolific'].signing.keys_at}:asked")
    assert come_back(person, for_this(new, person)).status_code == 302
    for name in range(20):
        come_back(person, for_this(signer, person, head={"kid": f"made-up-{name}"}))
    assert prolific.asked == 2


def test_where_nobody_answers_the_other_ways_back_remain(signer, person, prolific, monkeypatch):
    monkeypatch.setattr(signing_keys, "_fetched", lambda _address: b"")
    page = come_back(person, for_this(signer, person))
    assert page.status_code == 409
    assert "A questionnaire under this id exists" in page.content.decode()


def test_short_keys_and_keys_of_another_kind_are_left_out(signer, person, prolific):
    short = Signer("short", 1024)
    prolific.keys = (short,)
    assert come_back(person, for_this(short, person)).status_code == 409


@pytest.fixture
def signed_link(open_study, prolific):
    link = make_link(open_study, recruiter="prolific")
    return set_terms(link=link, terms=LinkTerms(signed_only=True), by=TESTER)


def arrive(link, token: str = "", *, decides: bool = False, language: str = "en"):
    given = {name: CLAIM[name] for name in ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")}
    query = urlencode({**given, **({"prolific_token": token} if token else {})})
    spoken = {"Accept-Language": language}
    if decides:
        address = reverse("surveys:begin", args=[link.token])
        form = {"decision": "agree", "start": "start-of-this-very-form"}
        return Client().post(f"{address}?{query}", form, headers=spoken)
    address = reverse("surveys:information", args=[link.token])
    return Client().get(f"{address}?{query}", headers=spoken)


def signed_for(signer, link, **changed) -> str:
    page = reverse("surveys:information", args=[link.token])
    return signer.token(**{"aud": SITE + page, "prolific": CLAIM, **changed})


def test_where_a_signature_is_asked_for_nobody_begins_without_one(signer, signed_link):
    other = signed_for(signer, signed_link, prolific={**CLAIM, "PROLIFIC_PID": OTHER})
    for token in ("", "made.up.token", other):
        for decides in (False, True):
            refused = arrive(signed_link, token, decides=decides)
            assert refused.status_code == 403
            assert "Nothing has been stored about you" in refused.content.decode()
    german = arrive(signed_link, language="de").content.decode()
    assert "Bitte öffnen Sie die Studie dort" in german
    assert not Respondent.objects.exists()

    good = signed_for(signer, signed_link)
    assert arrive(signed_link, good).status_code == 200
    assert arrive(signed_link, good, decides=True).status_code == 302
    assert Respondent.objects.get().recruiter_id == PID


def test_a_form_is_taken_after_the_signature_ran_out_and_not_days_later(signer, signed_link):
    for ago, status in ((2 * 24 * 60 * 60, 403), (60 * 60, 302)):
        over = signed_for(signer, signed_link, exp=time.time() - ago)
        assert arrive(signed_link, over).status_code == 403
        assert arrive(signed_link, over, decides=True).status_code == status


def test_the_setting_is_on_the_card_and_over_rest_for_recruiters_that_sign(
    client, owner, open_study, signed_link
):
    client.force_login(owner)
    plain = make_link(open_study)
    page = client.get(reverse("surveys:recruit", args=[open_study.slug])).content.decode()
    assert f'name="link-{signed_link.pk}-signed_only"' in page
    assert f'name="link-{plain.pk}-signed_only"' not in page
    address = "/api/links/{}/terms/"
    assert client.get(address.format(signed_link.pk)).json()["signed_only"] is True
    given = {"content_type": "application/json", "data": {"signed_only": True}}
    refused = client.put(address.format(plain.pk), **given)
    assert refused.status_code == 409
    assert "signs no addresses" in refused.content.decode()
    changed = client.put(address.format(signed_link.pk), {}, content_type="application/json")
    assert changed.json()["signed_only"] is False
