"""A page that is handed in for the first time, which is nearly always so: a short transaction.

Everything is worked out before it begins, by the same `Batch` as ever; in it one statement locks
and looks, and two insert. Where anything turns out otherwise (a page that was answered before or
is sent twice, answers that decide what is shown, a quota, whatever cannot be stored) nothing of
this is kept, and the general way decides.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from surveys.errors import AnswerError
from surveys.models import Administration, Answer
from surveys.presentation import Presentation
from surveys.selectors import presentation_of
from surveys.services.recording.batch import Batch
from surveys.services.submissions import AnswerSubmission, Receipt, require_needed
from surveys.statements import Slot, Statement


class _NotFirst(Exception):
    """Something of it is there already: undoes the transaction."""


def record_first_time(
    *, administration: Administration, submission: AnswerSubmission
) -> Receipt | None:
    """Store what a person hands in if all of it is new and in order; None if nothing was stored."""
    presentation = presentation_of(administration)
    start = _start_of(presentation, {one.ref for one in submission.answers})
    if presentation.branches or submission.only_open or start is None:
        return None
    batch = Batch({administration.pk: administration}, {})
    try:
        # The order is looked at by `_require_first`, under the lock.
        receipt = batch.take(replace(submission, in_order=False))
        require_needed(presentation, submission.answers)
        with transaction.atomic():
            _require_first(administration, *start)
            _write(batch)
    except (AnswerError, _NotFirst):
        return None
    return receipt


def _write(batch: Batch) -> None:
    if not batch.write_new():
        raise _NotFirst


def _start_of(presentation: Presentation, refs: set[str]) -> tuple[int, int] | None:
    """The place of the first question of the page of these questions, and how many answers are
    stored when all before it are answered; None where they are not of one page.
    """
    before = 0
    for page in presentation.pages:
        if refs & {question.ref for question in page.questions}:
            one_page = refs <= {question.ref for question in page.questions}
            return (page.questions[0].position, before) if one_page else None
        before += sum(len(question.refs) for question in page.questions)
    return None


def _require_first(administration: Administration, first: int, before: int) -> None:
    """Lock; raise `_NotFirst` unless the passage goes on, and all that comes before is answered."""
    found = _LOCKED.first(first, administration.pk)
    goes_on = found is not None and found.status == Administration.Status.IN_PROGRESS
    if found is None or not goes_on or found.study.has_quotas or found.answered < before:
        raise _NotFirst


def _locked() -> QuerySet[Any]:
    earlier = Answer.objects.filter(
        administration=OuterRef("pk"), position__lt=Slot(0, IntegerField())
    )
    counted = earlier.order_by().values("administration").annotate(number=Count("*"))
    rows = Administration.objects.annotate(answered=Coalesce(Subquery(counted.values("number")), 0))
    rows = rows.select_related("study").only("status", "study__has_quotas").order_by()
    return rows.select_for_update(of=("self",)).filter(pk=Slot(1, BigIntegerField()))


_LOCKED = Statement(_locked)
