"""An arm: how a session is conducted, as far as it is varied between the arms of a design.

Pure. What an arm says is stored with each of its sessions, and each part of it is one factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from pydantic import Field

ItemsPerTurn = Literal["one", "page", "block"]
Elicitation = Literal["schema", "number", "label", "reason", "distribution"]
History = Literal["full", "window", "block", "none", "swapped", "own"]
OptionMarks = Literal["number", "letter"]
OptionOrder = Literal["scale", "shuffled"]
Reasoning = Literal["drop", "carry"]

ITEMS_PER_TURN: tuple[ItemsPerTurn, ...] = get_args(ItemsPerTurn)
ELICITATIONS: tuple[Elicitation, ...] = get_args(Elicitation)
HISTORIES: tuple[History, ...] = get_args(History)
OPTION_MARKS: tuple[OptionMarks, ...] = get_args(OptionMarks)
OPTION_ORDERS: tuple[OptionOrder, ...] = get_args(OptionOrder)
REASONINGS: tuple[Reasoning, ...] = get_args(Reasoning)
LONGEST_WINDOW = 1000
# How a session is conducted, kept with its panel. In sessions of version 1 options were numbered by
# their place, what was no answer stayed in sight of later turns, and a question was asked again
# with one sentence behind it. Until version 1.2 later turns saw what was thought aloud between
# tags; until 1.3 options were numbered by their place where only some labels show a number, until
# 1.4 where labels show them in brackets, behind their words or in digits other than European ones.
# Sessions are finished as they began. The version is no part of a specification's hash.
SESSION_VERSION = "1.4"
SESSION_VERSIONS = ("1", "1.1", "1.2", "1.3", SESSION_VERSION)


@dataclass(frozen=True, slots=True)
class Arm:
    """How a session is conducted: what is varied between the arms of a design.

    ``history`` says which earlier turns are sent again: all ("full"), the last `window` ("window"),
    those of the same block ("block"), none ("none"), all with the answers of another respondent
    in place of the session's own ("swapped"), or all with those of the matched person in place of
    turns that are not asked ("own").

    ``option_marks`` says what stands before an option, ``option_order`` whether the options stand
    in the order of the scale or, question by question, in an order of the session's own.

    ``reasoning`` says whether what a model thought before a reply is sent back with the reply in
    later turns ("carry") or left out of them ("drop").
    """

    items_per_turn: ItemsPerTurn = "one"
    elicitation: Elicitation = "schema"
    history: History = "full"
    window: Annotated[int, Field(strict=True, ge=0, le=LONGEST_WINDOW)] = 0
    option_marks: OptionMarks = "number"
    option_order: OptionOrder = "scale"
    reasoning: Reasoning = "drop"

    @property
    def repeats_instruction(self) -> bool:
        """Whether earlier turns may be out of sight, so that each turn carries the instruction."""
        return self.history in ("window", "none")

    @property
    def history_is_known(self) -> bool:
        """Whether every request is known beforehand: none depends on the session's own replies."""
        return self.history in ("none", "swapped")

    @property
    def needs_schema(self) -> bool:
        """Whether the answer is JSON whose form the endpoint has to enforce."""
        return self.elicitation in ("schema", "reason", "distribution")
