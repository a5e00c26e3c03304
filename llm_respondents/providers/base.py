"""The seam between the runner and whoever replies. A failed call is a value like any other."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from llm_respondents.conversation.pictures import most_tokens
from llm_respondents.conversation.prompts import Arm, Message, Turn
from llm_respondents.errors import MissingKey

FailureKind = Literal[
    "rate_limit",  # 429: too fast
    "quota",  # 402, or a 429 or 400 that speaks of credit: the account is empty
    "server",  # 5xx, 408, 409
    "timeout",  # no complete reply in time; the call may have been billed
    "connection",  # nobody there, or the line broke
    "malformed",  # 200 with something that is no reply of the interface
    "not_an_api",  # 200 with a web page or a stream of events
    "context_length",  # 413, or words to that effect: the session no longer fits the model
    "bad_request",  # 400, 422: the endpoint does not take what is sent
    "auth",  # 401, 403
    "not_found",  # 404: no such model or path
]


@dataclass(frozen=True, slots=True)
class Request:
    """One call: the whole conversation so far and how to sample the next message.

    `encoded` is each message as JSON: a session sends it with every later turn and writes it once.
    """

    messages: Sequence[Message]
    encoded: Sequence[str]
    turn: Turn
    arm: Arm
    session_seed: int
    attempt: int
    # How many replies to the question were no answer: it is asked again with another seed.
    reask: int = 0

    @property
    def seed(self) -> int:
        """What the endpoint is to sample with: another one for a question that is asked again."""
        return self.session_seed + self.reask


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counted them; None where it does not say.

    `cached_tokens` of the prompt came out of the provider's cache, `written_tokens` went into it.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    written_tokens: int | None = None

    @property
    def total(self) -> int:
        """Prompt and completion together; 0 when neither is known."""
        return (self.prompt_tokens or 0) + (self.completion_tokens or 0)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete reply. `raw` is the response body word for word, `headers` those worth keeping."""

    text: str
    # What the model thought, as far as it was shown, apart from what it said.
    thoughts: str = ""
    finish_reason: str = "stop"
    refusal: str = ""
    raw: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    system_fingerprint: str = ""
    request_id: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # Whether the provider says that it left out reasoning which was sent back to it.
    reasoning_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """A call without a usable reply. `retry_after` is the server's wish, in seconds."""

    kind: FailureKind
    message: str
    status: int | None = None
    retry_after: float | None = None
    raw: str = ""
    request_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


# `json.dumps` would make one anew for every call.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def encode(content: Any) -> str:
    """Return JSON as it goes over the wire. Raises `ValueError` for numbers that JSON has not."""
    return _ENCODER.encode(content)


def text_bytes(message: Message) -> int:
    """How long a message is: its text or, where that is sent, what is carried in its place.

    A picture counts for as many bytes as it can have tokens.
    """
    carried = message.get("carried")
    text = encode(carried) if carried else message["content"]
    pictures = sum(map(most_tokens, message.get("pictures", ())))
    return len(text.encode("utf-8", "surrogatepass")) + pictures


def read_key(api_key_env: str) -> str:
    """Return the key named by an environment variable; local endpoints may need none.

    Raises `MissingKey` if a variable is named and not set.
    """
    if not api_key_env:
        return "none"
    key = os.environ.get(api_key_env, "")
    if not key:
        raise MissingKey(api_key_env)
    return key


class Provider(Protocol):
    """Replies to requests, many at once. Never raises for what a network or a model may do."""

    @property
    def name(self) -> str:
        """Short name for records: the interface, such as ``chat``."""
        ...

    def parameters(self, request: Request) -> Mapping[str, Any]:
        """Everything that is sent beside the messages, for the record. No secrets."""
        ...

    async def ask(self, request: Request, parameters: Mapping[str, Any]) -> Reply | Failure:
        """Send one request with what `parameters` gave for it, and wait for its outcome.

        The caller hands the parameters back so that what is recorded is what was sent.
        """
        ...

    async def aclose(self) -> None:
        """Release connections."""
        ...
