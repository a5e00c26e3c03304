"""What a model reads: the words that people read, in a frame that is versioned."""

import hashlib
import json

import pytest

from llm_respondents.prompts import (
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


def test_the_words_of_the_prompt_cannot_change_without_a_new_version():
    """Every message of every arm, hashed. A change of words needs a new PROMPT_VERSION."""
    digest = hashlib.sha256()
    for language in ("en", "de"):
        for unit in ("one", "page", "block"):
            for elicitation in ("schema", "number", "label", "reason"):
                arm = Arm(items_per_turn=unit, elicitation=elicitation)
                if unit != "one" and elicitation == "reason":
                    continue
                digest.update(system_prompt(language, arm=arm, persona=[("a", "b")]).encode())
                for turn in turns(arm, language=language)[1]:
                    digest.update(turn.text.encode())
                    digest.update(json.dumps(response_format(turn, arm)).encode())
    assert (PROMPT_VERSION, digest.hexdigest()) == ("1", WORDS_OF_VERSION_1)
