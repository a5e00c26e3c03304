"""Colours, and what stands beside each colour so that none is needed to read a figure.

The hues are Okabe and Ito's (2008, "Color universal design"), which people with any common colour
deficiency tell apart; every group has also a marker of its own and every verdict a pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.lib.colors import HexColor

from analysis.compare.results import Decision
from analysis.language import gettext_noop

BLACK = HexColor(0x000000)
INK = HexColor(0x1A1A1A)
GREY = HexColor(0x5F5F5F)
SILVER = HexColor(0xB5B5B5)
MIST = HexColor(0xEDEDED)
WHITE = HexColor(0xFFFFFF)
ORANGE = HexColor(0xE69F00)
SKY = HexColor(0x56B4E9)
GREEN = HexColor(0x009E73)
BLUE = HexColor(0x0072B2)
VERMILLION = HexColor(0xD55E00)
PURPLE = HexColor(0xCC79A7)
# Darker than vermillion: 9-point red text must keep a contrast of 4.5 to 1 on white.
ALERT = HexColor(0xB02A00)

Shape = Literal["circle", "square", "triangle", "diamond", "wedge", "bar"]
Pattern = Literal["solid", "hatched", "dotted", "crossed"]


@dataclass(frozen=True, slots=True)
class GroupMark:
    """How one group is drawn in every figure."""

    colour: Any
    shape: Shape
    filled: bool


PEOPLE_MARK = GroupMark(BLACK, "circle", filled=True)
_HUES = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
_SHAPES: tuple[Shape, ...] = ("square", "triangle", "diamond", "wedge", "bar")


def model_mark(position: int) -> GroupMark:
    """The mark of the model at ``position`` (0-based); thirty models before one repeats."""
    return GroupMark(
        _HUES[position % len(_HUES)],
        _SHAPES[position % len(_SHAPES)],
        filled=(position // len(_SHAPES)) % 2 == 0,
    )


def group_marks(people: Sequence[str], models: Sequence[str]) -> dict[str, GroupMark]:
    """One mark for each group key: people black circles, models by their order."""
    marks = dict.fromkeys(people, PEOPLE_MARK)
    return marks | {key: model_mark(position) for position, key in enumerate(models)}


@dataclass(frozen=True, slots=True)
class DecisionMark:
    """How a verdict is drawn: colour for those who see it, pattern for everyone."""

    label: str
    colour: Any
    pattern: Pattern


DECISION_MARKS = {
    Decision.AGREE: DecisionMark(gettext_noop("agree"), BLUE, "solid"),
    Decision.CONTRADICT: DecisionMark(gettext_noop("contradict"), VERMILLION, "hatched"),
    Decision.UNDETERMINED: DecisionMark(gettext_noop("undetermined"), GREY, "dotted"),
    Decision.NOT_ESTIMABLE: DecisionMark(gettext_noop("not estimable"), INK, "crossed"),
}
