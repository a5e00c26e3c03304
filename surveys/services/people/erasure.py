"""Erasing what is known of one person: on their request, at the end of a retention, by themselves.

What stays of somebody who is erased is a row that says there was one, as the counts of a study need
it: no id, no code, no token that anybody has, no order, the day instead of the time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from surveys.errors import EnrolmentError, Refused
from surveys.models import (
    Action,
    Administration,
    Consent,
    Contact,
    Credit,
    Kind,
    RecruiterParameters,
    RecruitingLink,
    Respondent,
    Study,
    Submission,
    WebhookMessage,
    new_token,
)
from surveys.services.audit import Actor, record
from surveys.services.enrolment import take_back, withdraw
from surveys.services.people.earlier import keep_hashes
from surveys.services.people.quotas import leave_places
from surveys.services.recording.batch import blur_times
from surveys.services.webhooks.happenings import key_of_person

# When somebody's part ended: for whoever closed the page for good, with what was sent last.
_LAST = Submission.objects.filter(administration__respondent=OuterRef("pk")).order_by(
    "-recorded_at"
)
_END = Coalesce(
    "administration__ended_at",
    Subquery(_LAST.values("recorded_at")[:1]),
    "administration__started_at",
)
_GONE = (Administration.Status.DECLINED, Administration.Status.WITHDRAWN)
# How many people's answers are deleted in one transaction.
AT_ONCE = 50
_NO_ORDER = {"realised_order": [], "seed": 0, "presentation_checksum": ""}


@transaction.atomic
def withdraw_person(*, administration: Administration, forget_id: bool, by: Actor) -> None:
    """A person withdraws: answers and demographics go, as `withdraw` says, and the order as well.

    With `forget_id` also the code goes, the id, its parameters and the exact times; the times also
    of whoever came without an id.
    Somebody with an id who keeps it can still be paid, and is not asked again. Whoever answered in
    several waves withdraws from all of them.
    """
    for one in _same_person(administration.respondent):
        if one.pk == administration.pk or one.status not in _GONE:
            _withdraw_one(one, forget_id=forget_id, by=by)


def _withdraw_one(administration: Administration, *, forget_id: bool, by: Actor) -> None:
    withdrawn = withdraw(administration=administration, by=by)
    Administration.objects.filter(pk=withdrawn.pk).update(**_NO_ORDER)
    if forget_id:
        Administration.objects.filter(pk=withdrawn.pk).update(completion_code="")
    if forget_id or not withdrawn.respondent.recruiter_id:
        forget_identity(respondent=withdrawn.respondent)
        _forget_line(withdrawn.respondent)


@transaction.atomic
def erase_person(*, respondent: Respondent, by: Actor) -> None:
    """Erase one person on request, for good: answers, demographics, id, parameters, code, times.

    Of every wave, where a personal link led the person to several.
    The log keeps that somebody was erased, and not who. Panels of models forget what they were told
    of the person. Raises `EnrolmentError` (`no_person`) for a session of a model.
    """
    if respondent.kind != Kind.HUMAN:
        raise EnrolmentError(Refused.NO_PERSON)
    for administration in _same_person(respondent):
        withdrew = administration.status == Administration.Status.WITHDRAWN
        if not withdrew:
            withdraw(administration=administration, by=by)
        # Whoever had withdrawn before is counted as that.
        _leave_a_row(administration, erased=administration.erased or not withdrew)
    _forget_line(respondent)
    record(
        by=by,
        action=Action.PERSON_ERASED,
        study=respondent.study,
        subject=respondent.study,
    )


def _leave_a_row(administration: Administration, *, erased: bool) -> None:
    """Of somebody whose answers are gone: take all else but that there was somebody."""
    forget_identity(respondent=administration.respondent)
    Administration.objects.filter(pk=administration.pk).update(
        token=new_token(), completion_code="", erased=erased, **_NO_ORDER
    )


@transaction.atomic
def forget_identity(*, respondent: Respondent) -> None:
    """Take away what could name a person: the recruiter's id and parameters, and exact times."""
    Respondent.objects.filter(pk=respondent.pk).update(recruiter="", recruiter_id="")
    RecruiterParameters.objects.filter(respondent=respondent).delete()
    Credit.objects.filter(administration__respondent=respondent).delete()
    Contact.objects.filter(link=respondent.link_id).delete()
    administration = Administration.objects.get(respondent=respondent)
    WebhookMessage.objects.filter(
        webhook__study=respondent.study_id, key=key_of_person(administration.pk)
    ).delete()
    Administration.objects.filter(pk=administration.pk).update(
        started_at=_day(administration.started_at),
        ended_at=_day(administration.ended_at) if administration.ended_at else None,
    )
    Respondent.objects.filter(pk=respondent.pk).update(created_at=_day(respondent.created_at))
    day = _day(administration.started_at)
    Submission.objects.filter(administration=administration).update(recorded_at=day)
    blur_times(administration=administration, day=day)
    consent = Consent.objects.filter(respondent=respondent).first()
    if consent:
        Consent.objects.filter(pk=consent.pk).update(decided_at=_day(consent.decided_at))


def _same_person(respondent: Respondent) -> list[Administration]:
    """The questionnaires of one person: of every wave, where a personal link led to them."""
    rows = Administration.objects.select_related("respondent").order_by("pk")
    mine = Q(respondent=respondent)
    if respondent.wave:
        mine |= Q(respondent__link=respondent.link_id, respondent__wave__gt=0)
    return list(rows.filter(mine))


def _forget_line(respondent: Respondent) -> None:
    """Take a person's pseudonym and label out of the list that their link was made in."""
    links = RecruitingLink.objects.filter(respondents=respondent, link_list__isnull=False)
    for link in links.select_related("link_list"):
        link.pseudonym, link.label = "", str(link.link_list)
        link.save(update_fields=("pseudonym", "label"))


@transaction.atomic
def set_retention(
    *,
    study: Study,
    days: int | None,
    by: Actor,
    answers_deleted: bool = False,
    hashes_kept: bool = False,
) -> Study:
    """Say after how many days recruiters' ids are deleted, counted from each person's end.

    None keeps them. It holds from the next tidying on, also for people who ended before. With
    `answers_deleted` their answers go at the same time; else they stay, without the ids. With
    `hashes_kept` a keyed hash of long, random ids stays, by which earlier participants are known.
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    new = {
        "ids_kept_days": days,
        "answers_deleted": answers_deleted and days is not None,
        "hashes_kept": hashes_kept,
    }
    old = {name: getattr(study, name) for name in new}
    changed = [name for name in new if new[name] != old[name]]
    if changed:
        for name in changed:
            setattr(study, name, new[name])
        study.save(update_fields=changed)
        record(
            by=by,
            action=Action.RETENTION_SET,
            study=study,
            subject=study,
            before={name: old[name] for name in changed},
            after={name: new[name] for name in changed},
        )
    return study


def keep_retention(*, by: Actor, now: datetime | None = None) -> int:
    """Delete the ids whose time has come in every study that says so; how many people's.

    Of whoever never ended, their time runs from what they sent last.
    """
    now = now or timezone.now()
    return sum(
        _forget_late(study, now, by) for study in Study.objects.filter(ids_kept_days__isnull=False)
    )


@transaction.atomic
def _forget_late(study: Study, now: datetime, by: Actor) -> int:
    people = _late_people(study, now).exclude(recruiter_id="", recruiter_parameters=None)
    late = list(people.select_related("administration"))
    keep_hashes(study=study, people=late)
    for respondent in late:
        forget_identity(respondent=respondent)
    if late:
        after = {"people": len(late)}
        record(by=by, action=Action.IDS_DELETED, study=study, subject=study, after=after)
    return len(late)


def _late_people(study: Study, now: datetime) -> QuerySet[Respondent]:
    """Whoever came by a link and whose time has come: of several waves, that of the last."""
    assert study.ids_kept_days is not None
    latest = now - timedelta(days=study.ids_kept_days)
    people = Respondent.objects.filter(study=study, kind=Kind.HUMAN).exclude(link=None)
    people = people.annotate(ended=_END)
    later = people.filter(link=OuterRef("link"), wave__gt=0, ended__gte=latest).order_by()
    return people.filter(Q(wave=0) | ~Exists(later), ended__lt=latest)


def delete_late_answers(*, by: Actor, now: datetime | None = None) -> int:
    """Delete the answers whose time has come in every study that says so; how many people's.

    With them goes all else that is known of a person. Some at a time: others answer meanwhile.
    """
    now = now or timezone.now()
    studies = Study.objects.filter(ids_kept_days__isnull=False, answers_deleted=True)
    return sum(_delete_late(study, now, by) for study in studies)


def _delete_late(study: Study, now: datetime, by: Actor) -> int:
    late = _late_people(study, now).exclude(administration__status__in=_GONE)
    keys = list(late.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        _delete_some(study, keys[start : start + AT_ONCE], by)
    return len(keys)


@transaction.atomic
def _delete_some(study: Study, keys: Sequence[int], by: Actor) -> None:
    rows = Respondent.objects.filter(pk__in=keys).exclude(administration__status__in=_GONE)
    people = list(rows.select_related("administration__respondent"))
    keep_hashes(study=study, people=people)
    for one in people:
        if one.administration.status == Administration.Status.COMPLETED:
            # Free again, a place would let in somebody else for each whose time has come.
            leave_places(administration=one.administration)
        _leave_a_row(take_back(administration=one.administration), erased=True)
        _forget_line(one)
    if people:
        after = {"people": len(people)}
        record(by=by, action=Action.ANSWERS_DELETED, study=study, subject=study, after=after)


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
