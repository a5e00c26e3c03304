"""Attacks on participants' pages: words that are code, guessed addresses, tampered fields."""

import csv
import io
import re
import secrets
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from factories import PASSWORD, TESTER, answer_everything, make_link, make_person, personal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_study import ITEMS, open_small_study

from surveys import selectors, services
from surveys.models import Administration, Answer, Respondent
from surveys.views import limits

# What would run, or change a page, if it were written as it is.
HOSTILE = (
    "<script>alert(1)</script>",
    "'\"><img src=x onerror=alert(1)>",
    "</title><svg onload=alert(1)>",
    "**<b onclick=alert(1)>**",
    "{{ 7|add:7 }}{% debug %}",
    "javascript:alert(1)",
    "=HYPERLINK(1)",
    "+1",
    "-1+1",
    "@SUM(1)",
)


class _Live(HTMLParser):
    """Everything in a page that would run."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in {"iframe", "object", "embed"}:
            self.found.append(tag)
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        urls = (given.get(name) or "" for name in ("href", "src", "action"))
        self.found += [url for url in urls if url.strip().lower().startswith("javascript:")]


def assert_dead(answer):
    assert answer.status_code < 500
    live = _Live()
    live.feed(answer.content.decode())
    assert not live.found


@pytest.mark.django_db
def test_words_that_are_code_are_words_on_every_page(owner):
    """Of the researcher: titles, texts, labels, consent, links. Of people: ids, parameters."""
    said = "".join(HOSTILE[:5])
    study = open_small_study(owner, said=said)
    link = services.create_link(study=study, label=said[:120], recruiter="prolific", by=TESTER)
    member, person = Client(), Client()
    member.force_login(owner)
    query = {"PROLIFIC_PID": HOSTILE[1], "STUDY_ID": HOSTILE[6], "language": HOSTILE[0]}
    at = reverse("surveys:information", kwargs={"token": link.token})
    assert_dead(person.get(at, query))
    begin = reverse("surveys:begin", kwargs={"token": link.token})
    address = f"{begin}?PROLIFIC_PID=%22%20onfocus=alert(1)%20x=%22&STUDY_ID=%3D1%2B1"
    led = person.post(address, {"decision": "agree", "start": "s" * 20})
    token = led.url.split("/")[2]
    one = selectors.person_administration(token)
    for page in selectors.presentation_of(one).pages:
        shown = personal("page", one, number=page.number)
        assert_dead(person.get(shown))
        # Half a page: the mistakes repeat the words of the questions.
        assert_dead(person.post(shown, {"key": HOSTILE[1], "started": HOSTILE[0]}))
        person.post(shown, {"key": "k", **{q.ref: 1 for q in page.questions}})
    for name in ("review", "stored", "withdraw"):
        assert_dead(person.get(personal(name, one)))
    person.post(personal("review", one))
    assert_dead(person.get(personal("end", one)))
    # Somebody else with the same id.
    assert_dead(Client().get(address.replace("/begin/", "/")))
    for name in ("study", "design", "recruit", "people", "data", "log", "preview", "team"):
        assert_dead(member.get(reverse(f"surveys:{name}", kwargs={"slug": study.slug})))
    listed = member.get(reverse("surveys:payment_list", kwargs={"slug": study.slug}))
    rows = csv.reader(io.StringIO(listed.content.decode("utf-8-sig")))
    cells = [cell for row in rows for cell in row]
    assert "'=1+1" in cells
    assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-\D", cell)]


def pages_of_a_study(resolver: URLResolver, space: str = "", rest: bool = False) -> Iterator[str]:
    """Every address of the office that is a study's and of nothing in it, by its name."""
    for one in resolver.url_patterns:
        at = str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from pages_of_a_study(one, inner, rest or at.startswith("api"))
        elif one.name and not rest and set(one.pattern.regex.groupindex) == {"slug"}:
            yield f"{space}{one.name}"


@pytest.mark.django_db
def test_words_that_are_code_are_words_on_every_page_of_the_study(owner):
    said = "".join(HOSTILE)
    study = open_small_study(owner, said=said)
    link = services.create_link(study=study, label=HOSTILE[1], recruiter="prolific", by=TESTER)
    person = make_person(link, recruiter_id=HOSTILE[6])
    answer_everything(person)
    services.complete_administration(administration=person)
    member = Client(raise_request_exception=True)
    member.force_login(owner)
    names = sorted(set(pages_of_a_study(get_resolver())))
    looked = 0
    for name in names:
        page = member.get(reverse(name, kwargs={"slug": study.slug}))
        if page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
            assert_dead(page)
            looked += 1
    assert looked >= 20, names


def test_a_link_that_leads_elsewhere_after_signing_in_is_not_followed(owner):
    for away in (
        "https://thief.example/",
        "//thief.example/",
        "\\\\thief.example",
        "/\\thief.example",
        "javascript:alert(1)",
        "https:thief.example",
        "http://testserver@thief.example/",
        "\thttps://thief.example",
    ):
        sent = {"username": "owner", "password": PASSWORD, "next": away}
        led = Client().post(f"/login/?{urlencode({'next': away})}", sent)
        assert led.status_code == 302
        assert urlsplit(urljoin("http://testserver/login/", led.url)).netloc == "testserver"
        assert "thief" not in led.url
        limits.cache.clear()


@pytest.mark.django_db
def test_ids_of_a_recruiter_that_are_tried_one_by_one_open_nobodys_questionnaire(owner):
    """SONA's have five digits: all of them can be tried, from as many machines as one likes."""
    link = make_link(open_small_study(owner), recruiter="sona")
    person = make_person(link, recruiter_id="10457")
    answer_everything(person)
    address = reverse("surveys:information", kwargs={"token": link.token})
    secrets_of = (person.token, person.resume_code, personal("review", person))
    known = 0
    for code in range(10_000, 11_000):
        client = Client(REMOTE_ADDR=f"10.0.{code >> 8 & 255}.{code & 255}")
        page = client.get(f"{address}?survey_code={code}")
        told = page.content.decode() + page.headers.get("Location", "") + str(page.cookies)
        assert not [one for one in secrets_of if one in told]
        known += "I agree, begin" not in told
    # Only that there is a questionnaire under the one id is said, and how its person gets back.
    assert known == 1
    person.refresh_from_db()
    assert (person.status, person.answers.count()) == ("in_progress", ITEMS)


@pytest.mark.django_db
def test_the_token_of_one_person_reaches_nothing_of_another(owner):
    link = make_link(open_small_study(owner))
    mine, other = make_person(link), make_person(link)
    answer_everything(other)
    client = Client()
    refs = [one.ref for one in selectors.presentation_of(mine).pages[0].questions]
    sent = {
        **dict.fromkeys(refs, 3),
        "key": "k" * 20,
        "token": other.token,
        "administration": other.pk,
        "respondent": other.respondent_id,
    }
    client.post(personal("page", mine, number=1), sent)
    client.post(f"{personal('withdraw', mine)}?token={other.token}", sent)
    stored = client.get(f"{personal('stored', mine)}?token={other.token}").content.decode()
    assert other.token not in stored
    other.refresh_from_db()
    assert other.status == "in_progress"
    assert set(other.answers.values_list("value", flat=True)) == {2}


@pytest.mark.django_db
def test_ten_thousand_guesses_open_nobodys_questionnaire(owner):
    person = make_person(make_link(open_small_study(owner)))
    for _ in range(10_000):
        assert selectors.person_administration(secrets.token_urlsafe(16)) is None
    client = Client()
    near = [person.token[:-1] + letter for letter in "abc-" if letter != person.token[-1]]
    for token in (*near, person.token.swapcase(), str(person.pk), person.token + "x", "%25"):
        answer = client.get(f"/r/{token}/1/")
        assert answer.status_code == 404
        assert person.token not in answer.content.decode()


@pytest.mark.django_db
def test_tampered_fields_store_nothing_that_is_no_answer(owner):
    link = make_link(open_small_study(owner))
    other = make_person(link)
    client = Client()
    letters = st.text(max_size=30) | st.sampled_from(HOSTILE) | st.integers().map(str)
    names = st.sampled_from(
        ["key", "started", "go", "return", "prefers_not", "number", "status", "token", "value"]
    )

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names | letters, letters, max_size=6), letters, letters)
    def nothing_else(fields, first, second):
        person = make_person(link)
        refs = [one.ref for one in selectors.presentation_of(person).pages[0].questions]
        sent = {**fields, refs[0]: first, refs[1]: second, "administration": other.pk}
        answer = client.post(personal("page", person, number=1), sent)
        assert answer.status_code in {302, 422}
        if answer.status_code == 302:
            # To a page of this person, on this site, whatever was asked for.
            assert answer.url.startswith(f"/r/{person.token}/")
        for row in person.answers.all():
            assert row.missing_reason == "skipped" or row.value in {1, 2, 3}
            assert row.elapsed_ms is None
        assert not other.answers.exists()
        assert Administration.objects.get(pk=person.pk).status == "in_progress"

    nothing_else()


@pytest.mark.django_db
def test_forms_of_the_office_cannot_be_sent_from_elsewhere(owner):
    study = open_small_study(owner)
    link = make_link(study)
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    for name, more in (
        ("close_study", {}),
        ("new_link", {}),
        ("switch_link", {"link_id": link.pk}),
        ("erase_tests", {}),
        ("quotas", {}),
        ("retention", {}),
    ):
        address = reverse(f"surveys:{name}", kwargs={"slug": study.slug, **more})
        assert client.post(address, {}).status_code == 403
    study.refresh_from_db()
    assert study.is_open
    # Participants have no cookie that a forged form could use.
    before = Respondent.objects.count()
    begin = reverse("surveys:begin", kwargs={"token": link.token})
    sent = client.post(begin, {"decision": "agree", "start": "s" * 20})
    assert sent.status_code == 302
    assert Respondent.objects.count() == before + 1
    assert not Answer.objects.exists()
