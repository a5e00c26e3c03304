"""What every interface can do: write the body of a request, and read what comes back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from llm_respondents.conversation.pictures import Contents, SentPicture
from llm_respondents.conversation.prompts import Message
from llm_respondents.providers.base import Failure, Reply, encode

# Some servers take no larger seed than a signed 32-bit integer.
_SEED_MODULUS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Sampling:
    """What is sent beside the messages; None or empty leaves it to the endpoint.

    `token_parameter` is ``max_completion_tokens`` for current endpoints of chat completions and
    ``max_tokens`` for those that ignore it, `seed_parameter` what they call a seed. `extra` is
    sent as it is.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int = 1000
    token_parameter: str = "max_completion_tokens"  # noqa: S105 - the tokens of a model
    seed_parameter: str = "seed"
    sends_seed: bool = True
    reasoning_effort: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


NO_PICTURES: Contents = MappingProxyType({})
_NAMES_OF_CHAT = frozenset({"messages", "response_format", "seed", "logprobs"})


class Api(Protocol):
    """One interface, with the model that is asked, how it is sampled, and what it is shown."""

    def base(self) -> dict[str, Any]:
        """What every request of the panel carries beside the conversation."""
        ...

    def formed(
        self, base: Mapping[str, Any], schema: Mapping[str, Any] | None, seed: int | None
    ) -> dict[str, Any]:
        """`base` with a schema as `conversation.prompts.response_format` gives it, and a seed."""
        ...

    def body(
        self, parameters: Mapping[str, Any], messages: Sequence[Message], encoded: Sequence[str]
    ) -> str:
        """The body of one request as JSON; `encoded` are the messages, each as JSON."""
        ...

    def whole(self, asked: Mapping[str, Any]) -> str:
        """The body of a request that is described as chat completions would have it.

        Beside `base` it may have ``messages``, ``response_format``, ``seed``.
        """
        ...

    def read(self, text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
        """Read the body of a successful response; anything but a reply is a failure."""
        ...


def whole_of(api: Api, asked: Mapping[str, Any]) -> str:
    """`Api.whole` of an interface that calls everything by names of its own."""
    messages: Sequence[Message] = asked["messages"]
    base = {name: part for name, part in asked.items() if name not in _NAMES_OF_CHAT}
    parameters = api.formed(base, asked.get("response_format"), asked.get("seed"))
    return api.body(parameters, messages, [encode(message) for message in messages])


def fitting(seed: int) -> int:
    """A seed as small as every server takes it."""
    return seed % _SEED_MODULUS


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one, inner tables too; where both have a value, that of `above`."""
    both = dict(below)
    for name, value in above.items():
        under = both.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            both[name] = merged(under, value)
        else:
            both[name] = value
    return both


def given(**values: Any) -> dict[str, Any]:
    """The values that are not left to the endpoint."""
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def data_address(picture: SentPicture, contents: Contents) -> str:
    """A picture as an address that holds it."""
    return f"data:{picture['type']};base64,{contents[picture['sha256']]}"


def with_conversation(parameters: Mapping[str, Any], name: str, parts: Sequence[str]) -> str:
    """A body as JSON: the parameters, and a list of parts that are JSON already."""
    head = encode(parameters)[:-1]
    return f'{head},"{name}":[{",".join(parts)}]}}'
