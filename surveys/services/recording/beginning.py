"""Administrations that begin: who, in which order, in which condition."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from surveys.errors import Refused, StudyError
from surveys.instrument_files import stored_flow
from surveys.models import (
    Administration,
    Kind,
    Respondent,
    ScaleDirection,
    Study,
    SubmissionDoor,
    new_token,
)
from surveys.presentation import Presentation, Walk, present
from surveys.rows import insert_instances
from surveys.selectors import presentation_of, replayed, study_content
from surveys.services.answers import record_answer_batch
from surveys.services.submissions import AnswerSubmission


@dataclass(frozen=True, slots=True)
class Start:
    """How one administration begins. `order` replays another's; `block_order` moves the blocks."""

    respondent: Respondent
    seed: int
    language: str
    scale_direction: str = ScaleDirection.FORWARD
    order: Sequence[str] | None = None
    block_order: Sequence[str] | None = None
    # The token of its address; a new one if empty.
    token: str = ""
    # What is varied for this respondent, and the number under which it was assigned.
    condition: Mapping[str, str] = field(default_factory=dict)
    assignment_number: int | None = None


def begin_administration(
    *,
    respondent: Respondent,
    study: Study,
    seed: int,
    language: str,
    scale_direction: str = ScaleDirection.FORWARD,
    order: Sequence[str] | None = None,
    block_order: Sequence[str] | None = None,
) -> Administration:
    """Begin the study with a respondent, person or model, and realise its order of questions.

    `order` replays the realised order of another administration (a matched session);
    `block_order` replaces the order of the blocks. Raises `StudyError`: `study_not_open`,
    `language_not_offered`.
    """
    start = Start(respondent, seed, language, scale_direction, order, block_order)
    return begin_administrations(study=study, starts=[start])[0]


@transaction.atomic
def begin_administrations(*, study: Study, starts: Sequence[Start]) -> list[Administration]:
    """Begin the study with many respondents at once, as `begin_administration` does with one."""
    require_open(study)
    begun = [new_administration(study, start) for start in starts]
    insert_instances(begun)
    _leave_out(begun)
    return begun


def _leave_out(begun: Sequence[Administration]) -> None:
    """Record what is not shown to these respondents whatever they will answer."""
    if not (begun and stored_flow(begun[0].study.flow).show_if):
        return
    submissions = [
        AnswerSubmission(one.pk, (), "what the condition leaves out", door=_door(one))
        for one in begun
        if Walk(presentation_of(one), {}).hidden
    ]
    record_answer_batch(submissions=submissions)


def _door(administration: Administration) -> str:
    is_model = administration.respondent.kind == Kind.LLM
    return SubmissionDoor.PANEL if is_model else SubmissionDoor.PAGE


def new_administration(study: Study, start: Start) -> Administration:
    """The row of one that begins, not stored yet."""
    presentation = _presented(study, start)
    return Administration(
        study=study,
        respondent=start.respondent,
        token=start.token or new_token(),
        language=start.language,
        seed=start.seed,
        scale_direction=start.scale_direction,
        condition=dict(start.condition),
        assignment_number=start.assignment_number,
        realised_order=list(presentation.order),
        presentation_checksum=presentation.checksum,
    )


def _presented(study: Study, start: Start) -> Presentation:
    if start.order is not None and study.checksum:
        # A replayed order is mostly that of many: what was worked out for one is remembered.
        how = (start.language, start.seed, start.scale_direction)
        return replayed(study, *how, start.order, start.condition)
    return present(
        study_content(study, start.language).questionnaire,
        seed=start.seed,
        scale_direction=start.scale_direction,
        order=start.order,
        block_order=start.block_order,
        condition=start.condition,
    )


def require_open(study: Study) -> None:
    """Raise `StudyError` (`study_not_open`) unless respondents may begin."""
    if not study.is_open:
        raise StudyError(Refused.STUDY_NOT_OPEN, study=study.slug)
