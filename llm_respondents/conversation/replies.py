"""The reply that names given answers, in the form that an arm asks for.

It is how a scripted respondent speaks, and how the answers of another respondent are shown as the
earlier turns of a swapped history. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.choices import Choice
from llm_respondents.conversation.prompts import Exchange, Turn, exchange
from surveys.presentation import PresentationError, Question
from surveys.questions import Declared, Given, Stored

_NOBODY: Mapping[str, Stored] = MappingProxyType({})


def reply_text(given: Mapping[str, Given], turn: Turn, arm: Arm, *, reason: str = "") -> str:
    """Return the reply to a turn that gives answers (question ref -> what is given).

    `reason` is given where the arm asks for one. As a distribution, an answer has all of the
    percentages: 100 on the option chosen.
    """
    if arm.needs_schema:
        return json.dumps(_as_object(given, turn, arm, reason))
    texts = [_in_words(turn, question, given[question.ref], arm) for question in turn.questions]
    if len(texts) == 1:
        return texts[0]
    positions = (question.position for question in turn.questions)
    return "\n".join(f"{position}: {text}" for position, text in zip(positions, texts, strict=True))


def donated_history(
    turns: Sequence[Turn], arm: Arm, donated: Mapping[str, Stored] = _NOBODY
) -> dict[int, Exchange]:
    """Return, by the index of the turn, the turns that a donor's answers close.

    `donated` are ref of an item -> stored value. A turn to which the donor has not answered every
    question is left out: a reply to some of them would teach an incomplete form.
    """
    closed = {}
    for turn in turns:
        given = {
            question.ref: one
            for question in turn.questions
            if (one := _given(question, donated)) is not None
        }
        if len(given) == len(turn.questions):
            closed[turn.index] = exchange(turn, reply_text(given, turn, arm))
    return closed


def _given(question: Question, donated: Mapping[str, Stored]) -> Given | None:
    stored = [donated[ref] for ref in question.refs if ref in donated]
    if len(stored) < len(question.refs):
        return None
    try:
        return question.given(stored)
    except PresentationError:
        return None


def _as_object(given: Mapping[str, Given], turn: Turn, arm: Arm, reason: str) -> dict[str, object]:
    values = {q.position: _as_value(turn, q, given[q.ref], arm) for q in turn.questions}
    if len(values) == 1:
        (value,) = values.values()
        return _with_reason(value, arm, reason)
    if arm.elicitation == "reason":
        values = {position: _with_reason(value, arm, reason) for position, value in values.items()}
    return {"answers": {str(position): value for position, value in values.items()}}


def _with_reason(value: object, arm: Arm, reason: str) -> dict[str, object]:
    answer = {"answer": value}
    return {"reason": reason, **answer} if arm.elicitation == "reason" else answer


def _as_value(turn: Turn, question: Question, given: Given, arm: Arm) -> object:
    if question.open and isinstance(given, Declared):
        return question.open.label_of(given.reason)
    if question.open:
        return question.open.as_json(given)
    choices = turn.choices(question, arm)
    if arm.elicitation == "distribution":
        return {choice.mark: 100 if choice.code == given else 0 for choice in choices}
    mark = _choice(choices, given).mark
    return mark if arm.option_marks == "letter" else int(mark)


def _in_words(turn: Turn, question: Question, given: Given, arm: Arm) -> str:
    if question.open and isinstance(given, Declared):
        return question.open.label_of(given.reason)
    if question.open:
        return question.open.as_text(given)
    choice = _choice(turn.choices(question, arm), given)
    return choice.label if arm.elicitation == "label" else choice.mark


def _choice(choices: Sequence[Choice], code: Given) -> Choice:
    return next(choice for choice in choices if choice.code == code)
