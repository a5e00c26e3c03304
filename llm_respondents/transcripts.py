"""Transcripts as JSON Lines: one call of one session a line, word for word, without secrets.

A call holds the messages that earlier calls of its session do not; together they are the session.
"""

import json
from collections.abc import Iterator
from typing import Any

from llm_respondents.models import Attempt
from surveys.models import RespondentGroup


def transcript_lines(group: RespondentGroup) -> Iterator[str]:
    """One line for each call of a group's sessions, in order of session and call."""
    attempts = Attempt.objects.filter(administration__respondent__group=group).order_by(
        "administration_id", "pk"
    )
    attempts = attempts.select_related("administration")
    for attempt in attempts.iterator(chunk_size=500):
        yield json.dumps(_record(attempt), ensure_ascii=False, sort_keys=True)


def _record(attempt: Attempt) -> dict[str, Any]:
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
        "detail": attempt.detail,
        "flags": attempt.flags,
        "model": attempt.model,
        "system_fingerprint": attempt.system_fingerprint,
        "prompt_tokens": attempt.prompt_tokens,
        "completion_tokens": attempt.completion_tokens,
        "started_at": attempt.started_at.isoformat(),
        "latency_ms": attempt.latency_ms,
    }
