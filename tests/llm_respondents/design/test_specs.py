"""A specification is whole or refused by name, and one that was stored keeps its hash for good."""

import json

import pytest

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import SpecError


def spec(**values):
    return PanelSpec.from_json({"model": "m", **values})


MARGINS = {"Age group": {"18-39": 0.4, "40+": 0.6}, "Region": {"North": 1}}
# What was asked, and the hash by which it was recruited: a panel keeps both for good.
FROZEN = {
    "default": ({}, "a852e7994bdb5e222f1f906a93f91eb9f55fc1829b6ccb09a9ab524e5ff2be1d"),
    "before arms had marks": (
        {
            "arms": [{}, {"elicitation": "number", "history": "window", "window": 5}],
            "wordings": {"a": "x"},
            "personas": "table",
            "persona_table": [{"Age": "3"}],
            "sessions": 4,
        },
        "267e764f2d8d174b83e42ae7fafd43a599cb260c6ac6fe20c11a25941a5956d7",
    ),
    "several arms": (
        {
            "arms": [
                {"elicitation": ["schema", "number"]},
                {"history": "window", "window": 3},
                {"option_marks": "letter", "option_order": "shuffled"},
            ],
            "scale_directions": "balanced",
            "block_orders": "shuffled",
            "sessions": 26,
            "seed": 9,
        },
        "ea2acee21e7d4fcc18cd55d5250bcff66102967c6da308e373ba8d256a0df91b",
    ),
    "margins": (
        {"personas": "margins", "margins": MARGINS, "sessions": 7},
        "01614b8ea48f7af0fb712eccbcfc0df4711289acd4ca4067924338ce275d5b5c",
    ),
    "a table of personas": (
        {
            "personas": "table",
            "persona_table": [{"Age": "40", "Gender": "woman"}, {"Age": 50}],
            "sessions": 4,
        },
        "2e1962b795733d0e41c1b8cf56368ae20a18e769944974df23af841fd1b9c50a",
    ),
    "wordings": (
        {"wordings": {"b": "Say it.", "a": ""}, "label": "Zwei Anweisungen, ü"},
        "2d193185c088bcc564a0ca6d6905b6ec6831892e280ecb9691607fb01acc4465",
    ),
    "sampling": (
        {
            "sampling": {
                "temperature": 1,
                "top_p": 0.9,
                "max_tokens": 300,
                "sends_seed": False,
                "reasoning_effort": "low",
            },
            "max_turns": 4,
            "max_session_tokens": 9000,
        },
        "fe2b14c34f73b56ba38433f5e1b0130ed8b3319c1a8e499264bb8993ee452274",
    ),
    "half a temperature": (
        {"sampling": {"temperature": 0.5}},
        "e740f10aca6a586d1f0e295ef1e84a5afd37c9e9439aa63bd2886a61033d5e72",
    ),
    "swapped history": (
        {
            "arms": [{"history": "swapped", "items_per_turn": "block"}],
            "history_from": "people",
        },
        "cf7e05b82a8776d56f80621b38e8373597a2e4614f6a3493df88b4454e80f1bd",
    ),
    "matched": (
        {"personas": "matched", "sessions": 0, "language": "de"},
        "c090cf4662a2ae702ba53e6db1f0c7b27c1b375d05801e5c4d089e069bf72ff1",
    ),
    "a scripted profile": (
        {
            "model": "scripted:people-like",
            "provider": "scripted",
            "profile": "people-like",
            "sessions": 20,
        },
        "93c3a6ffc724ca63512877f0150050f8d78f92ecdd9e849762b7a290674c46b9",
    ),
    "an endpoint": (
        {
            "base_url": "http://127.0.0.1:8001/v1",
            "dialect": "anthropic",
            "api_key_env": "LAB_KEY",
            "arms": [{"elicitation": "number"}],
        },
        "3ef059f2dfba0a2fedaf14215792ddab2674e5c769bc4a2c61c58ab9bafed537",
    ),
}


@pytest.mark.parametrize("name", FROZEN)
def test_what_was_recruited_earlier_keeps_its_hash(name):
    values, frozen = FROZEN[name]
    made = spec(**values)
    assert made.hash == frozen
    # As it is kept with the panel, and read back from there.
    stored = json.loads(json.dumps(made.as_json()))
    assert PanelSpec.from_json(stored).hash == frozen


@pytest.mark.parametrize(
    "values",
    [
        {"arms": [{"option_marks": "letter"}]},
        {"arms": [{"option_order": "shuffled"}]},
        {"arms": [{"elicitation": "distribution"}]},
        {"arms": [{"history": "swapped"}], "history_from": "people"},
        {"personas": "margins", "margins": MARGINS},
        {"api": "responses"},
        {"api": "gemini", "arms": [{"reasoning": "carry"}]},
        {"extra_body": {"stop": ["#"], "provider": {"order": ["a", "b"], "quota": 0.5}}},
    ],
)
def test_what_is_new_is_in_the_canonical_form_and_in_the_hash(values):
    made = spec(**values)
    assert PanelSpec.from_json(made.as_json()) == made
    assert made.hash != spec().hash


def test_attributes_in_another_order_are_other_prompts_and_another_hash():
    turned = dict(reversed(MARGINS.items()))
    hashes = {spec(personas="margins", margins=margins).hash for margins in (MARGINS, turned)}
    assert len(hashes) == 2


def test_lists_of_values_in_an_arm_are_crossed():
    made = spec(
        arms=[{"option_marks": ["number", "letter"], "option_order": ["scale", "shuffled"]}, {}],
        scale_directions="balanced",
    )
    factors = {(arm.option_marks, arm.option_order) for arm in made.arms}
    assert len(factors) == 4
    assert len(made.arms) == 5
    assert len(made.cells) == 10


def mistakes(**values):
    """(path, code) of everything that is wrong."""
    with pytest.raises(SpecError) as refusal:
        spec(**values)
    assert refusal.value.code == "panel_spec_invalid"
    return [(one.path, one.code) for one in refusal.value.mistakes]


@pytest.mark.parametrize(
    ("values", "where", "code"),
    [
        ({"arms": [{"option_marks": "roman"}]}, "arms[1].option_marks", "not_a_choice"),
        ({"arms": [{}, {"option_order": "random"}]}, "arms[2].option_order", "not_a_choice"),
        (
            {"arms": [{"option_marks": "letter", "elicitation": "label"}]},
            "arms[1].option_marks",
            "words_have_no_marks",
        ),
        ({"arms": [{"history": "swapped"}]}, "history_from", "donors_needed"),
        ({"history_from": "people"}, "history_from", "donors_needed"),
        (
            {"arms": [{"history": "swapped", "elicitation": "reason"}], "history_from": "people"},
            "arms[1].history",
            "no_reasons_to_swap",
        ),
        (
            {"arms": [{"elicitation": "distribution"}], "dialect": "anthropic"},
            "arms[1].elicitation",
            "no_schema",
        ),
        ({"personas": "margins"}, "margins", "margins_needed"),
        ({"margins": MARGINS}, "margins", "margins_needed"),
        ({"personas": "margins", "margins": {"Age": {"18-39": 0.4}}}, "margins.Age", "shares_sum"),
        (
            {"personas": "margins", "margins": {"Age": {"a": 1.2, "b": -0.2}}},
            "margins.Age",
            "not_shares",
        ),
        ({"personas": "margins", "margins": {"Age": {}}}, "margins.Age", "shares_sum"),
        (
            {"personas": "margins", "margins": {"Age": {"a": "many"}}},
            "margins.Age.a",
            "not_a_number",
        ),
        ({"personas": "margins", "margins": {"Age": 3}}, "margins.Age", "not_a_table"),
        ({"personas": "margins", "margins": 3}, "margins", "not_a_table"),
        (
            {"personas": "margins", "margins": [["A", [["x", 1]]], ["A", [["x", 1]]]]},
            "margins",
            "label_twice",
        ),
        (
            {"personas": "margins", "margins": {"Age": {"a": float("nan")}}},
            "margins.Age",
            "not_shares",
        ),
        (
            {"personas": "table", "persona_table": [{"Age": [1]}]},
            "persona_table[1].Age",
            "not_text",
        ),
        ({"personas": "table", "persona_table": [7]}, "persona_table[1]", "not_a_table"),
        ({"max_turns": -1}, "max_turns", "too_small"),
        ({"sampling": {"sends_seed": "no"}}, "sampling.sends_seed", "not_yes_or_no"),
        ({"sampling": {"temperature": True}}, "sampling.temperature", "not_a_number"),
        ({"sampling": {"temprature": 1}}, "sampling.temprature", "misspelt_name"),
        ({"sampling": 3}, "sampling", "not_a_table"),
        ({"seed": 1.5}, "seed", "not_a_whole_number"),
        ({"seed": True}, "seed", "not_a_whole_number"),
        ({"seed": 2**63}, "seed", "too_large"),
        ({"arms": 5}, "arms", "not_a_list"),
        ({"arms": []}, "arms", "no_arm"),
        ({"arms": [{"history": []}]}, "arms[1].history", "not_a_choice"),
        (
            {"arms": [{"window": list(range(1, 1002)), "history": "window"}]},
            "arms",
            "too_many_arms",
        ),
        ({"label": 7}, "label", "not_text"),
        ({"label": "x" * 121}, "label", "too_long"),
        ({"label": "a\0b"}, "label", "not_storable"),
        ({"model": "\ud800"}, "model", "not_storable"),
        ({"model": ""}, "model", "model_needed"),
        ({"sessions": 0}, "sessions", "too_small"),
        ({"wordings": {"a": 3}}, "wordings.a", "not_text"),
        ({"base_url": "file:///etc/passwd"}, "base_url", "no_address"),
        ({"api_key_env": "sk-12345"}, "api_key_env", "no_variable"),
        ({"colour": "blue"}, "colour", "unknown_name"),
        ({"api": "telepathy"}, "api", "not_a_choice"),
        ({"api": "gemini", "arms": [{"reasoning": "keep"}]}, "arms[1].reasoning", "not_a_choice"),
        ({"arms": [{"reasoning": "carry"}]}, "arms[1].reasoning", "carry_needs_api"),
        (
            {"api": "gemini", "arms": [{"reasoning": "carry", "history": "block"}]},
            "arms[1].reasoning",
            "carry_needs_full",
        ),
        ({"api": "anthropic", "sampling": {"top_p": 0.9}}, "sampling.top_p", "takes_none"),
        ({"extra_body": 3}, "extra_body", "not_a_table"),
        ({"extra_body": {"stream": True}}, "extra_body", "sent_anyhow"),
        ({"extra_body": {"text": {"format": {}}}}, "extra_body", "sent_anyhow"),
        ({"extra_body": {"a": float("nan")}}, "extra_body", "not_json"),
        ({"extra_body": {"a": "\ud800"}}, "extra_body", "not_json"),
        ({"extra_body": {"a": "x" * 20_001}}, "extra_body", "too_long"),
    ],
)
def test_what_cannot_be_run_is_refused_at_its_place_with_a_code(values, where, code):
    assert mistakes(**values) == [(where, code)]


def test_every_mistake_is_named_at_once_also_where_fields_contradict_each_other():
    assert set(
        mistakes(
            seed="one",
            sampling={"temperature": 9},
            arms=[{}, {"elicitation": ["label", "number"], "option_marks": "letter"}],
            margins=MARGINS,
            sesions=3,
        )
    ) == {
        ("seed", "not_a_whole_number"),
        ("sampling.temperature", "too_large"),
        ("arms[2].option_marks", "words_have_no_marks"),
        ("margins", "margins_needed"),
        ("sesions", "misspelt_name"),
    }


def test_an_unknown_name_is_answered_with_the_nearest_that_there_is():
    with pytest.raises(SpecError, match=r"sesions: There is no such field. Is sessions meant"):
        spec(sesions=3)


@pytest.mark.parametrize("given", [None, 5, "model", ["model"]])
def test_what_is_no_table_is_no_specification(given):
    with pytest.raises(SpecError, match="table of keys and values"):
        PanelSpec.from_json(given)


def test_a_stored_specification_that_would_be_refused_today_is_still_read_as_it_is():
    stored = spec(arms=[{}, {"history": "none"}], personas="margins", margins=MARGINS).as_json()
    stored |= {"max_turns": -1, "sampling": {**stored["sampling"], "sends_seed": "no"}}
    read = PanelSpec.from_stored(stored)
    assert (read.max_turns, read.sampling.sends_seed, len(read.cells)) == (-1, "no", 2)
    assert read.as_json() == stored


def test_only_histories_without_own_replies_are_known_beforehand():
    known = {
        history
        for history in ("full", "block", "none", "swapped")
        if Arm(history=history).history_is_known
    }
    assert known == {"none", "swapped"}


@pytest.mark.parametrize(
    ("given", "room"),
    [
        ({}, 1000),
        ({"api": "anthropic"}, 4000),
        ({"api": "gemini", "sampling": {"max_tokens": 50}}, 50),
        ({"sampling": {"reasoning_effort": "high"}}, 4000),
        ({"sampling": {"reasoning_effort": "none", "temperature": 0.5}}, 1000),
    ],
)
def test_a_reply_has_room_for_thoughts_where_the_model_thinks(given, room):
    values = {"model": "m", "base_url": "http://localhost/v1", **given}
    spec = PanelSpec.from_json(values)
    assert spec.sampling.max_tokens == room
    assert PanelSpec.from_json(spec.as_json()) == spec
