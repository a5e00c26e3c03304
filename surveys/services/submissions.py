"""Answers as they are handed in, and what of them cannot be stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from surveys.errors import AnswerError, Refused
from surveys.models import MissingReason, SubmissionDoor
from surveys.paradata.visits import Visit
from surveys.presentation import Presentation, PresentationError, Question, Walk
from surveys.questions import Given, Stored


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer as it arrived: what was given, or the reason why there is nothing.

    Where options are chosen it is the code on display.
    """

    ref: str
    given: Given | None
    missing_reason: str = ""
    elapsed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerSubmission:
    """What one administration hands in at once. `idempotency_key` names it for ever."""

    administration_id: int
    answers: Sequence[GivenAnswer]
    idempotency_key: str
    # A model's stored replies, read again by a better parser: allowed after its session ended.
    reread: bool = False
    door: str = SubmissionDoor.NOT_RECORDED
    # Whether answers that exist stay as they are.
    only_open: bool = False
    # Whether no answer may be on a page after the first one that is open.
    in_order: bool = False
    # The page that a person sent, and how they answered it.
    visit: Visit | None = None


WholeAnswer = int | float | str | tuple[Stored, ...]
"""The value of an option, a number, all parts of another answer; or a missing reason."""


@dataclass(frozen=True, slots=True)
class WholeSubmission:
    """Everything that one respondent said elsewhere.

    `answers` holds what is stored, or a missing reason, for every question in the order asked.
    """

    administration_id: int
    answers: Sequence[WholeAnswer]
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission: questions answered and changed, or `repeated` if it was known.

    `screened_by` is the screening of the study that the answers have reached, if any; `quota_full`
    says that there are enough people who answer so.
    """

    administration_id: int
    created: int = 0
    changed: int = 0
    repeated: bool = False
    screened_by: str = ""
    quota_full: bool = False

    @property
    def ends(self) -> bool:
        """Whether the questionnaire is over with these answers."""
        return bool(self.screened_by) or self.quota_full


def require_each_once(answers: Sequence[GivenAnswer]) -> None:
    """Raise `AnswerError` (`question_repeated`) where a question is answered twice."""
    seen: set[str] = set()
    for given in answers:
        if given.ref in seen:
            details = {given.ref: "answered twice"}
            raise AnswerError(Refused.QUESTION_REPEATED, details=details, ref=given.ref)
        seen.add(given.ref)


def require_in_order(walk: Walk, answers: Sequence[GivenAnswer]) -> None:
    """Raise `AnswerError` (`out_of_order`) for a question on a page after the first open one."""
    later = {
        one.ref for page in walk.presentation.pages[walk.open_page :] for one in page.questions
    }
    if beyond := [given.ref for given in answers if given.ref in later]:
        raise AnswerError(Refused.OUT_OF_ORDER, ref=beyond[0])


def require_shown(walk: Walk, answers: Sequence[GivenAnswer]) -> list[GivenAnswer]:
    """The answers to questions that are shown: for any other there is no reason but that.

    Raises `AnswerError` (`question_not_shown`) for what was given to a question that is not.
    """
    for answer in answers:
        if answer.given is not None and answer.ref in walk.hidden:
            raise not_stored(Refused.QUESTION_NOT_SHOWN, answer.ref)
    return [answer for answer in answers if answer.ref not in walk.hidden]


def require_needed(presentation: Presentation, answers: Sequence[GivenAnswer]) -> None:
    """People may let go of every question but one that the study requires."""
    required = {one.ref for one in presentation.questions if one.need == "required"}
    for answer in answers:
        if answer.ref in required and answer.missing_reason == MissingReason.SKIPPED:
            raise not_stored(Refused.ANSWER_REQUIRED, answer.ref)


def question_and_content(
    presentation: Presentation, answer: GivenAnswer
) -> tuple[Question, tuple[Stored, ...], str]:
    """The question, what is stored of it, and why if that is nothing."""
    if (answer.given is None) == (answer.missing_reason == ""):
        raise not_stored(Refused.VALUE_AND_REASON, answer.ref)
    if answer.missing_reason and answer.missing_reason not in MissingReason.values:
        reasons = ", ".join(MissingReason.values)
        raise not_stored(Refused.UNKNOWN_MISSING_REASON, answer.ref, known=reasons)
    try:
        question = presentation.question(answer.ref)
    except PresentationError as error:
        raise not_stored(Refused.UNKNOWN_QUESTION, answer.ref) from error
    if answer.given is None:
        return question, (), answer.missing_reason
    if reason := question.declared(answer.given):
        return question, (), reason
    return question, _stored(question, answer.given), ""


def _stored(question: Question, given: Given) -> tuple[Stored, ...]:
    try:
        return question.stored(given)
    except PresentationError as error:
        if question.open:
            raise not_stored(Refused.NO_SUCH_ANSWER, question.ref, given=str(given)) from error
        most = len(question.options)
        raise not_stored(Refused.UNKNOWN_OPTION, question.ref, given=given, most=most) from error


def not_stored(refused: Refused, ref: str, **arguments: Any) -> AnswerError:
    """A refusal that names the question, also in its details."""
    error = AnswerError(refused, ref=ref, **arguments)
    error.details[ref] = error.message
    return error
