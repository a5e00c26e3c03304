"""Questions as a session would be asked them, by the functions that ask, before any is answered.

Where earlier turns are sent again, a sentence stands in for each reply: nobody has replied yet.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any, get_args

from llm_respondents.conversation.arms import (
    ELICITATIONS,
    HISTORIES,
    ITEMS_PER_TURN,
    OPTION_MARKS,
    OPTION_ORDERS,
    Arm,
)
from llm_respondents.conversation.prompts import (
    PROMPT_LANGUAGES,
    TurnPlan,
    exchange,
    messages,
    response_format,
    system_prompt,
)
from llm_respondents.design.spec import Pictures
from surveys.presentation import Presentation
from surveys.workspace.model_reading import ArmChoice, ModelReading, ReadTurn

VALUES: Mapping[str, tuple[str, ...]] = {
    "items_per_turn": ITEMS_PER_TURN,
    "elicitation": ELICITATIONS,
    "history": HISTORIES,
    "option_marks": OPTION_MARKS,
    "option_order": OPTION_ORDERS,
}
# What becomes of a picture is chosen for a whole panel, and by its endpoint.
PICTURES = "pictures"
PICTURE_VALUES: tuple[str, ...] = get_args(Pictures)
STAND_IN = "(…)"
# Of the last turns a preview sends so many again.
WINDOW = 3


def read_presentation(
    shown: Presentation,
    refs: Collection[str],
    said: Mapping[str, str],
    names: Mapping[str, tuple[Any, Mapping[str, Any]]],
) -> ModelReading:
    """The turns that ask these questions, in an arm whose parts are `said`.

    `names` are what the parts of an arm and their values are called.
    """
    arm = _arm(said)
    choices = tuple(
        ArmChoice(part, names[part][0], tuple(names[part][1].items()), str(getattr(arm, part)))
        for part in VALUES
    )
    sends = said.get(PICTURES) == "sent"
    if any(medium.kind == "picture" for one in shown.questions for medium in one.seen):
        label, options = names[PICTURES]
        chosen = PICTURE_VALUES[sends]
        choices = (*choices, ArmChoice(PICTURES, label, tuple(options.items()), chosen))
    if shown.language not in PROMPT_LANGUAGES:
        return ModelReading("", (), (), choices)
    plan = TurnPlan(shown, arm, sends_pictures=sends)
    asked = [turn for n in range(len(plan.everything)) if (turn := plan.possible(n)).questions]
    wanted = [turn for turn in asked if set(turn.refs) & set(refs)]
    system = system_prompt(shown.language, arm=arm)
    turns = tuple(
        ReadTurn(one.index + 1, one.text, _form(one, arm), one.refs, one.pictures) for one in wanted
    )
    if not wanted:
        return ModelReading(system, turns, (), choices)
    last = wanted[-1]
    earlier = [exchange(one, STAND_IN) for one in asked if one.index < last.index]
    request = messages(system, earlier, last, arm)
    return ModelReading(system, turns, tuple((m["role"], m["content"]) for m in request), choices)


def _arm(said: Mapping[str, str]) -> Arm:
    known: dict[str, Any] = {
        part: said[part] for part, values in VALUES.items() if said.get(part) in values
    }
    return Arm(**known, window=WINDOW if known.get("history") == "window" else 0)


def _form(turn: Any, arm: Arm) -> str:
    schema = response_format(turn, arm)
    if schema is None:
        return ""
    return json.dumps(schema["json_schema"]["schema"], ensure_ascii=False, indent=1)
