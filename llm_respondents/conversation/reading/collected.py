"""Replies that were collected elsewhere, read by the rules for replies to this program. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.choices import Choice, choices_of
from llm_respondents.conversation.distributions import Stated, drawn
from llm_respondents.conversation.parsing import Answered, Parsed, judge
from llm_respondents.conversation.turns import Turn
from surveys.presentation import Question
from surveys.questions import Given, Mistaken

# Shares are drawn from in whole parts, as percentages are.
_PARTS = 1_000_000


@dataclass(frozen=True, slots=True)
class CollectedTurn(Turn):
    """A turn that somebody else put; `by_value` says that options were marked by their values."""

    by_value: bool = False

    def choices(self, question: Question, arm: Arm) -> tuple[Choice, ...]:
        """The choices as they were marked there."""
        if not self.by_value or question.open:
            return choices_of(question, arm, self.seed)
        last = max(option.value for option in question.options)
        scored = tuple(Choice(str(one.value), one.code, one.label) for one in question.options)
        return scored + tuple(
            Choice(str(last + place), code, label)
            for place, (code, label) in enumerate(question.unscored, start=1)
        )


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What a reply comes to for one question: what is given, or the reason why nothing is."""

    given: Given | None
    reason: str = ""
    stated: Stated = ()


def read_text(
    text: str,
    questions: Sequence[Question],
    arm: Arm,
    *,
    by_value: bool,
    finish_reason: str = "",
    refusal: str = "",
) -> tuple[Parsed, ...]:
    """Read a raw reply to `questions`, which it numbers from 1 where there are several."""
    numbered = tuple(replace(one, position=place) for place, one in enumerate(questions, start=1))
    turn = CollectedTurn(0, numbered[0].block, numbered, "", by_value=by_value)
    return judge(
        text=text, turn=turn, arm=arm, finish_reason=finish_reason or "stop", refusal=refusal
    )


def as_read(outcome: Parsed) -> ReadAnswer:
    """What the parser found, as an answer to be stored."""
    if isinstance(outcome, Answered):
        return ReadAnswer(outcome.given, "", outcome.stated)
    return ReadAnswer(None, outcome.reason)


def read_value(value: Any, question: Question) -> ReadAnswer:
    """A value as its source coded it: a scored value, or of an open question what it takes."""
    if not question.open:
        return ReadAnswer(question.code_of(value))
    given = question.open.of_text(value) if isinstance(value, str) else question.open.of_json(value)
    if isinstance(given, Mistaken) or isinstance(question.open.stored(given), Mistaken):
        return ReadAnswer(None, "out_of_range")
    return ReadAnswer(given)


def read_shares(shares: Mapping[int, float], question: Question, seed: int) -> ReadAnswer:
    """One answer drawn from scored value -> share, by the rule for stated distributions."""
    parts = {question.code_of(value): round(share * _PARTS) for value, share in shares.items()}
    code, stated = drawn(dict(sorted(parts.items())), seed=seed, ref=question.ref)
    return ReadAnswer(code, "", stated)
