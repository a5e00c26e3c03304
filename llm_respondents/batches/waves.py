"""Which calls a session makes next in a batch, and what their replies become.

Pure. Both sides build the request from the stored session alone, so that nothing about a call has
to be kept while it waits but its place and the hash of what was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from llm_respondents.batches.files import Place, Results, is_expired
from llm_respondents.codes import Halt
from llm_respondents.conversation.prompts import Turn
from llm_respondents.providers.base import Failure, Provider
from llm_respondents.runner.calls import Called, begun, failed, outcome_of, replied
from llm_respondents.runner.purse import Purse
from llm_respondents.runner.retry import RetryDecision, RetryPolicy, decide
from llm_respondents.runner.session import Chained, Session
from llm_respondents.runner.types import Outcome, WorkItem

# So many calls without one reply, and the endpoint is down: more would only be transport errors.
_FEWEST_FOR_DOWN = 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A call that was handed over: its place, the hash of its request, what it may cost."""

    pk: int
    place: Place
    request_hash: str
    reserved: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the replies of a batch depends on beside them."""

    provider: Provider
    policy: RetryPolicy
    purse: Purse | None
    sent_at: datetime
    read_at: datetime

    @property
    def waited_ms(self) -> int:
        """From handing the batch over to reading it: the most that a call can have taken."""
        return round((self.read_at - self.sent_at).total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class Collected:
    """What the replies of one session lead to; `stale` calls belong to no open turn any more."""

    outcomes: tuple[Outcome, ...]
    halts: tuple[Halt, ...] = ()
    stale: tuple[Sent, ...] = ()


def asks_together(item: WorkItem) -> bool:
    """Whether all open turns can be asked in one wave: none sees the reply to another, and no reply
    decides what is asked.

    A bound on tokens has to be looked at between turns.
    """
    return item.arm.history_is_known and not item.max_tokens and item.plan is None


def turns_now(session: Session) -> Sequence[Turn]:
    """The turns that the next wave asks, in order; none if the session ends here."""
    if session.ends_for:
        return ()
    item = session.item
    if not asks_together(item):
        return [session.next_turn] if session.next_turn else ()
    turns = session.open_turns()
    closed = len(item.turns) - len(turns)
    return turns[: item.max_turns - closed] if item.max_turns else turns


def waves_left(item: WorkItem) -> int:
    """How many batches, one after the other, a session needs if every reply is an answer."""
    closed = len({past.turn for past in item.past if past.closes_turn})
    asked = len(item.turns) - len(item.not_asked)
    turns = min(asked, item.max_turns or asked) - closed
    return min(max(turns, 0), 1) if asks_together(item) else max(turns, 0)


def place_of(session: Session, chained: Chained) -> Place:
    """The place of a request in its session."""
    request = chained.request
    return Place(session.item.administration, request.turn.index, request.attempt)


def read_session(
    session: Session, sent: Sequence[Sent], results: Results, reading: Reading
) -> Collected:
    """Read the replies to the calls of one session, in the order of its turns."""
    outcomes: list[Outcome] = []
    halts: list[Halt] = []
    stale: list[Sent] = []
    for call in sorted(sent, key=lambda one: one.place.turn):
        turn = session.turn(call.place.turn)
        chained = session.next_request(turn)
        if not session.is_open(turn) or not _fits(session, chained, call):
            stale.append(call)
            continue
        called = _read(session, chained, call, results, reading)
        outcome = outcome_of(session, called)
        outcomes.append(outcome)
        record = called.record
        session.note(
            turn,
            outcome=record.outcome,
            closes_turn=record.closes_turn,
            reply=record.reply,
            raw=record.raw,
            answers=outcome.answers,
        )
        session.note_usage(turn, record.usage)
        if called.halt is not None:
            halts.append(called.halt)
    return Collected(tuple(outcomes), tuple(halts), tuple(stale))


def _fits(session: Session, chained: Chained, call: Sent) -> bool:
    return place_of(session, chained) == call.place and chained.request_hash == call.request_hash


def _read(
    session: Session,
    chained: Chained,
    call: Sent,
    results: Results,
    reading: Reading,
) -> Called:
    turn, found = chained.request.turn, results.of(call.place)
    parameters = reading.provider.parameters(chained.request)
    record = begun(chained, parameters, reading.sent_at, reading.waited_ms)
    if reading.purse is not None:
        cost = reading.purse.settled(call.reserved, found)
        record = replace(record, reserved=call.reserved, cost=cost)
    if not isinstance(found, Failure):
        return replied(session, turn, record, found, reading.policy)
    failures = session.failed_calls(turn) + 1
    decision = decide(
        found, failed_calls=failures, policy=reading.policy, jitter=0.0, proven=results.answered
    )
    down = not results.answered and len(results.places) >= _FEWEST_FOR_DOWN
    if down and decision.action == "give_up":
        decision = RetryDecision("halt", "endpoint_down")
    # Nobody waits a day, time and again, for a provider that begins nothing.
    if is_expired(found) and failures > 1 and not results.answered:
        decision = RetryDecision("halt", "batch_expired")
    return failed(turn, record, found, decision)
