"""Replies become answers or reasons; nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_respondents.parsing import (
    Answered,
    ContentFiltered,
    OutOfRange,
    Refusal,
    SchemaViolation,
    Truncated,
    Unparsable,
    judge,
)
from llm_respondents.prompts import Arm, Turn
from surveys.presentation import Option, Question

EN = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")
DE = ("Stimme gar nicht zu", "Stimme nicht zu", "Teils, teils", "Stimme zu", "Stimme voll zu")


def question(position=1, labels=EN):
    options = tuple(Option(code, code, label) for code, label in enumerate(labels, start=1))
    return Question(f"b.q{position}", "I plan ahead.", options, position, "item", "b")


def read(text, *, elicitation="number", labels=EN, questions=None, **envelope):
    questions = questions or (question(labels=labels),)
    turn = Turn(0, "b", questions, "…")
    return judge(text=text, turn=turn, arm=Arm(elicitation=elicitation), **envelope)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4", 4),
        (" 4\n", 4),
        ("4.", 4),
        ("**4**", 4),
        ("`4`", 4),
        ("(4)", 4),
        ("4 = Agree", 4),
        ("4 - agree", 4),
        ("4 (Agree)", 4),
        ("4: Agree.", 4),
        ("4 Agree", 4),
        ("Answer: 4", 4),
        ("My answer is 4.", 4),
        ("Option 4", 4),
        ("Agree", 4),
        ("strongly agree", 5),
        ("“Strongly agree”", 5),
    ],
)
def test_an_english_reply_that_is_nothing_but_an_answer_is_read(text, code):
    assert read(text) == (Answered(code),)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4", 4),
        ("Antwort: 4", 4),
        ("Meine Antwort lautet 4.", 4),
        ("Option 4", 4),
        ("4 = Stimme zu", 4),
        ("Stimme gar nicht zu", 1),
        ("stimme gar nicht zu.", 1),
        ("Teils, teils", 3),
    ],
)
def test_a_german_reply_that_is_nothing_but_an_answer_is_read(text, code):
    assert read(text, labels=DE) == (Answered(code),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4 or 5",
        "4, 5",
        "4 5",
        "4/5",
        "I would say 4.",
        "Between 3 and 4",
        "Error 429: rate limit reached. Try again in 5 seconds.",
        "5 = Strongly disagree",
        "4 = Disagree",
        "four",
        "agree disagree",
        "Question 1",
        "٤",
        "4" + " " * 3000 + "x",
        "4\n" * 3000,
    ],
)
def test_a_reply_that_leaves_room_for_doubt_is_unparsable(text):
    assert isinstance(read(text)[0], Unparsable)


@pytest.mark.parametrize(
    "text", ["0", "6", "-1", "4.5", "3,5", "99", "9" * 5000 + "", "1000000000000"]
)
def test_a_number_off_the_scale_is_out_of_range_or_unparsable_and_never_an_answer(text):
    outcome = read(text)[0]
    assert isinstance(outcome, Unparsable if len(text) > 2000 else OutOfRange)


@pytest.mark.parametrize(
    "text",
    [
        "As an AI, I do not have personal opinions.",
        "I can't answer that.",
        "I’m unable to answer questions about attitudes.",
        "I don't have feelings, so no number applies.",
        "I cannot choose, but a typical person might say 4.",
        "I'd rather not say.",
        "Als KI habe ich keine eigene Meinung.",
        "Ich kann diese Frage leider nicht beantworten.",
        "Dazu möchte ich keine Angabe machen.",
        "Tut mir leid, dazu sage ich nichts.",
        "Als Sprachmodell habe ich keine persönlichen Ansichten.",
    ],
)
@pytest.mark.parametrize("elicitation", ["number", "label", "schema"])
def test_a_refusal_in_words_is_a_refusal_in_every_form_of_asking(text, elicitation):
    assert isinstance(read(text, elicitation=elicitation)[0], Refusal)


def test_an_option_whose_label_sounds_like_a_refusal_is_still_an_answer():
    labels = ("I can't say", "I can say")
    assert read("I can't say", labels=labels, elicitation="label") == (Answered(1),)


@pytest.mark.parametrize(
    ("envelope", "kind"),
    [
        ({"finish_reason": "content_filter"}, ContentFiltered),
        ({"finish_reason": "length"}, Truncated),
        ({"refusal": "I cannot help with that."}, Refusal),
        ({"refusal": "no", "finish_reason": "length"}, Refusal),
    ],
)
def test_the_envelope_outranks_the_text(envelope, kind):
    assert isinstance(read("4", **envelope)[0], kind)


@pytest.mark.parametrize(
    "text",
    ['{"answer": 4}', ' {"answer":4}\n', '```json\n{"answer": 4}\n```', '```\n{"answer": 4}```'],
)
def test_json_of_the_asked_shape_is_read(text):
    assert read(text, elicitation="schema") == (Answered(4),)


@pytest.mark.parametrize(
    "text",
    [
        "4",
        "",
        "null",
        "[4]",
        '{"answer": "4"}',
        '{"answer": 4.0}',
        '{"answer": true}',
        '{"answer": null}',
        '{"answer": [4]}',
        '{"answer": 3, "answer": 5}',
        '{"answer": 4, "note": "sure"}',
        '{"response": 4}',
        '{"answer": 4',
        "[" * 100_000,
        '{"answer": ' + "9" * 5000 + "}",
    ],
)
def test_json_of_any_other_shape_is_a_schema_violation(text):
    assert isinstance(read(text, elicitation="schema")[0], SchemaViolation)


def test_json_with_a_code_that_is_not_on_display_is_out_of_range():
    assert isinstance(read('{"answer": 6}', elicitation="schema")[0], OutOfRange)


def test_a_reason_may_come_before_the_answer_where_it_was_asked_for():
    text = '{"reason": "I cannot plan much, as an AI.", "answer": 2}'
    assert read(text, elicitation="reason") == (Answered(2),)
    assert isinstance(read('{"answer": 2}', elicitation="reason")[0], SchemaViolation)


def test_a_number_is_no_answer_where_the_words_were_asked_for():
    assert isinstance(read("4", elicitation="label")[0], Unparsable)


def test_several_questions_are_read_one_by_one():
    questions = (question(3), question(4), question(5))
    text = '{"answers": {"3": 1, "4": 9}}'
    outcomes = read(text, elicitation="schema", questions=questions)
    assert outcomes[0] == Answered(1)
    assert isinstance(outcomes[1], OutOfRange)
    assert isinstance(outcomes[2], SchemaViolation)


def test_lines_are_matched_by_the_number_of_the_question():
    questions = (question(3), question(4), question(5))
    outcomes = read("4: 2\n3: 1\nQuestion 5: 1\n5: 2", questions=questions)
    assert outcomes[:2] == (Answered(1), Answered(2))
    assert isinstance(outcomes[2], Unparsable)


@given(
    text=st.text(max_size=300),
    elicitation=st.sampled_from(["schema", "number", "label", "reason"]),
    finish_reason=st.text(max_size=10),
)
def test_no_text_makes_the_parser_fail(text, elicitation, finish_reason):
    (outcome,) = read(text, elicitation=elicitation, finish_reason=finish_reason)
    assert not isinstance(outcome, Answered) or 1 <= outcome.code <= 5


@given(before=st.text(max_size=40), after=st.text(max_size=40), code=st.integers(1, 5))
def test_text_around_a_number_never_changes_it(before, after, code):
    outcome = read(f"{before}{code}{after}")[0]
    shown = {str(c) for c in range(1, 6) if str(c) in f"{before}{code}{after}"}
    assert not isinstance(outcome, Answered) or str(outcome.code) in shown
