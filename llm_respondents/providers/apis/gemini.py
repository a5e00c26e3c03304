"""Gemini's ``generateContent``. Pure.

A refusal has no field of its own, only a reason: of the reply's end, or why the prompt was blocked.
Tokens of thought are counted beside those of the reply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llm_respondents.conversation.pictures import Contents
from llm_respondents.conversation.prompts import Message
from llm_respondents.providers.apis.reading import NO_REASON, counted, joined, read_reply, table
from llm_respondents.providers.apis.shape import (
    Sampling,
    fitting,
    given,
    merged,
    whole_of,
    with_conversation,
)
from llm_respondents.providers.base import Failure, Reply, Usage, encode

# The word for the end of a reply that there is none of: the prompt was turned away.
_BLOCKED = "blocked"
_ROLES = {"user": "user", "assistant": "model"}
# So many characters of a message as JSON stand before its text.
_BEFORE = {role: len(encode({"role": role, "content": ""})) - len('""}') for role in _ROLES}


@dataclass(frozen=True, slots=True)
class GeminiApi:
    """Content that one model generates."""

    model: str
    sampling: Sampling
    pictures: Contents = field(default_factory=dict)

    def base(self) -> dict[str, Any]:
        """See `Api.base`. The model's name is part of the address, and kept for the record."""
        sampling = self.sampling
        config = {
            "maxOutputTokens": sampling.max_tokens,
            **given(
                temperature=sampling.temperature,
                topP=sampling.top_p,
                thinkingConfig=given(thinkingLevel=sampling.reasoning_effort.upper()),
            ),
        }
        return merged(sampling.extra, {"model": self.model, "generationConfig": config})

    def formed(
        self, base: Mapping[str, Any], schema: Mapping[str, Any] | None, seed: int | None
    ) -> dict[str, Any]:
        """See `Api.formed`. Only a JSON schema may have an enumeration of numbers."""
        config: dict[str, Any] = {}
        if seed is not None:
            config["seed"] = fitting(seed)
        if schema is not None:
            config["responseMimeType"] = "application/json"
            config["responseJsonSchema"] = schema["json_schema"]["schema"]
        return merged(base, {"generationConfig": config})

    def body(
        self, parameters: Mapping[str, Any], messages: Sequence[Message], encoded: Sequence[str]
    ) -> str:
        """See `Api.body`. What the system says stands beside the conversation."""
        system = [{"text": one["content"]} for one in messages if one["role"] == "system"]
        said = [
            self._content(message, text)
            for message, text in zip(messages, encoded, strict=True)
            if message["role"] != "system"
        ]
        beside = {name: value for name, value in parameters.items() if name != "model"}
        if system:
            beside["systemInstruction"] = {"parts": system}
        return with_conversation(beside, "contents", said)

    def _content(self, message: Message, encoded: str) -> str:
        if not message.get("pictures"):
            return _content(message, encoded)
        shown = [
            {"inlineData": {"mimeType": one["type"], "data": self.pictures[one["sha256"]]}}
            for one in message["pictures"]
        ]
        parts = [*shown, {"text": message["content"]}]
        return encode({"role": _ROLES[message["role"]], "parts": parts})

    def whole(self, asked: Mapping[str, Any]) -> str:
        """See `Api.whole`."""
        return whole_of(self, asked)

    def read(self, text: str, status: int, headers: Mapping[str, str]) -> Reply | Failure:
        """See `Api.read`."""
        return read_reply(text, status, headers, parse=_reply, what="generated content")


def _content(message: Message, encoded: str) -> str:
    """A message in this interface's form: its text is taken as it stands in `encoded`."""
    role = message["role"]
    if carried := message.get("carried"):
        return encode({"role": _ROLES[role], "parts": carried})
    return f'{{"role":"{_ROLES[role]}","parts":[{{"text":{encoded[_BEFORE[role] : -1]}}}]}}'


def carried(body: Any) -> list[Any]:
    """The parts of a reply as they are sent back, with their signatures; nothing without one."""
    parts = list(body["candidates"][0]["content"]["parts"])
    return parts if any(part.get("thoughtSignature") for part in parts) else []


def _reply(body: Any) -> Reply:
    about = Reply(
        text="",
        finish_reason=_BLOCKED,
        usage=_usage(body.get("usageMetadata")),
        model=str(body.get("modelVersion") or ""),
        request_id=str(body.get("responseId") or ""),
    )
    if table(body.get("promptFeedback")).get("blockReason") and not body.get("candidates"):
        return about
    candidate = body["candidates"][0]
    # A reply that was withheld has no content.
    parts = table(candidate.get("content")).get("parts") or []
    return replace(
        about,
        text=_said(parts),
        thoughts="".join(part.get("text") or "" for part in parts if part.get("thought")),
        finish_reason=str(candidate.get("finishReason") or NO_REASON),
    )


def _said(parts: Sequence[Mapping[str, Any]]) -> str:
    """The text behind the last part that is a thought or no text at all."""
    said: list[str] = []
    for part in parts:
        if "text" in part and not part.get("thought"):
            said.append(part["text"])
        else:
            said.clear()
    return joined(said)


def _usage(usage: object) -> Usage:
    said, thought = counted(usage, "candidatesTokenCount"), counted(usage, "thoughtsTokenCount")
    known = said is not None or thought is not None
    return Usage(
        counted(usage, "promptTokenCount") or None,
        (said or 0) + (thought or 0) if known else None,
        counted(usage, "cachedContentTokenCount"),
        thought,
    )
