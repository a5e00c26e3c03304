"""One session's memory: which turns are closed, what later turns see, the chain over messages.

A session is rebuilt from its stored attempts alone. Whether it ran through or was killed and
resumed, the next request is the same function of the same values, so its messages are the same.

A turn sees the turns before it and none behind it, whenever it is asked: one that was lost and is
asked when later ones are closed reads what it would have read in its place.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from llm_respondents.codes import CallFlag
from llm_respondents.conversation import prompts
from llm_respondents.conversation.prompts import Correction, Exchange, Message, Turn
from llm_respondents.providers.apis.carrying import carried_of
from llm_respondents.providers.base import Reply, Request, Usage, encode, text_bytes
from llm_respondents.runner.remembering import Remembering
from llm_respondents.runner.retry import REASKED
from llm_respondents.runner.types import PastAttempt, TurnAnswer, WorkItem
from surveys.presentation import Question, StoredAnswer, Told

CHAIN_START = hashlib.sha256(b"").hexdigest()
# A closed turn stays in the conversation if it was answered. What was no answer would teach the
# model its form, or to refuse again, and a refusal in a field of its own could not be shown at all.
_KEPT = frozenset({"answered"})
# In sessions of version 1 whatever the model itself said stayed.
_KEPT_IN_VERSION_1 = frozenset(
    {"answered", "refused", "no_answer", "schema_violation", "unparsable", "out_of_range"}
)
TRANSPORT_ERROR = "transport_error"
# Outcomes of calls that brought no reply.
CONTEXT_LENGTH = "context_length"
# The missing reason of questions that a session's own bounds left open.
BUDGET_STOP = "budget_stop"
NO_REPLY = frozenset({TRANSPORT_ERROR, CONTEXT_LENGTH})


@dataclass(frozen=True, slots=True)
class Chained:
    """A request with its hash chain: `new` are the messages behind `prefix_hash`."""

    request: Request
    prefix_hash: str
    request_hash: str
    new: tuple[Message, ...]
    # Of all messages' texts together.
    text_bytes: int


class Session:
    """What the loop keeps of one administration while it conducts it."""

    def __init__(self, item: WorkItem) -> None:
        self.item = item
        # The turns that later ones can see, by their index.
        self._exchanges: dict[int, Exchange] = {}
        self._closed: set[int] = set(item.not_asked)
        self._failed_calls: Counter[int] = Counter()
        self._reasks: Counter[int] = Counter()
        self._is_version_1 = item.version == "1"
        # In sessions before version 1.2 what was thought aloud is part of the reply.
        self.keeps_thoughts = item.version in ("1", "1.1")
        self._kept = _KEPT_IN_VERSION_1 if self._is_version_1 else _KEPT
        self._corrections: dict[int, list[Correction]] = defaultdict(list)
        self._sent: list[Message] = []
        self._hashes: list[str] = [CHAIN_START]
        # The bytes of the texts up to each message.
        self._bytes: list[int] = [0]
        self._encoded: list[str] = []
        self._remembering = Remembering()
        self._tokens = 0
        self._overflowed = False
        # What was answered, as far as it decides what is asked next.
        self._told: dict[str, StoredAnswer] = {}
        for past in item.past:
            self._replay(past)

    def _replay(self, past: PastAttempt) -> None:
        turn = self.turn(past.turn)
        # The request is rebuilt so that the chain continues where it was.
        self.next_request(turn)
        self.note(
            turn,
            outcome=past.outcome,
            closes_turn=past.closes_turn,
            reply=past.reply,
            raw=past.raw,
        )
        counts = (past.prompt_tokens, past.completion_tokens, past.cached_tokens)
        self.note_usage(turn, Usage(*counts))
        if past.closes_turn:
            told = self.item.told
            self._told |= {ref: told[ref] for ref in turn.refs if ref in told}

    def turn(self, index: int) -> Turn:
        """A turn as it is asked now; without questions where none of it is shown."""
        plan = self.item.plan
        return plan.turn(index, self._told) if plan else self.item.turns[index]

    def _open(self, told: Told, closed: Container[int]) -> Iterator[Turn]:
        plan = self.item.plan
        for one in self.item.turns:
            if one.index not in closed:
                turn = plan.turn(one.index, told) if plan else one
                if turn.questions:
                    yield turn

    def open_turns(self) -> Sequence[Turn]:
        """The turns that are certainly still to be asked, in order."""
        return list(self._open(self._told, self._closed))

    @property
    def next_turn(self) -> Turn | None:
        """The turn to be asked next; None if none is left."""
        return next(self._open(self._told, self._closed), None)

    def is_open(self, turn: Turn) -> bool:
        """Whether a turn is still to be asked."""
        return bool(turn.questions) and turn.index not in self._closed

    def is_last(self, turn: Turn, answers: Sequence[TurnAnswer] = ()) -> bool:
        """Whether closing this turn with these answers leaves none open."""
        told = {**self._told, **_told_in(turn, answers)} if self.item.plan else self._told
        return next(self._open(told, self._closed | {turn.index}), None) is None

    def attempts(self, turn: Turn) -> int:
        """How many calls this turn has seen."""
        return self._failed_calls[turn.index] + self._reasks[turn.index]

    def failed_calls(self, turn: Turn) -> int:
        """How many calls of this turn brought no reply."""
        return self._failed_calls[turn.index]

    def reasks(self, turn: Turn) -> int:
        """How many replies to this turn were no answer."""
        return self._reasks[turn.index]

    def next_request(self, turn: Turn) -> Chained:
        """Return the request that asks this turn now, with its place in the hash chain."""
        sent = self._messages(turn)
        if self.item.told_in_question:
            sent = prompts.told_in_question(sent)
        known = self._extend_chain(sent)
        attempt = self.attempts(turn) + 1
        reask = 0 if self._is_version_1 else self._reasks[turn.index]
        request = Request(sent, self._encoded, turn, self.item.arm, self.item.seed, attempt, reask)
        new = tuple(sent[known:])
        return Chained(request, self._hashes[known], self._hashes[-1], new, self._bytes[-1])

    def _messages(self, turn: Turn) -> list[Message]:
        system, earlier, arm = self.item.system, self._earlier(turn), self.item.arm
        if self._is_version_1:
            note = prompts.reminder(self.item.language) if self._reasks[turn.index] else ""
            return prompts.messages(system, earlier, turn, arm, note=note)
        corrections = self._corrections.get(turn.index, ())
        return prompts.messages(system, earlier, self._opening(turn), arm, corrections=corrections)

    def _opening(self, turn: Turn) -> Turn:
        """The turn, with its block's instruction if the turn that said it is out of sight."""
        if not turn.opening or self._is_version_1 or self.item.arm.history == "swapped":
            return turn
        if any(one.block == turn.block for one in self._before(turn)):
            return turn
        return replace(turn, text=f"{turn.opening}\n\n{turn.text}")

    def _earlier(self, turn: Turn) -> Sequence[Exchange]:
        """The closed turns before this one: its own, those that a donor answered, or both."""
        if self.item.arm.history not in ("swapped", "own"):
            return self._before(turn)
        if self.item.arm.history == "own":
            said = {**self.item.donated, **self._exchanges}
            return [said[at] for at in sorted(said) if at < turn.index]
        return [said for index, said in self.item.donated.items() if index < turn.index]

    def _before(self, turn: Turn) -> Sequence[Exchange]:
        """The session's own exchanges before a turn, in the order of the questionnaire."""
        return [self._exchanges[at] for at in sorted(self._exchanges) if at < turn.index]

    def _extend_chain(self, sent: list[Message]) -> int:
        """Bring the chain up to `sent`; return how many messages it shares with the last request.

        Messages of closed turns are the same objects from turn to turn, so that a session of n
        turns hashes and encodes each of them once and not n times.
        """
        known = 0
        for old, new in zip(self._sent, sent, strict=False):
            if old is not new and old != new:
                break
            known += 1
        del self._hashes[known + 1 :], self._bytes[known + 1 :]
        self._encoded = self._encoded[:known] + [encode(message) for message in sent[known:]]
        for message in sent[known:]:
            self._hashes.append(chain(self._hashes[-1], message))
            self._bytes.append(self._bytes[-1] + text_bytes(message))
        self._sent = sent
        return known

    def note(
        self,
        turn: Turn,
        *,
        outcome: str,
        closes_turn: bool,
        reply: str,
        raw: str = "",
        answers: Sequence[TurnAnswer] = (),
    ) -> None:
        """Note what a call brought, before the next request is built.

        `raw` is the response, out of which a session takes the reasoning that it sends back;
        `answers` are those that close the turn, which may decide what is asked next.
        """
        if self.item.plan:
            self._told |= _told_in(turn, answers)
        self._overflowed = self._overflowed or outcome == CONTEXT_LENGTH
        if outcome in NO_REPLY:
            self._failed_calls[turn.index] += 1
        elif outcome in REASKED or not closes_turn:
            self._reasks[turn.index] += 1
            if not closes_turn:
                self._correct(turn, outcome, reply)
        if closes_turn:
            self._closed.add(turn.index)
            if outcome in self._kept and reply:
                carried = self._carried(turn, raw)
                self._forget_carried_behind(turn)
                self._exchanges[turn.index] = prompts.exchange(self._opening(turn), reply, carried)

    def _carried(self, turn: Turn, raw: str) -> Sequence[Any]:
        """A reply with its reasoning, if it was the first to its question.

        Reasoning is worth something behind the very messages that it came after alone. What came
        after a reply that was no answer stands behind others, since later turns do not see that.
        """
        if self.item.arm.reasoning == "drop" or self._reasks[turn.index]:
            return ()
        return carried_of(self.item.api, raw)

    def _forget_carried_behind(self, turn: Turn) -> None:
        """Turns that were asked before this one, and stand behind it, were thought without it."""
        for at, later in self._exchanges.items():
            if at > turn.index and "carried" in later.reply:
                plain: Message = {"role": "assistant", "content": later.reply["content"]}
                self._exchanges[at] = replace(later, reply=plain)

    def _correct(self, turn: Turn, outcome: str, reply: str) -> None:
        item = self.item
        self._corrections[turn.index].append(
            prompts.correction(turn, item.arm, item.language, outcome=outcome, reply=reply)
        )

    def note_usage(self, turn: Turn, usage: Usage) -> None:
        """Note the provider's count of a call of a turn, before the next request is built."""
        self._tokens += usage.total
        is_in_sight = turn.index in self._exchanges or self.item.arm.history == "swapped"
        if turn.index in self._closed and not is_in_sight:
            self._remembering.forget(turn.index)
        else:
            self._remembering.note(turn.index, self._bytes[-1], usage)

    @property
    def ends_for(self) -> str:
        """Why the session ends here with questions still open, as their missing reason; or "".

        It has outgrown the model's context, or reached one of its own bounds.
        """
        item = self.item
        if self.next_turn is None:
            return ""
        if self._overflowed:
            return CONTEXT_LENGTH
        asked = len(self._closed) - len(item.not_asked)
        turns_up = bool(item.max_turns) and asked >= item.max_turns
        tokens_up = bool(item.max_tokens) and self._tokens >= item.max_tokens
        return BUDGET_STOP if turns_up or tokens_up else ""

    def flags(self, turn: Turn, reply: Reply) -> tuple[str, ...]:
        """What is suspicious about a reply's envelope.

        ``history_lost``: the endpoint dropped earlier turns without saying so, at this turn or at
        an earlier one. ``reasoning_dropped``: it says so of reasoning. Ask before the next request
        is built.
        """
        dropped = (CallFlag.REASONING_DROPPED,) if reply.reasoning_dropped else ()
        if not self._accumulates:
            return dropped
        lost = self._remembering.is_lost(turn.index, self._bytes[-1], reply.usage)
        return (CallFlag.HISTORY_LOST, *dropped) if lost else dropped

    @property
    def _accumulates(self) -> bool:
        """Whether each request contains the one before it: no turn is left out on the way."""
        if self.item.arm.history == "swapped":
            return len(self.item.donated) == len(self.item.turns)
        return self.item.arm.history in ("full", "own")


def _told_in(turn: Turn, answers: Sequence[TurnAnswer]) -> dict[str, StoredAnswer]:
    """Answers as they are stored, by question."""
    questions = {one.ref: one for one in turn.questions}
    return {one.ref: _stored(questions[one.ref], one) for one in answers}


def _stored(question: Question, answer: TurnAnswer) -> StoredAnswer:
    if answer.given is None:
        return StoredAnswer(reason=answer.missing_reason)
    if reason := question.declared(answer.given):
        return StoredAnswer(reason=reason)
    return StoredAnswer(question.stored(answer.given))


def chain(previous: str, message: Message) -> str:
    """Return the next hash of the chain: SHA-256 over the hash so far, the role and the content.

    Of a message that carries reasoning, what is carried too, as JSON with its keys in order; of one
    with pictures, their checksums.
    """
    digest = hashlib.sha256(previous.encode())
    digest.update(f"\n{message['role']}\n".encode())
    digest.update(message["content"].encode("utf-8", "surrogatepass"))
    if carried := message.get("carried"):
        ordered = json.dumps(carried, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest.update(f"\n{ordered}".encode("utf-8", "surrogatepass"))
    for picture in message.get("pictures", ()):
        digest.update(f"\n{picture['sha256']}".encode())
    return digest.hexdigest()
