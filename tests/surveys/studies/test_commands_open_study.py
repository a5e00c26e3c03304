"""`open_study` makes the bundled study if need be, opens it and prints where people begin."""

import json
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import resolve
from factories import TESTER

from surveys.models import RecruitingLink, Study
from surveys.services import close_study

pytestmark = pytest.mark.django_db

SLUG = "privacy-prosocial"
CONTACT = ("--contact", "Laboratory of Tests, lab@example.org")


def run(*arguments):
    out = StringIO()
    call_command("open_study", *arguments, stdout=out)
    return out.getvalue()


def made(*arguments):
    return json.loads(run(*arguments, "--json"))


def test_the_bundled_study_is_made_opened_and_owned(owner):
    facts = made(SLUG, *CONTACT)

    study = Study.objects.get()
    assert (facts["study"], facts["status"], facts["created"]) == (SLUG, "open", True)
    assert facts["checksum"] == study.checksum
    assert list(study.members.all()) == [owner]


def test_the_printed_address_leads_to_the_information_page(owner, client):
    address = run(SLUG, *CONTACT).splitlines()[1]

    path = address.removeprefix(settings.SITE_URL)
    token = resolve(path).kwargs["token"]
    assert RecruitingLink.objects.get().token == token
    page = client.get(path)
    assert page.status_code == 200
    assert "Everyday life" in page.content.decode()


def test_running_it_again_prints_the_same_link(owner):
    assert made(SLUG, *CONTACT)["link"] == made(SLUG)["link"]
    assert RecruitingLink.objects.count() == 1


def test_another_label_and_a_rehearsal_have_links_of_their_own(owner):
    links = [
        made(SLUG, *CONTACT)["link"],
        made(SLUG, "--link-label", "Newsletter")["link"],
        made(SLUG, "--simulated")["link"],
    ]

    assert len({link["address"] for link in links}) == 3
    assert [link["simulated"] for link in links] == [False, False, True]
    assert "simulated" in run(SLUG, "--simulated")


def test_a_draft_of_ones_own_is_opened_whoever_calls(draft_study, stranger):
    assert made(draft_study.slug)["created"] is False
    draft_study.refresh_from_db()
    assert draft_study.is_open


def test_a_closed_study_stays_closed(owner):
    run(SLUG, *CONTACT)
    close_study(study=Study.objects.get(), by=TESTER)

    with pytest.raises(CommandError, match=r"closed for good.*\[study_closed\]"):
        run(SLUG)


def test_a_study_that_nobody_knows_is_answered_with_those_there_are(owner):
    with pytest.raises(CommandError, match=rf"choose from {SLUG}.*\[unknown_bundle\]"):
        run("tea")
    assert not Study.objects.exists()


def test_a_study_with_a_place_left_to_be_filled_in_is_kept_from_people(owner):
    with pytest.raises(CommandError, match=r"consent\.contact: \[name, .*\[placeholder_left\]"):
        run(SLUG)
    assert not Study.objects.exists()
    assert run(SLUG, "--simulated").splitlines()[-1].startswith("Next: manage.py simulate_people")
    with pytest.raises(CommandError, match=r"\[placeholder_left\]"):
        run(SLUG)
    with pytest.raises(CommandError, match=r"\[study_is_frozen\]"):
        run(SLUG, *CONTACT)
