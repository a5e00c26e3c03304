"""A spend cap that concurrency cannot exceed: reserve before each call, settle after it.

Amounts are whole billionths of the currency (nano), so that a million small sums add up exactly.
What is reserved is an upper bound: no tokeniser makes more tokens of a text than it has bytes.
What may have been billed without a reply (a timeout, a broken line, a worker that was killed)
stays counted as spent.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_respondents.endpoints import Price
from llm_respondents.prompts import Message
from llm_respondents.providers.base import Failure, Reply

# Role, separators and whatever a chat template adds to each message, in tokens.
_MESSAGE_OVERHEAD = 24
# The endpoint did the work, or may have: nobody can tell.
_PERHAPS_BILLED = frozenset({"timeout", "connection", "malformed"})

# Why no further call is made: the panel's own cap, or that of all panels of its study.
BUDGET_SPENT = "budget_spent"
STUDY_BUDGET_SPENT = "study_budget_spent"
SPENT_SENTENCES: Mapping[str, str] = {
    BUDGET_SPENT: "the spend cap leaves no room for another call",
    STUDY_BUDGET_SPENT: "the cap of all panels of the study leaves no room for another call",
}


@dataclass(frozen=True, slots=True)
class Purse:
    """The price of a model, and the call by which the store keeps the account of all workers.

    `hold` holds an amount back and returns "", or the code of the cap that has no room for it.
    """

    price: Price
    longest_reply: int
    hold: Callable[[int], Awaitable[str]]

    def bound(self, messages: Sequence[Message], parameters: Mapping[str, Any]) -> int:
        """The most that a call can cost."""
        texts = sum(len(m["content"].encode()) + _MESSAGE_OVERHEAD for m in messages)
        schema = len(json.dumps(parameters.get("response_format")).encode())
        return self.price.nano(texts + schema, self.longest_reply)

    def settled(self, reserved: int, outcome: Reply | Failure) -> int:
        """What a call is taken to have cost once it is over."""
        if isinstance(outcome, Failure):
            return reserved if outcome.kind in _PERHAPS_BILLED else 0
        used = outcome.usage
        if used.prompt_tokens is None:
            return reserved
        return self.price.nano(
            used.prompt_tokens, used.completion_tokens or 0, used.cached_tokens or 0
        )
