"""An import is stored in pieces, between which others write; all of it is seen, or nothing."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from factories import TESTER
from imports_under_way import after_the_second_piece
from tea import DATA, MAPPING, imported
from workers import wait_for

from surveys.errors import JobCancelled, StudyError
from surveys.imports import parse_mapping
from surveys.jobs.queue import look_after_jobs
from surveys.models import (
    Administration,
    Answer,
    InstrumentVersion,
    Job,
    Membership,
    Respondent,
    RespondentGroup,
    Study,
)
from surveys.selectors import studies_for
from surveys.services import create_study, delete_study, publish_instrument
from surveys.services.data import imports, staging
from surveys.services.data.import_files import start_import
from surveys.services.data.mapped_study import study_of_mapping
from surveys.services.data.staging import clear_dead_imports
from surveys.services.studies import erase_tests

pytestmark = pytest.mark.django_db


class Dies(Exception):
    """A process that is killed: nothing of what it would tidy up is done."""


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch):
    monkeypatch.setattr(imports, "BATCH_SIZE", 1)


def killed_in_the_middle(monkeypatch, owner):
    """The job of an import whose process is gone without a word."""

    def die(stage):
        Job.objects.filter(pk=stage.watch.job.pk).update(lease_until=timezone.now())
        raise Dies

    with monkeypatch.context() as during:
        during.setattr(staging, "clear_import", lambda *_given, **_more: True)
        during.setattr("surveys.jobs.leases.end", lambda *_given, **_more: True)
        after_the_second_piece(during, die)
        with pytest.raises(Dies):
            imported(owner)
    assert Respondent.with_tests.count() == 2
    return Job.objects.get(kind="import")


def stored():
    rows = (Study, RespondentGroup.with_tests, Respondent.with_tests, Administration, Answer)
    managers = [getattr(one, "objects", one) for one in (*rows, InstrumentVersion)]
    return sum(one.count() for one in managers)


def test_what_is_stored_is_nobodys_until_all_of_it_is(owner, monkeypatch):
    seen = []

    def look(stage):
        client = Client()
        client.force_login(owner)
        pages = [client.get(path) for path in ("/", "/api/studies/", "/api/answers/")]
        assert not any("tea" in page.content.decode() for page in pages)
        assert Respondent.with_tests.count() == 2
        assert not Respondent.objects.exists()
        assert not RespondentGroup.objects.exists()
        assert not studies_for(owner).exists()
        seen.append(stage)

    after_the_second_piece(monkeypatch, look)
    report = imported(owner)

    assert seen
    assert report.imported == 3
    assert RespondentGroup.with_tests.get().key == "people"
    assert Respondent.objects.count() == Respondent.with_tests.count() == 3
    assert Administration.objects.filter(group=RespondentGroup.objects.get()).count() == 3
    assert studies_for(owner).get() == report.study == Job.objects.get(kind="import").study


def test_who_cancels_it_leaves_nothing_behind(owner, monkeypatch):
    def cancel(stage):
        Job.objects.filter(pk=stage.watch.job.pk).update(cancel_requested_at=timezone.now())

    after_the_second_piece(monkeypatch, cancel)
    with pytest.raises(JobCancelled):
        imported(owner)

    assert stored() == 0
    assert Job.objects.get(kind="import").status == Job.Status.CANCELLED


def test_of_a_killed_one_nothing_stays_when_it_is_found(
    owner, monkeypatch, django_capture_on_commit_callbacks
):
    job = killed_in_the_middle(monkeypatch, owner)
    with django_capture_on_commit_callbacks(execute=True):
        look_after_jobs()

    assert stored() == 0
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Job.Status.FAILED, "worker_died")
    assert imported(owner).imported == 3


def test_a_page_does_not_wait_for_all_that_a_killed_one_stored(
    owner, monkeypatch, django_capture_on_commit_callbacks
):
    killed_in_the_middle(monkeypatch, owner)
    monkeypatch.setattr(staging, "SECONDS_AT_ONCE", -1.0)
    monkeypatch.setattr(staging, "PIECE", 1)
    with django_capture_on_commit_callbacks(execute=True):
        look_after_jobs()

    assert Respondent.with_tests.count() == 1
    assert Job.objects.filter(kind="tidying").exists()
    assert clear_dead_imports() == 1
    assert stored() == 0
    assert clear_dead_imports() == 0


def test_the_same_file_again_takes_the_place_of_a_killed_one(owner, monkeypatch):
    killed_in_the_middle(monkeypatch, owner)
    assert imported(owner).imported == 3
    assert Respondent.with_tests.count() == 3


def test_a_killed_one_left_no_study_that_another_mapping_could_differ_from(owner, monkeypatch):
    killed_in_the_middle(monkeypatch, owner)
    renamed = MAPPING.replace('title.en = "A study of tea"', 'title.en = "All about tea"')
    assert imported(owner, mapping=renamed).study.titles == {"en": "All about tea"}
    assert Respondent.with_tests.count() == 3


def test_two_imports_into_one_study_do_not_mix(owner, monkeypatch):
    refusals = []

    def again(_stage):
        with pytest.raises(StudyError) as no:
            imported(owner)
        refusals.append(no.value.code)
        with pytest.raises(StudyError) as no:
            start_import(
                mapping_text=MAPPING, mapping_name="m.toml", content=b"", name="d", by=TESTER
            )
        refusals.append(no.value.code)

    after_the_second_piece(monkeypatch, again)
    assert imported(owner).imported == 3
    assert refusals == ["import_under_way"] * 2
    assert Respondent.with_tests.count() == 3


def test_what_is_under_way_is_no_test_and_keeps_its_study(owner, monkeypatch):
    mapping = parse_mapping(MAPPING, file="m.toml")
    for instrument in mapping.instruments:
        publish_instrument(definition=instrument, by=TESTER)
    study = create_study(definition=mapping.study, owner=owner, by=TESTER)
    refusals = []

    def meddle(_stage):
        assert erase_tests(study=study, by=TESTER) == 0
        with pytest.raises(StudyError) as no:
            delete_study(study=study, by=TESTER)
        refusals.append(no.value.code)

    after_the_second_piece(monkeypatch, meddle)
    assert imported(owner).imported == 3
    assert refusals == ["study_not_empty"]


def by_command(user, tmp_path):
    data, mapping = tmp_path / "tea.csv", tmp_path / "tea.toml"
    data.write_text(DATA)
    mapping.write_text(MAPPING)
    who = {"owner": user.username, "by": user.username}
    call_command("import_responses", mapping, data, **who, stdout=StringIO(), stderr=StringIO())


def test_a_user_who_is_named_to_the_command_owns_what_the_file_makes(owner, tmp_path):
    by_command(owner, tmp_path)
    assert studies_for(owner).get().slug == "tea"


def test_a_viewer_who_is_named_to_the_command_is_refused_before_anything_is_stored(
    owner, stranger, tmp_path, monkeypatch
):
    study = imported(owner).study
    Membership.objects.create(study=study, user=stranger, role="viewer")
    Respondent.objects.all().delete()
    after_the_second_piece(monkeypatch, pytest.fail)
    with pytest.raises(CommandError, match="role_needed"):
        by_command(stranger, tmp_path)
    job = Job.objects.filter(kind="import").latest("pk")
    assert (job.status, job.error_code) == (Job.Status.FAILED, "role_needed")
    assert not RespondentGroup.with_tests.filter(test=True).exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_that_make_the_same_study_at_once_one_is_told_so():
    mapping, told = parse_mapping(MAPPING), []
    for instrument in mapping.instruments:
        publish_instrument(definition=instrument, by=TESTER)

    def second():
        try:
            study_of_mapping(mapping=mapping, by=TESTER)
        except StudyError as error:
            told.append(error.code)
        finally:
            connection.close()

    with transaction.atomic():
        study_of_mapping(mapping=mapping, by=TESTER)
        other = threading.Thread(target=second)
        other.start()
        wait_for(lambda: other_waits_for_a_lock() or not other.is_alive(), every=0.01)
    other.join()
    assert told == ["study_changed"]


def other_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]
