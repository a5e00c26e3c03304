"""Recording answers, for people and models alike: the one way in to `recording.batch`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from surveys.presentation import Presentation, Question
from surveys.questions import OpenFormat, Stored
from surveys.rows import rows_at
from surveys.selectors import Target
from surveys.services.recording.batch import Batch, write_whole
from surveys.services.submissions import (
    AnswerSubmission,
    GivenAnswer,
    Receipt,
    WholeAnswer,
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

    For many at a time, whose answers are what is stored already. Raises
    `AnswerError` (`unknown_value`) for what is neither a value of the question nor a missing
    reason; nothing is stored then.
    """
    now = timezone.now()
    places = [
        (
            [targets[ref] for ref in one.refs],
            one.position,
            {option.value for option in one.options},
            one,
        )
        for one in presentation.questions
    ]
    rows: list[tuple[Any, ...]] = []
    for one in handed:
        for (parts, position, values, question), answer in zip(places, one.answers, strict=True):
            contents: Iterable[tuple[Any, ...]]
            if answer in values:
                contents = ((answer, None, None, ""),)
            elif isinstance(answer, str) and answer in MissingReason.values:
                contents = ((None, None, None, answer),) * len(parts)
            else:
                contents = _open_contents(question, answer)
            for part, content in zip(parts, contents, strict=True):
                at = (one.administration_id, part.item_id, part.attention_check_id)
                rows.append((*at, *content, position, None, 1, now))
    keys = [(one.administration_id, one.idempotency_key, now, door) for one in handed]
    write_whole(keys, rows)


def _open_contents(question: Question, answer: WholeAnswer) -> Iterator[tuple[Any, ...]]:
    """What is stored of each part of an answer to an open question. Raises `AnswerError`."""
    asked = question.open
    stored = answer if isinstance(answer, tuple) else (answer,)
    if asked is None or isinstance(answer, str) or not _is_stored(asked, stored):
        raise not_stored(Refused.UNKNOWN_VALUE, question.ref, given=answer)
    for value in stored:
        held = {"value": None, "number": None, "text": None, asked.column: value}
        yield (*held.values(), "")


def _is_stored(asked: OpenFormat, stored: tuple[Stored, ...]) -> bool:
    """Whether this is what a question stores of some answer."""
    try:
        return asked.stored(asked.given(stored)) == stored
    except (TypeError, ValueError):
        return False


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
