"""A draft of a mapping: what a file says of itself is recognised, the rest is asked."""

import io
import json
from io import StringIO

import pandas as pd
import pyreadstat
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from surveys.errors import ImportFileError
from surveys.imports import parse_mapping
from surveys.imports.cells.labels import folded
from surveys.imports.drafts.recognising import recognise
from surveys.imports.drafts.writing import draft_file

PLAIN = "id,trust_1,trust_2,age,remark\n" + "".join(
    f"p{n},{n % 5 + 1},{99 if n == 3 else n % 4 + 1},{20 + n},words {n}\n" for n in range(40)
)


def becomes(draft):
    return {one.name: draft.aim_of(one) for one in draft.columns}


def test_columns_become_an_id_items_of_one_instrument_and_what_is_left_out():
    draft = draft_file(PLAIN.encode(), name="Trust 2024.csv")

    assert becomes(draft)["id"] == "id"
    assert (becomes(draft)["trust_1"], becomes(draft)["trust_2"]) == (
        "trust.trust_1",
        "trust.trust_2",
    )
    assert becomes(draft)["age"] == "demographic"
    assert becomes(draft)["remark"] == "left out"
    assert 'slug = "trust-2024"' in draft.text
    assert draft.rows == 40


def test_a_code_far_from_the_scale_and_reverse_keys_are_asked_for():
    draft = draft_file(PLAIN.encode(), name="trust.csv")

    assert "99" in draft.text
    assert 'missing.99 = "?"' in draft.text
    assert 'reverse_keyed = ["?"]' in draft.text
    assert draft.questions == draft.text.count('"?"') > 0


def test_a_draft_is_refused_until_every_question_is_answered():
    draft = draft_file(PLAIN.encode(), name="trust.csv")

    with pytest.raises(ImportFileError) as no:
        parse_mapping(draft.text)

    assert {one.code.value for one in no.value.problems} == {"unanswered"}
    assert len(no.value.problems) == draft.questions
    places = {one.where for one in no.value.problems}
    assert "source.citation" in places
    assert any(place.endswith("missing.99") for place in places)


def test_a_draft_whose_questions_are_answered_is_a_mapping():
    draft = draft_file(PLAIN.encode(), name="trust.csv")
    labels = iter(range(100))
    text = draft.text.replace('reverse_keyed = ["?"]\n', "").replace('99 = "?"', '99 = "refused"')
    while '"?"' in text:
        text = text.replace('"?"', f'"Answer {"abcdefghij"[next(labels) % 10]}{next(labels)}"', 1)

    mapping = parse_mapping(text)

    assert mapping.layout.id_column == "id"
    assert {column.name for column in mapping.columns} == {"trust_1", "trust_2"}


def test_codes_that_do_not_rise_evenly_are_asked_for_one_by_one():
    rows = "id,q1,q2\n" + "".join(
        f"{n},{(1, 2, 7, 3)[n % 4]},{(1, 2, 7, 3)[n % 3]}\n" for n in range(20)
    )

    draft = draft_file(rows.encode(), name="a.csv")

    # Once for both, which are answered alike.
    assert draft.text.count('values.1 = "?"\nvalues.2 = "?"\nvalues.3 = "?"\nvalues.7 = "?"') == 1
    assert draft.text.count('recoding = "codes_1"') == 2


def test_words_are_asked_for_their_order():
    rows = "id;q1\n" + "".join(
        f"{n};{('Agree', 'Disagree', 'weiß nicht')[n % 3]}\n" for n in range(9)
    )

    draft = draft_file(rows.encode("cp1252"), name="a.csv")

    assert (draft.recognised.layout.encoding, draft.recognised.layout.delimiter) == ("cp1252", ";")
    assert 'values.Agree = "?"\nvalues.Disagree = "?"' in draft.text
    assert 'missing."weiß nicht" = "?"' in draft.text


QUALTRICS = (
    "StartDate,ResponseId,Q1_1,Q1_2\n"
    '"Start Date","Response ID","Trust - My neighbours","Trust - My doctor"\n'
    '"{""ImportId"":""startDate""}","{""ImportId"":""_recordId""}",'
    '"{""ImportId"":""QID1_1""}","{""ImportId"":""QID1_2""}"\n'
    "2024-01-01,R_1,1,2\n2024-01-01,R_2,3,3\n2024-01-01,R_3,2,1\n"
)


def test_the_three_header_rows_of_qualtrics_are_recognised_and_name_the_questions():
    draft = draft_file(QUALTRICS.encode(), name="q.csv")

    assert draft.recognised.layout.header_rows == 3
    assert draft.rows == 3
    assert 'text = { en = "Trust - My neighbours" }' in draft.text
    assert becomes(draft)["StartDate"] == "time"
    assert becomes(draft)["ResponseId"] == "id"


def test_a_decimal_comma_and_utf_16_are_recognised():
    rows = "id\tq1\tq2\tscore\n" + "".join(f"{n}\t{n % 3}\t{n % 2}\t{n},5\n" for n in range(9))

    layout = recognise(rows.encode("utf-16"), name="a.tsv").layout

    assert (layout.encoding, layout.delimiter, layout.decimal) == ("utf-16", "\t", ",")


def test_a_file_of_answers_of_models_is_asked_about():
    rows = "id,model,temperature,q1\n" + "".join(f"{n},gpt-4o,0.7,{n % 3}\n" for n in range(9))

    assert 'respondents = "?"' in draft_file(rows.encode(), name="a.csv").text


def sav(tmp_path):
    frame = pd.DataFrame({"id": [1.0, 2, 3], "t1": [1.0, 2, -9], "t2": [2.0, 1, 1]})
    path = tmp_path / "a.sav"
    labels = {1: "No", 2: "Yes", -9: "Refused to say"}
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=["Number", "I trust", "I hope"],
        variable_value_labels={"t1": labels, "t2": labels},
        missing_ranges={"t1": [-9], "t2": [-9]},
    )
    return path.read_bytes()


def test_a_file_of_spss_gives_words_labels_and_missing_codes(tmp_path):
    draft = draft_file(sav(tmp_path), name="a.sav")

    assert 'format = "sav"' in draft.text
    assert 'text = { en = "I trust" }' in draft.text
    assert '{ value = 2, label = { en = "Yes" } }' in draft.text
    assert 'missing.-9 = "?"' in draft.text
    assert becomes(draft)["t2"] == "t.t2"


def test_a_workbook_and_a_file_of_stata_are_read_as_their_csv(tmp_path):
    frame = pd.DataFrame({"id": [1, 2, 3], "q1": [1, 2, 3], "q2": [3, None, 1]})
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"))
    frame.to_csv(tmp_path / "a.csv", index=False)

    read = {
        kind: recognise((tmp_path / f"a.{kind}").read_bytes(), name=f"a.{kind}").data
        for kind in ("csv", "xlsx", "dta")
    }
    cells = [
        [{k: v.removesuffix(".0") for k, v in row.cells.items()} for row in one.rows]
        for one in read.values()
    ]
    assert cells[0] == cells[1] == cells[2]


def test_the_command_writes_a_file_and_never_over_one(tmp_path):
    path = tmp_path / "trust.csv"
    path.write_text(PLAIN)
    out = StringIO()

    call_command("draft_mapping", path, json=True, stdout=out)

    made = json.loads(out.getvalue())
    assert made["columns"]["id"] == "id"
    assert (tmp_path / "trust.mapping.toml").exists()
    with pytest.raises(CommandError, match="already"):
        call_command("draft_mapping", path, stdout=StringIO())


@pytest.mark.django_db
def test_the_page_and_rest_show_what_each_column_would_become(client, owner):
    client.force_login(owner)
    file = SimpleUploadedFile("trust.csv", PLAIN.encode())
    page = client.post("/import/draft/", {"file": file}).content.decode()
    assert "trust_1" in page
    assert "reverse_keyed" in page

    wrong = SimpleUploadedFile("a.csv", b'a,b\n1,"2\n')
    refused = client.post("/import/draft/", {"file": wrong})
    assert refused.status_code == 422
    assert "line 2" in refused.content.decode()

    api = APIClient()
    api.force_authenticate(owner)
    sent = api.post(
        "/api/imports/draft/",
        {"file": SimpleUploadedFile("trust.csv", PLAIN.encode())},
        format="multipart",
    )
    assert sent.json()["rows"] == 40
    assert sent.json()["columns"][0]["becomes"] == "id"


@given(st.text(alphabet="abzÄß'’ .-–\u00a0", max_size=12))
def test_labels_are_compared_without_case_spaces_and_kinds_of_signs(label):
    assert folded(f"  {label.upper().lower()} ") == folded(label)
    assert folded(label.replace("'", "’").replace("-", "–")) == folded(label)


@given(
    st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=6, max_size=20),
    st.sampled_from(",;\t"),
)
def test_a_table_of_numbers_is_read_with_its_own_delimiter(rows, delimiter):
    header = ["id", "q1", "q2", "q3"]
    lines = [header, *([f"p{n}", *map(str, row)] for n, row in enumerate(rows))]
    text = "".join(delimiter.join(line) + "\n" for line in lines)

    read = recognise(text.encode(), name="a.csv").data

    assert [list(row.cells.values()) for row in read.rows] == lines[1:]
    assert io.StringIO(text).readline().count(delimiter) == 3
