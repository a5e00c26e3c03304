"""Whether replies are of any use: a panel that gets no answers stops, and shows what came instead.

Calls that succeed can still bring nothing: a model that only thinks, a wrong prompt template, an
address that echoes. Every such turn is billed and closed as missing, and a panel of them is over
without an answer. A refusal is no answer either; whoever studies refusals says so and goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm_respondents.codes import SAID, Halt, HaltReason
from llm_respondents.runner.session import NO_REPLY
from llm_respondents.runner.types import AttemptRecord, Outcome

ANSWERED = "answered"
_EXAMPLES = 3
_LONGEST_EXAMPLE = 160
# So many replies that spent their tokens unseen are no accident.
_SPENT_UNSEEN = 5


@dataclass(frozen=True, slots=True)
class Bounds:
    """When replies are held to be of no use.

    A run that has brought no answer ends after `first_turns` closed turns, or `first_sessions`
    ended sessions, whichever comes first; any run ends when more than the share `most_unusable`
    (0 to 1) of its last `window` closed turns have no answer, of fewer from `least` on. With
    `insists` nothing ends it.
    """

    first_turns: int = 20
    first_sessions: int = 5
    most_unusable: float = 0.8
    window: int = 100
    least: int = 40
    insists: bool = False


class ReplyWatch:
    """Looks at every reply of a run; `token_limit` is the most tokens of one, for what is said.

    With `proven`, the panel has had an answer before.
    """

    def __init__(self, bounds: Bounds, *, token_limit: int = 0, proven: bool = False) -> None:
        self._bounds = bounds
        self._limit = token_limit
        self._proven = proven
        self._turns = 0
        self._sessions = 0
        self._unseen = 0
        self._recent: deque[bool] = deque(maxlen=bounds.window)
        self._examples: dict[str, None] = {}

    def noted(self, outcome: Outcome) -> Halt | None:
        """Note what a call led to; return why the run must end, if it must."""
        record = outcome.attempt
        if self._bounds.insists or record.outcome in NO_REPLY:
            return None
        if record.outcome == ANSWERED:
            self._proven = True
        else:
            self._keep_example(record)
        if halt := self._thinks_only(record):
            return halt
        if record.closes_turn:
            self._turns += 1
            self._sessions += outcome.ends_session
            self._recent.append(record.outcome == ANSWERED)
        return self._without_answers()

    def _thinks_only(self, record: AttemptRecord) -> Halt | None:
        if self._proven or not spent_unseen(record):
            return None
        self._unseen += 1
        if self._unseen < _SPENT_UNSEEN:
            return None
        tokens = record.usage.completion_tokens or self._limit
        thought = record.usage.reasoning_tokens
        arguments = {
            "limit": self._limit,
            "thought": tokens if thought is None else thought,
            "tokens": tokens,
        }
        return Halt(HaltReason.TOKENS_SPENT_THINKING, arguments)

    def _without_answers(self) -> Halt | None:
        bounds, recent = self._bounds, self._recent
        if not self._proven and (
            self._turns >= bounds.first_turns or self._sessions >= bounds.first_sessions
        ):
            return self._halt(HaltReason.NO_USABLE_ANSWERS, turns=self._turns)
        unusable = recent.count(False)
        if len(recent) >= bounds.least and unusable > bounds.most_unusable * len(recent):
            percent = round(100 * unusable / len(recent))
            return self._halt(HaltReason.MOSTLY_UNUSABLE, percent=percent, turns=len(recent))
        return None

    def _halt(self, code: HaltReason, **arguments: Any) -> Halt:
        return Halt(code, {**arguments, SAID: in_a_row(list(self._examples))})

    def _keep_example(self, record: AttemptRecord) -> None:
        if len(self._examples) < _EXAMPLES:
            self._examples[example(record.outcome, record.reply or record.refusal)] = None


def spent_unseen(record: AttemptRecord) -> bool:
    """Whether a reply reached its limit with nothing, or next to nothing, to be read of it."""
    if record.outcome != "truncated":
        return False
    thought, tokens = record.usage.reasoning_tokens, record.usage.completion_tokens
    mostly = thought is not None and tokens is not None and thought > tokens / 2
    return mostly or not record.reply.strip()


def example(outcome: str, reply: str) -> str:
    """A reply that is no answer in one line, with the reason."""
    words = " ".join(reply.split())
    if len(words) > _LONGEST_EXAMPLE:
        words = f"{words[:_LONGEST_EXAMPLE]} …"
    return f"“{words}” [{outcome}]"


def in_a_row(examples: Sequence[str]) -> str:
    """Examples as they are quoted behind a sentence."""
    return " · ".join(examples[:_EXAMPLES])
