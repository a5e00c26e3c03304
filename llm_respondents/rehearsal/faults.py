"""What the endpoint does wrong, and how often: shares of requests, drawn by a seed. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from math import exp
from statistics import NormalDist
from typing import Any

# Faults in the order in which a uniform number is compared with their shares.
FAULTS = (
    "rate_limited",
    "server_error",
    "hang",
    "refusal",
    "spoken_refusal",
    "malformed_envelope",
    "malformed_answer",
    "truncated",
    "content_filter",
    "out_of_range",
    "dropped_connection",
    "duplicate_reply",
    "trickle",
    "error_in_body",
    "empty_choices",
    "wrong_content_type",
    "usage_missing",
)
# The endpoint did the work, but no whole completion reached the client.
UNSURE = frozenset({"hang", "trickle", "malformed_envelope", "empty_choices", "dropped_connection"})
# No work was done, so that nothing is billed.
UNBILLED = frozenset({"rate_limited", "server_error", "error_in_body"})


@dataclass(frozen=True)
class Behaviour:
    """Shares of requests (0 to 1) that meet each fault, and how the endpoint is built."""

    rate_limited: float = 0.0
    server_error: float = 0.0
    hang: float = 0.0
    refusal: float = 0.0
    spoken_refusal: float = 0.0
    malformed_envelope: float = 0.0
    malformed_answer: float = 0.0
    truncated: float = 0.0
    content_filter: float = 0.0
    out_of_range: float = 0.0
    dropped_connection: float = 0.0
    # The whole response is written a second time on the same connection.
    duplicate_reply: float = 0.0
    # A byte now and then, as a proxy sends that keeps a connection open.
    trickle: float = 0.0
    # Status 200 around an error object, as gateways pass on what a model server said.
    error_in_body: float = 0.0
    empty_choices: float = 0.0
    wrong_content_type: float = 0.0
    usage_missing: float = 0.0
    # The median, and the spread (sigma) of a log-normal distribution around it: with a spread,
    # replies overtake each other.
    latency_seconds: float = 0.0
    latency_spread: float = 0.0
    retry_after_seconds: float = 0.05
    hang_seconds: float = 30.0
    trickle_seconds: float = 0.05
    # 0: in the same write as the first, else so much later.
    duplicate_after_seconds: float = 0.0
    # A server with a short context drops the oldest messages and says nothing.
    context_characters: int = 0
    honours_schema: bool = True
    # Whether the model sees; else a request with a picture is rejected.
    takes_pictures: bool = True
    # A status that every request gets, such as 401.
    always_status: int = 0
    # Whether each reply is thought about first, in the interface's own way of saying so.
    thinks: bool = False
    # From this request on the alias stands for another dated model; 0 means never.
    model_changes_at: int = 0
    seed: int = 1

    def fault(self, conversation: str, nth: int) -> str:
        """The fault that the `nth` request (from 0) with these messages meets, or "answered"."""
        point = uniform(f"{self.seed}:{nth}:{conversation}")
        for fault in FAULTS:
            point -= getattr(self, fault)
            if point < 0:
                return fault
        return "answered"

    def latency(self, conversation: str, nth: int) -> float:
        """Seconds until the reply to this request."""
        if not self.latency_spread:
            return self.latency_seconds
        point = uniform(f"latency:{self.seed}:{nth}:{conversation}")
        normal = NormalDist(0.0, self.latency_spread).inv_cdf(min(max(point, 1e-9), 1 - 1e-9))
        return self.latency_seconds * exp(normal)

    def in_context(self, messages: list[dict[str, str]]) -> list[dict[str, str]]:
        """What a server with this context still sees of a conversation."""
        kept = list(messages)
        length = sum(len(message["content"]) for message in kept)
        while self.context_characters and len(kept) > 1 and length > self.context_characters:
            length -= len(kept.pop(0)["content"])
        return kept

    def forgets(self, messages: list[dict[str, str]]) -> bool:
        """Whether a conversation no longer fits the context."""
        return bool(self.context_characters) and len(self.in_context(messages)) < len(messages)

    def dated(self, model: str, request_number: int) -> str:
        """The dated model that an alias stands for at the `request_number`-th request."""
        changed = 0 < self.model_changes_at <= request_number
        return f"{model}-2026-{'02' if changed else '01'}-01"


# What a faulty reply says instead of an answer: message fields and the finish reason.
FAULTY_MESSAGES: dict[str, tuple[dict[str, Any], str]] = {
    "refusal": ({"refusal": "I cannot answer questions about attitudes."}, "stop"),
    "spoken_refusal": ({"content": "As an AI, I do not have personal opinions."}, "stop"),
    "content_filter": ({}, "content_filter"),
    "truncated": ({"content": '{"answer": '}, "length"),
    "malformed_answer": ({"content": '{"answer": 3, I think'}, "stop"),
    "out_of_range": ({"content": '{"answer": 99}'}, "stop"),
}


def uniform(text: str) -> float:
    """A number in [0, 1) that depends on the text alone."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) / 2**64
