"""Who is shown what: conditions, rules, placeholders, exits. Pure.

    assigned({"recipient": ["state", "company"]}, seed=7, stratum="people", number=12)
    parse("screen.age >= 18").truth(read)

`surveys.presentation` applies it to a questionnaire, the same for people and models.
"""

from surveys.flow.assignment import MOST_CELLS, assigned, cells_of
from surveys.flow.expressions import (
    LONGEST,
    Comparison,
    Expression,
    ExpressionError,
    Literal,
    Missing,
    Read,
    Truth,
    is_answer,
    parse,
)
from surveys.flow.mistakes import FlowMistake
from surveys.flow.placeholders import NOTHING, answers_in, conditions_in, filled, malformed_in
from surveys.flow.rules import NO_FLOW, Exit, Factor, Flow

__all__ = [
    "LONGEST",
    "MOST_CELLS",
    "NOTHING",
    "NO_FLOW",
    "Comparison",
    "Exit",
    "Expression",
    "ExpressionError",
    "Factor",
    "Flow",
    "FlowMistake",
    "Literal",
    "Missing",
    "Read",
    "Truth",
    "answers_in",
    "assigned",
    "cells_of",
    "conditions_in",
    "filled",
    "is_answer",
    "malformed_in",
    "parse",
]
