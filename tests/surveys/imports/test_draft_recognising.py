"""What a draft recognises of files as survey programs write them, and what it never guesses."""

import datetime as dt
import tomllib
from io import BytesIO, StringIO

import openpyxl
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


def test_an_id_that_occurs_again_stays_the_id_so_that_no_row_becomes_a_person_of_its_own():
    rows = "record_id,redcap_event_name,q1,q2\n" + "".join(
        f"{n // 2},{['first', 'second'][n % 2]},{n % 5},{n % 4}\n" for n in range(20)
    )
    draft = draft_file(rows.encode(), name="a.csv")
    assert (becomes(draft)["record_id"], becomes(draft)["redcap_event_name"]) == ("id", "wave")
    assert tomllib.loads(draft.text)["data"]["id_column"] == "record_id"
    assert "# record_id tells people apart and occurs more than once" in draft.text


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


def notes(draft):
    return " ".join(draft.notes)


def test_previews_and_spam_by_the_status_of_qualtrics_are_left_out():
    """Codes add up: 1 is a preview, 8 spam, 4 an imported row; old exports name columns below."""
    rows = "V1,V7,V8,V10,Q1\nResponseID,Status,StartDate,Finished,How are you?\n" + "".join(
        f"R_{n},{(0, 0, 1, 4, 8, 17)[n % 6]},2017-07-18 08:28:00,{int(n > 2)},{n % 3}\n"
        for n in range(12)
    )
    old = rows.replace("V1,V7,V8", "V1,V7,V2").replace("StartDate", "ResponseSet")
    kept = {"V7": ["0", "4"], "V10": ["1"]}
    assert tomllib.loads(draft_file(old.encode(), name="a.csv").text)["data"]["only"] == kept

    words = "ResponseId,Status,RecordedDate,Q1\n" + "".join(
        f"R_{n},{('IP Address', 'Survey Preview')[n % 2]},2024-01-01 10:00:00,{n % 3}\n"
        for n in range(8)
    )
    draft = draft_file(words.encode(), name="a.csv")
    assert tomllib.loads(draft.text)["data"]["only"] == {"Status": ["IP Address"]}
    # The status of somebody's job is none.
    jobs = words.replace("IP Address", "test driver").replace("RecordedDate", "day")
    assert "only" not in tomllib.loads(draft_file(jobs.encode(), name="a.csv").text)["data"]


def test_people_who_did_not_submit_are_left_out_by_their_last_page_or_told():
    """LimeSurvey keeps unfinished answers, with an empty date of submission."""
    head = "id. Response ID,submitdate. Date submitted,lastpage. Last page,q1. How are you?\n"
    rows = [
        f"{n},{'2024-01-01 10:00:00' if n > 3 else ''},{5 if n > 3 else n - 1},{n % 3}\n"
        for n in range(12)
    ]
    draft = draft_file((head + "".join(rows)).encode(), name="a.csv")
    assert becomes(draft) == {
        "id. Response ID": "id",
        "submitdate. Date submitted": "time",
        "lastpage. Last page": "row filter",
        "q1. How are you?": "q.q1_how_are_you",
    }
    assert tomllib.loads(draft.text)["data"]["only"] == {"lastpage. Last page": ["5"]}
    assert 'text = { en = "How are you?" }' in draft.text
    assert "4 rows have no submitdate. Date submitted" in notes(draft)

    last = head + "".join(rows).replace(",,2,", ",,5,")
    draft = draft_file(last.encode(), name="a.csv")
    assert "only" not in tomllib.loads(draft.text)["data"]
    assert "4 rows have no submitdate" in notes(draft)


def test_a_file_in_which_no_row_is_a_persons_asks_whose_answers_they_are():
    """Test rows of SoSci Survey are left out; oTree writes its bots as if they were people."""
    head = "participant.code,participant._is_bot,session.code,app.1.player.age,app.1.player.trust\n"
    bots = "".join(f"c{n},1,s,{20 + n},{n % 3 + 1}\n" for n in range(12))
    draft = draft_file((head + bots).encode(), name="a.csv")
    assert tomllib.loads(draft.text)["data"]["respondents"] == "?"
    assert "By participant._is_bot no row is a finished answer of a person (1: 12)" in notes(draft)
    found = becomes(draft)
    assert (found["participant.code"], found["app.1.player.age"]) == ("id", "demographic")

    rows = "CASE,MODE,TR01\n" + "".join(
        f"{n},{'debug' if n == 3 else 'interview'},{n % 3}\n" for n in range(12)
    )
    draft = draft_file(rows.encode(), name="a.csv")
    assert tomllib.loads(draft.text)["data"]["only"] == {"MODE": ["interview"]}
    assert tomllib.loads(draft.text)["data"]["respondents"] == "people"


def test_one_id_is_taken_and_nothing_by_which_somebody_is_known_is_shown():
    head = "ResponseId,label,PROLIFIC_PID,DM01,Name,Qual o seu nome?,Mail?,condition,weight,q1\n"
    rows = "".join(
        f"R_{n},,5ee3{n:020d},5ee4{n:020d},Ada {n % 4},Eva {n},eva{n}@example.org,"
        f"{'ab'[n % 2]},,{n % 3}\n"
        for n in range(12)
    )
    draft = draft_file((head + rows).encode(), name="a.csv")

    assert {name for name, aim in becomes(draft).items() if aim != "left out"} == {
        "ResponseId", "q1",
    }  # fmt: skip
    assert not [one for one in ("5ee3", "5ee4", "Ada", "Eva", "eva") if one in draft.text]
    assert "# left out: empty" in draft.text
    assert "# left out: which version of an experiment somebody was in is no answer" in draft.text


def test_rows_of_a_table_with_their_codes_and_words_are_one_instrument():
    head = "id,sat[SQ001]. [I like my job],sat[SQ002]. [I like my boss],slider\n"
    rows = "".join(f"{n},{n % 5 + 1},{n % 4 + 1},{n * 5}\n" for n in range(20))
    draft = draft_file((head + rows).encode(), name="a.csv")

    found = {one["slug"]: one for one in tomllib.loads(draft.text)["instruments"]}
    assert list(found) == ["a-sat", "a-slider"]
    assert 'text = { en = "I like my boss" }' in draft.text
    assert [one["kind"] for one in found["a-slider"]["response_scales"]] == ["slider"]


def test_what_chance_decided_is_no_answer_and_a_day_that_may_be_a_month_is_asked_about():
    """Qualtrics writes the order of options, SoSci Survey its random draws, beside answers."""
    rows = "id,submitdate,UR01_CP,UR01,Q5_DO_1,things_to_do,q1\n" + "".join(
        f"{n},0{n % 9 + 1}/03/2024 10:00,{n % 2},{n % 2 + 1},{n % 3 + 1},{n % 3},{n % 3}\n"
        for n in range(12)
    )
    draft = draft_file(rows.encode(), name="a.csv")
    assert [name for name, aim in becomes(draft).items() if aim == "left out"] == [
        "UR01_CP", "UR01", "Q5_DO_1",
    ]  # fmt: skip
    assert 'sampling = "time"\nformat = "?"' in draft.text
    sure = draft_file(rows.replace("01/03", "31/03").encode(), name="a.csv")
    assert 'format = "%d/%m/%Y %H:%M"' in sure.text


def test_items_numbered_behind_a_question_number_are_one_instrument():
    """As Qualtrics (Q5_1) and SoSci Survey (TR02_01) name the rows of a table."""
    names = ["Q5_1", "Q5_2", "Q5_10", "TR02_01", "TR02_02", "prv1", "prv2"]
    rows = "ResponseId," + ",".join(names) + "\n"
    rows += "".join(
        f"R_{n}," + ",".join(str((n + i) % 5 + 1) for i in range(7)) + "\n" for n in range(30)
    )

    assert list(becomes(draft_file(rows.encode(), name="a.csv")).values())[1:] == [
        "q5.q5_1", "q5.q5_2", "q5.q5_10", "tr02.tr02_01", "tr02.tr02_02", "prv.prv1", "prv.prv2",
    ]  # fmt: skip


def test_what_otree_writes_about_a_round_is_no_answer():
    about = ["player.id_in_group", "group.id_in_subsession", "subsession.round_number"]
    names = ["participant.code", *about, "player.payoff", "session.code", "player.trust"]
    rows = ",".join(names) + "\n"
    rows += "".join(f"c{n},{n % 2 + 1},{n % 3},1,{n % 4},s{n % 2},{n % 5 + 1}\n" for n in range(30))
    found = becomes(draft_file(rows.encode(), name="a.csv"))

    assert {name for name in names if found[name] == "left out"} == {
        *about, "player.payoff", "session.code",
    }  # fmt: skip
    assert found["player.trust"] == "player_trust.player_trust"


def test_what_an_equation_came_to_is_no_answer():
    rows = 'Response ID,"{sum(R1.NAOK, R2.NAOK)}",Do you agree?\n'
    rows += "".join(f"{n},{n % 3},{n % 4 + 1}\n" for n in range(30))
    found = becomes(draft_file(rows.encode(), name="a.csv"))

    assert found["{sum(R1.NAOK, R2.NAOK)}"] == "left out"
    assert found["Do you agree?"] == "do_you_agree.do_you_agree"


def test_a_long_file_name_leaves_a_mapping_that_is_read():
    rows = "id,dictator_1_group_kept_by_us,b1,b2\n"
    rows += "".join(f"p{n},{n % 4 + 1},{n % 3},{n % 2}\n" for n in range(30))
    draft = draft_file(rows.encode(), name="all_apps_wide_of_the_second_pretest-2023-03-27.csv")

    assert {one.ref.partition(".")[0] for one in answered(draft).columns} == {
        "dictator_1_group_kept_by_us", "b",
    }  # fmt: skip


def test_days_that_a_workbook_keeps_as_their_midnight_are_days():
    book = openpyxl.Workbook()
    book.active.append(["id", "day", "seen"])
    for n in range(1, 13):
        day = dt.date(2026, 3, n)
        book.active.append([n, day, dt.datetime.combine(day, dt.time(n, 5))])
    made = BytesIO()
    book.save(made)
    draft = draft_file(made.getvalue(), name="a.xlsx")

    [column] = tomllib.loads(draft.text)["columns"]
    assert (column["name"], column["format"]) == ("day", "%Y-%m-%d 00:00:00")
    assert becomes(draft)["seen"] == "left out"
