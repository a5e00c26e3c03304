"""What passes between the loop and the store: frozen values, never a model instance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from llm_respondents.codes import Halt
from llm_respondents.conversation.prompts import (
    SESSION_VERSION,
    Arm,
    Exchange,
    Message,
    Turn,
    TurnPlan,
)
from llm_respondents.endpoints.apis import ApiName
from llm_respondents.providers.base import Usage
from surveys.presentation import Told
from surveys.questions import Given

# What the panel's owner wants, read with every renewal of the leases.
Standing = Literal["run", "pause", "cancel"]


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """What a resumed session must know of a stored call, in the order the calls were made."""

    turn: int
    outcome: str
    reply: str
    closes_turn: bool
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    # The response word for word, where the session sends reasoning back.
    raw: str = ""


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One session to conduct or to continue: everything it will ask, and what is stored of it."""

    administration: int
    seed: int
    system: str
    language: str
    arm: Arm
    turns: tuple[Turn, ...]
    past: tuple[PastAttempt, ...] = ()
    # Bounds of the session; 0 means none.
    max_turns: int = 0
    max_tokens: int = 0
    # With a swapped or an own history: what earlier turns show, by the index of the turn.
    donated: Mapping[int, Exchange] = field(default_factory=dict)
    # With an own history: the turns that are never asked, whether they are told or left out.
    not_asked: frozenset[int] = frozenset()
    # In which of `prompts.SESSION_VERSIONS` it began, and is finished.
    version: str = SESSION_VERSION
    # How often it was opened again for turns that were lost.
    reopened: int = 0
    # Whether the instruction begins the first question, for want of a system message.
    told_in_question: bool = False
    # The interface that is spoken, on which the form of carried reasoning depends.
    api: ApiName = "chat"
    # Where answers decide what is asked next: each turn as it is asked then, and what is stored of
    # the answers to turns that are closed. Else every turn is known beforehand.
    plan: TurnPlan | None = None
    told: Told = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """Sessions now leased to this worker, and how many unfinished ones others hold."""

    items: Sequence[WorkItem]
    held_elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class TurnAnswer:
    """The answer to one question: what is given, or the reason why there is nothing."""

    ref: str
    given: Given | None
    missing_reason: str
    elapsed_ms: int


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One API call, verbatim, before anything is made of the reply.

    `new_messages` are the messages that this call added to those its predecessor in the chain
    already recorded; `prefix_hash` and `request_hash` are the chain before and after them.
    """

    turn: int
    number: int
    refs: tuple[str, ...]
    prefix_hash: str
    request_hash: str
    new_messages: tuple[Message, ...]
    parameters: Mapping[str, Any]
    started_at: datetime
    latency_ms: int
    outcome: str = ""
    detail: str = ""
    reply: str = ""
    thoughts: str = ""
    refusal: str = ""
    raw: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    system_fingerprint: str = ""
    request_id: str = ""
    http_status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    closes_turn: bool = False
    flags: tuple[str, ...] = ()
    # Billionths of the currency: held back before the call, and its price; None without a price.
    reserved: int = 0
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one call leads to: the attempt, and the answers if it closes its turn."""

    administration: int
    attempt: AttemptRecord
    answers: tuple[TurnAnswer, ...] = ()
    ends_session: bool = False
    # How often the session had been opened again: a turn that was lost is handed in once more.
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of this run so far."""

    turns: int = 0
    calls: int = 0
    answered: int = 0
    missing: int = 0
    sessions: int = 0

    def plus(self, more: Progress) -> Progress:
        """Return the counts of both together."""
        return Progress(
            self.turns + more.turns,
            self.calls + more.calls,
            self.answered + more.answered,
            self.missing + more.missing,
            self.sessions + more.sessions,
        )


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What one worker did: `halt` is set if it gave up, `stopped` if it was told to stop."""

    progress: Progress
    stopped: bool = False
    halt: Halt | None = None
    lost_leases: int = 0
    rejected: Mapping[int, str] = field(default_factory=dict)


class Gateway(Protocol):
    """The loop's only door to the store."""

    async def claim(self, limit: int) -> Claim:
        """Lease up to `limit` unfinished sessions."""
        ...

    async def save(self, outcomes: Sequence[Outcome]) -> Sequence[str]:
        """Commit outcomes; for each "" or why its session must stop (``lease_lost``, a code)."""
        ...

    async def renew(self, administrations: Sequence[int]) -> Standing:
        """Extend the leases of sessions in progress; return what the owner wants."""
        ...

    async def close(self, administration: int, reason: str) -> None:
        """End a session before its last question; open questions get the missing reason."""
        ...

    async def release(self, administrations: Sequence[int]) -> None:
        """Give unfinished sessions back, so that another worker need not wait."""
        ...
