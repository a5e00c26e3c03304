"""Where a personal link leads its person: into a questionnaire of theirs, or to the next wave."""

from dataclasses import dataclass
from datetime import datetime

from surveys.models import Administration, RecruitingLink, Wave


@dataclass(frozen=True, slots=True)
class Way:
    """One of three: a questionnaire to be led to, a wave to begin, or when the next one opens.

    Of a study without waves `begins` is 0 as long as nobody has begun.
    """

    leads_to: Administration | None = None
    begins: int | None = None
    opens_at: datetime | None = None


def way_of(*, link: RecruitingLink, now: datetime) -> Way | None:
    """Where a personal link leads now; None for a link of any other kind, which leads nowhere.

    Its address is as long and random as that of a questionnaire, and was given to one person alone.
    """
    if link.kind != RecruitingLink.Kind.PERSONAL:
        return None
    people = Administration.objects.select_related("respondent").filter(
        respondent__link=link, respondent__test=False
    )
    begun = {
        one.respondent.wave: one
        for one in people.exclude(status=Administration.Status.DECLINED).order_by("pk")
    }
    waves = list(link.study.waves.order_by("number"))
    if not waves:
        return Way(leads_to=begun[0]) if 0 in begun else Way(begins=0)
    return _among(waves, begun, now)


def _among(waves: list[Wave], begun: dict[int, Administration], now: datetime) -> Way:
    status = Administration.Status
    latest = begun[max(begun)] if begun else None
    # Who has withdrawn is asked for nothing more.
    if latest and latest.status == status.WITHDRAWN:
        return Way(leads_to=latest)
    for wave in waves:
        mine = begun.get(wave.number)
        if wave.is_open(now) and mine is None:
            return Way(begins=wave.number)
        if mine is not None and mine.status == status.IN_PROGRESS:
            return Way(leads_to=mine)
    later = [one.opens_at for one in waves if one.opens_at and one.opens_at > now]
    if later:
        return Way(opens_at=min(later))
    return Way(leads_to=latest)
