"""Answers that are numbers, marks on a line among them, come in as a page stores them."""

import csv
from io import StringIO
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from django.conf import settings
from django.core.management import call_command
from factories import TESTER
from hypothesis import given
from hypothesis import strategies as st

from surveys.errors import ImportFileError
from surveys.imports import load_mapping, parse_data, parse_mapping, read_data_file
from surveys.imports.cells.numbers import as_stored
from surveys.models import Answer
from surveys.questions import number_shown
from surveys.questions.numbers import Number
from surveys.services.data.import_files import import_file
from surveys.services.data.imports import import_responses

pytestmark = pytest.mark.django_db

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "marks-on-a-line"
TEXT = (EXAMPLE / "mapping.toml").read_text(encoding="utf-8")
HEAD = "id;worry_1;worry_2;worry_3;share_1;share_2;share_3;hours\n"
ITEMS = {
    "worry_1": "trace", "worry_2": "profile", "worry_3": "calm", "share_1": "device",
    "share_2": "study", "share_3": "company", "hours": "hours",
}  # fmt: skip


def imported(owner, rows: str, text: str = TEXT):
    mapping = parse_mapping(text, file="marks.toml")
    data = parse_data((HEAD + rows).encode(), mapping.layout, name="people.csv")
    return import_responses(mapping=mapping, data=data, owner=owner, by=TESTER)


def refused(owner, rows: str, text: str = TEXT) -> list[tuple[str, str]]:
    with pytest.raises(ImportFileError) as no:
        imported(owner, rows, text)
    assert Answer.objects.count() == 0
    return [(one.code.value, one.where) for one in no.value.problems]


def stored() -> dict[tuple[str, str], float | str]:
    """Id of the row and key of the item -> the number, or the reason why there is none."""
    rows = Answer.objects.values_list(
        "administration__respondent__recruiter_id", "item__key", "number", "missing_reason"
    )
    assert not Answer.objects.exclude(value=None).exists()
    return {(of, item): reason or number for of, item, number, reason in rows}


def in_file() -> dict[tuple[str, str], float | str]:
    """The same, of an independent reading of the file of the example."""
    table = csv.DictReader((EXAMPLE / "people.csv").read_text().splitlines(), delimiter=";")
    reasons = {"": "skipped", "-99": "refused"}
    return {
        (row["id"], item): reasons.get(row[name]) or float(row[name].replace(",", "."))
        for row in table
        for name, item in ITEMS.items()
    }


def test_the_documented_example_stores_every_number_as_it_stands_in_the_file(owner):
    mapping = load_mapping(EXAMPLE / "mapping.toml")
    data = read_data_file(EXAMPLE / "people.csv", mapping.layout)

    report = import_responses(mapping=mapping, data=data, owner=owner, by=TESTER)

    assert (report.rows_read, report.imported, report.skipped) == (240, 240, {})
    assert stored() == in_file()
    assert {"skipped", "refused"} <= set(in_file().values())
    assert import_responses(mapping=mapping, data=data, owner=owner, by=TESTER).imported == 0


def test_the_command_tells_how_far_numbers_reach_and_counts_each_for_programs(owner):
    paths = (str(EXAMPLE / "mapping.toml"), str(EXAMPLE / "people.csv"))
    out = StringIO()
    call_command("import_responses", *paths, owner=owner.username, stdout=out)
    numbers = [one for (_of, item), one in in_file().items() if item == "trace"]
    told = [one for one in numbers if not isinstance(one, str)]

    (line,) = [one for one in out.getvalue().splitlines() if "worry.trace" in one]
    mean = sum(told) / len(told)
    assert f"{len(told)} numbers, {min(told):g} to {max(told):g}, mean {mean:.2f}" in line


@pytest.mark.parametrize(
    ("cell", "number"),
    [("0", 0.0), ("10", 10.0), ("7,5", 7.5), (",5", 0.5), ("7,50", 7.5), ("7,", 7.0), (" 3 ", 3.0)],
)
def test_numbers_are_read_as_programs_write_them(owner, cell, number):
    imported(owner, f"a;1;2;3;{cell};5;6;7\n")

    assert stored()["a", "device"] == number


@pytest.mark.parametrize("cell", ["10,1", "-1", "11", "7,25", "5.5", "1.000", "1e0", "many", "NaN"])
def test_what_is_no_number_of_the_question_is_refused_with_its_place(owner, cell):
    assert refused(owner, f"a;1;2;3;5;5;5;7\nb;1;2;3;{cell};5;6;7\n") == [
        ("outside_range", "column share_1, line 3")
    ]


def test_a_decimal_comma_where_points_are_said_is_told_even_where_unknown_codes_are_missing(owner):
    text = TEXT.replace('decimal = ","', 'unknown_codes = "missing"')

    assert refused(owner, "a;1;2;3;5,5;5;6;7\n", text) == [
        ("decimal_comma", "column share_1, line 2")
    ]


def test_numbers_outside_the_range_may_be_declared_missing_and_are_listed(owner):
    text = TEXT.replace('decimal = ","', 'decimal = ","\nunknown_codes = "missing"')
    report = imported(owner, "a;101;2;3;5,5;5;6;7\n", text)

    assert stored()["a", "trace"] == "out_of_range"
    assert [(one.column, one.code, one.lines) for one in report.unknown] == [
        ("worry_1", "101", (2,))
    ]


def test_words_beside_the_numbers_can_be_given_a_number_in_the_range(owner):
    imported(owner, "a;1;2;3;5;5;5;none\nb;1;2;3;5;5;5;2,5 hours\n")

    assert (stored()["a", "hours"], stored()["b", "hours"]) == (0.0, 2.5)
    wide = TEXT.replace("none = 0", "none = 25")
    wide = wide.replace('slug = "marks-on-a-line"', 'slug = "other"')
    with pytest.raises(ImportFileError, match="25 is no number from 0 to 24"):
        imported(owner, "a;1;2;3;5;5;5;none\n", wide)


def test_files_of_spss_stata_and_excel_give_the_numbers_that_were_typed(owner, tmp_path):
    """Stata keeps numbers with seven digits, where 7.3 is 7.300000190734863."""
    said = {"worry_1": [0, 100], "worry_2": [50, -99], "worry_3": [1, 2]}
    said |= {"share_1": [7.3, 0.1], "share_2": [9.9, 3], "share_3": [None, 4.2]}
    frame = pd.DataFrame({"id": ["a", "b"], **said, "hours": [23.9, 0.3]})
    single = frame.astype(dict.fromkeys(("share_1", "share_2", "share_3", "hours"), "float32"))
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"))
    single.to_stata(tmp_path / "a.dta", write_index=False)
    wanted = {
        (of, item): {None: "skipped", -99: "refused"}.get(said, said)
        for name, item in ITEMS.items()
        for of, said in zip("ab", frame[name].astype(object).where(frame[name].notna(), None),
                            strict=True)
    }  # fmt: skip

    for kind in ("xlsx", "sav", "dta"):
        text = TEXT.replace('decimal = ","', f'format = "{kind}"').replace('delimiter = ";"\n', "")
        mapping = parse_mapping(text.replace('"marks-on-a-line"', f'"marks-{kind}"'))
        content = (tmp_path / f"a.{kind}").read_bytes()
        import_file(mapping=mapping, content=content, name="a", owner=owner, by=TESTER)

        assert stored() == wanted, kind
        Answer.objects.all().delete()


@given(st.integers(-(10**9), 10**9), st.integers(0, 6), st.sampled_from(".,"))
def test_every_number_comes_back_as_it_was_written(whole, decimals, sign):
    number = whole / 10**decimals
    asked = Number(minimum=-(10**9), maximum=10**9, decimals=decimals)
    other = {".": ",", ",": "."}[sign]

    for written in (f"{number:.{decimals}f}", number_shown(round(number, decimals))):
        if "e" not in written:
            assert as_stored(written.replace(".", sign), asked, sign) == number
    assert as_stored(f"1{other}5", asked, sign) is None


def test_an_answer_that_reads_otherwise_the_next_time_is_refused(owner):
    imported(owner, "a;1;2;3;5;5;5;7\n")

    with pytest.raises(ImportFileError, match="other answers"):
        imported(owner, "a;1;2;3;5;5;5;7,5\n")
