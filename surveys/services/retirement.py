"""Putting a study out of sight, and deleting one that nobody has begun."""

from django.db import transaction
from django.utils import timezone

from surveys.errors import Refused, StudyError
from surveys.models import Action, Kind, Study
from surveys.services.audit import Actor, record


@transaction.atomic
def archive_study(*, study: Study, by: Actor) -> Study:
    """Leave a draft or a closed study out of lists; its pages and its data stay.

    Raises `StudyError` (`study_is_open`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.is_open:
        raise StudyError(Refused.STUDY_IS_OPEN, study=study.slug)
    if study.archived_at is None:
        study.archived_at = timezone.now()
        study.save(update_fields=("archived_at",))
        record(by=by, action=Action.STUDY_ARCHIVED, study=study, subject=study)
    return study


@transaction.atomic
def restore_study(*, study: Study, by: Actor) -> Study:
    """Show an archived study in lists again."""
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.archived_at is not None:
        study.archived_at = None
        study.save(update_fields=("archived_at",))
        record(by=by, action=Action.STUDY_RESTORED, study=study, subject=study)
    return study


@transaction.atomic
def delete_study(*, study: Study, by: Actor) -> None:
    """Delete a study that nobody has begun and no panel was recruited for; the log keeps its name.

    Raises `StudyError` (`study_not_empty`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.respondents.exists() or study.groups.filter(kind=Kind.LLM).exists():
        raise StudyError(Refused.STUDY_NOT_EMPTY, study=study.slug)
    before = {"version": study.version, "status": study.status}
    record(by=by, action=Action.STUDY_DELETED, study=study, subject=study, before=before)
    study.delete()
