"""Administrations that begin: who, in which order, in which condition."""

from collections.abc import Iterator, Mapping, Sequence
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
from surveys.presentation import Presentation, Walk, drawn_order, present
from surveys.rows import insert_instances
from surveys.selectors import presentation_of, replayed, study_content
from surveys.services.answers import record_answer_batch
from surveys.services.recording.anonymity import unordered_key
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
    return begin_prepared(
        study=study, prepared=list(prepared_administrations(study=study, starts=starts))
    )


def prepared_administrations(*, study: Study, starts: Sequence[Start]) -> Iterator[Administration]:
    """What `begin_prepared` stores, worked out one by one: that is what takes long of many.

    Their respondents need not be stored yet. Raises as `begin_administration` does.
    """
    require_open(study)
    return (new_administration(study, start) for start in starts)


@transaction.atomic
def begin_prepared(*, study: Study, prepared: Sequence[Administration]) -> list[Administration]:
    """Begin the study with respondents that are stored by now, as it was worked out before.

    Raises `StudyError` (`study_not_open`).
    """
    require_open(study)
    for one in prepared:
        one.respondent_id, one.group_id = one.respondent.pk, one.respondent.group_id
    insert_begun(prepared)
    _leave_out(prepared)
    return list(prepared)


def insert_begun(begun: Sequence[Administration]) -> None:
    """Insert administrations, whether or not they have a key already."""
    if any(one.pk for one in begun):
        Administration.objects.bulk_create(begun)
    else:
        insert_instances(begun)


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
        pk=unordered_key(study) if start.respondent.kind == Kind.HUMAN else None,
        study=study,
        respondent=start.respondent,
        group_id=start.respondent.group_id,
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
    asked = study_content(study, start.language).questionnaire
    if study.checksum:
        # A replayed order is mostly that of many, and whoever begins asks for the first page next:
        # what was worked out is remembered.
        how = (start.language, start.seed, start.scale_direction)
        order = start.order
        if order is None:
            order = drawn_order(asked, seed=start.seed, block_order=start.block_order)
        return replayed(study, *how, order, start.condition)
    return present(
        asked,
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
