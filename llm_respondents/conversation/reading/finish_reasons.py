"""Why a reply ended, by the words of every dialect. The end decides, never the text. Pure.

OpenAI, Anthropic, Gemini, Mistral and the routers in front of them say the same five things in
their own words. A word that is not known here is no normal end: its reply is no answer.
"""

from __future__ import annotations

from typing import Literal

Ending = Literal["complete", "cut", "withheld", "declined", "broken", "unknown"]

_WORDS: dict[Ending, tuple[str, ...]] = {
    # Older local servers say nothing, or null.
    "complete": (
        "", "none", "null", "stop", "stopped", "stop_sequence", "end_turn", "eos", "eos_token",
        "end", "completed", "complete", "finish", "finished", "finish_reason_stop",
    ),
    "cut": (
        "length", "max_tokens", "max_output_tokens", "max_token", "model_length", "token_limit",
        "incomplete", "model_context_window_exceeded", "context_length_exceeded",
        "finish_reason_max_tokens",
    ),
    "withheld": (
        "content_filter", "content_filtered", "safety", "recitation", "blocklist",
        "prohibited_content", "spii", "image_safety", "language", "guardrail_intervened",
        "sensitive", "moderation", "blocked", "finish_reason_safety", "finish_reason_recitation",
        "model_armor", "jailbreak", "image_prohibited_content", "image_recitation", "error_toxic",
    ),
    "declined": ("refusal",),
    "broken": (
        "error", "abort", "aborted", "cancelled", "canceled", "failed", "timeout", "other",
        "malformed_function_call", "malformed_response", "unexpected_tool_call", "tool_calls",
        "tool_use", "function_call", "too_many_tool_calls", "pause_turn",
        "insufficient_system_resource", "finish_reason_unspecified", "no_image", "image_other",
        "missing_thought_signature", "escalation", "pup_limited_disabled", "continuation",
        "max_messages", "steered", "queued", "in_progress", "no reason given",
    ),
}  # fmt: skip
_ENDINGS = {word: ending for ending, words in _WORDS.items() for word in words}


def ending_of(finish_reason: str) -> Ending:
    """What a provider's word for the end of a reply means."""
    return _ENDINGS.get(finish_reason.strip().casefold(), "unknown")
