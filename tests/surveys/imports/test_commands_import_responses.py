"""`import_responses` says what it stored, to people and to programs, and what it refuses."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from surveys.models import Respondent, Study

pytestmark = pytest.mark.django_db

MAPPING = Path(settings.BASE_DIR) / "docs" / "examples" / "german-cwa" / "mapping.toml"
COLUMNS = (
    "rid data_control_1 data_control_2 data_control_3 soc_responsibility_1 soc_responsibility_2 "
    "soc_responsibility_3 soc_responsibility_4 soc_responsibility_5 soc_responsibility_6 "
    "app_attitudes_1 app_attitudes_2 app_attitudes_3 app_attitudes_4 app_attitudes_5 app_install "
    "age_cat female educ_cat weight"
)
# Invented people in the codes of the example.
ROWS = (
    "1 9 8 7 3 3 7 1 2 4 1 5 2 2 4 1 50-59 FALSE mid 1.1",
    "2 10 6 8 1 2 7 3 3 3 5 1 3 3 3 2 18-29 TRUE hi 0.9",
)


@pytest.fixture
def data(tmp_path):
    return written(tmp_path, ROWS)


def written(folder, rows):
    path = folder / "people.csv"
    lines = (",".join(line.split()) for line in (COLUMNS, *rows))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def run(*arguments):
    out = StringIO()
    call_command("import_responses", *arguments, stdout=out)
    return out.getvalue()


def test_it_tells_a_person_what_was_stored(owner, data):
    told = run(str(MAPPING), data)

    assert "german-cwa: 2 people imported\n  rows read: 2" in told
    assert "privacy.control_1" in told
    assert "4: 1  (skipped: 1)" in told
    assert "columns left out: weight" in told


def test_it_tells_a_program_the_same(owner, data):
    made = json.loads(run(str(MAPPING), data, "--owner", owner.get_username(), "--json"))

    assert (made["study"], made["rows_read"], made["imported"]) == ("german-cwa", 2, 2)
    assert made["values"]["acceptance.useless"] == {"1": 1, "5": 1}
    assert made["missing"]["privacy.control_1"] == {"skipped": 1}
    assert made["unused_columns"] == ["weight"]
    assert list(Study.objects.get().members.all()) == [owner]


def test_it_tells_what_is_wrong_with_the_data_and_stores_nothing(owner, tmp_path):
    data = written(tmp_path, (*ROWS, ROWS[0].replace("1 9", "3 5", 1)))
    out = StringIO()

    with pytest.raises(CommandError, match="column data_control_1, line 4: the code '5'") as no:
        call_command("import_responses", str(MAPPING), data, "--json", stdout=out)

    assert no.value.returncode == 1
    error = json.loads(out.getvalue())["error"]
    assert error["code"] == "unknown_code"
    assert list(error["details"]) == ["column data_control_1, line 4"]
    assert not Respondent.objects.exists()


def test_a_data_file_that_is_not_there_is_named(owner, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.csv: file: .*\[file_missing\]"):
        run(str(MAPPING), str(tmp_path / "nowhere.csv"))


def test_without_a_user_it_says_how_to_make_one(data):
    with pytest.raises(CommandError, match=r"createsuperuser.*\[owner_needed\]"):
        run(str(MAPPING), data)


def test_of_several_users_one_has_to_be_named(owner, stranger, data):
    with pytest.raises(CommandError, match=r"--owner USERNAME.*\[owner_needed\]"):
        run(str(MAPPING), data)
    with pytest.raises(CommandError, match=r"no user 'nobody'.*\[owner_unknown\]"):
        run(str(MAPPING), data, "--owner", "nobody")
