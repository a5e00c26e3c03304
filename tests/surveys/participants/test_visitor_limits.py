"""A flood from one address ends at a calm page, and takes nothing from the people who answer."""

import threading
import time

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.test import Client
from django.urls import reverse
from factories import PASSWORD, make_link, personal

from surveys.models import Respondent
from surveys.services.rehearsal import read_form
from surveys.views import limits
from surveys.views.account import login, login_queue


@pytest.fixture(autouse=True)
def _nobody_tried_yet():
    limits.cache.clear()


def try_password(password: str, address: str = "127.0.0.1", user: str = "owner"):
    sent = {"username": user, "password": password}
    return Client(REMOTE_ADDR=address).post("/login/", sent)


def test_after_ten_wrong_passwords_even_the_right_one_is_not_checked(owner):
    assert [try_password("wrong").status_code for _ in range(10)] == [200] * 10
    late = try_password(PASSWORD)
    assert late.status_code == 429
    assert "There were too many tries" in late.content.decode()
    # The owner, elsewhere, notices nothing.
    assert try_password(PASSWORD, "10.0.0.1").status_code == 302


def test_trying_many_names_from_one_address_ends_too(owner):
    statuses = [try_password("wrong", user=f"user-{n}").status_code for n in range(32)]
    assert statuses == [200] * 30 + [429] * 2


def test_the_admin_has_no_other_door_for_passwords(client, owner):
    response = client.get("/admin/login/?next=/admin/")
    assert response.url == "/login/?next=/admin/"
    sent = {"username": "owner", "password": PASSWORD}
    client.post("/admin/login/", sent)
    assert "_auth_user_id" not in client.session


def test_one_password_is_checked_at_a_time(owner):
    """Whoever comes while another is being checked is asked to come again, soon."""
    with login._ONE_AT_A_TIME:
        began = time.monotonic()
        response = try_password(PASSWORD)
    assert response.status_code == 429
    assert time.monotonic() - began < 2
    assert try_password(PASSWORD).status_code == 302


def test_whoever_comes_while_two_passwords_are_before_theirs_waits_for_nothing(client, monkeypatch):
    """Waiting would take the threads in which participants are answered."""
    # Far longer than a page takes on the busiest machine.
    monkeypatch.setattr(login, "_LONGEST_WAIT", 60)
    taken = [login_queue._PLACES.acquire(blocking=False) for _ in range(3)]
    try:
        began = time.monotonic()
        with login._ONE_AT_A_TIME:
            page = try_password(PASSWORD)
        assert time.monotonic() - began < 20
        assert client.get("/login/").status_code == 200
    finally:
        for _ in filter(None, taken):
            login_queue._PLACES.release()
    assert taken == [True, True, False]
    assert (page.status_code, page.headers["Retry-After"]) == (429, "2")
    assert "Nothing was checked" in page.content.decode()
    assert page.headers["Content-Security-Policy"]


def test_guesses_without_a_pause_have_a_fifth_of_a_processor():
    pace, began = login._Pace(), time.monotonic()
    for _ in range(4):
        with pace:
            time.sleep(0.02)
    # Three rests of four times as long lie between four checks.
    assert time.monotonic() - began >= 4 * 0.02 + 3 * 0.08


def test_a_password_costs_one_processor(settings):
    hasher = identify_hasher(make_password(PASSWORD, hasher="argon2"))
    assert hasher.parallelism == 1
    cores: list[float] = []

    def measure():
        before = time.process_time(), time.perf_counter()
        make_password(PASSWORD, hasher="argon2")
        cores.append((time.process_time() - before[0]) / (time.perf_counter() - before[1]))

    thread = threading.Thread(target=measure)
    thread.start()
    thread.join()
    assert cores[0] < 1.5


def begin(link, address: str, **headers):
    browser = Client(REMOTE_ADDR=address)
    page = browser.get(reverse("surveys:information", args=[link.token]))
    sent = {**read_form(page.content.decode()).hidden, "decision": "agree"}
    return browser.post(reverse("surveys:begin", args=[link.token]), sent, headers=headers)


def test_a_flood_of_people_from_one_address_meets_a_calm_page(link, open_study, monkeypatch):
    few = limits.Limit("enrolments", 3, 600)
    monkeypatch.setattr("surveys.views.participants.recruitment.ENROLMENTS", few)
    assert [begin(link, "10.0.0.1").status_code for _ in range(3)] == [302] * 3
    late = begin(link, "10.0.0.1")
    assert late.status_code == 429
    assert "Please wait a few minutes" in late.content.decode()
    assert Respondent.objects.count() == 3
    # Another network, and another link, are not held up.
    assert begin(link, "10.0.0.2").status_code == 302
    assert begin(make_link(open_study), "10.0.0.1").status_code == 302


def test_a_class_behind_one_router_is_no_flood():
    assert limits.ENROLMENTS.times >= 100
    assert limits.LOOK_UPS.times >= 2 * 100


@pytest.mark.parametrize(
    ("behind", "remote", "forwarded", "expected"),
    [
        (False, "10.0.0.1", "6.6.6.6", "10.0.0.1"),
        (True, "127.0.0.1", "6.6.6.6, 10.0.0.7", "10.0.0.7"),
        (True, "127.0.0.1", "", "127.0.0.1"),
        (False, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
    ],
)
def test_an_address_is_what_the_proxy_saw_and_no_client_can_choose_it(
    rf, settings, behind, remote, forwarded, expected
):
    settings.BEHIND_PROXY = behind
    request = rf.get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": forwarded})
    assert limits.client_address(request) == expected


class Unread:
    """A body that nobody may read."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("the body was read")

    readline = read


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
@pytest.mark.parametrize("path", ["/r/token/1/", "/s/token/begin/", "/c/token/", "/login/"])
def test_a_body_of_sixty_megabytes_is_refused_unread(client, db, path, kind):
    response = client.generic(
        "POST",
        path,
        content_type=f"{kind}; boundary=x",
        CONTENT_LENGTH="60000000",
        **{"wsgi.input": Unread()},
    )
    assert response.status_code == 413


def test_a_page_of_answers_is_far_below_the_limit(client, person):
    page = client.get(personal("page", person, number=1))
    assert len(page.content) < 60_000
    response = client.post(personal("page", person, number=1), {"key": "x" * 100_000})
    assert response.status_code == 422
