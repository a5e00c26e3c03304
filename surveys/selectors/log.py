"""Which rows of a study's log somebody asks for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from surveys.models import AuditEntry, Study


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter: empty fields ask for nothing. Dates are days in the site's time, both included."""

    who: str = ""
    action: str = ""
    door: str = ""
    text: str = ""
    since: date | None = None
    until: date | None = None

    def __bool__(self) -> bool:
        return any((self.who, self.action, self.door, self.text, self.since, self.until))


def entries_of(*, study: Study, wanted: Wanted) -> QuerySet[AuditEntry]:
    """The rows of a study's log that are asked for, latest first."""
    rows = AuditEntry.objects.filter(study=study).order_by("-at", "-pk")
    exact = {"actor_name": wanted.who, "action": wanted.action, "door": wanted.door}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.text:
        words = Q(subject_label__icontains=wanted.text) | Q(actor_name__icontains=wanted.text)
        rows = rows.filter(
            words | Q(before__icontains=wanted.text) | Q(after__icontains=wanted.text)
        )
    if wanted.since:
        rows = rows.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        rows = rows.filter(at__lt=_midnight(wanted.until) + timedelta(days=1))
    return rows


def actors_of(*, study: Study) -> list[str]:
    """Whoever has steered the study, by name."""
    names = AuditEntry.objects.filter(study=study).exclude(actor_name="").order_by("actor_name")
    return list(names.values_list("actor_name", flat=True).distinct())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
