"""What the endpoint understands of each interface: requests brought into the form of chat
completions, and completions, errors and thoughts written in the interface's own. Pure.

    shape = shape_of("/v1/messages")
    shape.as_chat(request, path)    # model, messages, response_format, as chat completions have it
    shape.reply(completion)         # a chat completion as a message

A thought is signed with the conversation that it came after. Sent back behind another conversation
it is what a provider would refuse or drop, so that whoever carries reasoning can be tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from llm_respondents.rehearsal.account import conversation_hash

THOUGHT = "The scale goes from low to high; I weigh both ends."
# What is said on the way to an answer, where an interface tells the two apart.
COMMENTARY = "I would say 2."

# What an interface calls the end of a reply, and the kinds of errors.
_INCOMPLETE = {"length": "max_output_tokens", "content_filter": "content_filter"}
_STOPS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
_FINISHES = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}
_ERRORS = {400: "invalid_request_error", 429: "rate_limit_error"}
_STATES = {400: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED"}

Chat = dict[str, Any]


class Shape(Protocol):
    """One interface, as a server of it sees it."""

    def objection(self, request: Mapping[str, Any]) -> str:
        """What of a request the interface does not take, in words; "" if it takes all of it."""
        ...

    def as_chat(self, request: Mapping[str, Any], path: str) -> Chat:
        """A request as chat completions would have it; ``carried`` are the signatures of thoughts
        that came back, each with whether it stands where it was given.
        """
        ...

    def reply(self, completion: Mapping[str, Any], chat: Chat) -> dict[str, Any]:
        """A chat completion as the interface writes it."""
        ...

    def error(self, status: int, message: str, wait: float | None = None) -> dict[str, Any]:
        """The body of an error; `wait` are the seconds after which to come again."""
        ...


def signature(messages: Sequence[Mapping[str, str]]) -> str:
    """What a thought is signed with: the conversation before it."""
    return conversation_hash(messages).hex()


def shape_of(path: str) -> Shape | None:
    """The interface that a path belongs to; None if it is of none."""
    bare = path.partition("?")[0]
    if bare.endswith(":generateContent"):
        return _GEMINI
    return _SHAPES.get(bare)


def _unknown(request: Mapping[str, Any], known: frozenset[str]) -> str:
    more = sorted(set(request) - known)
    return f"Unknown parameter: {more[0]}" if more else ""


def _schema(schema: Any) -> dict[str, Any]:
    """The part of a request that asks for JSON, where it does."""
    form = {"type": "json_schema", "json_schema": {"schema": schema}}
    return {"response_format": form} if schema else {}


def _parts(completion: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """(text, refusal, thought, reason) of a chat completion."""
    choice = completion["choices"][0]
    message = choice["message"]
    said, refusal = message.get("content") or "", message.get("refusal") or ""
    return said, refusal, message.get("reasoning_content") or "", choice["finish_reason"]


def _counts(completion: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """(prompt, completion, thought) in tokens; None where the endpoint does not say."""
    usage = completion.get("usage")
    if usage is None:
        return None
    thought = usage.get("completion_tokens_details", {}).get("reasoning_tokens", 0)
    return usage["prompt_tokens"], usage["completion_tokens"], thought


class ChatShape:
    """Chat completions: everything is as it is."""

    def objection(self, request: Mapping[str, Any]) -> str:  # noqa: ARG002
        """See `Shape.objection`. Servers of this interface differ in what they take."""
        return ""

    def as_chat(self, request: Mapping[str, Any], path: str) -> Chat:  # noqa: ARG002
        """See `Shape.as_chat`."""
        messages = [{**one, "content": _joined(one["content"])} for one in request["messages"]]
        return {**request, "messages": messages}

    def reply(self, completion: Mapping[str, Any], chat: Chat) -> dict[str, Any]:  # noqa: ARG002
        """See `Shape.reply`."""
        return dict(completion)

    def error(self, status: int, message: str, wait: float | None = None) -> dict[str, Any]:  # noqa: ARG002
        """See `Shape.error`."""
        code = {429: "rate_limit_exceeded", 502: 502}.get(status)
        return {"error": {"message": message} | ({"code": code} if code else {})}


class ResponsesShape(ChatShape):
    """OpenAI's responses."""

    _known = frozenset(
        {
            "model", "input", "max_output_tokens", "store", "reasoning", "text", "temperature",
            "top_p", "include", "service_tier", "prompt_cache_key", "metadata",
        }
    )  # fmt: skip

    def objection(self, request: Mapping[str, Any]) -> str:
        """See `Shape.objection`."""
        if request.get("store") is not False:
            return "This endpoint stores nothing: send store = false"
        return _unknown(request, self._known)

    def as_chat(self, request: Mapping[str, Any], path: str) -> Chat:  # noqa: ARG002
        """See `Shape.as_chat`."""
        messages: list[dict[str, str]] = []
        carried: list[bool] = []
        for item in request["input"]:
            if item.get("type") == "reasoning":
                carried.append(item["encrypted_content"] == signature(messages))
            elif item.get("phase") != "commentary":
                role = "system" if item["role"] == "developer" else item["role"]
                messages.append({"role": role, "content": _joined(item["content"])})
        schema = request.get("text", {}).get("format", {}).get("schema")
        about = {"model": request["model"], "messages": messages, "carried": carried}
        return {**about, **_schema(schema)}

    def reply(self, completion: Mapping[str, Any], chat: Chat) -> dict[str, Any]:
        """See `Shape.reply`."""
        output = self._output(completion, chat) if completion["choices"] else None
        reason = _parts(completion)[3] if completion["choices"] else "stop"
        why = _INCOMPLETE.get(reason)
        counts = _counts(completion)
        dropped = [
            {"id": f"rs_{at}", "action": "removed", "reason": "prefix_mismatch"}
            for at, stands in enumerate(chat["carried"])
            if not stands
        ]
        return {
            "id": completion["id"].replace("chatcmpl", "resp"),
            "object": "response",
            "status": "incomplete" if why else "completed",
            "incomplete_details": {"reason": why} if why else None,
            "error": None,
            "model": completion["model"],
            **({"output": output} if output is not None else {}),
            "input_transformations": dropped,
            **({"usage": _responses_usage(*counts)} if counts else {}),
        }

    def _output(self, completion: Mapping[str, Any], chat: Chat) -> list[dict[str, Any]]:
        text, refusal, thought, _reason = _parts(completion)
        output: list[dict[str, Any]] = []
        if thought:
            summary = [{"type": "summary_text", "text": thought}]
            sealed = signature(chat["messages"])
            thinking = {"type": "reasoning", "id": "rs_1", "summary": summary}
            output = [
                {**thinking, "encrypted_content": sealed},
                _said([{"type": "output_text", "text": COMMENTARY}], "commentary"),
            ]
        declined = {"type": "refusal", "refusal": refusal}
        part = declined if refusal else {"type": "output_text", "text": text}
        return [*output, _said([part], "final_answer")]


class MessagesShape:
    """Anthropic's messages."""

    _known = frozenset(
        {
            "model", "messages", "system", "max_tokens", "cache_control", "output_config",
            "thinking", "stop_sequences", "metadata", "service_tier",
        }
    )  # fmt: skip

    def objection(self, request: Mapping[str, Any]) -> str:
        """See `Shape.objection`."""
        if "max_tokens" not in request:
            return "max_tokens: Field required"
        if not all(self.as_chat(request, "")["carried"]):
            return "thinking: this block is bound to a different conversation"
        return _unknown(request, self._known)

    def as_chat(self, request: Mapping[str, Any], path: str) -> Chat:  # noqa: ARG002
        """See `Shape.as_chat`."""
        system = request.get("system")
        messages = [{"role": "system", "content": system}] if system else []
        carried: list[bool] = []
        for message in request["messages"]:
            blocks = message["content"] if isinstance(message["content"], list) else []
            carried += [
                block["signature"] == signature(messages)
                for block in blocks
                if block["type"] == "thinking"
            ]
            messages.append({"role": message["role"], "content": _joined(message["content"])})
        schema = request.get("output_config", {}).get("format", {}).get("schema")
        about = {"model": request["model"], "messages": messages, "carried": carried}
        return {**about, **_schema(schema)}

    def reply(self, completion: Mapping[str, Any], chat: Chat) -> dict[str, Any]:
        """See `Shape.reply`."""
        if not completion["choices"]:
            return {"type": "message", "id": completion["id"]}
        text, refusal, thought, reason = _parts(completion)
        block = {"type": "thinking", "thinking": thought, "signature": signature(chat["messages"])}
        counts = _counts(completion)
        why = "refusal" if refusal else _STOPS[reason]
        return {
            "id": completion["id"].replace("chatcmpl", "msg"),
            "type": "message",
            "role": "assistant",
            "model": completion["model"],
            "content": [*([block] if thought else []), {"type": "text", "text": text}],
            "stop_reason": why,
            "stop_details": {"category": "general_harms"} if why == "refusal" else None,
            **({"usage": _messages_usage(*counts)} if counts else {}),
        }

    def error(self, status: int, message: str, wait: float | None = None) -> dict[str, Any]:  # noqa: ARG002
        """See `Shape.error`."""
        kind = _ERRORS.get(status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": message}}


class GeminiShape:
    """Gemini's generated content."""

    _known = frozenset(
        {"contents", "systemInstruction", "generationConfig", "safetySettings", "serviceTier"}
    )
    _configured = frozenset(
        {
            "maxOutputTokens", "seed", "responseMimeType", "responseJsonSchema", "thinkingConfig",
            "temperature", "topP", "stopSequences",
        }
    )  # fmt: skip

    def objection(self, request: Mapping[str, Any]) -> str:
        """See `Shape.objection`."""
        config = request.get("generationConfig", {})
        return _unknown(request, self._known) or _unknown(config, self._configured)

    def as_chat(self, request: Mapping[str, Any], path: str) -> Chat:
        """See `Shape.as_chat`."""
        system = _joined(request.get("systemInstruction", {}).get("parts", []))
        messages = [{"role": "system", "content": system}] if system else []
        carried: list[bool] = []
        for content in request["contents"]:
            signed = [one["thoughtSignature"] for one in content["parts"] if _is_signed(one)]
            carried += [one == signature(messages) for one in signed]
            role = "assistant" if content["role"] == "model" else content["role"]
            messages.append({"role": role, "content": _joined(content["parts"])})
        model = path.rpartition("/")[2].partition(":")[0]
        schema = request.get("generationConfig", {}).get("responseJsonSchema")
        return {"model": model, "messages": messages, "carried": carried, **_schema(schema)}

    def reply(self, completion: Mapping[str, Any], chat: Chat) -> dict[str, Any]:
        """See `Shape.reply`."""
        counts = _counts(completion)
        return {
            "responseId": completion["id"].replace("chatcmpl", "gemini"),
            "modelVersion": completion["model"],
            "candidates": [self._candidate(completion, chat)] if completion["choices"] else [],
            **({"usageMetadata": _gemini_usage(*counts)} if counts else {}),
        }

    def _candidate(self, completion: Mapping[str, Any], chat: Chat) -> dict[str, Any]:
        text, refusal, thought, reason = _parts(completion)
        if refusal or reason == "content_filter":
            return {"finishReason": "SAFETY"}
        parts: list[dict[str, Any]] = [{"text": text}]
        if thought:
            sealed = {"text": text, "thoughtSignature": signature(chat["messages"])}
            parts = [{"text": thought, "thought": True}, sealed]
        content = {"role": "model", "parts": parts}
        return {"content": content, "finishReason": _FINISHES[reason]}

    def error(self, status: int, message: str, wait: float | None = None) -> dict[str, Any]:
        """See `Shape.error`. How long to wait stands among the details, and in no header."""
        named = _STATES.get(status, "UNAVAILABLE")
        kind = "type.googleapis.com/google.rpc.RetryInfo"
        details = [] if wait is None else [{"@type": kind, "retryDelay": f"{wait}s"}]
        said = {"code": status, "message": message, "status": named, "details": details}
        return {"error": said}


def _said(parts: list[dict[str, Any]], phase: str) -> dict[str, Any]:
    about = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed"}
    return {**about, "phase": phase, "content": parts}


def _is_signed(part: Mapping[str, Any]) -> bool:
    return "thoughtSignature" in part


def pictures_in(request: Any) -> int:
    """How many pictures a request holds, in the form of any interface."""
    if isinstance(request, list):
        return sum(map(pictures_in, request))
    if not isinstance(request, Mapping):
        return 0
    own = request.get("type") in _PICTURES or "inlineData" in request
    return own + sum(map(pictures_in, request.values()))


def _joined(content: Any) -> str:
    """The words of a message, whether they are one text or parts of it; thoughts are none."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if not part.get("thought"))


def _responses_usage(prompt: int, completion: int, thought: int) -> dict[str, Any]:
    return {
        "input_tokens": prompt,
        "input_tokens_details": {"cached_tokens": prompt // 2},
        "output_tokens": completion,
        "output_tokens_details": {"reasoning_tokens": thought},
        "total_tokens": prompt + completion,
    }


def _messages_usage(prompt: int, completion: int, thought: int) -> dict[str, Any]:
    """What its cache read and wrote is not among the input."""
    return {
        "input_tokens": prompt - prompt // 2 - prompt // 4,
        "cache_read_input_tokens": prompt // 2,
        "cache_creation_input_tokens": prompt // 4,
        "output_tokens": completion,
        "output_tokens_details": {"thinking_tokens": thought},
    }


def _gemini_usage(prompt: int, completion: int, thought: int) -> dict[str, Any]:
    """Thoughts stand beside the reply, and are left out where there are none."""
    return {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": prompt // 2,
        "candidatesTokenCount": completion - thought,
        **({"thoughtsTokenCount": thought} if thought else {}),
        "totalTokenCount": prompt + completion,
    }


# What each interface calls a part that is a picture.
_PICTURES = frozenset({"image_url", "input_image", "image"})
_GEMINI = GeminiShape()
_SHAPES: Mapping[str, Shape] = {
    "/v1/chat/completions": ChatShape(),
    "/v1/responses": ResponsesShape(),
    "/v1/messages": MessagesShape(),
}
