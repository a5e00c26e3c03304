"""Conditions, rules, placeholders and screenings, without a database."""

from collections import Counter
from contextlib import suppress
from hashlib import sha256
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from request_study import AGE, FIRM, SHARE, WHY_NOT, request_files, request_instrument

from surveys.flow import ExpressionError, Missing, Truth, assigned, cells_of, filled, parse
from surveys.instrument_files import (
    InstrumentFileError,
    parse_draft,
    parse_instrument,
    parse_study,
    questionnaire_of,
    study_values,
    to_toml,
)
from surveys.presentation import StoredAnswer, Walk, present

FACTORS = {"recipient": ["state", "firm", "friend"], "benefit": ["own", "all"]}
CONDITION = {"recipient": "firm", "benefit": "own"}


def truth(text, **said):
    return parse(text.replace("a_", "a.")).truth(lambda name: said.get(name.replace(".", "_")))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a_x == 3", Truth.TRUE),
        ("a_x != 3 or a_x > 2.5", Truth.TRUE),
        ("not (a_x in [1, 2] and a_x < 9)", Truth.TRUE),
        ("a_x not in [1, 3]", Truth.FALSE),
        ("to == 'firm' and a_x >= 3", Truth.TRUE),
        ("a_m < 5", Truth.UNKNOWN),
        ("not a_m < 5", Truth.UNKNOWN),
        ("a_m == 'dont_know'", Truth.UNKNOWN),
        ("a_d == 'dont_know' and a_d != 'no_opinion'", Truth.TRUE),
        ("a_d in [1, 'dont_know']", Truth.TRUE),
        ("a_d in [1, 'no_opinion'] or a_d > 1", Truth.UNKNOWN),
        ("a_m < 5 or a_x == 3", Truth.TRUE),
        ("a_m < 5 and a_x == 4", Truth.FALSE),
        ("a_later == 1", Truth.PENDING),
        ("a_later == 1 or a_x == 3", Truth.TRUE),
        ("a_x == 3 or a_x == 4 and a_x == 5", Truth.TRUE),
    ],
)
def test_an_expression_is_true_false_unknown_or_pending(text, expected):
    said = {"a_x": 3, "a_m": Missing("skipped"), "a_d": Missing("dont_know"), "to": "firm"}
    assert truth(text, **said) is expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.x", "3 == a.x", "a.x == a.y", "a.x = 3", "a.x == 3 and", "(a.x == 3", "a.x in []"),
        *(
            "a.x == 3)",
            "a.x.y == 3",
            "__import__('os')",
            "a.x == 3; b.y == 1",
            "a.x == 'b",
            "a.x in 3",
        ),
        *("A.x == 3", "a.x == 3 a.x == 4", "not", "(" * 40 + "a.x == 1" + ")" * 40, "a.x == 1e9"),
        *("a.x == 3 " * 500, "lambda: 1", "a.x == 1 if a.y else 2", "a.x == True"),
    ],
)
def test_whatever_is_no_comparison_is_refused_by_a_code(text):
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert refused.value.code in ("not_an_expression", "too_deep")


@given(st.text(max_size=60))
def test_any_text_is_an_expression_or_refused_by_a_code(text):
    with suppress(ExpressionError):
        assert parse(text).truth(lambda _name: None) in Truth


NODES = st.recursive(
    st.sampled_from(["a.x == 1", "a.y != 2", "a.x < 2", "b.z in [1, 2]", "b.z not in [3]"]),
    lambda part: st.tuples(st.sampled_from(["and", "or", "not"]), part, part).map(
        lambda made: (
            f"not ({made[1]})" if made[0] == "not" else f"({made[1]}) {made[0]} ({made[2]})"
        )
    ),
    max_leaves=8,
)


@given(NODES, st.dictionaries(st.sampled_from(["a.x", "a.y", "b.z"]), st.integers(1, 3)))
def test_an_answer_that_was_lost_takes_nothing_back_when_it_is_given_later(text, said):
    """What is true without an answer stays true with any."""
    expression = parse(text)
    before = expression.truth(lambda name: said.get(name, Missing("transport_error")))
    if before in (Truth.TRUE, Truth.FALSE):
        for value in (1, 2, 3):
            assert expression.truth(lambda name, now=value: said.get(name, now)) is before


@given(st.integers(0, 2**60), st.integers(1, 60))
def test_cells_never_differ_by_more_than_one_respondent(seed, people):
    dealt = Counter(
        tuple(assigned(FACTORS, seed=seed, stratum="people", number=n).values())
        for n in range(1, people + 1)
    )
    counts = [dealt[tuple(cell.values())] for cell in cells_of(FACTORS)]
    assert max(counts) - min(counts) <= 1


def test_the_rule_of_assignment_never_changes():
    dealt = [assigned(FACTORS, seed=7, stratum="people", number=n) for n in range(1, 4)]
    assert [",".join(one.values()) for one in dealt] == ["state,all", "state,own", "firm,own"]
    # By hand, as docs/instruments.md says it.
    cells = [",".join(cell.values()) for cell in cells_of(FACTORS)]
    ranked = sorted(cells, key=lambda cell: sha256(f"7:people:0:{cell}".encode()).digest())
    assert ranked[:3] == ["state,all", "state,own", "firm,own"]


@given(st.integers(0, 2**60))
def test_a_level_with_a_share_is_dealt_so_much_more_often_in_every_block(seed):
    shares = {"recipient": {"state": 2}, "benefit": {"own": 3}}
    numbers = {factor: shares.get(factor, {}) for factor in FACTORS}
    weights = {
        tuple(cell.values()): prod(numbers[f].get(level, 1) for f, level in cell.items())
        for cell in cells_of(FACTORS)
    }
    block = sum(weights.values())
    for first in (1, 1 + block):
        dealt = Counter(
            tuple(assigned(FACTORS, seed=seed, stratum="p", number=n, shares=shares).values())
            for n in range(first, first + block)
        )
        assert dict(dealt) == weights


def test_shares_of_one_deal_as_if_there_were_none():
    ones = {factor: dict.fromkeys(levels, 1) for factor, levels in FACTORS.items()}
    for n in range(1, 30):
        plain = assigned(FACTORS, seed=7, stratum="people", number=n)
        assert assigned(FACTORS, seed=7, stratum="people", number=n, shares=ones) == plain


def test_what_is_filled_in_is_not_looked_at_again():
    text = filled(
        "{answer:a.x} and {condition:to}",
        answer=lambda _n: "{condition:to}",
        condition=lambda _n: "firm",
    )
    assert text == "{condition:to} and firm"


def shown(condition=CONDITION, language="en"):
    study = parse_study(request_files()[1], instruments=[request_instrument()])
    asked = questionnaire_of(study, [request_instrument()], language)
    return present(asked, seed=1, condition=condition)


def test_pages_end_where_an_answer_decides_what_comes_next():
    pages = [[one.ref for one in page.questions] for page in shown().pages]
    assert pages == [[AGE], [SHARE], [WHY_NOT, FIRM]]


def test_a_walk_shows_by_answers_and_condition_and_repeats_what_was_said():
    told = {AGE: StoredAnswer((31.0,)), SHARE: StoredAnswer(reason="dont_know")}
    walk = Walk(shown(), told)
    assert walk.open_page == 3
    assert [one.text for one in walk.page(3).questions] == [
        "You said “I cannot say”. What keeps you from it?",
        "Would you, at 31, trust a firm with them?",
    ]
    assert Walk(shown(), {**told, SHARE: StoredAnswer((1,))}).hidden == {WHY_NOT}
    state = shown({"recipient": "state", "benefit": "all"})
    assert Walk(state, {}).hidden == {FIRM}
    assert Walk(state, {AGE: StoredAnswer((17.0,))}).screened_by == "minors"
    assert Walk(state, {AGE: StoredAnswer((17.0,))}).hidden == {SHARE, WHY_NOT, FIRM}


def test_words_that_somebody_wrote_are_no_markup_and_no_placeholder():
    repeats = request_files()[0].replace("{answer:request.age}", "{answer:request.why_not}")
    instrument = parse_instrument(repeats)
    study = parse_study(request_files()[1], instruments=[instrument])
    asked = present(questionnaire_of(study, [instrument], "en"), seed=1, condition=CONDITION)
    written = "**bold**\n{condition:recipient} <b>"
    walk = Walk(asked, {WHY_NOT: StoredAnswer((written,)), SHARE: StoredAnswer((0,))})
    text = walk.worded(asked.question(FIRM)).text
    assert text == "Would you, at *bold* {condition:recipient} <b>, trust a firm with them?"


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("request.age < 18", "request.agee < 18", "unknown_item", "screening[minors].when"),
        ("request.age < 18", "request.age < 180", "impossible_value", "screening[minors].when"),
        ("request.age < 18", "request.age <", "not_an_expression", "screening[minors].when"),
        ("request.age < 18", "request.why_not == 1", "not_comparable", "screening[minors].when"),
        ("[0, 'dont_know']", "[0, 'refused']", "impossible_value", "show_if[request.why_not].when"),
        ("[0, 'dont_know']", "[7]", "impossible_value", "show_if[request.why_not].when"),
        ("recipient == 'firm'", "recipent == 'firm'", "unknown_condition", None),
        ("recipient == 'firm'", "recipient == 'firma'", "impossible_value", None),
        ("recipient == 'firm'", "recipient > 'firm'", "not_ordered", None),
        ('show = "request.firm"', 'show = "request.frim"', "unknown_target", None),
        (
            'show = "request.firm"',
            'show = "request.age"',
            "later_item",
            "show_if[request.age].when",
        ),
        ("shuffle = false", "shuffle = true", "later_item", None),
        ('key = "own"', 'key = "all"', "duplicate_key", "conditions[benefit].levels[all]"),
        ('"to advise you"', '"to {advise} you"', "unknown_placeholder", None),
        ('key = "benefit"', 'key = "gain"', "unknown_condition", None),
    ],
)
def test_what_does_not_fit_is_refused_when_the_study_is_read(old, new, code, where):
    text = request_files()[1].replace(old, new)
    assert text != request_files()[1]
    with pytest.raises(InstrumentFileError) as refused:
        parse_draft(text, instruments=[request_instrument()])
    found = {problem.code.value: problem.where for problem in refused.value.problems}
    assert code in found
    assert where is None or found[code] == where


def test_a_study_with_a_flow_is_written_as_it_was_read():
    study = parse_study(request_files()[1], instruments=[request_instrument()])
    assert parse_study(to_toml(study_values(study)), instruments=[request_instrument()]) == study
