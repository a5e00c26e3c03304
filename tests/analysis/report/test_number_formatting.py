"""Numbers read as the APA manual has them, and a missing number says so."""

import re
from pathlib import Path

import pytest

import analysis
from analysis.language import MINUS, speaking
from analysis.report.typesetting.formatting import (
    bounded,
    chi_square,
    count,
    counted,
    decimal,
    estimate_with_interval,
    interval,
    listed,
    p_clause,
    p_value,
    percent,
    recorded,
)


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (0.0712, 2, ".07"),
        (-0.164, 2, f"{MINUS}.16"),
        (-0.164, 3, f"{MINUS}.164"),
        (1.0, 2, "1.00"),
        (-1.0, 2, f"{MINUS}1.00"),
        (0.0, 2, ".00"),
        (-0.0001, 2, ".00"),
        (0.999, 2, "1.00"),
        (None, 2, "not estimable"),
        (float("nan"), 2, "not estimable"),
        (float("inf"), 2, "not estimable"),
    ],
)
def test_a_bounded_statistic_has_no_leading_zero_and_a_true_minus(value, places, expected):
    assert bounded(value, places) == expected


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (58.954, 2, "58.95"),
        (0.5, 2, "0.50"),
        (-0.45, 2, f"{MINUS}0.45"),
        (-0.004, 2, "0.00"),
        (2044.0, 0, "2,044"),
        (None, 2, "not estimable"),
    ],
)
def test_a_number_on_an_open_scale_keeps_its_leading_zero(value, places, expected):
    assert decimal(value, places) == expected


@pytest.mark.parametrize(
    ("p", "cell", "clause"),
    [
        (0.032, ".032", "p = .032"),
        (0.0009, "< .001", "p < .001"),
        (0.001, ".001", "p = .001"),
        (0.9996, "> .999", "p > .999"),
        (0.05, ".050", "p = .050"),
        (None, "not estimable", "p not estimable"),
    ],
)
def test_a_p_value_is_exact_to_three_decimals(p, cell, clause):
    assert (p_value(p), p_clause(p)) == (cell, clause)


@pytest.mark.parametrize(
    ("bounds", "open_scale", "expected"),
    [
        ((-0.26, -0.07), False, f"[{MINUS}.26, {MINUS}.07]"),
        ((0.4, 1.16), True, "[0.40, 1.16]"),
        ((0.4, 1.16), False, "[.40, 1.16]"),
        (None, False, "not estimable"),
        ((float("nan"), 1.0), False, "not estimable"),
    ],
)
def test_an_interval_follows_the_rule_of_its_statistic(bounds, open_scale, expected):
    assert interval(bounds, open_scale=open_scale) == expected


def test_an_estimate_without_an_interval_stands_alone():
    assert estimate_with_interval(0.21, None) == ".21"
    assert estimate_with_interval(0.21, (0.1, 0.32)) == ".21 [.10, .32]"
    assert estimate_with_interval(None, (0.1, 0.32)) == "not estimable"


def test_counts_and_shares_that_nobody_recorded_say_so():
    assert (count(2044), count(0), count(None)) == ("2,044", "0", "not recorded")
    assert (percent(0.523), percent(0.0041, 1), percent(None)) == ("52%", "0.4%", "not recorded")


def test_text_that_is_absent_or_blank_reads_not_recorded():
    assert [recorded(text) for text in (None, "", "  ", " open link ")] == [
        "not recorded",
        "not recorded",
        "not recorded",
        "open link",
    ]


def test_lists_and_counted_nouns_read_as_english():
    assert [listed(words) for words in ((), ("a",), ("a", "b"), ("a", "b", "c"))] == [
        "none",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [counted(n, "person", "people") for n in (0, 1, 2)] == [
        "0 people",
        "1 person",
        "2 people",
    ]


def test_a_chi_square_carries_its_degrees_of_freedom():
    assert chi_square(58.95, 12) == "χ²(12) = 58.95"
    assert chi_square(None, 12) == "χ² not estimable"


def test_numbers_of_a_german_document_are_german():
    with speaking("de"):
        assert decimal(-1234.5) == "−1.234,50"
        assert decimal(-0.001) == "0,00"
        assert bounded(-0.16) == "−0,16"
        assert percent(1.0) == "100\N{NO-BREAK SPACE}%"
        assert percent(0.425, 1) == "42,5\N{NO-BREAK SPACE}%"
        assert p_clause(0.0001) == "p < 0,001"
        assert interval((-0.26, 0.07)) == "[−0,26; 0,07]"
        assert count(12345) == "12.345"
    assert (bounded(-0.16), percent(1.0), interval((-0.26, 0.07))) == (
        *("−.16", "100%", "[−.26, .07]"),
    )


# What writes sentences writes its numbers by `analysis.language`, which knows the language.
_UNSPOKEN = re.compile(r'(?<!digits\()f"\{[^{}"]*:,?\.(?:[1-9]f|\d%)\}"')


def test_no_sentence_of_a_run_writes_a_number_past_its_language():
    rooms = ("compare/notices", "report/sections", "report/drawings", "report/readout")
    found = [
        f"{path.name}: {one[0]}"
        for room in rooms
        for path in sorted(Path(analysis.__file__).parent.joinpath(room).rglob("*.py"))
        for one in _UNSPOKEN.finditer(path.read_text("utf-8"))
    ]
    assert found == []
