"""Waves: the same people answer the study several times, each by the one personal link they have.

Every wave is a group of its own, so that nobody is counted twice among the people of a study.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from surveys.codes import Problem, SentenceCode
from surveys.codes import marked as _
from surveys.models import Action, Administration, Respondent, Study, Wave
from surveys.recruiters import RecruitingRefused
from surveys.services.audit import Actor, record
from surveys.services.people.refusing import ArrangementRefused

MOST_WAVES = 50


class WaveMistake(SentenceCode):
    """What is wrong with waves that are asked for."""

    TOO_MANY = "too_many_waves", _("These are %(given)s waves, and %(most)s is the most.")
    CLOSES_FIRST = "wave_closes_first", _("The wave closes before it opens; turn the two round.")
    OPENS_EARLY = (
        "wave_opens_early",
        _("The wave opens before the one before it; put them in the order of their times."),
    )
    BEGUN = "wave_begun", _("Somebody has begun wave %(number)s: it cannot be taken away.")


@dataclass(frozen=True, slots=True)
class WaveDraft:
    """When people can begin a wave; None: from the start, without an end."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None


def waves_of(*, study: Study) -> tuple[WaveDraft, ...]:
    """The waves of a study in their order, as they can be sent again."""
    return tuple(WaveDraft(one.opens_at, one.closes_at) for one in study.waves.order_by("number"))


@transaction.atomic
def set_waves(*, study: Study, waves: Sequence[WaveDraft], by: Actor) -> None:
    """Let a study have these waves, numbered from 1; none at all makes it a study without.

    What was begun stays: the times of a wave can change, a wave that somebody began cannot go.
    Raises `ArrangementRefused` (`waves_invalid`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    if problems := [*_problems(waves), *_begun_beyond(study, len(waves))]:
        raise ArrangementRefused(RecruitingRefused.WAVES_INVALID, problems, study=study.slug)
    before = waves_of(study=study)
    if tuple(waves) == before:
        return
    study.waves.filter(number__gt=len(waves)).delete()
    for number, one in enumerate(waves, start=1):
        times = {"opens_at": one.opens_at, "closes_at": one.closes_at}
        Wave.objects.update_or_create(study=study, number=number, defaults=times)
    record(
        by=by,
        action=Action.WAVES_SET,
        study=study,
        subject=study,
        before={"waves": [_written(one) for one in before]},
        after={"waves": [_written(one) for one in waves]},
    )


def _written(one: WaveDraft) -> str:
    times = (one.opens_at, one.closes_at)
    return " – ".join(at.isoformat(timespec="minutes") if at else "…" for at in times)


def _problems(waves: Sequence[WaveDraft]) -> list[Problem]:
    found: list[Problem] = []
    if len(waves) > MOST_WAVES:
        about: dict[str, Any] = {"given": len(waves), "most": MOST_WAVES}
        found.append(Problem("waves", WaveMistake.TOO_MANY, about))
    latest: datetime | None = None
    for number, one in enumerate(waves, start=1):
        where = f"waves[{number}]"
        if one.opens_at and one.closes_at and one.closes_at <= one.opens_at:
            found.append(Problem(f"{where}.closes_at", WaveMistake.CLOSES_FIRST))
        if latest and one.opens_at and one.opens_at < latest:
            found.append(Problem(f"{where}.opens_at", WaveMistake.OPENS_EARLY))
        latest = one.opens_at or latest
    return found


def _begun_beyond(study: Study, number: int) -> list[Problem]:
    begun = Respondent.objects.filter(study=study, wave__gt=number).order_by("-wave").first()
    return [Problem("waves", WaveMistake.BEGUN, {"number": begun.wave})] if begun else []


def wave_counts(*, study: Study) -> dict[int, tuple[int, int]]:
    """Wave -> how many people began it, and how many of them completed."""
    status = Administration.Status
    rows = Administration.objects.filter(
        study=study, respondent__wave__gt=0, respondent__test=False
    ).exclude(status=status.DECLINED)
    counts: dict[int, tuple[int, int]] = {}
    for wave, state in rows.order_by().values_list("respondent__wave", "status"):
        began, completed = counts.get(wave, (0, 0))
        counts[wave] = (began + 1, completed + (state == status.COMPLETED))
    return counts


def wave_to_write_about(*, study: Study) -> int:
    """The wave that a mail invites to: the last that has opened, else the first; 0 for none."""
    now = timezone.now()
    waves = list(study.waves.order_by("number"))
    opened = [one.number for one in waves if one.opens_at is None or one.opens_at <= now]
    return opened[-1] if opened else (waves[0].number if waves else 0)
