"""Transcripts as JSON Lines: one call of one session a line, word for word, without secrets.

A call holds the messages that earlier calls of its session do not; together they are the session.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from llm_respondents.models import Attempt
from surveys.models import RespondentGroup

# What errors of connections and of providers may quote: addresses, and parts of keys.
_SECRET = re.compile(
    r"""https?://\S+ | \('[^']+',\s*\d+\) | \[[0-9a-f:]*:[0-9a-f:]*\](?::\d+)?
    | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b | \bsk-\S+ | \bBearer\s+\S+""",
    re.VERBOSE | re.IGNORECASE,
)


def without_secrets(detail: str) -> str:
    """What is said about a call that failed, without addresses and keys that it may quote."""
    return _SECRET.sub("…", detail)


def transcript_lines(group: RespondentGroup) -> Iterator[str]:
    """One line for each call of a group's sessions, in order of session and call."""
    attempts = Attempt.objects.filter(administration__respondent__group=group).order_by(
        "administration_id", "pk"
    )
    attempts = attempts.select_related("administration")
    for attempt in attempts.iterator(chunk_size=500):
        yield json.dumps(call_record(attempt), ensure_ascii=False, sort_keys=True)


def call_record(attempt: Attempt) -> dict[str, Any]:
    """Addresses, headers and names of keys are left out: they belong to whoever ran the panel."""
    return {
        "respondent": attempt.administration.respondent_id,
        "turn": attempt.turn,
        "call": attempt.number,
        "used": attempt.used,
        "questions": attempt.refs,
        "messages": attempt.new_messages,
        "parameters": attempt.parameters,
        "prefix_sha256": attempt.prefix_hash,
        "request_sha256": attempt.request_hash,
        "reply": attempt.reply,
        "refusal": attempt.refusal,
        "finish_reason": attempt.finish_reason,
        "outcome": attempt.outcome,
        "detail": without_secrets(attempt.detail),
        "flags": attempt.flags,
        "model": attempt.model,
        "system_fingerprint": attempt.system_fingerprint,
        "prompt_tokens": attempt.prompt_tokens,
        "completion_tokens": attempt.completion_tokens,
        "started_at": attempt.started_at.isoformat(),
        "latency_ms": attempt.latency_ms,
    }
