"""What is in an archive, and what must never be."""

import hashlib
import json
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.urls import reverse
from factories import TESTER
from pytest_django.plugin import DjangoDbBlocker

from analysis.archive.files.data_files import ANSWERS
from analysis.archive.files.schema import results_schema
from analysis.archive.services import build_archive
from analysis.archive.study_files import public_settings
from analysis.errors import DataChanged
from analysis.models import AnalysisRun
from analysis.plans.files import Draws
from surveys import services
from surveys.models import Administration, InstrumentVersion
from tests.analysis.archive.json_schema import violations
from tests.analysis.archives import PROMPTS, add_group, make_run, opened, table
from tests.analysis.respondents import frame_of
from tests.analysis.rolled_back import make_open_study, rolled_back

pytestmark = pytest.mark.django_db  # the fixtures of the module need the test database


@pytest.fixture(scope="module")
def fitted(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[AnalysisRun]:
    """People and a panel, fitted once: whatever a test changes, its own savepoint takes back."""
    with rolled_back(django_db_blocker):
        study = make_open_study()
        add_group(study, "people", "human", profile="people", n=60, seed=1)
        add_group(
            study, "panel", "llm", profile="people-like", n=60, seed=500, orders=40, method=PROMPTS
        )
        yield make_run(study, draws=Draws(20_260_103, 40, 40, 20))


@pytest.fixture(scope="module")
def files(fitted) -> dict[str, bytes]:
    return opened(build_archive(run=fitted, by=TESTER).content)


@pytest.fixture
def run(fitted, db):
    return AnalysisRun.objects.get(pk=fitted.pk)


@pytest.fixture
def owner(fitted, db):
    return get_user_model().objects.get(username="owner")


@pytest.fixture
def collaborator(fitted, db):
    return get_user_model().objects.get(username="collaborator")


def canonical(value) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def test_the_same_run_gives_the_same_bytes(run):
    assert build_archive(run=run, by=TESTER).sha256 == build_archive(run=run, by=TESTER).sha256


def test_an_archive_says_that_no_report_had_been_written(files):
    assert not [name for name in files if name.endswith(".pdf")]
    assert "The report as a PDF: none had been written" in files["README.txt"].decode()


def test_the_results_keep_to_their_schema(files):
    results = json.loads(files["results/results.json"])
    schema = json.loads(files["results/schema.json"])
    assert schema == results_schema()
    assert list(violations(results, schema, schema)) == []


def test_the_plan_has_the_hash_that_was_frozen(run, files):
    assert hashlib.sha256(files["plan/plan.json"]).hexdigest() == run.plan.sha256
    assert files["plan/plan.toml"].decode() == run.plan.source


def test_the_instruments_are_the_words_that_were_published(files):
    published = set(InstrumentVersion.objects.values_list("checksum", flat=True))
    found = set()
    for name in [name for name in files if name.startswith("instruments/")]:
        for one in json.loads(files[name])["languages"].values():
            assert hashlib.sha256(canonical(one["content"])).hexdigest() == one["checksum"]
            found.add(one["checksum"])
    assert found == published
    assert len(found) == 6


def test_every_answer_is_there_once_with_its_reason(run, files):
    rows = table(files, ANSWERS)
    assert len(rows) == 120 * (38 + 2)
    skipped = [row for row in rows if row["missing_reason"] == "skipped"]
    assert skipped
    assert {(row["value"], row["missing_code"]) for row in skipped} == {("NA", "-99")}
    reverse = next(
        row for row in rows if row["ref"] == "privacy.control_3" and not row["missing_reason"]
    )
    assert int(reverse["value"]) + int(reverse["oriented"]) == 8


def test_the_scored_table_holds_what_was_fitted(run, files):
    rows = table(files, "data/scored.csv")
    frame = frame_of(run.plan.study)
    for group in ("people", "panel"):
        ours = sorted(
            "NA" if value != value else str(int(value))
            for value in frame.items["privacy_control_1"][frame.group == group]
        )
        assert sorted(r["privacy_control_1"] for r in rows if r["group"] == group) == ours
    row = next(r for r in rows if "NA" not in (r[f"privacy_control_{i}"] for i in (1, 2, 3)))
    mean = sum(int(row[f"privacy_control_{i}"]) for i in (1, 2, 3)) / 3
    assert float(row["privacy_control"]) == pytest.approx(mean)


def test_the_raw_table_holds_what_was_on_display_and_chosen(files):
    """The scale of this study has seven options, and some respondents saw it turned."""
    rows = table(files, "data/raw.csv")
    scored = {row["respondent"]: row for row in table(files, "data/scored.csv")}
    assert len(rows) == len(scored) == 120
    for row in rows:
        code, value = row["privacy_control_3.code"], row["privacy_control_3.value"]
        oriented = scored[row["respondent"]]["privacy_control_3"]
        if value == "NA":
            assert (code, oriented) == ("NA", "NA")
        else:
            turned = row["scale_direction"] == "reversed"
            assert int(code) == (8 - int(value) if turned else int(value))
            assert int(oriented) == 8 - int(value)  # reverse-keyed
    assert {"check_calendar.code", "check_rarely.value"} <= set(rows[0])


def test_the_codebook_has_every_column_of_every_table_and_one_meaning_for_each_name(files):
    book = table(files, "data/codebook.csv")
    tables = {name: content for name, content in files.items() if name.endswith(".csv")}
    columns = {
        (name, column)
        for name, content in tables.items()
        for column in content.decode().splitlines()[0].split(",")
    }
    assert {(row["file"], row["column"]) for row in book} == columns
    assert len(book) == len(columns)
    meanings: dict[str, set[str]] = {}
    for row in book:
        assert row["meaning"]
        meanings.setdefault(row["column"], set()).add(row["meaning"])
    assert {name for name, found in meanings.items() if len(found) > 1} == set()


def test_no_column_is_called_like_a_latent_variable(run, files):
    columns = set(table(files, "data/scored.csv")[0])
    latent = {
        line.partition("=~")[0].strip()
        for fit in run.result["comparison"]["fits"]
        for line in fit["syntax"].splitlines()
        if "=~" in line
    }
    assert {"PRV", "PRO", "SHR"} <= latent
    assert latent & columns == set()


def test_catalogues_are_told_of_every_file_and_of_the_variables_of_the_data_file(files):
    """The form that psych-DS and RO-Crate ask for: their validators want a network."""
    described = json.loads(files["dataset_description.json"])
    assert (described["@type"], described["@context"]) == ("Dataset", "https://schema.org/")
    named = {one["name"] for one in described["variableMeasured"]}
    assert named == set(table(files, ANSWERS)[0])
    assert re.fullmatch(r"data/([a-z]+-[A-Za-z0-9]+_)+data\.csv", ANSWERS)
    crate = json.loads(files["ro-crate-metadata.json"])
    entities = {one["@id"]: one for one in crate["@graph"]}
    assert entities["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    parts = {part["@id"] for part in entities["./"]["hasPart"]}
    assert parts == set(files) - {"ro-crate-metadata.json"}
    for name in parts - {"checksums.txt"}:
        assert entities[name]["sha256"] == hashlib.sha256(files[name]).hexdigest()


def test_each_person_is_a_cluster_and_repeated_sessions_share_one(files):
    rows = table(files, "data/scored.csv")
    people = [row for row in rows if row["kind"] == "human"]
    panel = {row["cluster"] for row in rows if row["kind"] == "llm"}
    assert all(row["cluster"] == row["respondent"] for row in people)
    assert len(panel) < 60


def test_prompts_are_files_and_other_notes_stay(files):
    assert files["prompts/panel-system.txt"].decode() == PROMPTS["system_prompt"]
    assert files["prompts/panel-persona.txt"].decode() == PROMPTS["persona_text"]
    assert PROMPTS["secret_note"].encode() not in b"".join(files.values())


def test_nothing_names_a_person(files):
    everything = b"".join(files.values()).decode()
    assert "RECRUITERID" not in everything
    rows = Administration.objects.filter(respondent__kind="human")
    for token, code, seed in rows.values_list("token", "completion_code", "presentation_checksum"):
        assert token not in everything
        assert code not in everything
        assert seed not in everything
    assert "data/demographics.csv" not in files


def test_demographics_of_single_people_come_only_when_asked_for(run):
    files = opened(build_archive(run=run, demographics=True, by=TESTER).content)
    rows = table(files, "data/demographics.csv")
    assert len(rows) == len([r for r in table(files, "data/scored.csv") if r["kind"] == "human"])
    assert {
        "respondent",
        *(f"demographic.{name}" for name in ("age", "gender", "education")),
    } == set(rows[0])


def test_pseudonyms_do_not_follow_the_order_of_taking_part(run):
    rows = table(
        opened(build_archive(run=run, demographics=True, by=TESTER).content),
        "data/demographics.csv",
    )
    ages = [int(row["demographic.age"]) for row in rows]
    assert sorted(ages) != ages


def test_a_seed_or_token_among_the_settings_stays_behind():
    shown = public_settings(
        {"minutes": 8, "seed": 5, "people": {"panel_token": "x", "mode": "web"}}
    )
    assert shown["minutes"] == 8
    assert shown["people"] == {"mode": "web", "not_published": ["panel_token"]}
    assert "seed" not in shown


def test_whoever_finishes_after_the_run_is_not_in_its_archive(run):
    before = build_archive(run=run, by=TESTER).content
    add_group(run.plan.study, "late", "llm", profile="people-like", n=2, seed=900)
    person = Administration.objects.filter(respondent__kind="human").first()
    late = services.begin_administration(
        respondent=_another(person.respondent), study=run.plan.study, seed=1, language="en"
    )
    services.complete_administration(administration=_skipping(late))
    assert opened(build_archive(run=run, by=TESTER).content)[ANSWERS] == opened(before)[ANSWERS]


def _another(respondent):
    respondent.pk = None
    respondent.recruiter_id = ""
    respondent.save()
    return respondent


def _skipping(administration):
    answers = [services.GivenAnswer(ref, None, "skipped") for ref in administration.realised_order]
    services.record_answers(administration=administration, answers=answers, idempotency_key="none")
    return administration


def test_somebody_who_withdrew_is_in_no_archive_any_more(run):
    kept = frame_of(run.plan.study).respondent[0]
    services.withdraw(administration=Administration.objects.get(respondent=kept), by=TESTER)
    with pytest.raises(DataChanged) as caught:
        build_archive(run=run, by=TESTER)
    assert caught.value.code == "data_changed"


def test_the_command_writes_the_archive_and_says_its_checksum(run, tmp_path):
    out = tmp_path / "new" / "archive.zip"
    said = StringIO()
    call_command("build_archive", "privacy-prosocial", out=out, json=True, stdout=said)
    facts = json.loads(said.getvalue())
    assert facts["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    with pytest.raises(CommandError, match="plan_unknown"):
        call_command("build_archive", "privacy-prosocial", plan="other", out=out)


def test_members_download_the_archive_and_a_stranger_finds_nothing(
    client, run, collaborator, stranger
):
    address = reverse("analysis:archive", args=[run.pk])
    client.force_login(collaborator)
    response = client.get(address)
    assert response.content == build_archive(run=run, by=TESTER).content
    assert "attachment" in response.headers["Content-Disposition"]
    assert address in client.get(reverse("analysis:run", args=[run.pk])).content.decode()
    client.force_login(stranger)
    assert client.get(address).status_code == 404


def test_a_refused_archive_says_so_on_the_page_of_the_run(client, run, owner):
    kept = frame_of(run.plan.study).respondent[0]
    services.withdraw(administration=Administration.objects.get(respondent=kept), by=TESTER)
    client.force_login(owner)
    response = client.get(reverse("analysis:archive", args=[run.pk]), follow=True)
    assert "fit the models again" in response.content.decode()
