"""Answers of every kind of question come in from every format, and out and in again the same."""

import csv
import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pyreadstat
import pytest
from django.conf import settings
from django.db import transaction
from every_kind import open_day_study
from exported import exported
from factories import TESTER
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from surveys.errors import ImportFileError
from surveys.imports import load_mapping, parse_data, parse_mapping, read_data_file
from surveys.imports.drafts.writing import draft_file
from surveys.models import Answer
from surveys.services.data.import_files import draft_import, import_file
from surveys.services.data.imports import import_responses

pytestmark = pytest.mark.django_db

EXAMPLE = Path(settings.BASE_DIR) / "docs" / "examples" / "lists-and-words"
TEXT = (EXAMPLE / "mapping.toml").read_text(encoding="utf-8")
WORDS = ["A walk, with a friend.", "7.0", "Ünïcödé – 日本", "two\nlines", "1", 'she said "no"']
LISTED = {
    "drank": ("tea", "coffee", "water"),
    "best": ("breakfast", "lunch", "dinner"),
}
SINGLE = ("like_anna", "sleep", "feeling", "said", "holiday")
HEAD = """[source]
citation = "Drawn."
licence = "CC0-1.0"
[data]
study = "{study}"
respondents = "{respondents}"
{data}
"""
# How each program writes that there is no value.
NOTHING = {
    "csv": {"NA": "skipped"},
    "xlsx": {},
    "sav": {"-99": "skipped", "-98": "skipped", "-97": "skipped", "-96": "skipped"},
    "dta": {"a": "skipped", "b": "skipped", "c": "skipped", "d": "skipped"},
}


def drawn(seed: int, people: int) -> dict[str, dict[str, object]]:
    """Somebody -> item -> what is stored; None where there is nothing."""
    rng = random.Random(seed)
    return {f"p{n}": dict(_answers(rng)) for n in range(people)}


def _answers(rng: random.Random) -> Iterator[tuple[str, object]]:
    def or_nothing(value):
        return value if rng.random() > 0.15 else None

    yield "like_anna", or_nothing(rng.randint(0, 10))
    yield "sleep", or_nothing(rng.randint(0, 240) / 10)
    yield "feeling", or_nothing(float(rng.randint(0, 100)))
    ticked = or_nothing([rng.randint(0, 1) for _ in range(3)])
    ranks = or_nothing(rng.sample([1, 2, 3], 3))
    for item, stored in (("drank", ticked), ("best", ranks)):
        for at, option in enumerate(LISTED[item]):
            yield f"{item}_{option}", None if stored is None else stored[at]
    yield "said", or_nothing(rng.choice(WORDS))
    yield "holiday", or_nothing(f"202{rng.randint(0, 9)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}")


def stored(study) -> dict[str, dict[str, object]]:
    """The same, as the database has it."""
    found: dict[str, dict[str, object]] = {}
    rows = Answer.objects.filter(administration__study=study).select_related("item")
    for one in rows.select_related("administration__respondent"):
        respondent = one.administration.respondent
        key = respondent.recruiter_id or respondent.design["session"]
        values = (one.value, one.number, one.text)
        value = next((held for held in values if held is not None), None)
        found.setdefault(key, {})[one.item.key] = value
    return found


def mapping(study: str, data: str, missing: dict[str, str], respondents: str = "people") -> str:
    text = HEAD.format(study=study, data=data, respondents=respondents)
    if missing:
        codes = ", ".join(f'"{code}" = "{reason}"' for code, reason in missing.items())
        text += f"missing = {{ {codes} }}\n"
    for item in SINGLE:
        text += f'[[columns]]\nname = "day_{item}"\nitem = "day.{item}"\n'
    for item, options in LISTED.items():
        for one in options:
            text += (
                f'[[columns]]\nname = "day_{item}_{one}"\nitem = "day.{item}"\noption = "{one}"\n'
            )
    return text


def frame(told: dict[str, dict[str, object]]) -> pd.DataFrame:
    rows = [{"id": who, **{f"day_{k}": v for k, v in said.items()}} for who, said in told.items()]
    return pd.DataFrame(rows)


def written(told, folder: Path, form: str) -> Path:
    table, path = frame(told), folder / f"people.{form}"
    if form == "csv":
        table.astype(object).to_csv(path, index=False, na_rep="NA")
    elif form == "xlsx":
        table.to_excel(path, index=False)
    elif form == "sav":
        pyreadstat.write_sav(table, str(path))
    else:
        pyreadstat.write_dta(table, str(path), version=15)
    return path


def brought_in(study, path: Path, text: str, owner):
    report = import_file(
        mapping=parse_mapping(text), content=path.read_bytes(), name=path.name, owner=owner,
        by=TESTER,
    )  # fmt: skip
    return report, stored(study)


def file_of(folder: Path, *, ends: str) -> Path:
    (found,) = [one for one in folder.rglob("*") if one.name.endswith(ends)]
    return found


# A text that is written as a missing answer is one: a table cannot tell them apart.
CODES = {code for codes in NOTHING.values() for code in codes} | {""}
LETTERS = st.characters(exclude_categories=("Cs", "Cc"))
TEXTS = st.text(LETTERS | st.just("\n"), max_size=30).map(str.strip) | st.sampled_from(WORDS)


def maybe(values):
    return st.none() | values


def parts(item: str, values) -> st.SearchStrategy[dict[str, object]]:
    """The columns of a list: all have a value, or none has."""
    names = [f"{item}_{one}" for one in LISTED[item]]
    return maybe(values).map(lambda held: dict(zip(names, held or [None] * 3, strict=True)))


ANSWERS = st.builds(
    lambda single, drank, best: single | drank | best,
    st.fixed_dictionaries(
        {
            "like_anna": maybe(st.integers(0, 10)),
            "sleep": maybe(st.integers(0, 240).map(lambda n: n / 10)),
            "feeling": maybe(st.integers(0, 100).map(float)),
            "said": maybe(TEXTS.filter(lambda text: text not in CODES)),
            "holiday": maybe(st.dates(date(2020, 1, 1), date(2030, 12, 31)).map(str)),
        }
    ),
    parts("drank", st.lists(st.integers(0, 1), min_size=3, max_size=3)),
    parts("best", st.permutations([1, 2, 3])),
)
TABLES = st.lists(ANSWERS, min_size=1, max_size=5).map(
    lambda rows: {f"p{n}": row for n, row in enumerate(rows)}
)
# What an export of a study is read again as: the end of a file's name, format, shape.
AGAIN = {
    "wide": ("answers-people_form-raw_data.csv", "csv", ""),
    "long": ("answers-people_form-long_data.csv", "csv", "long"),
    "spss": ("people.sav", "sav", ""),
    "stata": ("people.dta", "dta", ""),
}


def test_any_answers_of_people_come_in_from_every_format_and_go_out_and_come_in_the_same(owner):
    studies = {slug: open_day_study(owner, slug=slug) for slug in ("first", *AGAIN)}

    @hypothesis_settings(
        max_examples=30,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(told=TABLES, form=st.sampled_from(["csv", "xlsx", "sav", "dta"]))
    def there_and_back(told, form):
        with transaction.atomic(), TemporaryDirectory() as made:
            _come_back(owner, studies, told, form, Path(made))
            transaction.set_rollback(True)

    there_and_back()


def as_a_set(told: dict[str, dict[str, object]]) -> list[str]:
    """Whose answers they are is not told: an export numbers people anew."""
    return sorted(str(sorted(said.items())) for said in told.values())


def _come_back(owner, studies, told, form: str, folder: Path) -> None:
    layout = f'format = "{form}"\nid_column = "id"\nline_breaks = true'
    path = written(told, folder, form)
    text = mapping("first", layout, NOTHING[form])
    report, found = brought_in(studies["first"], path, text, owner)
    answered = {who: said for who, said in told.items() if set(said.values()) != {None}}
    assert report.imported == len(answered)
    assert found == answered
    exported(studies["first"], folder / "out", formats=("csv", "sav", "dta"), exact=True)
    for slug, (ends, kind, shape) in AGAIN.items() if answered else ():
        layout = f'format = "{kind}"\nid_column = "respondent"\nline_breaks = true\n'
        if shape:
            layout += 'shape = "long"\nitem_column = "column"\nvalue_column = "value"\n'
        source = file_of(folder / "out", ends=ends)
        text = mapping(slug, layout, NOTHING[kind])
        _report, back = brought_in(studies[slug], source, text, owner)
        assert as_a_set(back) == as_a_set(found), slug


def natural(item: str, said: dict[str, object]) -> object:
    """A value as somebody writes it into JSON: labels of options, ranks by key, else the value."""
    if item not in LISTED:
        return said[item]
    values = {one: said[f"{item}_{one}"] for one in LISTED[item]}
    if None in values.values():
        return None
    if item == "best":
        return sorted(values, key=lambda one: values[one])
    return [one.capitalize() for one, ticked in values.items() if ticked] or ["None of these"]


def test_answers_of_models_come_in_from_json_lines_and_tables(owner, tmp_path):
    told = drawn(2, 40)
    lines = [
        {"panel": "m", "session": who, "model": "x", "item": f"day.{item}", **reply}
        for who, said in told.items()
        for item in (*SINGLE, *LISTED)
        for value in (natural(item, said),)
        for reply in ({"value": value} if value is not None else {"missing_reason": "skipped"},)
    ]
    path = tmp_path / "m.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in lines), encoding="utf-8")
    study = open_day_study(owner, slug="models")
    text = HEAD.format(study="models", respondents="models", data='format = "jsonl"')
    assert brought_in(study, path, text, owner)[1] == told

    for form in ("csv", "xlsx", "sav", "dta"):
        study = open_day_study(owner, slug=f"wide-{form}")
        layout = f'format = "{form}"\nshape = "wide"\ncells = "value"\nline_breaks = true\n'
        text = mapping(f"wide-{form}", layout, NOTHING[form], "models")
        text += '[fields]\nsession = "id"\n[[panels]]\nkey = "m"\nmodel = "x"\n'
        _report, found = brought_in(study, written(told, tmp_path, form), text, owner)
        answered = {who: one for who, one in told.items() if set(one.values()) != {None}}
        assert found == answered, form


def test_parts_of_one_answer_in_records_of_their_own_become_one_reply(owner, tmp_path):
    told = drawn(3, 30)
    rows = [
        {"panel": "m", "session": who, "model": "x", "item": f"day_{key}", "value": value}
        for who, said in told.items()
        for key, value in said.items()
        if value is not None
    ]
    path = tmp_path / "long.csv"
    pd.DataFrame(rows).astype(object).to_csv(path, index=False)
    study = open_day_study(owner, slug="parts")
    text = mapping("parts", 'format = "csv"\nline_breaks = true', {}, "models")
    _report, found = brought_in(study, path, text, owner)

    assert found == {who: said for who, said in told.items() if who in found}


def test_the_documented_example_stores_what_its_file_says(owner):
    data = load_mapping(EXAMPLE / "mapping.toml")
    people = read_data_file(EXAMPLE / "people.csv", data.layout)
    report = import_responses(mapping=data, data=people, owner=owner, by=TESTER)

    rows = list(csv.DictReader((EXAMPLE / "people.csv").read_text().splitlines()))
    found = stored(report.study)
    for row in rows:
        got = found.get(row["ResponseId"])
        if got is None:
            continue
        ticked = [row[f"drinks_{n}"] == "1" for n in (1, 2, 3)]
        drank = [int(one) for one in ticked] if any(ticked) or row["drinks_4"] else [None] * 3
        assert [got[f"drank_{one}"] for one in ("tea", "coffee", "water")] == drank
        ranks = [int(row[f"meals_{n}"]) if row[f"meals_{n}"] else None for n in (1, 2, 3)]
        assert [got[f"best_{one}"] for one in ("breakfast", "lunch", "dinner")] == ranks
        assert got["said"] == (row["said"] or None)
        day = row["free_day"]
        iso = "-".join(reversed(day.split("."))) if "." in day else None
        assert got["free_day"] == iso
        assert [got["places_home"], got["places_work"]] == (
            [int("Home" in row["places"]), int("Work or school" in row["places"])]
            if row["places"]
            else [None, None]
        )
    assert report.words["day.said"] == sum(bool(row["said"]) for row in rows)
    assert report.missing["day.free_day"]["refused"] > 0


COLUMNS = (
    "ResponseId,drinks_1,drinks_2,drinks_3,drinks_4,meals_1,meals_2,meals_3,places,said,free_day\n"
)
COFFEE = '[[columns]]\nname = "drinks_2"\nitem = "day.drank"\noption = "coffee"\n'


def import_of(owner, row: str, text: str):
    data = parse_mapping(text)
    file = parse_data((COLUMNS + row + "\n").encode(), data.layout)
    return import_responses(mapping=data, data=file, owner=owner, by=TESTER)


@pytest.mark.parametrize(
    ("row", "old", "new", "code", "where"),
    [
        ("a,1,,,1,1,2,3,,x,", "", "", "not_together", "column drinks_1, drinks_2"),
        ("a,1,,,,1,1,3,,x,", "", "", "not_together", "column meals_1, meals_2"),
        ("a,1,,,,1,2,,,x,", "", "", "not_together", "column meals_1, meals_2"),
        ("a,2,,,,1,2,3,,x,", "", "", "unknown_code", "column drinks_1, line 2"),
        ("a,1,,,,1,2,4,,x,", "", "", "unknown_code", "column meals_3, line 2"),
        ("a,1,,,,1,2,3,Home; Pub,x,", "", "", "unknown_code", "column places, line 2"),
        ("a,1,,,,1,2,3,,x,2026-01-02", "", "", "not_an_answer", "column free_day, line 2"),
        ("a,1,,,,1,2,3,,x,01.04.2026", "", "", "not_an_answer", "column free_day, line 2"),
        ("a,1,,,,1,2,3,,long,", "longest = 500", "longest = 3", "not_an_answer", "column said"),
        ("a,1,,,,1,2,3,,x,", 'option = "tea"', 'option = "beer"', "unknown_option", "columns["),
        ("a,1,,,,1,2,3,,x,", 'option = "tea"', "rank = 1", "no_such_rank", "columns["),
        ("a,1,,,,1,2,3,,x,", 'option = "lunch"', "rank = 2", "mixed_places", "columns["),
        ("a,1,,,,1,2,3,,x,", 'name = "said"\n', 'name = "said"\nseparator = ";"\n',
         "nothing_to_separate", "columns[said]"),
        ("a,1,,,,1,2,3,,x,", COFFEE, "", "parts_lacking", "columns[drinks_1]"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_its_place(owner, row, old, new, code, where):
    text = TEXT.replace(old, new, 1) if old else TEXT
    assert not old or text != TEXT
    with pytest.raises(ImportFileError) as no:
        import_of(owner, row, text)

    assert [(one.code.value, one.where.startswith(where)) for one in no.value.problems] == [
        (code, True)
    ]
    assert not Answer.objects.exists()


def test_a_row_that_ticks_nothing_is_skipped_and_a_column_of_places_is_a_ranking(owner):
    text = TEXT
    for place, option in enumerate(("breakfast", "lunch", "dinner"), start=1):
        text = text.replace(f'option = "{option}"', f"rank = {place}")
    rows = "a,0,0,0,,dinner,Breakfast,lunch,Outside; Home,x,\nb,,,,,lunch,dinner,breakfast,,x,"
    report = import_of(owner, rows, text)

    found = stored(report.study)
    assert (found["a"]["drank_tea"], found["b"]["drank_tea"]) == (None, None)
    assert [found["a"][f"best_{one}"] for one in LISTED["best"]] == [2, 3, 1]
    assert [found["b"][f"best_{one}"] for one in LISTED["best"]] == [3, 1, 2]
    assert (found["a"]["places_home"], found["a"]["places_outside"]) == (1, 1)


def test_a_draft_proposes_lists_ranks_days_and_phrases(owner):
    draft = draft_file((EXAMPLE / "people.csv").read_bytes(), name="people.csv")
    aims = {one.name: draft.aim_of(one) for one in draft.columns}

    assert {aims[f"drinks_{n}"] for n in (1, 2, 3, 4)} == {"drinks.drinks"}
    assert {aims[f"meals_{n}"] for n in (1, 2, 3)} == {"meals.meals"}
    assert (aims["places"], aims["said"], aims["free_day"]) == (
        "places.places", "said.said", "free_day.free_day",
    )  # fmt: skip
    assert 'option = "meals_1"' in draft.text
    assert 'separator = ";"' in draft.text
    assert 'longest = "? 200"' in draft.text
    assert 'kind = "date"' in draft.text
    assert "nothing to tell" not in draft.text
    with pytest.raises(ImportFileError):
        parse_mapping(draft.text)


def test_columns_of_an_export_find_the_lists_of_a_study_that_is_there(owner):
    open_day_study(owner, slug="there")
    content = frame(drawn(4, 20)).to_csv(index=False).encode()
    draft = draft_import(content=content, name="a.csv", study="there", user=None)

    assert draft.items["day_drank_tea"] == "day.drank"
    assert draft.items["day_said"] == "day.said"
    assert 'option = "tea"' in draft.text


def test_labels_with_a_comma_are_no_lists_and_names_of_people_no_texts():
    labels = ("Yes, surely", "Yes, perhaps", "No, never")
    rows = "".join(f'{n},"{labels[n % 3]}",Ada {n} Byron\n' for n in range(30))
    draft = draft_file(f"id,would,who\n{rows}".encode(), name="a.csv")

    assert 'kind = "several"' not in draft.text
    assert draft.items == {"would": "would.would"}
    assert "Byron" not in draft.text
