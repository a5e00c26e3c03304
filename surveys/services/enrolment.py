"""A respondent begins, ends, declines or withdraws: one administration from start to end."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F
from django.utils import timezone

from surveys.errors import AnswerError, EnrolmentError, Refused, StudyError
from surveys.models import (
    Action,
    Administration,
    Answer,
    Consent,
    ConsentText,
    Kind,
    RecruitingLink,
    Respondent,
    ScaleDirection,
    Study,
    Submission,
    new_token,
)
from surveys.presentation import present
from surveys.selectors import presentation_of, study_content
from surveys.services.audit import Actor, record
from surveys.services.studies import people_group
from surveys.signals import person_withdrew

# Read aloud and typed by hand: no 0/O, 1/I/L.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8

# What changes when a passage ends, in whatever way.
ENDING = ("status", "ended_at", "completion_code", "lease_owner", "lease_until")


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
    _require_open(study)
    return Administration.objects.bulk_create(
        [_administration(study, start) for start in starts], batch_size=200
    )


def _administration(study: Study, start: Start) -> Administration:
    presentation = present(
        study_content(study, start.language).questionnaire,
        seed=start.seed,
        scale_direction=start.scale_direction,
        order=start.order,
        block_order=start.block_order,
    )
    return Administration(
        study=study,
        respondent=start.respondent,
        token=start.token or new_token(),
        language=start.language,
        seed=start.seed,
        scale_direction=start.scale_direction,
        realised_order=list(presentation.order),
        presentation_checksum=presentation.checksum,
    )


def enrol_person(
    *, link: RecruitingLink, consent_text: ConsentText, recruiter_id: str = "", token: str = ""
) -> Administration:
    """A person consents at a recruiting link and begins; who came before finds their own place.

    Known again are the id that a recruiter gave and, if one is given, the `token` that the new
    administration shall have: a form that was sent twice begins once.

    Raises `EnrolmentError` (`link_inactive`) and `StudyError` (`study_not_open`).
    """
    if known := _begun(link, recruiter_id, token):
        return known
    try:
        return _enrol(link, consent_text, recruiter_id, token)
    except (IntegrityError, EnrolmentError):
        # Twice at the same moment: the row of the quicker one is theirs.
        if known := _begun(link, recruiter_id, token):
            return known
        raise


def _begun(link: RecruitingLink, recruiter_id: str, token: str) -> Administration | None:
    of_token = Administration.objects.filter(token=token).first() if token else None
    return of_token or find_recruited(link=link, recruiter_id=recruiter_id)


def find_recruited(*, link: RecruitingLink, recruiter_id: str) -> Administration | None:
    """The administration of somebody who came with this id of the recruiter before."""
    if not recruiter_id:
        return None
    return Administration.objects.filter(
        study_id=link.study_id,
        respondent__recruiter=link.recruiter,
        respondent__recruiter_id=recruiter_id,
    ).first()


@transaction.atomic
def _enrol(
    link: RecruitingLink, consent_text: ConsentText, recruiter_id: str, token: str
) -> Administration:
    link = _claim(link)
    respondent = _person(link, recruiter_id)
    Consent.objects.create(respondent=respondent, text=consent_text, given=True)
    seed = _seed(link.study, recruiter_id)
    start = Start(
        respondent,
        seed,
        consent_text.language,
        scale_direction=_direction(link.study, seed),
        token=token,
    )
    return begin_administrations(study=link.study, starts=[start])[0]


def decline(*, link: RecruitingLink, consent_text: ConsentText, token: str = "") -> Administration:
    """Keep that somebody declined, with the text they read, and nothing about them.

    A declined link stays usable: someone else may be holding it, or a mind may change. The same
    `token` again declines nothing more.
    """
    if known := _begun(link, "", token):
        return known
    try:
        return _decline(link, consent_text, token)
    except IntegrityError:
        if known := _begun(link, "", token):
            return known
        raise


@transaction.atomic
def _decline(link: RecruitingLink, consent_text: ConsentText, token: str) -> Administration:
    _require_open(link.study)
    respondent = _person(link, recruiter_id="")
    Consent.objects.create(respondent=respondent, text=consent_text, given=False)
    return Administration.objects.create(
        study=link.study,
        respondent=respondent,
        token=token or new_token(),
        language=consent_text.language,
        status=Administration.Status.DECLINED,
        ended_at=timezone.now(),
        seed=0,
        realised_order=[],
        presentation_checksum="",
    )


@transaction.atomic
def record_demographics(*, administration: Administration, values: Mapping[str, Any]) -> None:
    """Store what a person said about themselves; it can be changed until the end."""
    administration = _locked(administration)
    _require_in_progress(administration)
    respondent = administration.respondent
    respondent.demographics = dict(values)
    respondent.save(update_fields=("demographics",))


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
    rows = Administration.objects.select_related("study", "respondent").order_by("pk")
    locked = rows.select_for_update(of=("self",)).in_bulk(ids)
    answers = Answer.objects.filter(administration_id__in=ids).order_by()
    counts = dict(answers.values_list("administration_id").annotate(Count("pk")))
    ending = [row for row in locked.values() if row.status != Administration.Status.COMPLETED]
    for row in ending:
        _require_in_progress(row)
        _require_answered(row, counts.get(row.pk, 0))
        row.completion_code = "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
        _mark_ended(row, Administration.Status.COMPLETED)
    Administration.objects.bulk_update(ending, ENDING)
    return [locked[pk] for pk in ids]


@transaction.atomic
def stop_administration(*, administration: Administration) -> Administration:
    """End a model's session before its last question (a bound, a budget, a cancelled panel)."""
    administration = _locked(administration)
    if administration.status == Administration.Status.IN_PROGRESS:
        _end(administration, Administration.Status.STOPPED)
    return administration


@transaction.atomic
def withdraw(*, administration: Administration, by: Actor) -> Administration:
    """A person takes everything back: answers, history and demographics are erased, also later.

    What stays is that somebody took part and withdrew. Panels of models forget what they were told
    of the person.
    """
    administration = _locked(administration)
    Answer.objects.filter(administration=administration).delete()
    Submission.objects.filter(administration=administration).delete()
    respondent = administration.respondent
    respondent.demographics = {}
    respondent.save(update_fields=("demographics",))
    before = {"status": administration.status}
    _end(administration, Administration.Status.WITHDRAWN)
    record(
        by=by,
        action=Action.WITHDRAWN,
        study=administration.study,
        subject=administration,
        before=before,
        after={"status": administration.status},
    )
    person_withdrew.send(sender=Respondent, respondent=respondent)
    return administration


def count_load(*, link: RecruitingLink) -> None:
    """Count one load of the information page; no row is made for a visitor."""
    RecruitingLink.objects.filter(pk=link.pk).update(loads=F("loads") + 1)


def _claim(link: RecruitingLink) -> RecruitingLink:
    """Use the link; a single-use link is used up by a conditional update that only one can win."""
    _require_open(link.study)
    usable = RecruitingLink.objects.filter(pk=link.pk, active=True)
    single = link.kind == RecruitingLink.Kind.SINGLE_USE
    taken = usable.update(active=False) if single else usable.count()
    if not taken:
        raise EnrolmentError(Refused.LINK_INACTIVE)
    return link


def _person(link: RecruitingLink, recruiter_id: str) -> Respondent:
    return Respondent.objects.create(
        study=link.study,
        group=people_group(study=link.study, simulated=link.simulated),
        kind=Kind.HUMAN,
        simulated=link.simulated,
        link=link,
        recruiter=link.recruiter if recruiter_id else "",
        recruiter_id=recruiter_id,
    )


def _seed(study: Study, recruiter_id: str) -> int:
    """Random; or, in a study with a seed and for a person with an id, the same in every run."""
    study_seed = study.settings.get("seed")
    if study_seed is None or not recruiter_id:
        return secrets.randbits(62)
    digest = hashlib.sha256(f"{study_seed}:{recruiter_id}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 2


def _direction(study: Study, seed: int) -> str:
    """Forward, unless the study balances the direction of its scales between respondents."""
    balanced = study.settings.get("scale_direction") == "balanced"
    return ScaleDirection.REVERSED if balanced and seed % 2 else ScaleDirection.FORWARD


def _require_open(study: Study) -> None:
    if not study.is_open:
        raise StudyError(Refused.STUDY_NOT_OPEN, study=study.slug)


def _locked(administration: Administration) -> Administration:
    rows = Administration.objects.select_related("study", "respondent")
    return rows.select_for_update(of=("self",)).get(pk=administration.pk)


def _require_in_progress(administration: Administration) -> None:
    if administration.status != Administration.Status.IN_PROGRESS:
        raise AnswerError(Refused.ADMINISTRATION_ENDED)


def _require_answered(administration: Administration, answered: int) -> None:
    if unanswered := len(presentation_of(administration).order) - answered:
        raise AnswerError(Refused.QUESTIONS_UNANSWERED, count=unanswered)


def _end(administration: Administration, status: str) -> None:
    _mark_ended(administration, status)
    administration.save(update_fields=ENDING)


def _mark_ended(administration: Administration, status: str) -> None:
    administration.status = status
    administration.ended_at = timezone.now()
    administration.lease_owner = ""
    administration.lease_until = None
