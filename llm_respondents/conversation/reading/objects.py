"""Answers out of a reply that was to be JSON: one object, of exactly the shape asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.distributions import drawn, read_percentages
from llm_respondents.conversation.reading.mentions import refuses
from llm_respondents.conversation.reading.outcomes import (
    Answered,
    Missing,
    Parsed,
    Refusal,
    SchemaViolation,
    excerpt,
    from_mark,
    if_possible,
)
from llm_respondents.conversation.reading.phrases import LONGEST_ANSWER
from llm_respondents.conversation.turns import Turn
from llm_respondents.conversation.typography import bare, straight
from surveys.presentation import Question
from surveys.questions import Declared, Mistaken, OpenFormat


def from_json(text: str, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    """One outcome for each question of a turn whose reply was to be JSON, in the order asked."""
    try:
        found = _loaded(text)
    except (ValueError, RecursionError):
        return (_not_json(text, turn, arm),) * len(turn.questions)
    if len(turn.questions) == 1:
        return (_from_object(found, turn, turn.questions[0], arm),)
    if not isinstance(found, dict) or set(found) != {"answers"}:
        return (SchemaViolation("expected an object with answers"),) * len(turn.questions)
    return _from_answers(found["answers"], turn, arm)


def _loaded(text: str) -> object:
    """The object as it stands, so that words in it stay as they are; else with signs straight."""
    try:
        return json.loads(text, object_pairs_hook=_no_repeats)
    except ValueError:
        return json.loads(straight(text), object_pairs_hook=_no_repeats)


def _not_json(text: str, turn: Turn, arm: Arm) -> Missing:
    if refuses(bare(text[:LONGEST_ANSWER]), turn, arm):
        return Refusal(excerpt(text))
    return SchemaViolation(f"not JSON: {excerpt(text)}")


def _from_object(found: object, turn: Turn, question: Question, arm: Arm) -> Parsed:
    expected = {"answer", "reason"} if arm.elicitation == "reason" else {"answer"}
    if not isinstance(found, dict) or set(found) != expected:
        return SchemaViolation(f"expected an object with {', '.join(sorted(expected))}")
    return _from_value(found["answer"], turn, question, arm)


def _from_answers(answers: object, turn: Turn, arm: Arm) -> tuple[Parsed, ...]:
    if not isinstance(answers, Mapping):
        return (SchemaViolation("answers is no object"),) * len(turn.questions)
    # Whoever numbers the questions anew answers another one under each of ours.
    if strange := set(answers) - {str(question.position) for question in turn.questions}:
        named = excerpt(", ".join(sorted(strange)))
        return (SchemaViolation(f"answers to questions not asked: {named}"),) * len(turn.questions)
    read = _from_object if arm.elicitation == "reason" else _from_value
    return tuple(
        read(answers[str(question.position)], turn, question, arm)
        if str(question.position) in answers
        else SchemaViolation(f"no answer to question {question.position}")
        for question in turn.questions
    )


def _from_value(value: object, turn: Turn, question: Question, arm: Arm) -> Parsed:
    if question.open:
        return _from_open_value(value, question.open)
    choices = turn.choices(question, arm)
    if arm.elicitation == "distribution":
        return _from_percentages(value, turn, question, choices)
    if arm.option_marks == "letter":
        if not isinstance(value, str):
            return SchemaViolation(f"expected a letter, found {excerpt(repr(value))}")
        return from_mark(value, choices)
    # bool is an int in Python and `true` is no option.
    if not isinstance(value, int) or isinstance(value, bool):
        return SchemaViolation(f"expected a whole number, found {excerpt(repr(value))}")
    return from_mark(str(value), choices)


def _from_open_value(value: object, asked: OpenFormat) -> Parsed:
    if isinstance(value, str) and (reason := asked.reason_of(value)):
        return Answered(Declared(reason))
    given = asked.of_json(value)
    if isinstance(given, Mistaken):
        found = excerpt(repr(value))
        return SchemaViolation(f"expected {asked.wanted('en')}, found {found}"[:200])
    return if_possible(given, asked)


def _from_percentages(
    value: object, turn: Turn, question: Question, choices: Sequence[Choice]
) -> Parsed:
    percentages = read_percentages(value, choices)
    if isinstance(percentages, str):
        return SchemaViolation(percentages)
    code, stated = drawn(percentages, seed=turn.seed, ref=question.ref)
    return Answered(code, stated)


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Reject an object that names a key twice: which of the two answers is meant is unknown."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("repeated key")
    return found
