"""``/chat/completions``, as OpenAI and most servers of models speak it. Pure.

What a model thought stands in a field that each server names differently; it is kept apart from
what was said, and there is no field in which it could be sent back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_respondents.conversation.pictures import Contents
from llm_respondents.conversation.prompts import Message
from llm_respondents.providers.apis.reading import counted, failed, joined, read_reply, table
from llm_respondents.providers.apis.shape import (
    Sampling,
    data_address,
    fitting,
    merged,
    with_conversation,
)
from llm_respondents.providers.base import Failure, Reply, Usage, encode

_THOUGHTS = ("reasoning_content", "reasoning")
_OF_THOUGHTS = re.compile("think|thought|reason", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ChatApi:
    """Chat completions of one model."""

    model: str
    sampling: Sampling
    pictures: Contents = field(default_factory=dict)

    def base(self) -> dict[str, Any]:
        """See `Api.base`."""
        sampling = self.sampling
        body: dict[str, Any] = {"model": self.model, sampling.token_parameter: sampling.max_tokens}
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.top_p is not None:
            body["top_p"] = sampling.top_p
        if sampling.reasoning_effort:
            body["reasoning_effort"] = sampling.reasoning_effort
        return merged(sampling.extra, body)

    def formed(
        self, base: Mapping[str, Any], schema: Mapping[str, Any] | None, seed: int | None
    ) -> dict[str, Any]:
        """See `Api.formed`."""
        body = dict(base)
        if seed is not None and self.sampling.seed_parameter:
            body[self.sampling.seed_parameter] = fitting(seed)
        if schema is not None:
            body["response_format"] = schema
        return body

    def body(
        self,
        parameters: Mapping[str, Any],
        messages: Sequence[Message],
        encoded: Sequence[str],
    ) -> str:
        """See `Api.body`."""
        said = [self._said(*pair) for pair in zip(messages, encoded, strict=True)]
        return with_conversation(parameters, "messages", said)

    def _said(self, message: Message, encoded: str) -> str:
        if not message.get("pictures"):
            return encoded
        shown = [
            {"type": "image_url", "image_url": {"url": data_address(one, self.pictures)}}
            for one in message["pictures"]
        ]
        content = [*shown, {"type": "text", "text": message["content"]}]
        return encode({"role": message["role"], "content": content})

    def whole(self, asked: Mapping[str, Any]) -> str:
        """See `Api.whole`: it is what is asked for, but for the name of the seed, if it has one."""
        messages: Sequence[Message] = asked["messages"]
        body = {key: value for key, value in asked.items() if key not in ("seed", "messages")}
        if "seed" in asked and self.sampling.seed_parameter:
            body[self.sampling.seed_parameter] = asked["seed"]
        return self.body(body, messages, [encode(message) for message in messages])

    def read(self, text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
        """See `Api.read`."""
        return read_completion(text, status, headers)


def read_completion(text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
    """Read the body of a successful response; anything but a chat completion is a failure."""
    return read_reply(text, status, headers, parse=_reply, what="a chat completion")


def _reply(body: Any) -> Reply | Failure:
    choice = body["choices"][0]
    if error := table(choice.get("error")):
        # Routers say so here what went wrong on the way to a reply.
        return failed(error)
    message = choice["message"]
    parts = _parts(message.get("content"))
    return Reply(
        text=joined(_text(part.get("text")) for part in parts if not _is_thought(part)),
        thoughts=_thoughts(message, parts),
        finish_reason=str(choice.get("finish_reason") or ""),
        refusal=_text(message.get("refusal"))
        or "".join(_text(part.get("refusal")) for part in parts),
        usage=_usage(body.get("usage")),
        model=str(body.get("model") or ""),
        system_fingerprint=str(body.get("system_fingerprint") or ""),
        request_id=str(body.get("id") or ""),
    )


def _parts(content: object) -> list[Any]:
    """Content is a string, null, or on some endpoints a list of parts."""
    return content if isinstance(content, list) else [{"text": content}]


def _is_thought(part: Mapping[str, Any]) -> bool:
    """Whether a part was thought and not said, by what it is called."""
    return bool(_OF_THOUGHTS.search(str(part.get("type") or "")))


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content)
    if content is None:
        return ""
    if not isinstance(content, str):
        raise TypeError("content is neither text nor null")
    return content


def _thoughts(message: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> str:
    """What was thought: a field of its own, or parts of the content that are called so."""
    for name in _THOUGHTS:
        if isinstance(said := message.get(name), str) and said:
            return said
    thought = [part for part in parts if _is_thought(part)] or message.get("reasoning_details")
    return "".join(_text(part.get("thinking") or part.get("text")) for part in thought or ())


def _usage(usage: object) -> Usage:
    return Usage(
        # No request has no tokens: an endpoint that says 0 does not count.
        counted(usage, "prompt_tokens") or None,
        counted(usage, "completion_tokens"),
        counted(usage, "prompt_tokens_details", "cached_tokens"),
        counted(usage, "completion_tokens_details", "reasoning_tokens"),
    )
