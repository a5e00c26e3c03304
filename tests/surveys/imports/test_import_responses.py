"""An existing data set becomes a study's people: all rows or none, once, every loss counted."""

from dataclasses import replace

import pandas as pd
import pyreadstat
import pytest
from factories import TESTER
from tea import DATA, MAPPING, imported

from surveys.errors import CounterpartError, ImportFileError, StudyError
from surveys.imports import MISSING_REASONS, load_mapping, parse_mapping
from surveys.models import (
    Action,
    Administration,
    Answer,
    AuditEntry,
    Consent,
    ImportedFile,
    Item,
    MissingReason,
    Respondent,
    Study,
)
from surveys.services import close_study, withdraw

pytestmark = pytest.mark.django_db


SAID = 'respondents = "people"\n'


def refused(owner, code, **files):
    with pytest.raises(ImportFileError) as no:
        imported(owner, **files)
    assert no.value.code == code
    assert not Study.objects.exists(), "nothing of a refused file may stay"
    return no.value


def edited(text, old, new):
    assert text.count(old) == 1, "the edit must change exactly one place"
    return text.replace(old, new)


def answers_of(recruiter_id):
    rows = Answer.objects.filter(administration__respondent__recruiter_id=recruiter_id)
    return {
        row.item.key: row.missing_reason if row.value is None else row.value
        for row in rows.select_related("item")
    }


def test_each_row_becomes_a_person_who_completed_the_study(owner):
    report = imported(owner)

    assert (report.rows_read, report.imported, dict(report.skipped)) == (4, 3, {"no_answer": 1})
    people = Respondent.objects.select_related("administration", "group")
    assert [(p.recruiter_id, p.kind, p.simulated, p.link) for p in people] == [
        (recruiter_id, "human", False, None) for recruiter_id in ("a1", "a2", "a4")
    ]
    assert {p.administration.status for p in people} == {"completed"}
    assert {p.group.provenance for p in people} == {"people"}


def test_codes_become_scored_values_and_reasons_and_are_never_turned_round(owner):
    imported(owner)

    assert answers_of("a1") == {"good": 2, "bitter": 3, "daily": 1, "green": "not_shown"}
    assert answers_of("a2") == {"good": "refused", "bitter": 1, "daily": 0, "green": "not_shown"}
    assert answers_of("a4")["good"] == 3, "3.0 is the code 3"
    assert list(Item.objects.filter(reverse_keyed=True).values_list("key", flat=True)) == ["bitter"]


def test_the_realised_order_is_the_order_of_the_columns(owner):
    imported(owner)

    order = Administration.objects.first().realised_order
    assert order == ["habit.daily", "habit.green", "liking.good", "liking.bitter"]
    positions = Answer.objects.filter(administration__respondent__recruiter_id="a1")
    assert [answer.item.key for answer in positions.order_by("position")] == [
        "daily", "green", "good", "bitter",
    ]  # fmt: skip


def test_demographics_are_recoded_and_left_out_where_they_are_missing(owner):
    imported(owner)

    about = dict(Respondent.objects.values_list("recruiter_id", "demographics"))
    assert about == {
        "a1": {"age": 34, "gender": "female"},
        "a2": {"gender": "male"},
        "a4": {"age": 18, "gender": "female"},
    }


SAMPLED = """
[[columns]]
name = "w"
sampling = "weight"

[[columns]]
name = "country"
sampling = "cluster"

[[columns]]
name = "region"
sampling = "stratum"
values = { n = "north", s = "south" }
"""


def test_weights_clusters_and_strata_are_kept_beside_the_answers(owner):
    data = "id,cups,q1,years,q2,sex,w,country,region\n" + "".join(
        f"{row}\n"
        for row in ("a1,1,7,34,3,f,1.25,AT,n", "a2,0,9,,1,m,0.5,CH,s", "a3,1,1,,1,m,,AT,n")
    )
    imported(owner, data=data, mapping=MAPPING + SAMPLED)

    assert dict(Respondent.objects.values_list("recruiter_id", "sampling")) == {
        "a1": {"weight": 1.25, "cluster": "AT", "stratum": "north"},
        "a2": {"weight": 0.5, "cluster": "CH", "stratum": "south"},
        "a3": {"cluster": "AT", "stratum": "north"},
    }


def test_a_weight_is_a_positive_number_and_a_stratum_has_one_of_the_names_given(owner):
    data = "id,cups,q1,years,q2,sex,w,country,region\na1,1,7,34,3,f,-1,AT,x\na2,1,7,34,3,f,0,AT,n\n"
    error = refused(owner, "unknown_code", data=data, mapping=MAPPING + SAMPLED)

    assert [place.partition(":")[0] for place in error.details] == [
        "column w, line 2", "column region, line 2", "column w, line 3",
    ]  # fmt: skip


def test_a_column_may_say_how_people_were_sampled_and_who_they_are(owner):
    both = MAPPING + '\n[[columns]]\nname = "sex"\nsampling = "stratum"\n'
    imported(owner, mapping=both)

    person = Respondent.objects.get(recruiter_id="a1")
    assert (person.demographics["gender"], person.sampling) == ("female", {"stratum": "f"})


def test_the_report_counts_every_value_and_every_reason_of_the_file(owner):
    report = imported(owner)

    assert report.values["liking.good"] == {2: 1, 3: 1}
    assert report.missing["liking.good"] == {"refused": 1, "skipped": 1}
    assert report.missing["habit.daily"] == {"not_shown": 1}
    assert report.unused_columns == ("remark",)
    for ref in report.values:
        counts = (report.values[ref], report.missing[ref])
        assert sum(sum(one.values()) for one in counts) == report.rows_read


def test_the_file_and_its_mapping_are_on_record_in_place_of_a_consent(owner):
    imported(owner)

    record = ImportedFile.objects.get()
    assert (record.data_name, record.rows_read, record.rows_imported) == ("tea.csv", 4, 3)
    assert record.citation == "Nobody (2026). Invented for a test."
    assert record.mapping == MAPPING
    assert record.imported_by == owner
    assert not Consent.objects.exists()


def test_the_same_file_again_adds_nothing(owner):
    imported(owner)
    before = list(Answer.objects.order_by("pk").values())

    report = imported(owner)

    assert (report.imported, report.skipped["already_imported"]) == (0, 3)
    assert list(Answer.objects.order_by("pk").values()) == before
    assert ImportedFile.objects.count() == 1


def test_a_longer_file_adds_the_new_people_only(owner):
    imported(owner)

    report = imported(owner, data=DATA + "a5,0,1,40,1,m,\n")

    assert report.imported == 1
    assert Respondent.objects.count() == 4
    assert [one.rows_imported for one in ImportedFile.objects.all()] == [3, 1]


def test_a_known_person_with_other_answers_is_refused_with_the_line(owner):
    imported(owner)

    with pytest.raises(ImportFileError, match="line 2") as no:
        imported(owner, data=edited(DATA, "a1,1,7", "a1,0,7") + "a5,0,1,40,1,m,\n")

    assert no.value.code == "row_changed"
    assert Respondent.objects.count() == 3


def test_somebody_who_withdrew_is_not_imported_again(owner):
    sampled = MAPPING + '\n[[columns]]\nname = "sex"\nsampling = "stratum"\n'
    imported(owner, mapping=sampled)
    withdraw(administration=Administration.objects.get(respondent__recruiter_id="a1"), by=TESTER)

    report = imported(owner, mapping=sampled)

    assert report.imported == 0
    assert answers_of("a1") == {}
    gone = Respondent.objects.get(recruiter_id="a1")
    assert (gone.demographics, gone.sampling) == ({}, {})


def test_equal_rows_without_an_id_are_different_people_and_known_again(owner):
    mapping = edited(MAPPING, 'id_column = "id"\n', "")
    data = "cups,q1,q2,years,sex\n1,1,1,30,f\n0,3,3,40,m\n1,1,1,30,f\n"
    turned = "cups,q1,q2,years,sex\n1,1,1,30,f\n1,1,1,30,f\n0,3,3,40,m\n"

    assert imported(owner, data=data, mapping=mapping).imported == 3
    assert imported(owner, data=turned, mapping=mapping).imported == 0


def test_codes_that_no_column_explains_are_all_named_with_their_lines(owner):
    data = edited(DATA, "a1,1,7,34,3,f", "a1,1,8,34,3,x") + "a5,5,8,17,1,m,\n"

    error = refused(owner, "unknown_code", data=data)

    assert error.details.keys() == {
        "column q1, lines 2, 7",
        "column sex, line 2",
        "column cups, line 7",
        "column years, line 7",
    }
    assert "tea.csv: column q1, lines 2, 7: the code '8' is neither" in str(error)


def test_on_request_unexplained_codes_are_missing_as_out_of_range_and_reported(owner):
    mapping = edited(MAPPING, "[data]\n", '[data]\nunknown_codes = "missing"\n')

    report = imported(owner, data=edited(DATA, "a1,1,7", "a1,1,8"), mapping=mapping)

    assert answers_of("a1")["good"] == "out_of_range"
    assert [(one.column, one.code, one.lines) for one in report.unknown] == [("q1", "8", (2,))]


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ("a2,0", "a1,0", "id_repeated", "column id, lines 2, 3"),
        ("a2,0", " ,0", "id_missing", "column id, line 3"),
        ("a2,0", "a" * 121 + ",0", "id_too_long", "column id, line 3: the id has 121 characters"),
        ("id,cups", "id,cup", "column_missing", "column cups"),
        ("id,cups", "nr,cups", "column_missing", "line 1"),
        ("remark", "sex", "repeated_column", "sex (column 6), sex (column 7)"),
        (
            "a2,0,9",
            "a2,0,9,9",
            "ragged_line",
            "line 3, cell 8: 8 cells where the header has 7 (id, ",
        ),
    ],
)
def test_a_data_file_that_does_not_fit_is_refused_with_its_place(owner, old, new, code, told):
    assert told in str(refused(owner, code, data=edited(DATA, old, new)))


def test_a_file_without_rows_or_in_another_encoding_is_refused(owner):
    refused(owner, "no_rows", data="id,cups,q1,years,q2,sex\n")
    error = refused(owner, "wrong_encoding", data=DATA.replace("fine", "schön").encode("latin-1"))
    assert "line 2" in str(error)


def test_a_byte_order_mark_and_semicolons_are_read(owner):
    mapping = edited(MAPPING, "[data]\n", '[data]\ndelimiter = ";"\n')
    data = b"\xef\xbb\xbf" + DATA.replace(",", ";").encode()

    assert imported(owner, data=data, mapping=mapping).imported == 3


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ('item = "habit.daily"', 'item = "habit.dayly"', "unknown_item", "columns[cups].item"),
        ('item = "habit.daily"', 'item = "habit"', "malformed_name", "columns[cups].item"),
        ('item = "habit.daily"', 'item = "liking.good"', "mapped_twice", "columns[q1].name"),
        ('name = "cups"', 'name = "q1"', "mapped_twice", "columns[q1].name"),
        ("7 = 2,", "7 = 5,", "unknown_value", "columns[q2].values.7"),
        ("7 = 2,", '7 = "two",', "unknown_value", "columns[q2].values.7"),
        ("7 = 2,", "7 = 2.5,", "wrong_type", "recodings[agreement].values.7"),
        ("9 = ", "7 = ", "value_and_reason", "recodings[agreement].missing.7"),
        ('9 = "refused"', '9 = "dunno"', "bad_reason", "recodings[agreement].missing.9"),
        ('m = "male"', 'm = "man"', "unknown_value", "columns[sex].values.m"),
        ('demographic = "age"', 'demographic = "old"', "unknown_demographic", "columns[years]"),
        ('NA = "not_shown"', 'NA = "truncated"', "bad_reason", "data.missing.NA"),
        ('id_column = "id"', 'id_colum = "id"', "unknown_key", "data.id_colum"),
        ('respondents = "people"\n', "", "respondents_unsaid", "data.respondents"),
        ('"people"', '"persons"', "unknown_choice", "data.respondents"),
        ('respondents = "people"', 'respondents = "models"', "items_alone", "columns[years]"),
        ('id_column = "id"', 'encoding = "klingon"', "unknown_choice", "data.encoding"),
        ('id_column = "id"', 'language = "de"', "language_not_offered", "data.language"),
        ('licence = "CC0-1.0"\n\n', "\n", "missing_key", "source.licence"),
        ('slug = "tea-habit"', 'slug = "cups"', "unused_instrument", "instruments[cups]"),
        ('key = "bitter"', 'key = "good"', "unknown_item", "instruments[tea-liking].reverse_keyed"),
        (
            '"I drink green tea."',
            '"I drink tea."',
            "duplicate_text",
            "instruments[tea-habit].items[green].text.en",
        ),
        ('item = "habit.daily"', 'sampling = "wait"', "unknown_choice", "columns[cups].sampling"),
        ('item = "habit.daily"', 'sampling = "weight"\nvalues = { 1 = "x" }', "wrong_type",
         "columns[cups].values.1"),
        ("minimum = 18", "minimum = 100", "empty_range", "study.demographics[age]"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_mapping_is_named_by_its_place_and_a_code(owner, old, new, code, where):
    error = refused(owner, code, mapping=edited(MAPPING, old, new))

    assert any(place.startswith(where) for place in error.details), error.details
    assert str(error).startswith("mapping.toml: ")


def test_a_mapping_that_is_no_toml_or_not_there_is_refused(tmp_path):
    with pytest.raises(ImportFileError) as no:
        parse_mapping("[source\n", file="mapping.toml")
    assert no.value.code == "not_toml"
    with pytest.raises(ImportFileError) as no:
        load_mapping(tmp_path / "nowhere.toml")
    assert no.value.code == "file_missing"


@pytest.mark.parametrize(
    ("old", "new", "differing"),
    [
        ('title.en = "A study of tea"', 'title.en = "Tea"', "titles"),
        ('key = "habit"', 'key = "custom"', "blocks"),
        ('key = "age"', 'key = "born"', "demographics"),
    ],
)
def test_a_study_of_the_same_name_with_other_parts_is_left_alone(owner, old, new, differing):
    imported(owner)
    mapping = MAPPING.replace(old, new)

    with pytest.raises(StudyError, match=differing) as no:
        imported(owner, mapping=mapping)

    assert no.value.code == "study_differs"
    assert Respondent.objects.count() == 3


def test_nobody_is_imported_into_a_closed_study(owner):
    imported(owner)
    close_study(study=Study.objects.get(), by=TESTER)

    with pytest.raises(CounterpartError) as no:
        imported(owner, data=DATA + "a5,0,1,40,1,m,\n")

    assert no.value.code == "study_closed"


def test_an_instrument_that_is_published_already_need_not_be_in_the_mapping(owner):
    imported(owner)
    start = MAPPING.index('[[instruments]]\nslug = "tea-habit"')
    short = MAPPING[:start] + MAPPING[MAPPING.index("[[columns]]") :]

    report = imported(owner, mapping=short.replace('slug = "tea"', 'slug = "tea-again"'))

    assert report.imported == 3
    assert Study.objects.count() == 2


def test_an_instrument_that_nobody_published_is_asked_for(owner):
    start = MAPPING.index('[[instruments]]\nslug = "tea-habit"')
    short = MAPPING[:start] + MAPPING[MAPPING.index("[[columns]]") :]

    with pytest.raises(StudyError) as no:
        imported(owner, mapping=short)

    assert no.value.code == "version_missing"


def test_reasons_that_a_mapping_may_give_are_reasons_of_the_schema():
    assert set(MISSING_REASONS) <= set(MissingReason.values)


def test_a_mapping_does_not_change_its_checksum_when_its_file_is_renamed():
    read = parse_mapping(MAPPING, file="mapping.toml")

    assert read.checksum == replace(read, name="other.toml").checksum


def test_an_import_is_recorded_with_its_counts_and_checksums_alone(owner):
    report = imported(owner)
    row = AuditEntry.objects.first()
    file = ImportedFile.objects.get()
    assert (row.action, row.study, row.subject_label) == (
        Action.PEOPLE_IMPORTED,
        report.study,
        "tea.csv",
    )
    assert row.after == {
        "data_checksum": file.data_checksum,
        "mapping_checksum": file.mapping_checksum,
        "rows_read": report.rows_read,
        "rows_imported": report.imported,
    }
    rows = AuditEntry.objects.count()
    imported(owner)
    assert AuditEntry.objects.count() == rows


def test_a_refused_import_leaves_no_row(owner):
    with pytest.raises(CounterpartError):
        imported(owner, data="id\n1\n")
    assert not AuditEntry.objects.exists()


def test_every_row_that_was_left_out_is_counted_and_kept_with_the_file(owner):
    mapping = edited(MAPPING, "[data]\n", "[data]\nheader_rows = 2\n")
    header, _, rows = DATA.partition("\n")
    report = imported(owner, data=f"{header}\nNo,C,Q,Y,Q,S,R\n{rows}\n\n", mapping=mapping)

    left_out = {"header_row": 1, "no_answer": 1, "blank_line": 2}
    assert (report.rows_read, report.imported, dict(report.skipped)) == (7, 3, left_out)
    file = ImportedFile.objects.get()
    assert file.rows_left_out == left_out
    assert file.rows_imported + sum(file.rows_left_out.values()) == file.rows_read


def test_a_second_row_of_the_header_is_nobodys_answers(owner):
    header, _, rows = DATA.partition("\n")
    asked = "No,How often?,Is it good?,Age,Is it bitter?,Sex,Remark\n"
    error = refused(owner, "header_row", data=f"{header}\n{asked}{rows}")

    assert list(error.details) == ["line 2, column q2"]
    assert "header_rows = 2" in str(error)


@pytest.mark.parametrize("unknown_codes", ["refuse", "missing"])
def test_a_decimal_comma_is_refused_by_its_name_or_read(owner, unknown_codes):
    edit = f'[data]\ndelimiter = ";"\nunknown_codes = "{unknown_codes}"\n'
    mapping = edited(MAPPING, "[data]\n", edit)
    data = edited(DATA.replace(",", ";"), "3.0", "3,0")

    error = refused(owner, "decimal_comma", data=data, mapping=mapping)
    assert list(error.details) == ["column q1, line 6"]

    imported(owner, data=data, mapping=edited(mapping, "[data]\n", '[data]\ndecimal = ","\n'))
    assert answers_of("a4")["good"] == 3


def test_an_old_mapping_is_told_what_to_write(owner):
    error = refused(owner, "respondents_unsaid", mapping=edited(MAPPING, SAID, ""))

    assert 'respondents = "people"' in str(error)
    assert 'respondents = "models"' in str(error)


@pytest.mark.parametrize(
    ("column", "asked"),
    [
        ("model", True), ("Model Name", True), ("model.temperature", True), ("llm_model", True),
        ("provider", True), ("system_prompt", True), ("prompt_sha256", True), ("persona", True),
        ("remark", False), ("seed", False), ("response", False), ("role_model", False),
        ("modelling", False),
    ],
)  # fmt: skip
def test_a_file_with_the_columns_of_models_is_not_taken_for_people(owner, column, asked):
    data = edited(DATA, "remark", column)
    if not asked:
        assert imported(owner, data=data).imported == 3
        return
    error = refused(owner, "looks_like_models", data=data)
    assert f'not_of_models = ["{column}"]' in str(error)

    said = f'{SAID}not_of_models = ["{column}"]\n'
    assert imported(owner, data=data, mapping=edited(MAPPING, SAID, said)).imported == 3


def test_nobody_is_imported_into_a_condition_that_nobody_knows(owner):
    varied = """
[[study.conditions]]
key = "cup"
levels = [{ key = "small", label.en = "a small cup" }, { key = "big", label.en = "a big cup" }]

[[study.demographics]]
key = "age"
"""
    mapping = MAPPING.replace('\n[[study.demographics]]\nkey = "age"\n', varied, 1)
    with pytest.raises(StudyError) as kept_out:
        imported(owner, mapping=mapping)
    assert kept_out.value.code == "condition_unknown"


def test_answers_written_as_labels_are_those_of_the_scale(owner):
    data = "id,cups,q1,q2\na1,  DAILY ,1,3\na2,never,3,3\n"
    shorter = "\n".join(MAPPING.split("[[columns]]")[0:1]) + "".join(
        f"[[columns]]{one}" for one in MAPPING.split("[[columns]]")[1:4]
    )

    report = imported(owner, data=data, mapping=shorter)

    assert report.values["habit.daily"] == {0: 1, 1: 1}
    error = refused_again(owner, data.replace("never", "seldom"), shorter)
    assert "seldom" in str(error)


def refused_again(owner, data, mapping):
    with pytest.raises(ImportFileError) as no:
        imported(owner, data=data, mapping=mapping)
    return no.value


def test_rows_that_are_filtered_out_are_counted(owner):
    mapping = edited(MAPPING, SAID, f'{SAID}only = {{ sex = ["f"] }}\n')

    report = imported(owner, mapping=mapping)

    assert (report.rows_read, report.imported, dict(report.skipped)) == (4, 2, {"filtered": 2})
    unknown = edited(MAPPING, SAID, f'{SAID}only = {{ wave = ["1"] }}\n')
    assert refused_again(owner, DATA, unknown).code == "column_missing"


@pytest.mark.parametrize("kind", ["xlsx", "sav", "dta"])
def test_a_workbook_and_files_of_spss_and_stata_are_imported_as_their_csv(owner, tmp_path, kind):
    frame = pd.DataFrame(
        {
            "id": ["a1", "a2"],
            "cups": [1.0, 0.0],
            "q1": [1.0, 9.0],
            "years": [34.0, None],
            "q2": [3.0, 1.0],
            "sex": ["f", "m"],
        }
    )
    path = tmp_path / f"tea.{kind}"
    write = {
        "xlsx": lambda: frame.to_excel(path, index=False),
        "sav": lambda: pyreadstat.write_sav(frame, str(path)),
        "dta": lambda: pyreadstat.write_dta(frame, str(path)),
    }
    write[kind]()
    mapping = edited(MAPPING, SAID, f'{SAID}format = "{kind}"\n')

    report = imported(owner, data=path.read_bytes(), mapping=mapping)

    assert (report.imported, report.values["habit.daily"]) == (2, {0: 1, 1: 1})
    assert Respondent.objects.get(recruiter_id="a1").demographics == {"age": 34, "gender": "female"}
    wrong = refused_again(owner, b"id,cups\n1,2\n", mapping)
    assert wrong.code == "not_that_format"
