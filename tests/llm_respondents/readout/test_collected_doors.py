"""Imported model answers through the page, REST and the command, labelled wherever they show."""

import json
from io import StringIO

import pytest
from collected import collected, lines, mapping_text, session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from factories import make_user
from rest_framework.test import APIClient
from tea import DATA
from tea import MAPPING as PEOPLE

from surveys.jobs.queue import carry_out
from surveys.models import Answer, Job, RespondentGroup, Study

pytestmark = pytest.mark.django_db

WHOLE = {"liking.good": "3", "liking.bitter": "Disagree", "habit.daily": "1", "habit.green": "0"}
LABEL = "imported model answers"
ROWS = lines(*session("s1", WHOLE), *session("s2", WHOLE))


def files(mapping=None, data=ROWS):
    return {
        "mapping": SimpleUploadedFile("mapping.toml", (mapping or mapping_text()).encode()),
        "file": SimpleUploadedFile("answers.jsonl", data),
    }


def worked():
    job = Job.objects.get(kind="import")
    carry_out.call(job.pk)
    job.refresh_from_db()
    return job


def test_the_page_brings_them_in_and_says_what_came_of_it(client, owner):
    client.force_login(owner)
    assert client.get("/import/").status_code == 200

    sent = client.post("/import/", files())
    job = worked()

    assert (sent.status_code, job.status) == (302, "done"), job.error
    assert job.result["groups"] == {"gpt-imported": 2}
    assert not job.file, "the file is not kept"
    page = client.get("/import/").content.decode()
    assert LABEL in page
    assert "8 rows read, 2 imported" in page


def test_people_come_in_through_the_same_page(client, owner):
    client.force_login(owner)
    client.post("/import/", files(PEOPLE, DATA.encode()))

    assert worked().result["imported"] == 3


def test_a_mapping_that_does_not_say_whose_answers_they_are_is_refused_at_once(client, owner):
    client.force_login(owner)
    unsaid = mapping_text().replace('respondents = "models"\n', "")

    sent = client.post("/import/", files(unsaid))

    assert sent.status_code == 422
    assert "whose answers these are" in sent.content.decode()
    assert not Job.objects.exists()


def test_a_file_that_is_wrong_ends_its_job_with_what_is_wrong_and_is_erased(client, owner):
    client.force_login(owner)
    client.post("/import/", files(data=ROWS[:-30]))
    job = worked()

    assert (job.status, job.error_code) == ("failed", "not_json")
    assert "line 8" in job.error
    assert not job.file
    assert not Study.objects.exists()


def test_nobody_imports_into_a_study_of_others(client, owner):
    collected(owner, ROWS)
    stranger = make_user("stranger")
    client.force_login(stranger)

    sent = client.post("/import/", files())

    assert sent.status_code == 422
    assert "belongs to others" in sent.content.decode()


def test_rest_brings_them_in_and_labels_every_row(owner):
    api = APIClient()
    api.force_authenticate(owner)

    sent = api.post("/api/imports/", files(), format="multipart")
    worked()

    assert sent.status_code == 202
    respondents = api.get("/api/respondents/?study=tea").json()["results"]
    assert {one["provenance"] for one in respondents} == {LABEL}
    answers = api.get("/api/answers/?study=tea").json()["results"]
    assert {one["provenance"] for one in answers} == {LABEL}
    assert api.get("/api/panels/?study=tea").json()["results"] == []
    unsaid = mapping_text().replace('respondents = "models"\n', "")
    refused = api.post("/api/imports/", files(unsaid), format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (409, "respondents_unsaid")


def test_the_command_brings_them_in_and_tells_a_program(owner, tmp_path):
    (tmp_path / "m.toml").write_text(mapping_text())
    (tmp_path / "a.jsonl").write_bytes(ROWS)
    out = StringIO()

    call_command(
        "import_responses", tmp_path / "m.toml", tmp_path / "a.jsonl", json=True, stdout=out
    )

    made = json.loads(out.getvalue())
    assert (made["respondents"], made["imported"], made["rows_read"]) == ("models", 2, 8)
    told = StringIO()
    call_command("import_responses", tmp_path / "m.toml", tmp_path / "a.jsonl", stdout=told)
    assert "0 sessions of imported model answers" in told.getvalue()
    call_command("reparse_panel", imported="tea/gpt-imported", stdout=told)
    assert "0 differences found" in told.getvalue()


def test_every_page_that_shows_them_says_what_they_are(client, owner):
    collected(owner, lines(*session("s1", WHOLE, system_text="You are <b>Ann</b>.")))
    client.force_login(owner)

    own = client.get("/studies/tea/imported/gpt-imported/").content.decode()
    assert own.count(LABEL) >= 2
    assert "not recorded" in own
    assert "You are &lt;b&gt;Ann&lt;/b&gt;." in own
    for page in ("", "models/", "people/", "data/"):
        assert LABEL in client.get(f"/studies/tea/{page}").content.decode() or page == "people/"
    assert LABEL not in client.get("/studies/tea/people/").content.decode(), "they are not people"


def test_replies_are_read_again_by_a_button_and_strangers_find_nothing(client, owner):
    collected(owner, ROWS)
    address = "/studies/tea/imported/gpt-imported/"
    client.force_login(owner)
    Answer.objects.filter(item__key="good").update(value=1)
    assert client.post(f"{address}again/").url == address
    job = Job.objects.get(kind="rereading")
    assert b"Read the raw replies again" not in client.get(address).content
    assert carry_out.call(job.pk) == "done"
    page = client.get(address).content.decode()
    assert "2 answers are read differently now." in page
    assert "Read the raw replies again" in page

    client.force_login(make_user("stranger"))
    assert client.get(address).status_code == 404
    assert client.post(f"{address}again/").status_code == 404
    assert RespondentGroup.objects.filter(imported=True).count() == 1


def test_transcripts_and_distributions_hold_them(owner, tmp_path):
    shares = {"habit.green": {"distribution": {"0": 0.4, "1": 0.6}}}
    collected(owner, lines(*session("s1", {"liking.good": "3", **shares})))

    call_command("export_transcripts", study="tea", out=tmp_path / "t.jsonl", stdout=StringIO())
    records = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()]
    assert [(one["imported"], one["reply"]) for one in records] == [(True, "3"), (True, "")]
    call_command(
        "export_distributions", study="tea", group="gpt-imported", out=tmp_path / "d.csv",
        stdout=StringIO(),
    )  # fmt: skip
    assert len((tmp_path / "d.csv").read_text().splitlines()) == 3
