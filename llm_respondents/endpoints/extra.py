"""What else is sent with every request of an endpoint or a panel, beside what is sent anyhow. Pure.

    [endpoints.lab.extra_body]
    chat_template_kwargs = { enable_thinking = false }

Plain JSON values. What Counterpart sends itself, what would change how a reply comes, and what
would let an endpoint keep a conversation has no place here: a name of it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any

from pydantic import BeforeValidator

from llm_respondents.mistakes import MistakeCode, refuse

_LONGEST = 20_000
_DEEPEST = 20
_LARGEST = 2**63
# Of any interface, by the names that they have there.
_RESERVED = frozenset(
    {
        "model", "messages", "input", "contents", "system", "systemInstruction", "instructions",
        "prompt", "stream", "stream_options", "n", "best_of", "max_tokens", "max_completion_tokens",
        "max_output_tokens", "temperature", "top_p", "seed", "random_seed", "response_format",
        "reasoning_effort", "tools", "tool_choice", "tool_config", "toolConfig", "functions",
        "function_call", "store", "previous_response_id", "conversation", "background",
        "truncation", "cachedContent", "cache_control", "logprobs", "top_logprobs",
        "text.format", "output_config.format", "generationConfig.candidateCount",
        "generationConfig.maxOutputTokens", "generationConfig.responseJsonSchema",
        "generationConfig.responseSchema", "generationConfig.responseMimeType",
        "generationConfig.seed", "generationConfig.temperature", "generationConfig.topP",
    }
)  # fmt: skip


def _extra_body(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise refuse(MistakeCode.NOT_A_TABLE)
    plain: dict[str, Any] = _plain(value, _DEEPEST)
    for name in _names(plain):
        if name in _RESERVED:
            raise refuse(MistakeCode.SENT_ANYHOW, name=name)
    if len(json.dumps(plain)) > _LONGEST:
        raise refuse(MistakeCode.TOO_LONG, most=_LONGEST)
    return plain


def _names(plain: Mapping[str, Any]) -> list[str]:
    """The names of the first two levels, those of the second behind that of the table."""
    inner = [
        f"{name}.{one}" for name, part in plain.items() if isinstance(part, dict) for one in part
    ]
    return [*plain, *inner]


def _plain(value: object, depth: int) -> Any:
    """A value as JSON has it; fractions that were kept exact become such as JSON has."""
    if depth and isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {_plain(name, depth - 1): _plain(part, depth - 1) for name, part in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_plain(part, depth - 1) for part in value]
    if isinstance(value, Decimal):
        value = float(value)
    if not _is_json(value):
        raise refuse(MistakeCode.NOT_JSON)
    return value


def _is_json(value: object) -> bool:
    if isinstance(value, str):
        return _has_whole_characters(value)
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return abs(value) < _LARGEST
    return isinstance(value, float) and isfinite(value)


def _has_whole_characters(text: str) -> bool:
    """Whether every database and encoding takes it: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


ExtraBody = Annotated[dict[str, Any], BeforeValidator(_extra_body)]
