"""The only writer of answers: the rows that one transaction reads, makes and changes."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, F
from django.utils import timezone

from surveys.errors import AnswerError, Refused
from surveys.models import Administration, Answer, AnswerRevision, Kind, MissingReason, Submission
from surveys.paradata.visits import Visit
from surveys.presentation import Presentation, Question, StoredAnswer, Walk
from surveys.rows import insert_new, insert_rows, insert_values, rows_at
from surveys.selectors import Target, presentation_of, study_content
from surveys.services.submissions import (
    AnswerSubmission,
    GivenAnswer,
    Receipt,
    question_and_content,
    require_each_once,
    require_in_order,
    require_needed,
    require_shown,
)
from surveys.statements import Slot, Statement

ANSWER_COLUMNS = (
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


def _held(submitted: Collection[tuple[int, int | None, int | None]]) -> list[Answer]:
    """The answers that exist in the places of submitted ones: usually none, and then no row."""
    items = {(pk, item) for pk, item, _ in submitted if item is not None}
    checks = {(pk, check) for pk, _, check in submitted if check is not None}
    keys = [
        *rows_at(Answer, ("administration_id", "item_id"), items, returning=("id",)),
        *rows_at(Answer, ("administration_id", "attention_check_id"), checks, returning=("id",)),
    ]
    return list(Answer.objects.filter(pk__in=[pk for (pk,) in keys])) if keys else []


_STORED = Statement(
    lambda: Answer.objects.filter(administration_id=Slot(0, BigIntegerField())).order_by()
)


@dataclass
class Batch:
    """The rows that one transaction reads, makes and changes."""

    administrations: Mapping[int, Administration]
    answers: dict[tuple[int, Target], Answer]
    created: list[Answer] = field(default_factory=list)
    changed: dict[tuple[int, Target], Answer] = field(default_factory=dict)
    revisions: list[AnswerRevision] = field(default_factory=list)
    # Answers that say that a question was not shown, which it is by now.
    removed: list[Answer] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def read(
        cls, submissions: Sequence[AnswerSubmission], administrations: Mapping[int, Administration]
    ) -> "Batch":
        """Read what will be changed.

        Of the answers that exist only those submitted again are read: a session of n turns would
        otherwise read n²/2 rows. What must be in order needs all of its administration, and so does
        a study in which answers decide what is shown.
        """
        whole = {
            one.administration_id
            for one in submissions
            if one.in_order or _decides(administrations.get(one.administration_id))
        }
        answers = [answer for one in whole for answer in _STORED.rows(one)]
        others = [one for one in submissions if one.administration_id not in whole]
        answers += _held(set(_submitted(others, administrations)))
        return cls(administrations, {(a.administration_id, _target(a)): a for a in answers})

    def take(self, submission: AnswerSubmission) -> Receipt:
        """Take in one submission; nothing is written yet. Raises `AnswerError`."""
        administration = self._open_administration(submission)
        presentation = presentation_of(administration)
        targets = study_content(administration.study, administration.language).targets
        require_each_once(submission.answers)
        place = _Place(administration, presentation, targets)
        answers: Sequence[GivenAnswer] = submission.answers
        walks = presentation.branches and not submission.reread
        if submission.in_order or walks:
            walk = self._walk(place)
            if submission.in_order:
                require_in_order(walk, answers)
                require_needed(presentation, answers)
            answers = require_shown(walk, answers)
        effects: dict[str, int] = defaultdict(int)
        for given in answers:
            rows = _rows(place, given)
            effects[self._put_all(rows, only_open=submission.only_open)] += 1
        reached = self._settle(place, goes_back=submission.in_order) if walks else ""
        self.submissions.append(
            {
                "administration_id": administration.pk,
                "idempotency_key": submission.idempotency_key,
                "recorded_at": timezone.now(),
                "door": submission.door,
                **_visited(submission.visit),
            }
        )
        changed = effects["created"], effects["changed"]
        return Receipt(administration.pk, *changed, screened_by=reached)

    def write_new(self) -> bool:
        """Write what was taken in if it adds to what is stored and changes nothing of it.

        Where this is not so tell, so that the transaction is undone.
        """
        names = tuple(self.submissions[0])
        submitted = [tuple(one.values()) for one in self.submissions]
        return insert_new(Submission, names, submitted) and insert_new(
            Answer, ANSWER_COLUMNS, self._created_values()
        )

    def _created_values(self) -> list[list[Any]]:
        return [[getattr(new, name) for name in ANSWER_COLUMNS] for new in self.created]

    def write(self) -> None:
        """Write everything that was taken in."""
        insert_rows(Submission, self.submissions)
        if self.removed:
            Answer.objects.filter(pk__in=[one.pk for one in self.removed]).delete()
        insert_values(Answer, ANSWER_COLUMNS, self._created_values())
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

    def _walk(self, place: "_Place") -> Walk:
        """The way of an administration with everything that is put by now."""
        told = {}
        for question in place.presentation.questions:
            rows = self._held_at(place, question)
            if rows:
                values = tuple(one.stored for one in rows if one.stored is not None)
                told[question.ref] = StoredAnswer(values, rows[0].missing_reason)
        return Walk(place.presentation, told)

    def _held_at(self, place: "_Place", question: Question) -> list[Answer]:
        keys = [(place.administration.pk, place.targets[ref]) for ref in question.refs]
        return [self.answers[key] for key in keys if key in self.answers]

    def _settle(self, place: "_Place", *, goes_back: bool) -> str:
        """Bring what is not shown in line with the answers; the screening that was reached.

        Who `goes_back` and answers otherwise leaves questions behind that are no longer shown:
        what was said to them is kept as an earlier state, and is in force again where they are
        shown once more.
        """
        while True:
            walk, settled = self._walk(place), True
            for question in place.presentation.questions:
                if walk.must_be_left_out(question.ref, goes_back=goes_back):
                    settled = False
                    left = GivenAnswer(question.ref, None, MissingReason.NOT_SHOWN)
                    self._put_all(_rows(place, left), only_open=False)
                elif walk.was_left_out(question):
                    settled = False
                    for row in self._held_at(place, question):
                        self._take_back(row)
            if settled:
                return walk.screened_by

    def _take_back(self, row: Answer) -> None:
        if not row.pk:
            self.created.remove(row)
        elif earlier := _before_left_out(row):
            self._change(row, _content(earlier), (earlier.elapsed_ms, earlier.answered_at))
            return
        else:
            self.removed.append(row)
        del self.answers[row.administration_id, _target(row)]

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
        self._change(old, _content(new), (new.elapsed_ms, new.answered_at))
        return "changed"

    def _change(
        self, row: Answer, content: tuple[Any, ...], when: tuple[int | None, datetime]
    ) -> None:
        if row.pk is not None:
            self.revisions.append(_revision(row))
            self.changed[row.administration_id, _target(row)] = row
            row.revision += 1
        for name, held in zip(_CONTENT, content, strict=True):
            setattr(row, name, held)
        row.elapsed_ms, row.answered_at = when


def write_whole(keys: Sequence[tuple[Any, ...]], rows: Sequence[tuple[Any, ...]]) -> None:
    """Write whole administrations: their submissions, then answers by `ANSWER_COLUMNS`."""
    names = ("administration_id", "idempotency_key", "recorded_at", "door")
    insert_values(Submission, names, keys)
    insert_values(Answer, ANSWER_COLUMNS, rows)


def _visited(visit: Visit | None) -> dict[str, Any]:
    """How a page was answered, beside the submission that it became."""
    if visit is None:
        return {"page": None, "elapsed_ms": None, "answers": None, "paradata": None}
    return {
        "page": visit.page,
        "elapsed_ms": visit.elapsed_ms,
        "answers": visit.answers,
        "paradata": visit.as_json(),
    }


def _target(answer: Answer) -> Target:
    return Target(answer.item_id, answer.attention_check_id)


def _content(answer: Answer | AnswerRevision) -> tuple[Any, ...]:
    return tuple(getattr(answer, name) for name in _CONTENT)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where answers belong: an administration, its pages, and the rows that its refs stand for."""

    administration: Administration
    presentation: Presentation
    targets: Mapping[str, Target]


def _decides(administration: Administration | None) -> bool:
    return administration is not None and presentation_of(administration).branches


def _before_left_out(row: Answer) -> AnswerRevision | None:
    """What an answer was before its question was no longer shown."""
    said = AnswerRevision.objects.filter(answer=row).exclude(missing_reason=MissingReason.NOT_SHOWN)
    return said.order_by("-revision").first()


def _rows(place: _Place, given: GivenAnswer) -> list[Answer]:
    """One row for each part of the question."""
    question, stored, reason = question_and_content(place.presentation, given)
    column = question.open.column if question.open else "value"
    answered_at = timezone.now()
    contents: list[dict[str, Any]] = [{column: one} for one in stored]
    if reason:
        contents = [{"missing_reason": reason}] * len(question.refs)
    return [
        Answer(
            administration_id=place.administration.pk,
            item_id=place.targets[ref].item_id,
            attention_check_id=place.targets[ref].attention_check_id,
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


def blur_times(*, administration: Administration, day: datetime) -> None:
    """Leave of the times at which somebody answered no more than the day."""
    Answer.objects.filter(administration=administration).update(answered_at=day)
    AnswerRevision.objects.filter(answer__administration=administration).update(answered_at=day)


def move_times(
    *, administration: Administration, since: datetime, until: datetime | None, shift: timedelta
) -> None:
    """Move the times at which somebody answered, of those from `since` on and before `until`, back
    by as much; what lies between them stays.
    """
    then = {"answered_at__gte": since} | ({"answered_at__lt": until} if until else {})
    answered_at = F("answered_at") - shift
    Answer.objects.filter(administration=administration, **then).update(answered_at=answered_at)
    revisions = AnswerRevision.objects.filter(answer__administration=administration, **then)
    revisions.update(answered_at=answered_at)
