"""Committing what calls brought: attempts and answers of many sessions in one transaction.

A worker holds an administration by its lease; what it saves counts only while the lease is its
own, so that two workers can never both answer a turn.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction

from llm_respondents.models import Attempt
from llm_respondents.runner.types import AttemptRecord, Outcome
from llm_respondents.store.reservations import settle_amounts
from surveys import recruiters
from surveys.errors import CounterpartError
from surveys.models import Administration, SubmissionDoor
from surveys.rows import insert_rows, lock_rows
from surveys.selectors import presentation_of, stored_answers
from surveys.services import (
    AnswerSubmission,
    GivenAnswer,
    complete_administrations,
    end_early,
    for_answering,
    record_answer_batch,
    record_locked,
    stop_administration,
)

LEASE_LOST = "lease_lost"


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on which panel, and for how long a claim holds without renewal (seconds).

    With `first`, only so many of the panel's sessions may be claimed, in the order of recruiting.
    """

    panel_id: int
    worker: str
    seconds: float = 60.0
    first: int = 0

    def until(self) -> timedelta:
        """The length of the lease."""
        return timedelta(seconds=self.seconds)


class Sessions:
    """What recording answers needs of the sessions at work, read once for each.

    None of it changes while a session is under way and its lease is held.
    """

    def __init__(self) -> None:
        self._read: dict[int, Administration] = {}

    def of(self, ids: Iterable[int]) -> dict[int, Administration]:
        """The sessions with these keys; they must be locked, so that what is read holds."""
        wanted = list(ids)
        if unread := [pk for pk in wanted if pk not in self._read]:
            self._read.update(for_answering().in_bulk(unread))
        return {pk: self._read[pk] for pk in wanted}

    def forget(self, ids: Iterable[int]) -> None:
        """Keep nothing of sessions that are over."""
        for pk in ids:
            self._read.pop(pk, None)


def save_outcomes(
    lease: Lease, outcomes: Sequence[Outcome], sessions: Sessions | None = None
) -> list[str]:
    """Commit the outcomes of many sessions in one transaction.

    The attempts are stored in any case, also those of a session whose lease was lost meanwhile
    (they were paid for; they are marked as unused). Answers go through the one writer of answers.
    Returns, for each outcome, "" or the code of why its session must not go on.
    """
    with transaction.atomic():
        ids = {outcome.administration for outcome in outcomes}
        held = (sessions or Sessions()).of(_held(lease, ids))
        rows = [
            _attempt_row(outcome, lease.worker, used=outcome.administration in held)
            for outcome in outcomes
        ]
        insert_rows(Attempt, rows)
        _settle(lease, [outcome.attempt for outcome in outcomes])
        refused = _record([o for o in outcomes if o.administration in held], held)
    return [
        refused.get(outcome.administration, "") if outcome.administration in held else LEASE_LOST
        for outcome in outcomes
    ]


def _settle(lease: Lease, records: Sequence[AttemptRecord]) -> None:
    """Turn what was reserved for these calls into what they cost, in the same transaction."""
    reserved = sum(record.reserved for record in records)
    cost = sum(record.cost or 0 for record in records)
    settle_amounts(lease.panel_id, reserved=reserved, spent=cost)


def _held(lease: Lease, administrations: Collection[int]) -> list[int]:
    own = {"lease_owner": lease.worker, "status": Administration.Status.IN_PROGRESS.value}
    return lock_rows(Administration, administrations, own)


def _record(outcomes: Sequence[Outcome], held: Mapping[int, Administration]) -> dict[int, str]:
    """Record answers and endings; return administration -> code of those that were refused."""
    closing = [outcome for outcome in outcomes if outcome.answers]
    if not closing:
        return {}
    try:
        with transaction.atomic():
            _record_together(closing, held)
    except (CounterpartError, IntegrityError):
        # One session spoils the batch: find it, and let the others through.
        return {o.administration: why for o in closing if (why := _record_one(o, held))}
    return {}


def _record_together(closing: Sequence[Outcome], held: Mapping[int, Administration]) -> None:
    submissions = [_submission(outcome) for outcome in closing]
    receipts = record_locked(submissions=submissions, administrations=held)
    screened = {one.administration_id: one.screened_by for one in receipts if one.screened_by}
    how = recruiters.Outcome.SCREENED_OUT
    for pk, screened_by in screened.items():
        end_early(administration=held[pk], outcome=how, screened_by=screened_by)
    ending = {outcome.administration for outcome in closing if outcome.ends_session}
    if ending := ending - set(screened):
        complete_administrations(administrations=[held[pk] for pk in sorted(ending)])


def _record_one(outcome: Outcome, held: Mapping[int, Administration]) -> str:
    try:
        with transaction.atomic():
            _record_together([outcome], held)
    except CounterpartError as error:
        # A session whose answers are not accepted would be claimed and paid for again.
        stop_administration(administration=Administration.objects.get(pk=outcome.administration))
        return error.code
    return ""


def _submission(outcome: Outcome) -> AnswerSubmission:
    answers = [
        GivenAnswer(answer.ref, answer.given, answer.missing_reason, answer.elapsed_ms)
        for answer in outcome.answers
    ]
    again = f", opened again {outcome.reopened}" if outcome.reopened else ""
    return AnswerSubmission(
        outcome.administration,
        answers,
        f"turn {outcome.attempt.turn}{again}",
        door=SubmissionDoor.PANEL,
    )


def _attempt_row(outcome: Outcome, worker: str, *, used: bool) -> dict[str, Any]:
    record: AttemptRecord = outcome.attempt
    return {
        "administration_id": outcome.administration,
        "worker": worker,
        "used": used,
        "set_aside": False,
        "turn": record.turn,
        "number": record.number,
        "refs": list(record.refs),
        "prefix_hash": record.prefix_hash,
        "request_hash": record.request_hash,
        "new_messages": list(record.new_messages),
        "parameters": dict(record.parameters),
        "outcome": record.outcome,
        "detail": record.detail,
        "closes_turn": record.closes_turn,
        "flags": list(record.flags),
        "reply": record.reply,
        "thoughts": record.thoughts,
        "refusal": record.refusal,
        "raw": record.raw,
        "finish_reason": record.finish_reason[:40],
        "prompt_tokens": record.usage.prompt_tokens,
        "completion_tokens": record.usage.completion_tokens,
        "cached_tokens": record.usage.cached_tokens,
        "reasoning_tokens": record.usage.reasoning_tokens,
        "written_tokens": record.usage.written_tokens,
        "cost_nano": record.cost,
        "model": record.model[:200],
        "system_fingerprint": record.system_fingerprint[:200],
        "request_id": record.request_id[:200],
        "http_status": record.http_status,
        "headers": dict(record.headers),
        "started_at": record.started_at,
        "latency_ms": record.latency_ms,
    }


@transaction.atomic
def close_session(administration: Administration, reason: str) -> None:
    """End a session before its last question; open questions become missing with the reason."""
    stored = stored_answers(administration)
    answers = [
        GivenAnswer(question.ref, None, reason)
        for question in presentation_of(administration).questions
        if question.ref not in stored
    ]
    if answers:
        submission = AnswerSubmission(
            administration.pk, answers, f"closed: {reason}", door=SubmissionDoor.PANEL
        )
        record_answer_batch(submissions=[submission])
    stop_administration(administration=administration)
