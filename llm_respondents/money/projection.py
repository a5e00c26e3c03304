"""What a panel will cost: before any call from its texts, and later from its first sessions. Pure.

Before a call nobody knows the tokens of an endpoint, so that an estimate is a range over stated
assumptions (`LOW` to `MOST`). What is not assumed is the conversation: it is built by the very
`Session` that will conduct it, so that a full history grows as it will grow, and a window does not.

    Tokens         calls, prompt and completion tokens
    session_tokens what one session takes under one set of assumptions
    project        from sessions that are over to the whole panel, with an interval
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, variance

from llm_respondents.conversation.arms import Arm
from llm_respondents.conversation.pictures import (
    SentPicture,
    fewest_tokens,
    most_tokens,
    usual_tokens,
)
from llm_respondents.conversation.prompts import Message, Turn, longest_note, response_format
from llm_respondents.conversation.replies import reply_text
from llm_respondents.providers.base import Usage
from llm_respondents.runner.session import Session
from llm_respondents.runner.types import WorkItem
from surveys.questions import Given

# Below this number of sessions an interval is as uncertain as what it is about.
FEWEST_FOR_INTERVAL = 10
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed of an endpoint, a tokeniser and a model.

    `per_token` and `reply_per_token` are characters (or bytes, with `counts_bytes`) per token of
    prompts and replies, `overhead` the tokens that a message costs beside its text, `reason` the
    characters of a reason, `asked_again` further calls per turn. With `counts_schema` the JSON
    schema is paid for as a part of the prompt. With `fills_replies` each reply is billed at the
    longest that is allowed, which is where hidden reasoning can take it; with `fills_history`
    such a reply also comes back whole in every later request. `picture` counts the tokens of one
    that is sent.
    """

    name: str
    per_token: float
    reply_per_token: float
    overhead: int
    reason: int
    asked_again: float = 0.0
    counts_bytes: bool = False
    counts_schema: bool = False
    fills_replies: bool = False
    fills_history: bool = False
    picture: Callable[[SentPicture], int] = usual_tokens


LOW = Assumptions("low", 4.5, 4.5, overhead=3, reason=5, picture=fewest_tokens)
EXPECTED = Assumptions("expected", 4.0, 2.5, overhead=4, reason=120, asked_again=0.02)
HIGH = Assumptions(
    "high",
    2.5,
    2.0,
    overhead=8,
    reason=300,
    asked_again=0.1,
    counts_bytes=True,
    counts_schema=True,
    fills_replies=True,
    picture=most_tokens,
)
# What no reply can exceed: a token for each byte, every turn asked three times.
MOST = Assumptions(
    "most",
    1.0,
    1.0,
    overhead=24,
    reason=300,
    asked_again=2.0,
    counts_bytes=True,
    counts_schema=True,
    fills_replies=True,
    fills_history=True,
    picture=most_tokens,
)
CASES: tuple[Assumptions, ...] = (LOW, EXPECTED, HIGH, MOST)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Calls and their tokens; fractions, since they are expectations."""

    calls: float = 0.0
    prompt: float = 0.0
    completion: float = 0.0

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.completion + other.completion,
        )

    def __mul__(self, times: float) -> Tokens:
        return Tokens(self.calls * times, self.prompt * times, self.completion * times)


def session_tokens(item: WorkItem, case: Assumptions, longest_reply: int) -> Tokens:
    """What a session takes from its first turn to its last, whatever is already done of it.

    `longest_reply` is the most tokens of one reply. The bounds of the session hold.
    """
    return tokens_ahead(replace(item, past=()), case, longest_reply)


def tokens_ahead(item: WorkItem, case: Assumptions, longest_reply: int) -> Tokens:
    """What a session takes from where it is to its last turn; see `session_tokens`."""
    session = Session(item)
    total = Tokens()
    for turn in session.open_turns():
        if session.ends_for:
            break
        sent = session.next_request(turn).request.messages
        reply = stand_in(turn, item.arm, case)
        prompt = _prompt_tokens(sent, turn, item.arm, case, longest_reply)
        completion = _completion_tokens(reply, case, longest_reply)
        again = _correction_tokens(item, turn, case, completion)
        session.note(turn, outcome="answered", closes_turn=True, reply=reply)
        session.note_usage(turn, Usage(prompt, completion))
        total += Tokens(1, prompt, completion) * (1 + case.asked_again)
        total += Tokens(prompt=again)
    return total


def _correction_tokens(item: WorkItem, turn: Turn, case: Assumptions, reply: int) -> float:
    """What asking again adds to the prompts of a turn: earlier replies, and what is said to them.

    The second time one such pair is in sight, the third time two are.
    """
    pairs = max(case.asked_again, case.asked_again * (case.asked_again + 1) / 2)
    note = _size(longest_note(turn, item.arm, item.language), case) / case.per_token
    return pairs * (reply + note + 2 * case.overhead)


def stand_in(turn: Turn, arm: Arm, case: Assumptions) -> str:
    """A reply in the form that the arm asks for, with the shortest or the longest labels."""
    longest = case.name != "low"
    given: dict[str, Given] = {}
    for question in turn.questions:
        ranked = sorted(question.options, key=lambda option: len(option.label))
        given[question.ref] = (
            question.open.stand_in(longest=longest)
            if question.open
            else ranked[-1 if longest else 0].code
        )
    return reply_text(given, turn, arm, reason="x" * case.reason)


def _prompt_tokens(
    sent: Sequence[Message], turn: Turn, arm: Arm, case: Assumptions, longest_reply: int
) -> int:
    texts = [
        longest_reply * case.per_token
        if case.fills_history and message["role"] == "assistant"
        else _size(message["content"], case)
        for message in sent
    ]
    schema = response_format(turn, arm) if case.counts_schema else None
    length = sum(texts) + (len(json.dumps(schema)) if schema else 0)
    shown = sum(case.picture(one) for message in sent for one in message.get("pictures", ()))
    return math.ceil(length / case.per_token) + case.overhead * len(sent) + shown


def _completion_tokens(reply: str, case: Assumptions, longest_reply: int) -> int:
    if case.fills_replies:
        return longest_reply
    return min(math.ceil(_size(reply, case) / case.reply_per_token), longest_reply)


def _size(text: str, case: Assumptions) -> int:
    return len(text.encode()) if case.counts_bytes else len(text)


@dataclass(frozen=True, slots=True)
class Projection:
    """A sum over a whole panel: expected, and an interval of `CONFIDENCE` where there can be one.

    `sessions` are those it rests on. Without an interval `low` and `high` are the expectation.
    """

    sessions: int
    expected: float
    low: float
    high: float
    interval: bool


def project(observed: Mapping[str, Sequence[float]], sizes: Mapping[str, int]) -> Projection | None:
    """Return the sum over all sessions of a panel, from those that are over.

    `observed` are the amounts of these sessions by cell of the design, `sizes` the numbers of all
    sessions by cell. Each cell is projected by its own mean if each has at least two sessions,
    otherwise all by the common mean. What is observed is known; the interval (Student's t, with
    the correction for a finite panel) is about the sessions still to come. None without a session.
    """
    seen = {cell: list(amounts) for cell, amounts in observed.items() if amounts}
    if not seen:
        return None
    if set(seen) != set(sizes) or min(len(amounts) for amounts in seen.values()) < 2:
        seen = {"": [amount for amounts in seen.values() for amount in amounts]}
        sizes = {"": sum(sizes.values())}
    count = sum(len(amounts) for amounts in seen.values())
    expected = sum(sizes[cell] * fmean(amounts) for cell, amounts in seen.items())
    known = sum(sum(amounts) for amounts in seen.values())
    freedom = count - len(seen)
    if freedom < 1:
        return Projection(count, expected, expected, expected, interval=False)
    error = math.sqrt(sum(_error_variance(part, sizes[cell]) for cell, part in seen.items()))
    half = _student(freedom) * error
    return Projection(count, expected, max(expected - half, known), expected + half, interval=True)


def _error_variance(amounts: Sequence[float], size: int) -> float:
    """Of the estimated sum over a cell of `size` sessions, of which these are a part."""
    n = len(amounts)
    return size * (size - n) * variance(amounts) / n if size > n else 0.0


def _student(freedom: int) -> float:
    """The quantile of Student's t for a two-sided interval."""
    # SciPy takes a moment to load, and only whoever asks for a projection needs it.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
