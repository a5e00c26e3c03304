"""A draft proposes columns of numbers as items, and asks for the range that people had."""

import re
import tomllib
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from django.conf import settings
from factories import TESTER

from surveys.errors import ImportFileError
from surveys.imports import load_mapping, parse_data, parse_mapping, read_data_file
from surveys.imports.drafts.writing import draft_file
from surveys.models import Answer
from surveys.services.data.import_files import draft_import
from surveys.services.data.imports import import_responses

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "marks-on-a-line"
PEOPLE = (EXAMPLE / "people.csv").read_bytes()


def scales(draft):
    """Instrument -> its only response scale, as the draft has it."""
    instruments = tomllib.loads(draft.text)["instruments"]
    return {one["construct"]: one["response_scales"][0] for one in instruments}


def becomes(draft):
    return {one.name: draft.aim_of(one) for one in draft.columns}


def drafted(columns, rows=60):
    """The draft of a file with an id, and these columns: name -> number of the row -> cell."""
    head = ",".join(["id", *columns]) + "\n"
    lines = [",".join([f"p{n}", *(str(of(n)) for of in columns.values())]) for n in range(rows)]
    return draft_file((head + "\n".join(lines) + "\n").encode(), name="a.csv")


def test_the_documented_file_is_drafted_as_lines_and_typed_numbers():
    draft = draft_file(PEOPLE, name="people.csv")

    assert becomes(draft)["worry_2"] == "worry.worry_2"
    assert {name: one["kind"] for name, one in scales(draft).items()} == {
        "worry": "slider", "share": "number", "hours": "number",
    }  # fmt: skip
    assert scales(draft)["worry"]["minimum"] == "? 0"
    assert scales(draft)["worry"]["low"] == {"en": "?"}
    assert scales(draft)["share"] == {
        "key": "answers", "kind": "number", "minimum": "? 0", "maximum": "? 10", "decimals": 1,
    }  # fmt: skip
    assert draft.text.count('reverse_keyed = ["?"]') == 3
    assert "missing.-99 = " in draft.text


def test_a_range_that_is_proposed_is_asked_like_anything_else():
    draft = draft_file(PEOPLE, name="people.csv")

    with pytest.raises(ImportFileError) as no:
        parse_mapping(draft.text)

    assert len(no.value.problems) == draft.questions
    assert "instruments[people-share].response_scales[answers].maximum" in {
        one.where for one in no.value.problems
    }


@pytest.mark.django_db
def test_a_draft_that_is_answered_brings_every_number_in(owner):
    text = draft_file(PEOPLE, name="people.csv").text
    text = text.replace('reverse_keyed = ["?"]\n', "").replace('-99 = "?"', '-99 = "refused"')
    text = re.sub(r'"\? (\d+)"', r"\1", text)
    for number in range(text.count('"?"')):
        text = text.replace('"?"', f'"Words {"abcdefgh"[number % 8]}"', 1)
    mapping = parse_mapping(text)
    data = parse_data(PEOPLE, mapping.layout)

    assert import_responses(mapping=mapping, data=data, owner=owner, by=TESTER).imported == 240
    assert Answer.objects.exclude(number=None).count() > 1600
    assert set(Answer.objects.values_list("missing_reason", flat=True)) == {
        "",
        "skipped",
        "refused",
    }


def test_numbers_that_are_no_answers_are_left_out_and_the_reason_is_told():
    found = drafted(
        {
            "row": lambda n: n + 1,
            "plz": lambda n: f"{1067 + 97 * n:05}",
            "panel": lambda n: 40_000 + 13 * n,
            "epoch": lambda n: 1_700_000_000 + 60 * (n % 40),
            "mean_score": lambda n: (n % 17) / 7,
            "remark": lambda n: f"{n} times",
            "amount": lambda n: 10 * (n % 30),
        }
    )

    assert {name for name, aim in becomes(found).items() if aim == "left out"} == {
        "row", "plz", "panel", "epoch", "mean_score", "remark",
    }  # fmt: skip
    assert becomes(found)["amount"] == "amount.amount"
    assert scales(found)["amount"]["maximum"] == "? 290"
    assert "# left out: its numbers look computed, or are a row's own" in found.text


def test_codes_out_of_the_way_of_the_numbers_are_asked_for_and_those_on_the_line_are_not():
    found = drafted(
        {
            "hours": lambda n: 99 if n == 7 else n % 40,
            "line": lambda n: 98 if n == 5 else -9 if n == 3 else n % 48 * 2,
            "words": lambda n: "weiß nicht" if n == 4 else n % 30,
        }
    )
    columns = {one["name"]: one for one in tomllib.loads(found.text)["columns"]}

    assert columns["hours"]["missing"] == {"99": "?"}
    assert columns["line"]["missing"] == {"-9": "?"}
    assert columns["words"]["missing"] == {"weiß nicht": "?"}
    assert scales(found)["hours"]["maximum"] == "? 39"


def test_two_versions_of_a_line_become_one_item():
    found = drafted(
        {
            "mood_a": lambda n: n if n % 2 else "",
            "mood_b": lambda n: "" if n % 2 else 90 - n,
            "calm_a": lambda n: n,
            "calm_b": lambda n: 99 - n,
        }
    )

    told = becomes(found)
    assert (told["mood_a"], told["mood_b"]) == ("mood_a.mood_a (A)", "mood_a.mood_a (B)")
    assert told["calm_a"] != told["calm_b"]


def test_the_labelled_ends_of_a_line_in_a_file_of_spss_are_its_range(tmp_path):
    frame = pd.DataFrame({"id": range(100, 200, 2), "mood": [float(20 + n) for n in range(50)]})
    frame.loc[3, "mood"] = -99.0
    pyreadstat.write_sav(
        frame,
        str(tmp_path / "a.sav"),
        column_labels=["Number", "How do you feel?"],
        variable_value_labels={"mood": {0.0: "very bad", 100.0: "very good", -99.0: "No answer"}},
        missing_ranges={"mood": [-99]},
    )
    found = draft_file((tmp_path / "a.sav").read_bytes(), name="a.sav")

    assert scales(found)["mood"] == {
        "key": "answers", "kind": "slider", "minimum": 0, "maximum": 100,
        "low": {"en": "very bad"}, "high": {"en": "very good"},
    }  # fmt: skip
    (column,) = tomllib.loads(found.text)["columns"]
    assert column["missing"] == {"-99": "?"}


@pytest.mark.django_db
def test_columns_find_the_lines_of_a_study_that_is_there(owner):
    mapping = load_mapping(EXAMPLE / "mapping.toml")
    data = read_data_file(EXAMPLE / "people.csv", mapping.layout)
    import_responses(mapping=mapping, data=data, owner=owner, by=TESTER)
    rows = "id,trace,hours,x\n" + "".join(
        f"n{n},{999 if n == 3 else n},{'never' if n == 2 else n / 2},1\n" for n in range(20)
    )

    text = draft_import(
        content=rows.encode(), name="b.csv", study="marks-on-a-line", user=None
    ).text

    assert tomllib.loads(text)["columns"] == [
        {"name": "trace", "item": "worry.trace", "missing": {"999": "?"}},
        {"name": "hours", "item": "online.hours", "values": {"never": "?"}},
    ]
