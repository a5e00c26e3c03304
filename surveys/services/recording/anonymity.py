"""Anonymous studies: nothing that is stored of a person tells who they are.

Who comes is read of the address, and forgotten; what a recruiter has to know, it knows by a code
that is the same for everybody. What would join two lists is not there either: keys have no order,
and clock times are moved so that everybody began at midnight: when somebody ends, and when they
have sent nothing for a day. How long things took stays.
"""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncDay
from django.utils import timezone

from surveys.errors import StudyError
from surveys.models import (
    Administration,
    Answer,
    Consent,
    Kind,
    RecruitingLink,
    Respondent,
    Study,
    Submission,
)
from surveys.recruiters import Arrival, RecruitingRefused, recruiter_named
from surveys.services.recording.batch import move_times

# Who has sent nothing for so long is silent: their times are hidden although they may come back.
SILENCE = timedelta(days=1)
# Above every key that a sequence gives, and exact in every program that reads an export.
_LOWEST, _HIGHEST = 1 << 40, 1 << 52


def as_stored(study: Study, arrival: Arrival, *, simulated: bool) -> Arrival:
    """Who came, as far as it is kept: in an anonymous study without id and parameters.

    Simulated people are nobody, and are found again by theirs.
    """
    if not study.is_anonymous or simulated:
        return arrival
    return replace(arrival, recruiter_id="", parameters={})


def unordered_key(study: Study) -> int | None:
    """A key that does not tell who came before whom; None where the next one will do."""
    return _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST) if study.is_anonymous else None


def require_nameless(*, study: Study, kind: str, recruiter: str) -> None:
    """Raise `StudyError` (`names_people`) for a link that an anonymous study cannot have.

    A link for one person is that person's name, and so is what a recruiter wants to be told of
    somebody: an id in the address that leads back, credit, or its own form.
    """
    if not study.is_anonymous:
        return
    sender = recruiter_named(recruiter)
    told = sender.credits or sender.submission or any("{id}" in one for one in sender.back.values())
    if told or kind != RecruitingLink.Kind.OPEN:
        raise StudyError(RecruitingRefused.NAMES_PEOPLE, study=study.slug)


def hide_clock(administration: Administration) -> None:
    """Leave of somebody's times in an anonymous study the day, and how long everything took.

    Of whoever declined or withdrew the day alone. Somebody may have been silent for long in
    between: what they sent after that is moved by itself, to the midnight of its own day. To do it
    again changes nothing, so that it can be done with somebody who has not ended and comes back.
    """
    began, ended = administration.started_at, administration.ended_at
    gone = (Administration.Status.DECLINED, Administration.Status.WITHDRAWN)
    day = _midnight(began)
    sittings = _sittings(administration)
    for since, until in zip(sittings, (*sittings[1:], None), strict=True):
        shift = since - _midnight(since)
        _move(administration, since, until, shift)
        if ended is not None and since <= ended and (until is None or ended < until):
            administration.ended_at = ended - shift
    if ended is not None and administration.status in gone:
        administration.ended_at = max(day, _midnight(ended))
    administration.started_at = day
    mine = Administration.objects.filter(pk=administration.pk)
    mine.update(started_at=day, ended_at=administration.ended_at)
    respondent = administration.respondent_id
    Consent.objects.filter(respondent=respondent).update(decided_at=day)
    Respondent.with_tests.filter(pk=respondent).update(created_at=day)


def hide_clocks_of_silent() -> int:
    """Do so with people of anonymous studies who have sent nothing for long, and may come back.

    Returns how many. Whose link has minutes is ended when these are over.
    """
    now = timezone.now()
    late = Submission.objects.filter(
        administration=OuterRef("pk"), recorded_at__gte=F("administration__started_at") + SILENCE
    )
    sent = Submission.objects.filter(administration=OuterRef("pk"), recorded_at__gt=now - SILENCE)
    silent = Administration.objects.filter(
        ~Exists(sent),
        Exists(late) | ~Q(started_at=TruncDay("started_at", tzinfo=UTC)),
        study__settings__anonymous=True,
        respondent__kind=Kind.HUMAN,
        respondent__link__minutes_allowed=None,
        status=Administration.Status.IN_PROGRESS,
        started_at__lte=now - SILENCE,
    ).order_by()
    return sum(_hidden(pk, now) for pk in silent.values_list("pk", flat=True))


@transaction.atomic
def _hidden(pk: int, now: datetime) -> bool:
    """Unless the person came back at this very moment."""
    still = Administration.objects.select_for_update().filter(
        pk=pk, status=Administration.Status.IN_PROGRESS
    )
    sent = Submission.objects.filter(administration=pk, recorded_at__gt=now - SILENCE)
    administration = still.first()
    if administration is None or sent.exists():
        return False
    if all(one == _midnight(one) for one in _sittings(administration)):
        return False
    hide_clock(administration)
    return True


def _sittings(administration: Administration) -> list[datetime]:
    """When somebody began, and when they sent something for the first time after a silence."""
    sent = Submission.objects.filter(administration=administration)
    answered = Answer.objects.filter(administration=administration).order_by()
    times = [*sent.values_list("recorded_at", flat=True)]
    times += answered.values_list("answered_at", flat=True).distinct()
    if administration.ended_at is not None:
        times.append(administration.ended_at)
    found, before = [administration.started_at], administration.started_at
    for one in sorted(times):
        if one - before >= SILENCE:
            found.append(one)
        before = one
    return found


def _move(
    administration: Administration, since: datetime, until: datetime | None, shift: timedelta
) -> None:
    if not shift:
        return
    rows = Submission.objects.filter(administration=administration, recorded_at__gte=since)
    rows = rows.filter(recorded_at__lt=until) if until else rows
    rows.update(recorded_at=F("recorded_at") - shift)
    move_times(administration=administration, since=since, until=until, shift=shift)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
