"""What the endpoint would put on the bill, kept apart from whatever its clients store."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_respondents.rehearsal.faults import FAULTY_MESSAGES, UNBILLED, UNSURE


@dataclass
class Account:
    """Counts of one endpoint; tokens are its own.

    `paid` are the completions written out in whole, by the hash of their conversation; `unsure`
    are calls for which work was done and no whole completion was written. `said` is the answer to
    a conversation, `cut` are conversations whose beginning no longer fitted the context.
    """

    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    paid: Counter[bytes] = field(default_factory=Counter)
    said: dict[bytes, str] = field(default_factory=dict)
    cut: set[bytes] = field(default_factory=set)
    unsure: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def received(self, outcome: str) -> int:
        """Count a request; return its number from 1."""
        self.requests += 1
        self.outcomes[outcome] += 1
        return self.requests

    def book(self, outcome: str, conversation: bytes, completion: Mapping[str, Any]) -> None:
        """Bill a request, unless the fault that it meets came before any work."""
        if outcome in UNBILLED:
            return
        usage = completion["usage"]
        if outcome not in FAULTY_MESSAGES:
            self.said[conversation] = completion["choices"][0]["message"]["content"]
        if outcome in UNSURE:
            self.unsure += 1
        else:
            self.paid[conversation] += 1
        self.prompt_tokens += usage["prompt_tokens"]
        self.completion_tokens += usage["completion_tokens"]

    @property
    def paid_replies(self) -> int:
        """How many completions were written out."""
        return self.paid.total()


def conversation_hash(messages: Sequence[Mapping[str, str]]) -> bytes:
    """The chain of SHA-256 hashes over the messages, by which transcripts name a request."""
    known = hashlib.sha256(b"").hexdigest()
    for message in messages:
        text = f"{known}\n{message['role']}\n{message['content']}"
        known = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return bytes.fromhex(known)
