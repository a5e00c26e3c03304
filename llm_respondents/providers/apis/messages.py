"""Anthropic's ``/v1/messages``, with the history in its cache. Pure.

It has no seed, and its newest version takes no temperature. The reason of an end decides, never
the text: what was said before a refusal may look like an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_respondents.conversation.pictures import Contents
from llm_respondents.conversation.prompts import Message
from llm_respondents.providers.apis.reading import NO_REASON, counted, joined, read_reply, table
from llm_respondents.providers.apis.shape import (
    Sampling,
    given,
    merged,
    whole_of,
    with_conversation,
)
from llm_respondents.providers.base import Failure, Reply, Usage, encode

_THINKING = ("thinking", "redacted_thinking")


@dataclass(frozen=True, slots=True)
class MessagesApi:
    """Messages of one model."""

    model: str
    sampling: Sampling
    pictures: Contents = field(default_factory=dict)

    def base(self) -> dict[str, Any]:
        """See `Api.base`. The mark of the cache moves along with the conversation."""
        sampling = self.sampling
        own = {
            "model": self.model,
            "max_tokens": sampling.max_tokens,
            "cache_control": {"type": "ephemeral"},
            **given(output_config=given(effort=sampling.reasoning_effort)),
        }
        return merged(sampling.extra, own)

    def formed(
        self,
        base: Mapping[str, Any],
        schema: Mapping[str, Any] | None,
        seed: int | None,  # noqa: ARG002
    ) -> dict[str, Any]:
        """See `Api.formed`."""
        if schema is None:
            return dict(base)
        form = {"type": "json_schema", "schema": schema["json_schema"]["schema"]}
        return merged(base, {"output_config": {"format": form}})

    def body(
        self, parameters: Mapping[str, Any], messages: Sequence[Message], encoded: Sequence[str]
    ) -> str:
        """See `Api.body`. What the system says stands beside the conversation."""
        system = [one["content"] for one in messages if one["role"] == "system"]
        said = [
            self._message(message, text)
            for message, text in zip(messages, encoded, strict=True)
            if message["role"] != "system"
        ]
        beside = {**parameters, **given(system="\n\n".join(system))}
        return with_conversation(beside, "messages", said)

    def _message(self, message: Message, encoded: str) -> str:
        if not message.get("pictures"):
            return _message(message, encoded)
        shown = [
            {
                "type": "image",
                "source": {
                    "type": "base64",
                    "media_type": one["type"],
                    "data": self.pictures[one["sha256"]],
                },
            }
            for one in message["pictures"]
        ]
        content = [*shown, {"type": "text", "text": message["content"]}]
        return encode({"role": message["role"], "content": content})

    def whole(self, asked: Mapping[str, Any]) -> str:
        """See `Api.whole`."""
        return whole_of(self, asked)

    def read(self, text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
        """See `Api.read`."""
        return read_reply(text, status, headers, parse=_reply, what="a message")


def _message(message: Message, encoded: str) -> str:
    if carried := message.get("carried"):
        return encode({"role": message["role"], "content": carried})
    return encoded


def carried(body: Any) -> list[Any]:
    """The content of a reply as it is sent back: unmodified; nothing without thinking."""
    content = list(body["content"])
    return content if any(block["type"] in _THINKING for block in content) else []


def _reply(body: Any) -> Reply:
    content, reason = body["content"], str(body.get("stop_reason") or NO_REASON)
    thoughts = [str(block.get("thinking") or "") for block in content]
    return Reply(
        text=_said(content),
        thoughts="\n\n".join(thought for thought in thoughts if thought),
        finish_reason=reason,
        refusal=_refusal(body.get("stop_details")) if reason == "refusal" else "",
        usage=_usage(body.get("usage")),
        model=str(body.get("model") or ""),
        request_id=str(body.get("id") or ""),
    )


def _said(content: Sequence[Mapping[str, Any]]) -> str:
    """The text behind the last block that is none: what was said before is on the way to it."""
    said: list[str] = []
    for block in content:
        if block["type"] == "text":
            said.append(block["text"])
        else:
            said.clear()
    return joined(said)


def _refusal(details: object) -> str:
    category = table(details).get("category")
    return f"refusal: {category}" if category else "refusal"


def _usage(usage: object) -> Usage:
    """Tokens of the prompt; the provider's count of input leaves out what its cache read, wrote."""
    fresh = counted(usage, "input_tokens")
    read = counted(usage, "cache_read_input_tokens")
    written = counted(usage, "cache_creation_input_tokens")
    return Usage(
        None if fresh is None else (fresh + (read or 0) + (written or 0)) or None,
        counted(usage, "output_tokens"),
        read,
        counted(usage, "output_tokens_details", "thinking_tokens"),
        written,
    )
