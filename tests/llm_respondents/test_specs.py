"""A specification is whole or refused by name, and one that was stored keeps its hash for good."""

import pytest

from llm_respondents.conversation.arms import Arm
from llm_respondents.design.spec import PanelSpec, SpecError


def spec(**values):
    return PanelSpec.from_json({"model": "m", **values})


def test_specifications_of_earlier_panels_keep_their_hash():
    """Hashes as they were before arms had marks and orders, and panels margins and donors."""
    plain = "a852e7994bdb5e222f1f906a93f91eb9f55fc1829b6ccb09a9ab524e5ff2be1d"
    rich = "267e764f2d8d174b83e42ae7fafd43a599cb260c6ac6fe20c11a25941a5956d7"
    assert spec().hash == plain
    assert (
        spec(
            arms=[{}, {"elicitation": "number", "history": "window", "window": 5}],
            wordings={"a": "x"},
            personas="table",
            persona_table=[{"Age": "3"}],
            sessions=4,
        ).hash
        == rich
    )


MARGINS = {"Age group": {"18-39": 0.4, "40+": 0.6}, "Region": {"North": 1}}


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
