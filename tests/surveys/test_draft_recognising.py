"""What a draft recognises of files as survey programs write them, and what it never guesses."""

import tomllib
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from exported import DATA, tea_study
from rest_framework.test import APIClient

from surveys.imports import parse_mapping
from surveys.imports.drafts.writing import draft_file
from surveys.imports.files.long import LongShape

SAMPLED = "id,q1,q2,weight,country,stratum,wave,RecordedDate,email\n" + "".join(
    f"p{n},{n % 5 + 1},{n % 4 + 1},{0.5 + n % 3 / 2},{['AT', 'CH'][n % 2]},{n % 3},{n % 2},"
    f"2024-02-0{n % 9 + 1} 10:00:00,p{n}@example.org\n"
    for n in range(40)
)


def becomes(draft):
    return {one.name: draft.aim_of(one) for one in draft.columns}


def answered(draft):
    """The draft with something in the place of every question."""
    text = draft.text.replace('reverse_keyed = ["?"]\n', "").replace('sampling = "?"', "")
    for number in range(draft.questions):
        text = text.replace('"?"', f'"Words {number}"', 1)
    return parse_mapping(text)


def test_how_and_when_people_were_sampled_is_proposed_and_asked_where_it_is_not_sure():
    draft = draft_file(SAMPLED.encode(), name="a.csv")

    found = becomes(draft)
    assert {name: found[name] for name in ("weight", "country", "stratum", "wave")} == {
        "weight": "weight", "country": "cluster", "stratum": "stratum", "wave": "wave",
    }  # fmt: skip
    assert (found["RecordedDate"], found["email"]) == ("time", "left out")
    assert "@example.org" not in draft.text
    assert {one.name: one.examples for one in draft.columns}["email"] == ()
    roles = {one.name: one.role for one in answered(draft).columns if hasattr(one, "role")}
    assert roles == {
        "weight": "weight", "country": "cluster", "stratum": "stratum", "wave": "wave",
        "RecordedDate": "time",
    }  # fmt: skip
    # Kilograms stand under the same name.
    heavy = SAMPLED.replace(",0.5,", ",70.5,").replace(",1.0,", ",82,").replace(",1.5,", ",61,")
    assert 'name = "weight"\nsampling = "?"' in draft_file(heavy.encode(), name="a.csv").text


@pytest.mark.parametrize(
    ("cell", "written"),
    [("31.12.2024 9:05", "%d.%m.%Y %H:%M"), ("12/31/2024 09:05", "%m/%d/%Y %H:%M")],
)
def test_times_are_recognised_as_they_are_written(cell, written):
    rows = "id,q1,q2,submitdate\n" + "".join(f"{n},{n % 3},{n % 2},{cell}\n" for n in range(9))
    assert f'format = "{written}"' in draft_file(rows.encode(), name="a.csv").text


def test_rows_that_are_no_people_are_left_out_with_their_number():
    rows = "ResponseId,Finished,DistributionChannel,Q1_1,Q1_2\n" + "".join(
        f"R_{n},{int(n > 3)},{'preview' if n == 5 else 'anonymous'},{n % 3},{n % 2}\n"
        for n in range(12)
    )
    draft = draft_file(rows.encode(), name="a.csv")

    assert becomes(draft)["Finished"] == "row filter"
    assert tomllib.loads(draft.text)["data"]["only"] == {
        "Finished": ["1"], "DistributionChannel": ["anonymous"],
    }  # fmt: skip
    assert "# Rows are left out by Finished (see only under [data]): 0: 4." in draft.text


def test_a_row_for_each_answer_is_recognised():
    rows = "participant,age,question,response,ms\n" + "".join(
        f"p{n},{20 + n},q{q},{(n + q) % 5 + 1},{n * 7 + q}\n" for n in range(9) for q in (1, 2, 3)
    )
    draft = draft_file(rows.encode(), name="a.csv")

    assert answered(draft).shape == LongShape("question", "response")
    assert becomes(draft) == {
        "participant": "id", "age": "demographic", "q1": "q.q1", "q2": "q.q2", "q3": "q.q3",
    }  # fmt: skip
    assert draft.rows == 27


def test_two_versions_of_a_question_become_one_item():
    rows = "id,t1a,t1b,t2\n" + "".join(
        f"{n},{n % 5 + 1 if n % 2 else ''},{'' if n % 2 else n % 4 + 1},{n % 5 + 1}\n"
        for n in range(20)
    )
    columns = {one.name: one for one in answered(draft_file(rows.encode(), name="a.csv")).columns}
    assert (columns["t1a"].ref, columns["t1a"].version) == (columns["t1b"].ref, "A")
    assert columns["t1b"].version == "B"


def test_an_id_that_occurs_again_is_no_item_and_is_told():
    rows = "record_id,redcap_event_name,q1,q2\n" + "".join(
        f"{n // 2},{['first', 'second'][n % 2]},{n % 5},{n % 4}\n" for n in range(20)
    )
    draft = draft_file(rows.encode(), name="a.csv")
    assert (becomes(draft)["record_id"], becomes(draft)["redcap_event_name"]) == (
        "left out",
        "wave",
    )
    assert "# record_id tells people apart and occurs more than once." in draft.text


def test_headers_of_whole_questions_repeated_and_empty_ones_are_told_apart():
    header = "Response ID,How good is it? [the tea],How good is it? [the cup],Other,Other,"
    rows = "".join(f"\n{n},{n % 5 + 1},{n % 4 + 1},a,b," for n in range(9))
    draft = draft_file((header + rows + "\n").encode(), name="a.csv")

    assert list(becomes(draft)) == [
        "Response ID", "How good is it? [the tea]", "How good is it? [the cup]",
        "Other (column 4)", "Other (column 5)", "(column 6)",
    ]  # fmt: skip
    assert 'text = { en = "the tea" }' in draft.text
    assert becomes(draft)["How good is it? [the cup]"] == "how_good_is_it.the_cup"


def test_names_that_stand_under_numbered_columns_are_read():
    """Old exports of Qualtrics call columns V1, V2 … and have the names in the second row."""
    rows = "V1,V8,Q1\nResponseID,StartDate,How are you?\n" + "".join(
        f"R_{n},2017-07-18 08:28:0{n},{n % 3}\n" for n in range(9)
    )
    draft = draft_file(rows.encode(), name="a.csv")
    assert (becomes(draft)["V1"], becomes(draft)["V8"]) == ("id", "time")


@pytest.mark.django_db
def test_columns_find_the_questions_of_a_study_that_is_there(client, owner, stranger, tmp_path):
    tea_study(owner)
    rows = "id,bitter,x,sex\n" + "".join(
        f"n{n},{('neither', '3', 'never', 'not at “all”')[n % 4]},{n % 3 + 1},{n % 2}\n"
        for n in range(12)
    )
    path = tmp_path / "more.csv"
    path.write_text(rows)
    call_command("draft_mapping", path, study="tea", stdout=StringIO())

    text = (tmp_path / "more.mapping.toml").read_text()
    draft = tomllib.loads(text)
    assert "study" not in draft
    assert "instruments" not in draft
    assert draft["data"]["study"] == "tea"
    (column,) = draft["columns"]
    assert column == {
        "name": "bitter",
        "item": "liking.bitter",
        "values": {"neither": 2, "3": 3, "never": "?", "not at “all”": 1},
    }

    def file():
        return SimpleUploadedFile("more.csv", DATA.encode())

    client.force_login(owner)
    page = client.post("/import/draft/", {"file": file(), "study": "tea"}).content.decode()
    assert "study = &quot;tea&quot;" in page
    other = APIClient()
    other.force_login(stranger)
    given = {"file": file(), "study": "tea"}
    refused = other.post("/api/imports/draft/", given, format="multipart")
    assert refused.json()["code"] == "not_yours"
