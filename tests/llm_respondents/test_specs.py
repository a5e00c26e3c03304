"""A specification is whole or refused by name, and one that was stored keeps its hash for good."""

import json

import pytest

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import PanelSpec, SpecError


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


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"arms": [{"option_marks": "roman"}]}, "arms.option_marks"),
        ({"arms": [{"option_order": "random"}]}, "arms.option_order"),
        ({"arms": [{"option_marks": "letter", "elicitation": "label"}]}, "arms.option_marks"),
        ({"arms": [{"history": "swapped"}]}, "history_from"),
        ({"history_from": "people"}, "history_from"),
        (
            {"arms": [{"history": "swapped", "elicitation": "reason"}], "history_from": "people"},
            "arms.history",
        ),
        ({"arms": [{"elicitation": "distribution"}], "dialect": "anthropic"}, "arms.elicitation"),
        ({"personas": "margins"}, "margins"),
        ({"margins": MARGINS}, "margins"),
        ({"personas": "margins", "margins": {"Age": {"18-39": 0.4}}}, "margins.Age"),
        ({"personas": "margins", "margins": {"Age": {"a": 1.2, "b": -0.2}}}, "margins.Age"),
        ({"personas": "margins", "margins": {"Age": {}}}, "margins.Age"),
        ({"personas": "margins", "margins": {"Age": {"a": "many"}}}, "margins"),
        ({"personas": "margins", "margins": {"Age": 3}}, "margins"),
        ({"personas": "margins", "margins": [["A", [["x", 1]]], ["A", [["x", 1]]]]}, "margins"),
        ({"personas": "margins", "margins": {"Age": {"a": float("nan")}}}, "margins.Age"),
    ],
)
def test_what_contradicts_itself_is_refused_by_the_name_of_the_field(values, where):
    with pytest.raises(SpecError) as refusal:
        spec(**values)
    assert refusal.value.where == where


def test_only_histories_without_own_replies_are_known_beforehand():
    known = {
        history
        for history in ("full", "block", "none", "swapped")
        if Arm(history=history).history_is_known
    }
    assert known == {"none", "swapped"}
