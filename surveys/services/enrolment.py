"""A respondent begins, ends or withdraws: one administration from start to end."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from surveys.errors import AnswerError, Refused
from surveys.models import (
    Action,
    Administration,
    Answer,
    FlagCheck,
    Kind,
    Respondent,
    Study,
    Submission,
)
from surveys.models.administrations import CODE_ALPHABET
from surveys.paradata.visits import Visit
from surveys.recruiters import Outcome
from surveys.rows import update_instances
from surveys.selectors import failed_checks, presentation_of
from surveys.selectors.frozen import put_in, without_frozen
from surveys.services.answers import for_answering, record_locked
from surveys.services.audit import Actor, record
from surveys.services.people.crediting import ask_for_credit
from surveys.services.people.quotas import find_place, free_places
from surveys.services.recording.anonymity import hide_clock
from surveys.services.recording.beginning import (
    Start,
    insert_begun,
    new_administration,
    require_open,
)
from surveys.services.recording.first_time import record_first_time
from surveys.services.submissions import AnswerSubmission, GivenAnswer, Receipt
from surveys.signals import person_withdrew
from surveys.statements import Slot, Statement

CODE_LENGTH = 8

# What changes when a passage ends, in whatever way.
ENDING = (
    *("status", "outcome", "screened_by", "ended_at", "completion_code"),
    *("lease_owner", "lease_until"),
)


@transaction.atomic
def store_passages(*, study: Study, starts: Sequence[Start]) -> list[Administration]:
    """Store passages that took place elsewhere: they are complete from the start.

    Whoever calls this records every answer of them in the same transaction. Raises as
    `begin_administrations` does.
    """
    require_open(study)
    made = [new_administration(study, start) for start in starts]
    for administration in made:
        # Nobody was led anywhere from here: how it ended for the recruiter is not known.
        _complete(administration, "")
    insert_begun(made)
    return made


def record_participant_answers(
    *,
    administration: Administration,
    answers: Sequence[GivenAnswer],
    idempotency_key: str,
    door: str,
    only_open: bool = False,
    visit: Visit | None = None,
) -> Receipt:
    """Store what a person hands in, as `record_answers` does, in the order of the pages.

    With `only_open` what is answered already stays as it is. Answers that end the questionnaire
    end it here, and so do those that decide a quota that is full. Raises as `record_answers` does,
    and `AnswerError` (`out_of_order`) for a question on a page after the first one that is open.
    """
    submission = AnswerSubmission(
        administration.pk,
        answers,
        idempotency_key,
        door=door,
        only_open=only_open,
        in_order=True,
        visit=visit,
    )
    first = record_first_time(administration=administration, submission=submission)
    return first or _record_again(administration, submission)


@transaction.atomic
def _record_again(administration: Administration, submission: AnswerSubmission) -> Receipt:
    held = {one.pk: one for one in _LOCKED_FOR_ANSWERING.rows(administration.pk)}
    (receipt,) = record_locked(submissions=[submission], administrations=held)
    if receipt.screened_by:
        end_early(
            administration=administration,
            outcome=Outcome.SCREENED_OUT,
            screened_by=receipt.screened_by,
        )
    elif not receipt.repeated and held[administration.pk].study.has_quotas:
        return replace(receipt, quota_full=not _has_place(administration))
    return receipt


_LOCKED_FOR_ANSWERING = Statement(
    lambda: (
        for_answering()
        .select_for_update(of=("self",))
        .filter(pk=Slot(0, BigIntegerField()))
        .order_by()
    )
)


def _has_place(administration: Administration) -> bool:
    """Take the places that the answers decide; who finds none ends here, and gives back others."""
    administration = _locked(administration)
    if find_place(administration=administration):
        return True
    end_early(administration=administration, outcome=Outcome.QUOTA_FULL)
    return False


@transaction.atomic
def record_demographics(
    *, administration: Administration, values: Mapping[str, Any], only_open: bool = False
) -> bool:
    """Store what a person said about themselves; it can be changed until the end.

    With `only_open` entries that are stored already stay as they are. False where a quota that it
    decides is full, and ends this person's part.
    """
    administration = _locked(administration)
    _require_in_progress(administration)
    respondent = administration.respondent
    if only_open and respondent.demographics:
        return True
    respondent.demographics = dict(values)
    respondent.save(update_fields=("demographics",))
    return not administration.study.has_quotas or _has_place(administration)


def complete_administration(*, administration: Administration) -> Administration:
    """End the passage for good and give it a completion code. Completing twice changes nothing.

    Raises `AnswerError`: `questions_unanswered` (each needs a value or a missing reason),
    `administration_ended`.
    """
    return complete_administrations(administrations=[administration])[0]


@transaction.atomic
def complete_administrations(*, administrations: Sequence[Administration]) -> list[Administration]:
    """Complete many, as `complete_administration` does with one: all of them, or none."""
    ids = [administration.pk for administration in administrations]
    rows = _ONE_ENDING.rows(ids[0]) if len(ids) == 1 else _ending().filter(pk__in=ids)
    locked = {row.pk: row for row in rows}
    ending = [row for row in locked.values() if row.status != Administration.Status.COMPLETED]
    for row in ending:
        _require_in_progress(row)
        _require_answered(row, row.answered)
        _complete(row, _handed_in(row))
    update_instances(ending, ENDING)
    for row in ending:
        _leave_no_clock(row)
        ask_for_credit(administration=row)
        if row.outcome == Outcome.FAILED_CHECK:
            free_places(administration=row)
    return [locked[pk] for pk in ids]


def _ending() -> QuerySet[Any]:
    """Administrations to be locked, with how many answers each has."""
    answers = Answer.objects.filter(administration=OuterRef("pk")).order_by()
    counted = answers.values("administration").annotate(number=Count("*")).values("number")
    rows = Administration.objects.select_related("study", "respondent__link").order_by("pk")
    rows = rows.annotate(answered=Coalesce(Subquery(counted), 0))
    return without_frozen(rows, "study").select_for_update(of=("self",))


_ONE_ENDING = Statement(lambda: _ending().filter(pk=Slot(0, BigIntegerField())))


def _handed_in(administration: Administration) -> str:
    """The outcome of a person who hands in: complete, unless the link counts failed checks."""
    respondent = administration.respondent
    if respondent.kind != Kind.HUMAN:
        return ""
    most = respondent.link.checks_to_fail if respondent.link else None
    if most and failed_checks([administration.pk]).get(administration.pk, 0) >= most:
        return Outcome.FAILED_CHECK
    return Outcome.COMPLETE


@transaction.atomic
def end_early(
    *, administration: Administration, outcome: Outcome, screened_by: str = ""
) -> Administration:
    """End a person's part before the last question; what they answered stays.

    A model's session ends so where its answers end the questionnaire: `screened_by` says which
    screening of the study it was. Whoever has ended already keeps the outcome that they had.
    """
    administration = _locked(administration)
    if administration.status == Administration.Status.IN_PROGRESS:
        administration.screened_by = screened_by
        _end(administration, Administration.Status.STOPPED, outcome)
        free_places(administration=administration)
    return administration


def time_is_up(administration: Administration, now: datetime) -> bool:
    """Whether somebody who goes on has taken longer than their link allows."""
    link = administration.respondent.link
    if link is None or link.minutes_allowed is None:
        return False
    goes_on = administration.status == Administration.Status.IN_PROGRESS
    return goes_on and now > administration.started_at + timedelta(minutes=link.minutes_allowed)


@transaction.atomic
def stop_administration(*, administration: Administration) -> Administration:
    """End a model's session before its last question (a bound, a budget, a cancelled panel)."""
    administration = _locked(administration)
    if administration.status == Administration.Status.IN_PROGRESS:
        _end(administration, Administration.Status.STOPPED)
    return administration


@transaction.atomic
def reopen_sessions(*, administrations: Collection[int]) -> int:
    """Let sessions of models that ended be continued; returns how many.

    People's are left alone, and so are sessions that ended by their own answers.
    """
    ended = (Administration.Status.COMPLETED, Administration.Status.STOPPED)
    return Administration.objects.filter(
        pk__in=administrations, respondent__kind=Kind.LLM, status__in=ended, screened_by=""
    ).update(
        status=Administration.Status.IN_PROGRESS,
        ended_at=None,
        completion_code="",
        lease_owner="",
        lease_until=None,
    )


@transaction.atomic
def withdraw(*, administration: Administration, by: Actor) -> Administration:
    """A person takes everything back: answers, demographics and weight are erased, also later.

    What stays is that somebody took part and withdrew. Panels of models forget what they were told
    of the person.
    """
    before = {"status": administration.status}
    administration = take_back(administration=administration)
    record(
        by=by,
        action=Action.WITHDRAWN,
        study=administration.study,
        # Not who it was: of them the day is kept, and the log has the time.
        subject=administration.study,
        before=before,
        after={"status": administration.status},
    )
    return administration


@transaction.atomic
def take_back(*, administration: Administration) -> Administration:
    """Erase what `withdraw` erases; whoever calls this writes into the log why."""
    administration = _locked(administration)
    Answer.objects.filter(administration=administration).delete()
    Submission.objects.filter(administration=administration).delete()
    FlagCheck.objects.filter(administration=administration).delete()
    respondent = administration.respondent
    respondent.demographics = {}
    respondent.sampling = {}
    respondent.save(update_fields=("demographics", "sampling"))
    _end(administration, Administration.Status.WITHDRAWN, Outcome.WITHDREW)
    free_places(administration=administration)
    person_withdrew.send(sender=Respondent, respondent=respondent)
    return administration


def _locked(administration: Administration) -> Administration:
    rows = Administration.objects.select_related("study", "respondent")
    return rows.select_for_update(of=("self",)).get(pk=administration.pk)


def _require_in_progress(administration: Administration) -> None:
    if administration.status != Administration.Status.IN_PROGRESS:
        raise AnswerError(Refused.ADMINISTRATION_ENDED)


def _require_answered(administration: Administration, answered: int) -> None:
    if unanswered := presentation_of(administration).answers - answered:
        raise AnswerError(Refused.QUESTIONS_UNANSWERED, count=unanswered)


def _end(administration: Administration, status: str, outcome: str = "") -> None:
    _mark_ended(administration, status, outcome)
    update_instances([administration], ENDING)
    _leave_no_clock(administration)


def _leave_no_clock(administration: Administration) -> None:
    if administration.respondent.kind != Kind.HUMAN:
        return
    put_in(administration.study)
    if administration.study.is_anonymous:
        hide_clock(administration)


def _complete(administration: Administration, outcome: str) -> None:
    code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
    administration.completion_code = code
    _mark_ended(administration, Administration.Status.COMPLETED, outcome)


def _mark_ended(administration: Administration, status: str, outcome: str) -> None:
    administration.status = status
    administration.outcome = outcome
    administration.ended_at = timezone.now()
    administration.lease_owner = ""
    administration.lease_until = None
