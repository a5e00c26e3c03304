"""Flags as members read them, and what they say of them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from surveys.errors import EnrolmentError, Refused
from surveys.models import Action, Flag, Respondent, Study
from surveys.paradata.flags import FlagCode, Raised
from surveys.services.audit import Actor, record

LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class SeenFlag:
    """A flag of a person: its sentence, its figures, and what a member noted of it."""

    code: str
    raised: Raised
    looked_at: datetime | None
    looked_by: str
    note: str

    @property
    def figures(self) -> Mapping[str, Any]:
        """What the sentence was filled with."""
        return self.raised.figures

    def said(self, translate: Any = str) -> str:
        """The sentence, translated."""
        return self.raised.said(translate)


def flags_by_person(administrations: Collection[int]) -> dict[int, tuple[SeenFlag, ...]]:
    """Administration -> its flags; who has none is absent. One query."""
    rows = Flag.objects.filter(flag_check__administration__in=administrations).order_by("pk")
    found: dict[int, list[SeenFlag]] = defaultdict(list)
    for row in rows.select_related("flag_check"):
        if seen := _seen(row):
            found[row.flag_check.administration_id].append(seen)
    return {pk: tuple(flags) for pk, flags in found.items()}


def _seen(row: Flag) -> SeenFlag | None:
    code = FlagCode.of(row.code)
    if code is None:
        return None
    raised = Raised(code, row.figures)
    return SeenFlag(row.code, raised, row.looked_at, row.looked_by, row.note)


def flag_counts(*, study: Study) -> dict[int, dict[str, tuple[int, int]]]:
    """Group of people -> flag -> how many have it, and of how many nobody has looked at it."""
    rows = Flag.objects.filter(
        flag_check__administration__study=study,
        flag_check__administration__respondent__test=False,
    ).order_by()
    group = "flag_check__administration__respondent__group"
    counted = rows.values_list(group, "code").annotate(
        n=Count("pk"), still_open=Count("pk", filter=Q(looked_at=None))
    )
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for key, code, n, still_open in counted:
        found[key][code] = (n, still_open)
    return found


@transaction.atomic
def look_at_flag(*, respondent: Respondent, code: str, note: str, by: Actor) -> None:
    """Say that a flag was looked at, and what was found. The flag stays.

    Raises `EnrolmentError` (`no_such_flag`).
    """
    rows = Flag.objects.select_for_update().filter(
        flag_check__administration__respondent=respondent, code=code
    )
    flag = rows.first()
    if flag is None:
        raise EnrolmentError(Refused.NO_SUCH_FLAG, given=code)
    flag.looked_at, flag.looked_by = timezone.now(), by.called[:150]
    flag.note = " ".join(note.split())[:LONGEST_NOTE]
    flag.save(update_fields=("looked_at", "looked_by", "note"))
    record(
        by=by,
        action=Action.FLAG_LOOKED_AT,
        study=respondent.study,
        subject=respondent,
        label="",
        after={"flag": code, "note": flag.note},
    )
