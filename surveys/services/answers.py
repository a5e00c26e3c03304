"""Recording answers, for people and models alike: the one way in to `recording.batch`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from surveys.errors import Refused
from surveys.models import (
    Administration,
    MissingReason,
    Submission,
    SubmissionDoor,
)
from surveys.presentation import Presentation
from surveys.rows import rows_at
from surveys.selectors import Target
from surveys.services.recording.batch import Batch, write_whole
from surveys.services.submissions import (
    AnswerSubmission,
    GivenAnswer,
    Receipt,
    WholeSubmission,
    not_stored,
)

# What placing an answer in a frozen study needs of an administration and its study.
_FOR_ANSWERING = (
    "respondent_id",
    "language",
    "seed",
    "realised_order",
    "scale_direction",
    "status",
    "study__slug",
    "study__languages",
    "study__checksum",
    "study__flow",
    "study__has_quotas",
    "condition",
)
_SUBMISSION_KEY = ("administration_id", "idempotency_key")


def record_answers(
    *,
    administration: Administration,
    answers: Sequence[GivenAnswer],
    idempotency_key: str,
    door: str = SubmissionDoor.NOT_RECORDED,
) -> Receipt:
    """Store the answers of one submission, once, and the `door` through which they came.

    The last answer to a question is in force; earlier ones are kept as revisions. The same
    `idempotency_key` again stores nothing.

    Raises `AnswerError`: `administration_ended`, `unknown_question`, `unknown_option`,
    `value_and_reason`, `question_repeated`. Nothing of the submission is stored then.
    """
    submission = AnswerSubmission(administration.pk, answers, idempotency_key, door=door)
    return record_answer_batch(submissions=[submission])[0]


@transaction.atomic
def record_answer_batch(*, submissions: Sequence[AnswerSubmission]) -> list[Receipt]:
    """Store submissions of many administrations in one transaction, each as `record_answers` does.

    Several submissions of one administration are taken in the order given. Raises as
    `record_answers` does, and then stores none of the batch.
    """
    ids = sorted({submission.administration_id for submission in submissions})
    rows = for_answering().order_by("pk").select_for_update(of=("self",))
    return record_locked(submissions=submissions, administrations=rows.in_bulk(ids))


@transaction.atomic
def record_whole(
    *,
    presentation: Presentation,
    targets: Mapping[str, Target],
    handed: Sequence[WholeSubmission],
    door: str,
) -> None:
    """Store all answers of new administrations that were asked in one order, as `presentation` is.

    For many at a time, whose answers are values of options already. Raises `AnswerError`
    (`unknown_value`) for what is neither a value of the question nor a missing reason; nothing is
    stored then.
    """
    now = timezone.now()
    places = [
        (
            [targets[ref] for ref in one.refs],
            one.position,
            {option.value for option in one.options},
            one.ref,
        )
        for one in presentation.questions
    ]
    rows: list[tuple[Any, ...]] = []
    value: int | str | None
    reason: int | str
    for one in handed:
        for (parts, position, values, ref), answer in zip(places, one.answers, strict=True):
            if answer in values:
                value, reason = answer, ""
            elif answer in MissingReason.values:
                value, reason = None, answer
            else:
                raise not_stored(Refused.UNKNOWN_VALUE, ref, given=answer)
            said = (value, None, None, reason, position, None, 1, now)
            for part in parts:
                at = (one.administration_id, part.item_id, part.attention_check_id)
                rows.append((*at, *said))
    keys = [(one.administration_id, one.idempotency_key, now, door) for one in handed]
    write_whole(keys, rows)


def for_answering() -> QuerySet[Administration]:
    """Administrations with their studies, of both what recording an answer needs."""
    return Administration.objects.select_related("study").only(*_FOR_ANSWERING)


def record_locked(
    *, submissions: Sequence[AnswerSubmission], administrations: Mapping[int, Administration]
) -> list[Receipt]:
    """Do what `record_answer_batch` does for administrations that the caller holds locked.

    A group commit: a writer that collects the turns of many sessions pays for one transaction, its
    own. If this raises, that transaction, or its savepoint, must be rolled back.
    """
    batch = Batch.read(submissions, administrations)
    known = _known_keys(submissions)
    receipts = []
    for submission in submissions:
        key = (submission.administration_id, submission.idempotency_key)
        if key in known:
            receipts.append(Receipt(submission.administration_id, repeated=True))
            continue
        known.add(key)
        receipts.append(batch.take(submission))
    batch.write()
    return receipts


def _known_keys(submissions: Sequence[AnswerSubmission]) -> set[tuple[Any, ...]]:
    keys = {(handed.administration_id, handed.idempotency_key) for handed in submissions}
    return set(rows_at(Submission, _SUBMISSION_KEY, keys, returning=_SUBMISSION_KEY))
