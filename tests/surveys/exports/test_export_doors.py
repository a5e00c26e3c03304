"""Exports asked for on the page and over REST: made by a worker, fetched by members only."""

import io
import zipfile
from dataclasses import replace

import pytest
from django.urls import reverse
from exported import tea_study
from factories import TESTER

from surveys.instrument_files import (
    bundled_instruments,
    bundled_study,
    parse_study,
    study_values,
    to_toml,
)
from surveys.jobs.queue import carry_out
from surveys.models import Job
from surveys.services import withdraw

PAGE = "/studies/tea/data/"
WANTED = {"formats": ["csv"], "groups": ["people", "m"]}


@pytest.fixture
def study(owner):
    return tea_study(owner)


@pytest.fixture
def member(client, owner):
    client.force_login(owner)
    return client


def worked():
    """The export that was asked for, when a worker has done it."""
    job = Job.objects.get(kind="export")
    carry_out.call(job.pk)
    job.refresh_from_db()
    return job


def names(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name.removeprefix("tea/") for name in archive.namelist()}


def test_the_page_offers_what_a_worker_made(study, member):
    page = member.get(PAGE)
    assert page.status_code == 200
    assert "3" in page.content.decode()

    sent = member.post(PAGE, WANTED)
    assert (sent.status_code, sent["Location"]) == (302, PAGE)
    job = worked()
    assert job.status == "done"
    address = reverse("surveys:job_file", args=[job.pk])
    assert address in member.get(PAGE).content.decode()
    found = names(member.get(address))
    assert "data/answers-people_form-raw_data.csv" in found
    assert "data/answers-models_form-long_data.csv" in found
    assert "data/answers-simulated_form-raw_data.csv" not in found


def test_a_zip_is_gone_when_somebody_in_it_withdraws(study, member):
    member.post(PAGE, WANTED)
    job = worked()
    assert member.get(reverse("surveys:job_file", args=[job.pk])).status_code == 200
    withdraw(administration=study.administrations.first(), by=TESTER)

    assert member.get(reverse("surveys:job_file", args=[job.pk])).status_code == 404


def test_what_is_not_chosen_is_asked_for(study, member):
    page = member.post(PAGE, {"formats": [], "groups": ["people"]})

    assert page.status_code == 422
    assert 'href="#id_formats"' in page.content.decode()


def test_a_program_asks_waits_and_fetches(study, member):
    made = member.post("/api/studies/tea/exports/", WANTED, content_type="application/json")

    assert (made.status_code, made.json()["status"]) == (202, "waiting")
    worked()
    job = member.get(f"/api/jobs/{made.json()['id']}/").json()
    assert (job["status"], job["has_file"]) == ("done", True)
    assert "manifest.json" in names(member.get(f"/api/jobs/{job['id']}/file/"))
    assert [one["id"] for one in member.get("/api/studies/tea/exports/").json()["results"]] == [
        job["id"]
    ]
    wrong = {"formats": ["xls"]}
    assert member.post("/api/studies/tea/exports/", wrong, "application/json").status_code == 400


def test_a_stranger_sees_no_data(study, client, stranger):
    client.force_login(stranger)

    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, WANTED).status_code == 404
    assert client.get("/api/studies/tea/exports/").status_code == 404
    assert client.post("/api/studies/tea/exports/", WANTED, "application/json").status_code == 404
    assert not Job.objects.filter(kind="export").exists()


def test_the_page_shows_how_many_rows_were_left_out_of_an_import_and_why(study, member):
    study.imported_files.update(rows_left_out={"blank_line": 2})

    page = member.get(PAGE).content.decode()
    assert "<code>blank_line</code> 2" in page


@pytest.mark.parametrize(
    ("sharing", "told", "not_told"),
    [
        (True, "may be given to other researchers", "not given to anybody"),
        (False, "not given to anybody", "may be given"),
        (None, "Information and consent", "outside of this research group"),
    ],
)
def test_people_are_told_whether_their_answers_may_be_given_to_others(
    client, link, sharing, told, not_told
):
    link.study.consent_texts.update(sharing=sharing)

    page = client.get(f"/s/{link.token}/").content.decode()
    assert told in page
    assert not_told not in page


@pytest.mark.parametrize("sharing", [True, False, None])
def test_a_study_file_says_it_as_it_was_read(sharing):
    bundled = bundled_study("privacy-prosocial")
    study = replace(bundled, consent=replace(bundled.consent, sharing=sharing))

    read = parse_study(to_toml(study_values(study)), instruments=bundled_instruments())
    assert read.consent.sharing is sharing
