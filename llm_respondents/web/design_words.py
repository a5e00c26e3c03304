"""The parts of a design in words: what the recruiting page offers and what a panel's page says."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from llm_respondents.conversation.arms import Arm

_ITEMS: Mapping[str, Any] = {
    "one": _("one question"),
    "page": _("a page of the questionnaire"),
    "block": _("a whole block"),
}
_ELICITATION: Mapping[str, Any] = {
    "schema": _("as JSON, bound to the options"),
    "number": _("as the number of an option"),
    "label": _("in the words of an option"),
    "reason": _("as a reason, then JSON"),
    "distribution": _("as chances of every option, in JSON"),
}
_HISTORY: Mapping[str, Any] = {
    "full": _("all earlier turns"),
    "window": _("the last turns, as many as said beside"),
    "block": _("those of the same block"),
    "none": _("none: each turn stands alone"),
    "swapped": _("all, with another respondent's answers"),
}
_MARKS: Mapping[str, Any] = {"number": _("numbers"), "letter": _("letters")}
_ORDERS: Mapping[str, Any] = {
    "scale": _("in the order of the scale"),
    "shuffled": _("shuffled for each question"),
}
_DIRECTIONS: Mapping[str, Any] = {
    "forward": _("from low to high"),
    "reversed": _("turned round, from high to low"),
    "balanced": _("half of the sessions each"),
}
_BLOCKS: Mapping[str, Any] = {
    "study": _("as in the study"),
    "shuffled": _("shuffled for each session"),
}
# The parts of an arm by their field: what each is called, and its values in words.
PARTS: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "items_per_turn": (_("One request asks"), _ITEMS),
    "elicitation": (_("The answer is given"), _ELICITATION),
    "history": (_("Turns that are sent again"), _HISTORY),
    "option_marks": (_("Options are marked by"), _MARKS),
    "option_order": (_("Options stand"), _ORDERS),
}
DIRECTIONS_NAME, BLOCKS_NAME = _("Options are listed"), _("Order of blocks")
WORDING_NAME = _("Instruction to the model")


def choices_of_part(name: str) -> list[tuple[str, Any]]:
    """(value, words) of one part of an arm, in the order in which it is offered."""
    return list(PARTS[name][1].items())


def direction_choices() -> list[tuple[str, Any]]:
    """(value, words) of the scale directions of a panel."""
    return list(_DIRECTIONS.items())


def block_choices() -> list[tuple[str, Any]]:
    """(value, words) of the orders of blocks."""
    return list(_BLOCKS.items())


def part_in_words(name: str, arm: Arm) -> str:
    """What an arm says of one part, in the reader's language."""
    if name == "history" and arm.history == "window":
        return str(_("the last %(window)s turns")) % {"window": arm.window}
    value = getattr(arm, name)
    return str(PARTS[name][1].get(value, value))


def direction_in_words(value: str) -> str:
    """A scale direction in the reader's language."""
    return str(_DIRECTIONS.get(value, value))


def blocks_in_words(value: str) -> str:
    """An order of blocks in the reader's language."""
    return str(_BLOCKS.get(value, value))
