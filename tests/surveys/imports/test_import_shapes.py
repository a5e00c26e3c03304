"""One answer a row, two columns for one question, waves, times, and a study that is there."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from exported import MAPPING as TEA
from factories import TESTER

from surveys.errors import ImportFileError
from surveys.imports import parse_data, parse_mapping
from surveys.models import Answer, Respondent
from surveys.services.data.imports import import_responses

pytestmark = pytest.mark.django_db

COLUMNS = TEA.index("[[columns]]")
LONG = TEA.replace(
    'id_column = "id"',
    'id_column = "who"\nshape = "long"\nitem_column = "question"\nvalue_column = "said"',
)
ROWS = """\
who,question,said,age,w,ms
p1,q1,1,34,1.5,900
p1,q2,3,34,1.5,700
p1,q9,2,34,1.5,100
p2,q2,R,,0.5,300
"""
# Half of the people saw other words, with other codes.
VERSIONS = (
    TEA[:COLUMNS]
    + """\
[[columns]]
name = "q1a"
item = "liking.good"
version = "A"
[[columns]]
name = "q1b"
item = "liking.good"
version = "B"
values = { no = 1, yes = 3 }
missing = { "?!" = "refused" }
[[columns]]
name = "q2"
item = "liking.bitter"
"""
)
ASKED = (
    TEA
    + """\
[[columns]]
name = "round"
sampling = "wave"
values = { 1 = "spring", 2 = "autumn" }
[[columns]]
name = "at"
sampling = "time"
format = "%d.%m.%Y %H:%M"
"""
)


def imported(owner, mapping, rows):
    read = parse_mapping(mapping, file="tea.toml")
    data = parse_data(rows.encode(), read.layout, name="tea.csv")
    return import_responses(mapping=read, data=data, owner=owner, by=TESTER)


def refused(owner, mapping, rows):
    with pytest.raises(ImportFileError) as no:
        imported(owner, mapping, rows)
    return [(one.where, one.code.value) for one in no.value.problems]


def answers():
    rows = Answer.objects.order_by("administration", "item__key")
    names = ("administration__respondent__recruiter_id", "item__key", "value", "missing_reason")
    return list(rows.values_list(*names))


def test_rows_of_one_answer_each_become_people_and_every_row_is_counted(owner):
    rows = ROWS + "p3,q2,R,20,1,1\np3,q1,2,20,1,1\np4,q1,2,20,1,1\n"
    report = imported(owner, LONG, rows)

    assert answers() == [
        ("p1", "bitter", 3, ""),
        ("p1", "good", 1, ""),
        ("p3", "bitter", None, "refused"),
        ("p3", "good", 2, ""),
        ("p4", "bitter", None, "not_shown"),
        ("p4", "good", 2, ""),
    ]
    person = Respondent.objects.get(recruiter_id="p1")
    assert (person.demographics, person.sampling) == ({"age": 34}, {"weight": 1.5})
    assert (report.rows_read, report.imported, report.rows_used) == (7, 3, 5)
    # Of p2 there is no answer at all, and nothing stands for q9.
    assert dict(report.skipped) == {"item_not_mapped": 1, "no_answer": 1}
    assert {"q9", "ms"} <= set(report.unused_columns)
    assert imported(owner, LONG, rows).skipped["already_imported"] == 5


def test_a_long_file_that_contradicts_itself_is_refused_with_its_lines(owner):
    rows = ROWS + "p1,q1,2,35,1.5,1\n,q1,1,20,1,1\n"
    assert refused(owner, LONG, rows) == [
        ("line 6", "answered_twice"),
        ("line 6, column age", "person_differs"),
        ("line 7, column who", "id_missing"),
    ]
    assert refused(owner, LONG, "who,said,age,w\np1,1,1,1\n") == [
        ("column question", "column_missing")
    ]


def test_of_two_versions_of_a_question_each_person_has_one(owner):
    rows = "id,q1a,q1b,q2\np1,1,,3\np2,,yes,3\np3,,?!,1\np4,,,2\n"
    imported(owner, VERSIONS, rows)

    good = {who: (value, why) for who, key, value, why in answers() if key == "good"}
    assert good == {
        "p1": (1, ""), "p2": (3, ""), "p3": (None, "refused"), "p4": (None, "skipped"),
    }  # fmt: skip
    versions = dict(Respondent.objects.values_list("recruiter_id", "sampling__version"))
    assert versions == {"p1": "A", "p2": "B", "p3": None, "p4": None}


def test_somebody_with_both_versions_and_a_column_without_one_are_refused(owner):
    rows = "id,q1a,q1b,q2\np1,1,,3\np2,1,yes,3\n"
    assert refused(owner, VERSIONS, rows) == [("line 3", "two_versions")]
    assert refused(owner, VERSIONS.replace('version = "B"\n', ""), rows) == [
        ("columns[q1a].name", "mapped_twice"), ("columns[q1b].name", "mapped_twice"),
    ]  # fmt: skip


def test_waves_and_times_are_kept_and_exported_and_a_wave_can_be_chosen(owner, tmp_path):
    rows = (
        "id,q1,q2,age,w,round,at\np1,1,3,34,1,1,01.02.2024 10:15\np2,2,3,34,1,2,31.12.2024 9:00\n"
    )
    imported(owner, ASKED, rows)
    assert Respondent.objects.get(recruiter_id="p1").sampling == {
        "weight": 1.0, "wave": "spring", "time": "2024-02-01T10:15:00",
    }  # fmt: skip

    call_command("export_data", "tea", "--out", str(tmp_path / "a"), "--format", "csv",
                 "--wave", "autumn", stdout=StringIO())  # fmt: skip
    (path,) = (tmp_path / "a").rglob("*form-raw_data.csv")
    header, *lines = [line.split(",") for line in path.read_text().splitlines()]
    (row,) = [dict(zip(header, line, strict=True)) for line in lines]
    assert (row["wave"], row["answered_at"]) == ("autumn", "2024-12-31T09:00:00")
    (group,) = json.loads((tmp_path / "a" / "manifest.json").read_text())["groups"].values()
    assert (group["exported"], group["left_out"]) == ({"completed": 1}, {"other_wave": 1})
    with pytest.raises(CommandError, match="wave_unknown"):
        call_command("export_data", "tea", "--out", str(tmp_path / "b"), "--wave", "winter")


def test_what_is_no_time_is_refused_also_where_unknown_codes_are_missing(owner):
    lenient = ASKED.replace("[study]", 'unknown_codes = "missing"\n[study]', 1)
    rows = "id,q1,q2,age,w,round,at\np1,1,3,34,1,1,2024-02-01\n"
    assert refused(owner, lenient, rows) == [("column at, line 2", "bad_time")]


def test_people_come_into_a_study_that_is_there_without_its_description(owner):
    imported(owner, TEA, "id,q1,q2,age,w\np1,1,3,34,1\n")
    described = TEA[TEA.index("[study]") : COLUMNS]
    named = TEA.replace(described, "").replace("[data]\n", '[data]\nstudy = "tea"\n')
    report = imported(owner, named, "id,q1,q2,age,w\np1,1,3,34,1\np2,2,2,,1\n")

    assert (report.imported, dict(report.skipped)) == (1, {"already_imported": 1})
    assert Respondent.objects.get(recruiter_id="p2").study.slug == "tea"
