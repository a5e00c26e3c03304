"""The reply that names given answers, in the form that an arm asks for.

It is how a scripted respondent speaks, and how the answers of another respondent are shown as the
earlier turns of a swapped history. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.prompts import Exchange, Turn, exchange
from surveys.presentation import PresentationError, Question

_NOBODY: Mapping[str, int] = MappingProxyType({})


def reply_text(codes: Mapping[str, int], turn: Turn, arm: Arm, *, reason: str = "") -> str:
    """Return the reply to a turn that gives `codes` (question ref -> displayed code).

    `reason` is given where the arm asks for one. As a distribution, an answer has all of the
    percentages: 100 on the option chosen.
    """
    if arm.needs_schema:
        return json.dumps(_as_object(codes, turn, arm, reason))
    texts = [_in_words(turn, question, codes[question.ref], arm) for question in turn.questions]
    if len(texts) == 1:
        return texts[0]
    positions = (question.position for question in turn.questions)
    return "\n".join(f"{position}: {text}" for position, text in zip(positions, texts, strict=True))


def donated_history(
    turns: Sequence[Turn], arm: Arm, donated: Mapping[str, int] = _NOBODY
) -> dict[int, Exchange]:
    """Return, by the index of the turn, the turns that a donor's answers close.

    `donated` are question ref -> scored value. A turn to which the donor has not answered every
    question is left out: a reply to some of them would teach an incomplete form.
    """
    closed = {}
    for turn in turns:
        codes = {
            question.ref: code
            for question in turn.questions
            if (code := _code(question, donated.get(question.ref))) is not None
        }
        if len(codes) == len(turn.questions):
            closed[turn.index] = exchange(turn, reply_text(codes, turn, arm))
    return closed


def _code(question: Question, value: int | None) -> int | None:
    try:
        return None if value is None else question.code_of(value)
    except PresentationError:
        return None


def _as_object(codes: Mapping[str, int], turn: Turn, arm: Arm, reason: str) -> dict[str, object]:
    values = {q.position: _as_value(turn, q, codes[q.ref], arm) for q in turn.questions}
    if len(values) == 1:
        (value,) = values.values()
        return _with_reason(value, arm, reason)
    if arm.elicitation == "reason":
        values = {position: _with_reason(value, arm, reason) for position, value in values.items()}
    return {"answers": {str(position): value for position, value in values.items()}}


def _with_reason(value: object, arm: Arm, reason: str) -> dict[str, object]:
    answer = {"answer": value}
    return {"reason": reason, **answer} if arm.elicitation == "reason" else answer


def _as_value(turn: Turn, question: Question, code: int, arm: Arm) -> object:
    choices = turn.choices(question, arm)
    if arm.elicitation == "distribution":
        return {choice.mark: 100 if choice.code == code else 0 for choice in choices}
    mark = _mark(turn, question, code, arm)
    return mark if arm.option_marks == "letter" else int(mark)


def _in_words(turn: Turn, question: Question, code: int, arm: Arm) -> str:
    if arm.elicitation == "label":
        return question.option(code).label
    return _mark(turn, question, code, arm)


def _mark(turn: Turn, question: Question, code: int, arm: Arm) -> str:
    return next(c.mark for c in turn.choices(question, arm) if c.code == code)
