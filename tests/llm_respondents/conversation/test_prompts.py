"""What a model reads: the words that people read, in a frame that is versioned."""

import hashlib
import json
from itertools import product

import pytest

from llm_respondents.conversation.prompts import (
    PROMPT_VERSION,
    Arm,
    exchange,
    messages,
    plan_turns,
    response_format,
    system_prompt,
)
from surveys.presentation import BlockContent, CheckContent, QuestionContent, Questionnaire, present

WORDS_OF_VERSION_1 = "9fe68bfcb34c6b5ebd5c5c89bdc1e0db8875df2dde089f21e6e38924c6b089e7"
# Forms of asking that came later, each pinned from its first day.
WORDS_OF_LATER_ARMS = "8b0139b83090da99f66e743818a9885b5923df6d5b9968beac64aedcacfb73a6"
AGREE = ((1, "Disagree"), (2, "Neither"), (3, "Agree"))
OFTEN = ((1, "Never"), (2, "Always"))


def questionnaire(language="en"):
    items = tuple(QuestionContent(f"a.i{n}", f"Statement {n}.", AGREE) for n in range(1, 5))
    check = CheckContent("check.c", "Please choose Agree.", AGREE, after=2)
    habits = tuple(QuestionContent(f"b.i{n}", f"I do thing {n}.", OFTEN) for n in range(1, 4))
    return Questionnaire(
        "Study",
        language,
        (
            BlockContent("a", "Attitudes", "How far do you agree?", items, (check,), 2),
            BlockContent("b", "Habits", "How often?", habits, (), 8),
        ),
    )


def turns(arm=None, *, direction="forward", language="en", seed=5):
    shown = present(questionnaire(language), seed=seed, scale_direction=direction)
    return shown, plan_turns(shown, arm or Arm())


def test_one_question_per_turn_in_the_order_people_see():
    shown, planned = turns()
    assert [turn.refs for turn in planned] == [(ref,) for ref in shown.order]
    assert [turn.index for turn in planned] == list(range(len(shown.order)))


def test_every_turn_shows_the_words_and_options_of_its_question():
    shown, planned = turns(direction="reversed")
    for turn, question in zip(planned, shown.questions, strict=True):
        lines = turn.text.splitlines()
        assert question.text in lines
        options = [f"{option.code} = {option.label}" for option in question.options]
        start = lines.index(options[0])
        assert lines[start : start + len(options)] == options


def test_title_and_instruction_open_a_block_and_are_not_repeated():
    _, planned = turns()
    opening = [turn.index for turn in planned if "How far do you agree?" in turn.text]
    assert opening == [0]
    assert [turn.index for turn in planned if "How often?" in turn.text] == [5]


def test_the_instruction_is_repeated_where_earlier_turns_are_out_of_sight():
    _, planned = turns(Arm(history="none"))
    assert all("How" in turn.text for turn in planned)


@pytest.mark.parametrize(("unit", "sizes"), [("page", [2, 3, 3]), ("block", [5, 3])])
def test_a_turn_may_hold_a_page_or_a_block(unit, sizes):
    shown, planned = turns(Arm(items_per_turn=unit))
    counted = [len(turn.questions) for turn in planned]
    # A check shares the page of the item before it.
    assert sum(counted) == len(shown.questions)
    assert counted == (sizes if unit == "block" else counted)
    assert [ref for turn in planned for ref in turn.refs] == list(shown.order)


def test_full_history_is_sent_as_real_chat_turns():
    _, planned = turns()
    past = [exchange(planned[0], '{"answer": 1}'), exchange(planned[1], '{"answer": 2}')]
    sent = messages("Be brief.", past, planned[2], Arm())
    assert [message["role"] for message in sent] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert sent[2]["content"] == '{"answer": 1}'
    assert sent[3]["content"] == planned[1].text


@pytest.mark.parametrize(
    ("arm", "kept"),
    [
        (Arm(history="full"), [0, 1, 2, 3, 4, 5]),
        (Arm(history="window", window=2), [4, 5]),
        (Arm(history="block"), [5]),
        (Arm(history="none"), []),
    ],
)
def test_the_history_arm_decides_which_turns_are_in_sight(arm, kept):
    _, planned = turns(arm)
    past = [exchange(turn, "1") for turn in planned[:6]]
    sent = messages("S", past, planned[6], arm)
    assert [m["content"] for m in sent if m["role"] == "user"][:-1] == [
        planned[index].text for index in kept
    ]


def test_a_note_stands_in_the_question_asked_again_and_nowhere_else():
    _, planned = turns()
    sent = messages("S", [exchange(planned[0], "1")], planned[1], Arm(), note="Again, please.")
    assert sent[-1]["content"].endswith("Again, please.")
    assert "Again" not in json.dumps(sent[:-1])


def test_the_schema_admits_the_displayed_codes_and_nothing_else():
    _, planned = turns()
    schema = response_format(planned[0], Arm())["json_schema"]
    assert schema["strict"] is True
    assert schema["schema"] == {
        "type": "object",
        "properties": {"answer": {"type": "integer", "enum": [1, 2, 3]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    assert response_format(planned[0], Arm(elicitation="number")) is None


def test_options_have_no_numbers_where_the_words_are_asked_for():
    _, planned = turns(Arm(elicitation="label"))
    assert "- Agree" in planned[0].text
    assert "3 = Agree" not in planned[0].text


def shown_options(turn):
    return [line.split(" = ") for line in turn.text.splitlines() if " = " in line]


def test_letters_stand_where_numbers_stood():
    arm = Arm(option_marks="letter")
    _, planned = turns(arm)
    assert shown_options(planned[0]) == [["A", "Disagree"], ["B", "Neither"], ["C", "Agree"]]
    assert "the letter of one option" in planned[0].text
    properties = response_format(planned[0], arm)["json_schema"]["schema"]["properties"]
    assert properties == {"answer": {"type": "string", "enum": ["A", "B", "C"]}}


def test_shuffled_options_are_marked_in_the_order_shown_and_differ_by_question_and_seed():
    arm = Arm(option_order="shuffled")
    orders = set()
    for seed in range(20):
        for turn in turns(arm, seed=seed)[1]:
            marks, labels = zip(*shown_options(turn), strict=True)
            assert marks == tuple(str(number) for number in range(1, len(marks) + 1))
            orders.add(labels)
    assert len(orders) == 3 * 2 * 1 + 2
    assert turns(arm)[1] == turns(arm)[1]


def test_the_order_of_shuffled_options_does_not_depend_on_the_direction_of_the_scale():
    arm = Arm(option_order="shuffled")
    shown = [
        [[label for _, label in shown_options(turn)] for turn in turns(arm, direction=direction)[1]]
        for direction in ("forward", "reversed")
    ]
    assert shown[0] == shown[1]


def test_a_distribution_is_asked_for_with_a_percentage_for_each_option():
    arm = Arm(items_per_turn="block", elicitation="distribution")
    _, planned = turns(arm)
    schema = response_format(planned[1], arm)["json_schema"]["schema"]
    percentages = schema["properties"]["answers"]["properties"]
    assert list(percentages) == ["6", "7", "8"]
    assert percentages["6"]["properties"] == {"1": {"type": "integer"}, "2": {"type": "integer"}}
    assert percentages["6"]["required"] == ["1", "2"]
    assert percentages["6"]["additionalProperties"] is False
    assert "choose it" in system_prompt("en", arm=arm)


def test_each_question_of_a_turn_may_have_a_reason_of_its_own():
    arm = Arm(items_per_turn="page", elicitation="reason")
    _, planned = turns(arm)
    answers = response_format(planned[0], arm)["json_schema"]["schema"]["properties"]["answers"]
    for one in answers["properties"].values():
        assert list(one["properties"]) == ["reason", "answer"]


def test_a_block_opens_again_where_the_donor_left_its_opening_out():
    shown, _ = turns()
    arm = Arm(history="swapped")
    answered = dict.fromkeys(shown.order, 1)
    for left_out, opening in ((None, [0]), (shown.order[0], [0, 1])):
        donated = {ref: value for ref, value in answered.items() if ref != left_out}
        planned = plan_turns(shown, arm, donated)
        assert [t.index for t in planned if "How far do you agree?" in t.text] == opening


def test_a_persona_is_listed_below_the_instruction_in_the_language_of_the_study():
    persona = [("Alter", "34"), ("Geschlecht", "weiblich")]
    text = system_prompt("de", arm=Arm(), persona=persona)
    assert text.startswith("Sie beantworten einen Fragebogen.")
    assert text.endswith("- Alter: 34\n- Geschlecht: weiblich")
    assert "person" not in system_prompt("en", arm=Arm()).lower()


def test_the_frame_is_german_in_a_german_study():
    _, planned = turns(language="de")
    assert planned[0].text.splitlines()[4] == "Frage 1 von 8"
    assert "Antworten Sie" in planned[0].text


def words_of(arms):
    """Every message and schema of these arms, hashed."""
    digest = hashlib.sha256()
    for language in ("en", "de"):
        for arm in arms:
            digest.update(system_prompt(language, arm=arm, persona=[("a", "b")]).encode())
            for turn in turns(arm, language=language)[1]:
                digest.update(turn.text.encode())
                digest.update(json.dumps(response_format(turn, arm)).encode())
    return digest.hexdigest()


UNITS = ("one", "page", "block")


def test_the_words_of_the_prompt_cannot_change_without_a_new_version():
    """Every message of every arm, hashed. A change of words needs a new PROMPT_VERSION."""
    arms = [
        Arm(items_per_turn=unit, elicitation=elicitation)
        for unit, elicitation in product(UNITS, ("schema", "number", "label", "reason"))
        if unit == "one" or elicitation != "reason"
    ]
    assert (PROMPT_VERSION, words_of(arms)) == ("1", WORDS_OF_VERSION_1)


def test_nor_can_the_words_of_arms_that_came_later():
    marked = product(UNITS, ("schema", "number", "reason", "distribution"), ("number", "letter"))
    arms = [
        Arm(items_per_turn=unit, elicitation=elicitation, option_marks=marks, option_order=order)
        for (unit, elicitation, marks), order in product(marked, ("scale", "shuffled"))
    ]
    assert (PROMPT_VERSION, words_of(arms)) == ("1", WORDS_OF_LATER_ARMS)


def test_a_scale_of_numbers_is_shown_as_people_see_it_and_by_place_in_sessions_of_version_1():
    options = tuple((value, f"{value:+d}") for value in range(-1, 2))
    item = QuestionContent("a.i1", "Statement.", options)
    block = BlockContent("a", "Attitudes", "", (item,), (), 1)
    shown = present(Questionnaire("Study", "en", (block,)), seed=1, scale_direction="reversed")
    (now,), (before,) = (plan_turns(shown, Arm(), version=version) for version in ("1.1", "1"))
    assert "\n+1\n+0\n-1\n" in now.text
    assert "\n1 = +1\n2 = +0\n3 = -1\n" in before.text
    allowed = [
        response_format(turn, Arm())["json_schema"]["schema"]["properties"]["answer"]["enum"]
        for turn in (now, before)
    ]
    assert allowed == [[1, 0, -1], [1, 2, 3]]


def test_numbers_in_some_labels_count_in_new_sessions_and_not_in_those_begun_before():
    options = ((0, "0 – never"), (1, "sometimes"), (2, "2 – always"))
    item = QuestionContent("a.i1", "Statement.", options)
    block = BlockContent("a", "Attitudes", "", (item,), (), 1)
    shown = present(Questionnaire("Study", "en", (block,)), seed=1, scale_direction="reversed")
    (now,), (before,) = (plan_turns(shown, Arm(), version=version) for version in ("1.3", "1.2"))
    assert "\n2 – always\n1 = sometimes\n0 – never\n" in now.text
    assert "\n1 = 2 – always\n2 = sometimes\n3 = 0 – never\n" in before.text


@pytest.mark.parametrize(
    "labels",
    [("(1) never", "(2) always"), ("never (1)", "always (2)"), ("１：never", "２：often")],
)
def test_numbers_in_brackets_or_other_digits_count_in_sessions_that_begin_now(labels):
    block = BlockContent(
        "a", "A", "", (QuestionContent("a.i1", "S.", tuple(enumerate(labels, 1))),), (), 1
    )
    shown = present(Questionnaire("Study", "en", (block,)), seed=1, scale_direction="reversed")
    (now,), (before,) = (plan_turns(shown, Arm(), version=version) for version in ("1.4", "1.3"))
    assert f"\n{labels[1]}\n{labels[0]}\n" in now.text
    assert f"\n1 = {labels[1]}\n2 = {labels[0]}\n" in before.text
