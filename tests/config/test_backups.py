"""A backup holds an installation, and brings it back into any database, or says why not."""

import json
import zipfile
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from pathlib import Path
from shutil import copyfile

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext, override
from factories import TESTER, answer_everything, make_link, make_person
from pictures import picture

from config.backups.contents import LEFT_OUT, MANIFEST
from config.backups.errors import BackupError, BackupRefused
from config.backups.restoring import restore
from config.backups.tables import Summing, tables_at
from config.backups.writing import applied_migrations, back_up
from llm_respondents.models import CollectedReply
from surveys.models import Answer, Job, MediaFile, Respondent
from surveys.services.authoring.media import store_media

# The migrations of the version before the last, as far as its tables need them.
BEFORE = [
    ("surveys", "0021_flow"),
    ("llm_respondents", "0014_tokens_written_into_caches"),
    ("auth", "0012_alter_user_first_name_max_length"),
]
STORED = "jobs/kept.zip"


@contextmanager
def at(path):
    """In the installation whose database is this SQLite file."""
    here, settings_here = connections["default"], connections.databases["default"]
    engine = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": {}}
    connections.databases["default"] = {**settings_here, **engine}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.databases["default"] = settings_here
        connections["default"] = here


@pytest.fixture
def elsewhere(transactional_db, tmp_path):
    """The database of another installation, without a table."""
    return tmp_path / "elsewhere.sqlite3"


@pytest.fixture
def migrated(elsewhere, kept_schema):
    """The database of another installation, which was migrated (where tests keep such a one)."""
    if kept_schema.exists():
        copyfile(kept_schema, elsewhere)
    return elsewhere


@pytest.fixture
def installation(open_study, tmp_path, settings):
    """A study with answers, a picture, files that are and are not there, a session."""
    settings.MEDIA_ROOT = tmp_path / "files"
    person = make_person(make_link(open_study))
    answer_everything(person)
    Respondent.objects.filter(pk=make_person(make_link(open_study)).respondent_id).update(
        demographics={"b": 1e22, "a": [2.0, None, "ü\n"]}
    )
    Job.objects.create(
        kind="export", file=ContentFile(b"kept" * 300_000, name="kept.zip"), result={"gone": None}
    )
    Job.objects.create(kind="export", file="jobs/gone.zip")
    store_media(content=picture(colour=2), by=TESTER)
    Session.objects.create(session_key="k", session_data="d", expire_date=timezone.now())
    return open_study


def _sums():
    found = {}
    for table in tables_at(applied_migrations()):
        summing = Summing(table)
        for row in table.rows():
            summing.take(row)
        found[table.name] = (summing.rows, summing.sha256)
    return found


def test_every_table_and_file_comes_back_also_after_an_interruption(
    migrated, installation, tmp_path, settings
):
    path = tmp_path / "all.zip"
    made = back_up(path)
    before, answers, jobs = _sums(), Answer.objects.count(), Job.objects.latest("pk").pk
    assert {one.name: (one.rows, one.sha256) for one in made.tables} == before
    assert [one.name for one in made.files] == [STORED]
    assert made.missing_files == ("jobs/gone.zip",)
    assert before["surveys.answer"][0] == answers > 0
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist())
    assert settings.SECRET_KEY.encode() not in content
    assert not any(table.name in LEFT_OUT for table in made.tables)

    settings.MEDIA_ROOT = tmp_path / "files elsewhere"

    def interrupted(name, _done, _total):
        if name == "surveys.answer":
            raise KeyboardInterrupt

    with at(migrated):
        with pytest.raises(KeyboardInterrupt):
            restore(path, tell=interrupted)
        assert Answer.objects.count() == answers
        # A worker that was killed in the middle of a table had stored some of its pieces.
        Answer.objects.filter(pk__gt=Answer.objects.order_by("pk")[3].pk).delete()
        restore(path)

        # What waited or was under way is ended: a copy begins nothing by itself.
        after = _sums()
        assert set(Job.objects.values_list("status", "error_code")) == {("cancelled", "restored")}
        assert after["surveys.job"][0] == before["surveys.job"][0]
        assert {**after, "surveys.job": 0} == {**before, "surveys.job": 0}
        shown = MediaFile.objects.get()
        assert sha256(bytes(shown.content)).hexdigest() == shown.sha256
        assert len(bytes(shown.content)) == shown.size > 0
        assert (Path(settings.MEDIA_ROOT) / STORED).read_bytes() == b"kept" * 300_000
        assert Job.objects.create(kind="export").pk == jobs + 1
        with pytest.raises(BackupError) as refused:
            restore(path)
    assert refused.value.code == "installation_not_empty"
    assert "surveys.study: 1" in str(refused.value)


def test_a_backup_of_the_version_before_is_restored_and_brought_up_to_date(elsewhere, tmp_path):
    path, now = tmp_path / "older.zip", applied_migrations()
    with at(tmp_path / "older.sqlite3"):
        MigrationExecutor(connection).migrate(BEFORE)
        get_user_model().objects.create(username="ada")
        made = back_up(path)
    assert made.migrations["surveys"][-1] == BEFORE[0][1]

    with at(elsewhere):
        restore(path)

        assert applied_migrations() == now
        assert get_user_model().objects.get().username == "ada"
        assert CollectedReply.objects.count() == 0


def _changed(path, target, change):
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            archive.writestr(name, change(name, source.read(name)))
    return target


def _newer(name, content):
    if name != MANIFEST:
        return content
    told = json.loads(content)
    told["migrations"]["surveys"].append("9999_of_tomorrow")
    return json.dumps(told)


def _of_another_format(name, content):
    return json.dumps({"format": 2}) if name == MANIFEST else content


def _damaged(name, content):
    return content.replace(b"ada", b"eve") if name.endswith("auth.user.jsonl") else content


def test_what_cannot_be_restored_is_refused_before_anything_is_changed(elsewhere, tmp_path, owner):
    path = tmp_path / "all.zip"
    get_user_model().objects.create_user("ada")
    back_up(path)
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:-300])
    files = {
        "not_a_backup": [tmp_path / "cut.zip", tmp_path / "absent.zip"],
        "backup_newer": [
            _changed(path, tmp_path / "newer.zip", _newer),
            _changed(path, tmp_path / "format.zip", _of_another_format),
        ],
        "backup_damaged": [_changed(path, tmp_path / "damaged.zip", _damaged)],
    }
    with at(elsewhere):
        for code, paths in files.items():
            for one in paths:
                with pytest.raises(BackupError) as refused:
                    restore(one)
                assert refused.value.code == code, one
        assert connection.introspection.table_names() == []
        with pytest.raises(CommandError, match="nothing_there"):
            call_command("backup", str(tmp_path / "nothing.zip"))
    with pytest.raises(CommandError, match="file_exists"):
        call_command("backup", str(path))
    with pytest.raises(CommandError, match="installation_not_empty"):
        call_command("restore", str(path))
    out = StringIO()
    call_command("backup", str(tmp_path / "other.zip"), "--json", stdout=out)
    assert json.loads(out.getvalue())["files"] == 0


@pytest.mark.parametrize("code", BackupRefused, ids=str)
def test_a_refusal_is_said_in_german(code):
    with override("de"):
        assert gettext(code.sentence) != code.sentence
