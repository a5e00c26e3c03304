"""What a finished call is made into: the record of it, and the answers if it closes its turn."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from llm_respondents.codes import SAID, Halt, HaltReason
from llm_respondents.conversation import parsing
from llm_respondents.conversation.parsing import Answered, Parsed, Unparsable
from llm_respondents.conversation.prompts import Turn
from llm_respondents.conversation.typography import apart
from llm_respondents.providers.base import Failure, Reply
from llm_respondents.runner.retry import RetryDecision, RetryPolicy, asks_again
from llm_respondents.runner.session import CONTEXT_LENGTH, TRANSPORT_ERROR, Chained, Session
from llm_respondents.runner.types import AttemptRecord, Outcome, TurnAnswer

logger = logging.getLogger(__name__)
_LONGEST_DETAIL = 500


@dataclass(frozen=True, slots=True)
class Called:
    """A finished call: what is stored, what was understood, and what follows a failure.

    With `halt` no further call is to be made.
    """

    turn: Turn
    record: AttemptRecord
    outcomes: tuple[Parsed, ...] = ()
    decision: RetryDecision | None = None
    halt: Halt | None = None


def begun(
    chained: Chained, parameters: Mapping[str, Any], started_at: datetime, latency_ms: int
) -> AttemptRecord:
    """Return the record of a call with its request side filled in."""
    return AttemptRecord(
        turn=chained.request.turn.index,
        number=chained.request.attempt,
        refs=chained.request.turn.refs,
        prefix_hash=chained.prefix_hash,
        request_hash=chained.request_hash,
        new_messages=chained.new,
        parameters=parameters,
        started_at=started_at,
        latency_ms=latency_ms,
    )


def failed(turn: Turn, record: AttemptRecord, failure: Failure, decision: RetryDecision) -> Called:
    """Return a call that brought no reply."""
    filled = replace(
        record,
        outcome=CONTEXT_LENGTH if failure.kind == "context_length" else TRANSPORT_ERROR,
        detail=storable(f"{failure.kind}: {failure.message}")[:_LONGEST_DETAIL],
        raw=storable(failure.raw),
        request_id=storable(failure.request_id),
        http_status=failure.status,
        headers=failure.headers,
        closes_turn=decision.action == "give_up",
    )
    halt = halt_of(failure, decision.kind) if decision.action == "halt" else None
    return Called(turn, filled, (), decision, halt)


def halt_of(failure: Failure, kind: str = "") -> Halt:
    """Why a run gives up after a failure, with the endpoint's own words."""
    said = storable(failure.message)[:_LONGEST_DETAIL]
    return Halt(HaltReason(kind or failure.kind), {SAID: said})


def replied(
    session: Session, turn: Turn, record: AttemptRecord, reply: Reply, policy: RetryPolicy
) -> Called:
    """Return a call that brought a reply, read but kept word for word."""
    outcomes = _judge(reply, turn, session)
    outcome, detail = _worst(outcomes)
    if outcome == "truncated" and reply.usage.reasoning_tokens:
        thought, tokens = reply.usage.reasoning_tokens, reply.usage.completion_tokens
        detail = f"{thought} of {tokens} tokens were thought; {detail}"
    said, thoughts = _apart(reply, session)
    filled = replace(
        record,
        outcome=outcome,
        detail=storable(detail)[:_LONGEST_DETAIL],
        reply=storable(said),
        thoughts=storable(thoughts),
        refusal=storable(reply.refusal),
        raw=storable(reply.raw),
        finish_reason=storable(reply.finish_reason),
        usage=reply.usage,
        model=storable(reply.model),
        system_fingerprint=storable(reply.system_fingerprint),
        request_id=storable(reply.request_id),
        http_status=reply.status,
        headers=reply.headers,
        closes_turn=not asks_again(outcome, reasks=session.reasks(turn), policy=policy),
        flags=session.flags(turn, reply),
    )
    return Called(turn, filled, outcomes)


def outcome_of(session: Session, called: Called) -> Outcome:
    """Return what is committed for a call: the attempt always, answers if it closes the turn."""
    closes = called.record.closes_turn
    answers = _answers(called) if closes else ()
    return Outcome(
        session.item.administration,
        called.record,
        answers,
        ends_session=closes and session.is_last(called.turn, answers),
        reopened=session.item.reopened,
    )


def storable(text: str) -> str:
    """Return text that every database and encoding takes: no NUL, no half of a surrogate pair.

    Done before the reply enters the conversation, so that a resumed session reads the same words.
    """
    return text.replace("\x00", "\\u0000").encode("utf-8", "backslashreplace").decode()


def _apart(reply: Reply, session: Session) -> tuple[str, str]:
    """What was said, and what was thought: in a field of its own, or aloud between tags."""
    if session.keeps_thoughts:
        return reply.text, reply.thoughts
    said, aloud = apart(reply.text)
    return said, "\n\n".join(part for part in (reply.thoughts, aloud) if part)


def _judge(reply: Reply, turn: Turn, session: Session) -> tuple[Parsed, ...]:
    try:
        return parsing.judge(
            text=reply.text,
            turn=turn,
            arm=session.item.arm,
            finish_reason=reply.finish_reason,
            refusal=reply.refusal,
        )
    except Exception as error:
        # The reply is paid for: it is stored, and read again when the parser is mended.
        logger.exception("the parser failed on a reply of turn %s", turn.index)
        return (Unparsable(f"parser failed: {error!r}"),) * len(turn.questions)


def _worst(outcomes: Sequence[Parsed]) -> tuple[str, str]:
    """The outcome of a turn as a whole: answered only if every question is."""
    for outcome in outcomes:
        if not isinstance(outcome, Answered):
            return outcome.reason, outcome.detail
    return "answered", ""


def _answers(called: Called) -> tuple[TurnAnswer, ...]:
    elapsed = called.record.latency_ms
    if not called.outcomes:
        reason = called.record.outcome
        return tuple(TurnAnswer(ref, None, reason, elapsed) for ref in called.turn.refs)
    return tuple(
        TurnAnswer(ref, outcome.given, "", elapsed)
        if isinstance(outcome, Answered)
        else TurnAnswer(ref, None, outcome.reason, elapsed)
        for ref, outcome in zip(called.turn.refs, called.outcomes, strict=True)
    )
