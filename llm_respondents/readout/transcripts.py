"""Transcripts: a session as the conversation that it was, and all calls as JSON Lines.

A call holds the messages that earlier calls of its session do not; together they are the session.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.readout.collected import collected_records
from llm_respondents.readout.sentences import without_secrets
from surveys.media import Medium
from surveys.models import Administration, Study
from surveys.presentation import Question
from surveys.selectors import presentation_of


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """One call of a session as a conversation shows it."""

    attempt: Attempt
    questions: tuple[Question, ...]
    said: str
    replied: str
    # SHA-256 of the pictures that were sent with what was said.
    pictures: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Medium, ...]:
        """The pictures that were sent, with what is said of them to those who do not see them."""
        seen = {one.sha256: one for question in self.questions for one in question.seen}
        return tuple(seen[sha256] for sha256 in self.pictures if sha256 in seen)

    @property
    def number(self) -> int:
        """The turn, counted from 1 as people count."""
        return self.attempt.turn + 1

    @property
    def outcome(self) -> str:
        """What came of the call, in words."""
        return self.attempt.outcome.replace("_", " ")

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        names = ("turn", "number", "refs", "outcome", "detail", "closes_turn", "used", "set_aside")
        more = (
            "flags",
            "model",
            "finish_reason",
            "request_id",
            "latency_ms",
            "request_hash",
            "parameters",
        )
        tokens = ("prompt_tokens", "completion_tokens", "reasoning_tokens")
        facts = {name: getattr(self.attempt, name) for name in (*names, *more, *tokens)}
        thoughts = self.attempt.thoughts
        said = {"said": self.said, "pictures": list(self.pictures)}
        return {**facts, **said, "thoughts": thoughts, "replied": self.replied}


@dataclass(frozen=True, slots=True)
class Transcript:
    """A whole session: the system message, then every call in order."""

    administration: Administration
    system: str
    turns: tuple[TranscriptTurn, ...]
    models: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return {
            "administration": self.administration.pk,
            "status": self.administration.status,
            "language": self.administration.language,
            "seed": self.administration.seed,
            "scale_direction": self.administration.scale_direction,
            "models": list(self.models),
            "system": self.system,
            "turns": [turn.as_json() for turn in self.turns],
        }


def transcript(member: PanelMember) -> Transcript:
    """The session of one member as a conversation, every call included."""
    administration = member.respondent.administration
    presentation = presentation_of(administration)
    system = ""
    turns: list[TranscriptTurn] = []
    models: dict[str, None] = {}
    for attempt in Attempt.objects.filter(administration=administration).order_by("pk"):
        for message in attempt.new_messages:
            if message["role"] == "system":
                system = message["content"]
        said = [m for m in attempt.new_messages if m["role"] == "user"]
        questions = tuple(presentation.question(ref) for ref in attempt.refs)
        # A repeated request adds no message: it says again what the call before it said.
        before = (turns[-1].said, turns[-1].pictures) if turns else ("", ())
        asked = (said[-1]["content"], _pictures_in(said[-1])) if said else before
        text, pictures = asked
        replied = attempt.reply or attempt.refusal
        turns.append(TranscriptTurn(attempt, questions, text, replied, pictures))
        models[attempt.model] = None
    return Transcript(administration, system, tuple(turns), tuple(name for name in models if name))


def _pictures_in(message: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(one["sha256"] for one in message.get("pictures", ()))


def panel_transcript(panel: Panel) -> Iterator[str]:
    """One line for each call of a panel's sessions, in order of session and call."""
    return _lines(Attempt.objects.of(panel))


def study_transcripts(study: Study) -> Iterator[str]:
    """One line for each call of all panels of a study, in order of session and call.

    Behind them stands a line for each reply of imported model answers.
    """
    yield from _lines(Attempt.objects.filter(administration__study=study))
    yield from collected_records(study)


def _lines(attempts: QuerySet[Attempt]) -> Iterator[str]:
    rows = attempts.select_related("administration").order_by("administration_id", "pk")
    for attempt in rows.iterator(chunk_size=500):
        yield json.dumps(call_record(attempt), ensure_ascii=False, sort_keys=True)


def call_record(attempt: Attempt) -> dict[str, Any]:
    """Addresses, headers and names of keys are left out: they belong to whoever ran the panel."""
    return {
        "respondent": attempt.administration.respondent_id,
        "turn": attempt.turn,
        "call": attempt.number,
        "used": attempt.used,
        "set_aside": attempt.set_aside,
        "questions": attempt.refs,
        "messages": attempt.new_messages,
        "parameters": attempt.parameters,
        "prefix_sha256": attempt.prefix_hash,
        "request_sha256": attempt.request_hash,
        "reply": attempt.reply,
        "thoughts": attempt.thoughts,
        "refusal": attempt.refusal,
        "finish_reason": attempt.finish_reason,
        "outcome": attempt.outcome,
        "detail": without_secrets(attempt.detail),
        "flags": attempt.flags,
        "model": attempt.model,
        "system_fingerprint": attempt.system_fingerprint,
        "prompt_tokens": attempt.prompt_tokens,
        "completion_tokens": attempt.completion_tokens,
        "reasoning_tokens": attempt.reasoning_tokens,
        "started_at": attempt.started_at.isoformat(),
        "latency_ms": attempt.latency_ms,
    }
