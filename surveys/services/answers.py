"""Recording answers. This module is the only writer of `Answer`, for people and models alike."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from surveys.errors import AnswerError, Refused
from surveys.models import (
    Administration,
    Answer,
    AnswerRevision,
    Kind,
    MissingReason,
    Submission,
    SubmissionDoor,
)
from surveys.presentation import Presentation, first_open_page
from surveys.rows import insert_rows, insert_values, rows_at
from surveys.selectors import Target, presentation_of, study_content
from surveys.services.submissions import (
    AnswerSubmission,
    GivenAnswer,
    Receipt,
    WholeSubmission,
    not_stored,
    question_and_content,
    require_each_once,
    require_needed,
)

_ANSWER = (
    "administration_id",
    "item_id",
    "attention_check_id",
    "value",
    "number",
    "text",
    "missing_reason",
    "position",
    "elapsed_ms",
    "revision",
    "answered_at",
)
# What was answered, or why nothing was.
_CONTENT = ("value", "number", "text", "missing_reason")
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


def record_participant_answers(
    *,
    administration: Administration,
    answers: Sequence[GivenAnswer],
    idempotency_key: str,
    door: str,
    only_open: bool = False,
) -> Receipt:
    """Store what a person hands in, as `record_answers` does, in the order of the pages.

    With `only_open` what is answered already stays as it is. Raises as `record_answers` does, and
    `AnswerError` (`out_of_order`) for a question on a page after the first one that is open.
    """
    submission = AnswerSubmission(
        administration.pk,
        answers,
        idempotency_key,
        door=door,
        only_open=only_open,
        in_order=True,
    )
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
    insert_values(Submission, (*_SUBMISSION_KEY, "recorded_at", "door"), keys)
    insert_values(Answer, _ANSWER, rows)


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
    batch = _Batch.read(submissions, administrations)
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


def _submitted(
    submissions: Sequence[AnswerSubmission], administrations: Mapping[int, Administration]
) -> Iterator[tuple[int, int | None, int | None]]:
    """Administration, item and check of every answer that can be placed."""
    for submission in submissions:
        if administration := administrations.get(submission.administration_id):
            targets = study_content(administration.study, administration.language).targets
            presentation = presentation_of(administration)
            for given in submission.answers:
                for ref in presentation.refs_of(given.ref):
                    target = targets[ref]
                    yield administration.pk, target.item_id, target.attention_check_id


def _known_keys(submissions: Sequence[AnswerSubmission]) -> set[tuple[Any, ...]]:
    keys = {(handed.administration_id, handed.idempotency_key) for handed in submissions}
    return set(rows_at(Submission, _SUBMISSION_KEY, keys, returning=_SUBMISSION_KEY))


def _held(submitted: Collection[tuple[int, int | None, int | None]]) -> list[Answer]:
    """The answers that exist in the places of submitted ones: usually none, and then no row."""
    items = {(pk, item) for pk, item, _ in submitted if item is not None}
    checks = {(pk, check) for pk, _, check in submitted if check is not None}
    keys = [
        *rows_at(Answer, ("administration_id", "item_id"), items, returning=("id",)),
        *rows_at(Answer, ("administration_id", "attention_check_id"), checks, returning=("id",)),
    ]
    return list(Answer.objects.filter(pk__in=[pk for (pk,) in keys])) if keys else []


@dataclass
class _Batch:
    """The rows that one transaction reads, makes and changes."""

    administrations: Mapping[int, Administration]
    answers: dict[tuple[int, Target], Answer]
    created: list[Answer] = field(default_factory=list)
    changed: dict[tuple[int, Target], Answer] = field(default_factory=dict)
    revisions: list[AnswerRevision] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(
        cls, submissions: Sequence[AnswerSubmission], administrations: Mapping[int, Administration]
    ) -> "_Batch":
        """Read what will be changed.

        Of the answers that exist only those submitted again are read: a session of n turns would
        otherwise read n²/2 rows. What must be in order needs all of its administration.
        """
        whole = {one.administration_id for one in submissions if one.in_order}
        answers = list(Answer.objects.filter(administration_id__in=whole)) if whole else []
        others = [one for one in submissions if one.administration_id not in whole]
        answers += _held(set(_submitted(others, administrations)))
        return cls(administrations, {(a.administration_id, _target(a)): a for a in answers})

    def take(self, submission: AnswerSubmission) -> Receipt:
        administration = self._open_administration(submission)
        presentation = presentation_of(administration)
        targets = study_content(administration.study, administration.language).targets
        require_each_once(submission.answers)
        if submission.in_order:
            self._require_in_order(administration.pk, submission, presentation, targets)
        effects: dict[str, int] = defaultdict(int)
        if submission.in_order:
            require_needed(presentation, submission.answers)
        for given in submission.answers:
            answers = _rows(administration, presentation, targets, given)
            effects[self._put_all(answers, only_open=submission.only_open)] += 1
        self.submissions.append(
            {
                "administration_id": administration.pk,
                "idempotency_key": submission.idempotency_key,
                "recorded_at": timezone.now(),
                "door": submission.door,
            }
        )
        return Receipt(administration.pk, effects["created"], effects["changed"])

    def write(self) -> None:
        insert_rows(Submission, self.submissions)
        insert_rows(Answer, [{n: getattr(new, n) for n in _ANSWER} for new in self.created])
        AnswerRevision.objects.bulk_create(self.revisions)
        if self.changed:
            fields = (*_CONTENT, "elapsed_ms", "revision", "answered_at")
            Answer.objects.bulk_update(self.changed.values(), fields)

    def _open_administration(self, submission: AnswerSubmission) -> Administration:
        pk = submission.administration_id
        administration = self.administrations.get(pk)
        if administration is None:
            raise AnswerError(Refused.ADMINISTRATION_UNKNOWN, administration=pk)
        if submission.reread and administration.respondent.kind == Kind.LLM:
            return administration
        if administration.status != Administration.Status.IN_PROGRESS:
            raise AnswerError(Refused.ADMINISTRATION_ENDED)
        return administration

    def _require_in_order(
        self,
        pk: int,
        submission: AnswerSubmission,
        presentation: Presentation,
        targets: Mapping[str, Target],
    ) -> None:
        answered = {
            question.ref
            for question in presentation.questions
            if (pk, targets[question.refs[0]]) in self.answers
        }
        reachable = first_open_page(presentation, answered)
        later = {q.ref for page in presentation.pages[reachable:] for q in page.questions}
        if beyond := [given.ref for given in submission.answers if given.ref in later]:
            raise AnswerError(Refused.OUT_OF_ORDER, ref=beyond[0])

    def _put_all(self, answers: Sequence[Answer], *, only_open: bool) -> str:
        """What became of a question: it is changed if one of its parts is."""
        effects = {self._put(answer, only_open=only_open) for answer in answers}
        return next(one for one in ("changed", "created", "unchanged") if one in effects)

    def _put(self, new: Answer, *, only_open: bool) -> str:
        key = (new.administration_id, _target(new))
        old = self.answers.get(key)
        if old is None:
            self.created.append(new)
            self.answers[key] = new
            return "created"
        if only_open or _content(old) == _content(new):
            return "unchanged"
        if old.pk is not None:
            self.revisions.append(_revision(old))
            self.changed[key] = old
            old.revision += 1
        for name, held in zip(_CONTENT, _content(new), strict=True):
            setattr(old, name, held)
        old.elapsed_ms, old.answered_at = new.elapsed_ms, new.answered_at
        return "changed"


def _target(answer: Answer) -> Target:
    return Target(answer.item_id, answer.attention_check_id)


def _content(answer: Answer) -> tuple[Any, ...]:
    return tuple(getattr(answer, name) for name in _CONTENT)


def _rows(
    administration: Administration,
    presentation: Presentation,
    targets: Mapping[str, Target],
    given: GivenAnswer,
) -> list[Answer]:
    """One row for each part of the question."""
    question, stored, reason = question_and_content(presentation, given)
    column = question.open.column if question.open else "value"
    answered_at = timezone.now()
    contents: list[dict[str, Any]] = [{column: one} for one in stored]
    if reason:
        contents = [{"missing_reason": reason}] * len(question.refs)
    return [
        Answer(
            administration_id=administration.pk,
            item_id=targets[ref].item_id,
            attention_check_id=targets[ref].attention_check_id,
            position=question.position,
            elapsed_ms=given.elapsed_ms,
            answered_at=answered_at,
            **content,
        )
        for ref, content in zip(question.refs, contents, strict=True)
    ]


def _revision(answer: Answer) -> AnswerRevision:
    return AnswerRevision(
        answer=answer,
        revision=answer.revision,
        **dict(zip(_CONTENT, _content(answer), strict=True)),
        elapsed_ms=answer.elapsed_ms,
        answered_at=answer.answered_at,
    )
