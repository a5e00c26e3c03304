"""Kinds of questions by themselves: files, entries, values."""

import pytest
from every_kind import every_kind

from surveys.instrument_files import (
    InstrumentFileError,
    instrument_values,
    parse_instrument,
    to_toml,
)
from surveys.questions import Declared, Mistaken, format_of
from surveys.questions.numbers import Number
from surveys.questions.texts import Text

FILE = to_toml(instrument_values(every_kind()))


def edited(old, new):
    assert old in FILE, old
    return FILE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("minimum = 0", "minimum = 10", "response_scales[likely].minimum", "no_span"),
        ("maximum = 10", "maximum = 200", "response_scales[likely].maximum", "too_many_points"),
        ("value = 10,", "value = 11,", "response_scales[likely].labels", "point_outside"),
        ('"not at all"', '"0 of 10"', "response_scales[likely].labels", "number_before_label"),
        (
            'reason = "dont_know"',
            'reason = "bored"',
            "response_scales[likely].unscored[bored].reason",
            "unknown_reason",
        ),
        ("decimals = 1", "decimals = 9", "response_scales[hours].decimals", "too_large"),
        ("decimals = 1", "digits = 1", "response_scales[hours].digits", "unknown_key"),
        ("maximum = 24", "maximum = nan", "response_scales[hours].maximum", "wrong_type"),
        ('"2020-01-01"', '"2020-02-30"', "response_scales[day].earliest", "not_a_date"),
        ('"2020-01-01"', '"2040-01-01"', "response_scales[day].earliest", "no_span"),
        ("longest = 500", "longest = 0", "response_scales[words].longest", "too_small"),
        (
            'key = "lunch"',
            'key = "Lunch"',
            "response_scales[meals].options[Lunch].key",
            "malformed_name",
        ),
        ('key = "said"', 'key = "drank_tea"', "items[drank]", "duplicate_key"),
        ('need = "free"', 'need = "never"', "items[said].need", "unknown_choice"),
        (
            'construct = "day"',
            'construct = "day"\nreverse_keyed = ["drank"]',
            "items[drank]",
            "not_reversible",
        ),
    ],
)
def test_a_mistake_in_a_kind_is_named_by_its_place_and_a_code(old, new, where, code):
    with pytest.raises(InstrumentFileError) as refused:
        parse_instrument(edited(old, new))

    assert (where, code) in [(one.where, one.code) for one in refused.value.problems]


def test_information_needs_a_question_behind_it():
    last = FILE[FILE.index('[[items]]\nkey = "story"') :].split("\n[[items]]")[0]
    with pytest.raises(InstrumentFileError) as refused:
        parse_instrument(FILE.replace(last, "", 1) + "\n" + last)

    assert refused.value.code == "nothing_after"


HOURS = Number(minimum=0, maximum=24, decimals=1)


@pytest.mark.parametrize(
    ("text", "given"),
    [("7", 7), (" 7,5 ", 7.5), ("7.5", 7.5), ("0", 0), ("24.0", 24), ("", None)],
)
def test_a_number_is_read_as_it_is_typed(text, given):
    assert HOURS.entered((text,)) == given


@pytest.mark.parametrize("text", ["seven", "7.55", "1,500", "7 8", "1e1", "٧", "nan", "--1"])
def test_what_is_no_number_of_the_range_is_refused_in_words(text):
    said = HOURS.entered((text,))

    assert isinstance(said, Mistaken)
    assert said.code.sentence % said.arguments == (
        "Please enter a number from 0 to 24, with at most 1 digits behind the point."
    )


@pytest.mark.parametrize("given", [-1, 24.1, 7.55, "7", (7,), Declared("dont_know")])
def test_nothing_else_than_a_number_of_the_range_is_stored(given):
    assert isinstance(HOURS.stored(given), Mistaken)


def test_an_empty_list_is_an_answer_only_where_none_is_offered():
    options = [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]
    plain = format_of("several", {"options": options})
    offered = format_of("several", {"options": options, "none": "None"})

    assert isinstance(plain.stored(()), Mistaken)
    assert offered.stored(offered.entered(("3",))) == (0, 0)
    assert isinstance(offered.stored(offered.entered(("1", "3"))), Mistaken)


def test_a_rank_that_is_given_twice_or_not_at_all_is_no_ranking():
    options = [{"key": key, "label": key} for key in "abc"]
    ranking = format_of("ranking", {"options": options})

    assert ranking.entered(("2", "3", "1")) == (3, 1, 2)
    assert ranking.stored((3, 1, 2)) == (2, 3, 1)
    for texts in (("1", "1", "2"), ("1", "2", ""), ("0", "1", "2")):
        assert isinstance(ranking.entered(texts), Mistaken)
    assert ranking.entered(("", "", "")) is None


def test_a_text_keeps_its_lines_and_loses_what_no_database_takes():
    text = Text(longest=20)

    assert text.entered(("  one\r\ntwo\x00 ",)) == "one\ntwo"
    assert isinstance(text.stored("x" * 21), Mistaken)


def test_only_days_in_the_range_are_dates():
    day = format_of("date", {"earliest": "2020-01-01", "latest": "2030-12-31"})

    assert day.stored(day.entered(("2026-03-29",))) == ("2026-03-29",)
    for text in ("2026-02-30", "2019-12-31", "29.3.2026", "20260329"):
        assert isinstance(day.stored(text), Mistaken)


def test_a_reply_with_a_number_beyond_all_bounds_is_no_answer():
    assert isinstance(HOURS.stored(HOURS.of_json(10**400)), Mistaken)
    assert isinstance(HOURS.stored(HOURS.of_json(float("inf"))), Mistaken)
    assert isinstance(HOURS.of_json(True), Mistaken)
