"""The people of a study, one row each: who is paid, by which code, and what speaks against it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from django.db.models import Q, QuerySet

from surveys.exports.cells import CsvWriter
from surveys.models import Administration, Flag, Kind, Respondent, Study
from surveys.recruiters import Outcome, same_id
from surveys.selectors import ERASED, failed_checks
from surveys.services.flagging.looking import SeenFlag, flags_by_person
from surveys.services.flagging.signals import raise_flags

_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which people: by outcome ("open" for whoever is under way), link, and what is looked up."""

    outcome: str = ""
    link: int | None = None
    # A completion code, or the whole of a recruiter's id.
    search: str = ""
    # A flag by its code; "any" for whoever has one, "open" for one that nobody has looked at.
    flag: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One person as a payment list shows them. Times are the server's, the duration in seconds."""

    pk: int
    recruiter: str
    recruiter_id: str
    parameters: Mapping[str, str]
    link: str
    outcome: str
    code: str
    began_at: datetime | None
    ended_at: datetime | None
    failed_checks: int
    simulated: bool
    flags: tuple[SeenFlag, ...] = ()

    @property
    def seconds(self) -> int | None:
        """How long it took; None while it goes on."""
        if self.began_at is None or self.ended_at is None:
            return None
        return int((self.ended_at - self.began_at).total_seconds())

    @property
    def open_flags(self) -> tuple[SeenFlag, ...]:
        """The flags that no member has looked at."""
        return tuple(one for one in self.flags if one.looked_at is None)


def people_of(*, study: Study, wanted: Wanted | None = None) -> QuerySet[Respondent]:
    """The study's people who came through links or were imported, latest first."""
    people = Respondent.objects.filter(study=study, kind=Kind.HUMAN)
    rows = people.filter(_wanted(study, wanted or Wanted(), person="", session="administration__"))
    return rows.select_related("administration", "link", "recruiter_parameters").order_by("-pk")


def sessions_of_people(*, study: Study, wanted: Wanted) -> QuerySet[Administration]:
    """The sessions of the same people in no order: to count and to sort them no person is read."""
    return Administration.objects.filter(
        _wanted(study, wanted, person="respondent__", session="")
    ).order_by()


def _wanted(study: Study, wanted: Wanted, *, person: str, session: str) -> Q:
    """Which people, of rows from which these paths lead to a person and to their session."""
    # By the groups of the sessions: those of models, which are many more, are not read.
    groups = study.groups.filter(kind=Kind.HUMAN).order_by()
    found = Q(**{f"{session}group__in": groups})
    if wanted.link is not None:
        found &= Q(**{f"{person}link": wanted.link})
    if wanted.outcome and wanted.outcome != ERASED:
        outcome = "" if wanted.outcome == "open" else wanted.outcome
        found &= Q(**{f"{session}outcome": outcome, f"{session}erased": False})
    if wanted.outcome == ERASED:
        found &= Q(**{f"{session}erased": True})
    if wanted.flag:
        found &= Q(**{f"{session}pk__in": _flagged(study, wanted.flag)})
    if wanted.search:
        found &= Q(**{f"{person}pk__in": look_up(study=study, text=wanted.search)})
    return found


def _flagged(study: Study, flag: str) -> QuerySet[Flag, int]:
    flags = Flag.objects.filter(flag_check__administration__study=study).order_by()
    if flag == "open":
        flags = flags.filter(looked_at=None)
    elif flag != "any":
        flags = flags.filter(code=flag)
    return flags.values_list("flag_check__administration", flat=True)


def look_up(*, study: Study, text: str) -> list[int]:
    """The people with this completion code, or whose recruiter gave this id."""
    people = Respondent.objects.filter(study=study, kind=Kind.HUMAN)
    found = _by_code(people, text) | _by_id(people, text)
    return sorted(found.values_list("pk", flat=True))


def _by_code(people: QuerySet[Respondent], text: str) -> QuerySet[Respondent]:
    code = "".join(letter for letter in text.upper() if letter.isalnum())
    return people.filter(administration__completion_code=code) if code else people.none()


def _by_id(people: QuerySet[Respondent], text: str) -> QuerySet[Respondent]:
    """People whose recruiter gave this id; each recruiter has its own way to write one."""
    wanted = Q(pk__in=())
    for recruiter in people.order_by().values_list("recruiter", flat=True).distinct():
        if recruiter_id := same_id(recruiter, text):
            wanted |= Q(recruiter=recruiter, recruiter_id=recruiter_id)
    return people.filter(wanted)


def people_found(*, studies: QuerySet[Study], text: str, most: int) -> list[Respondent]:
    """The people of these studies with this completion code or recruiter's id, the latest first."""
    people = Respondent.objects.filter(study__in=studies, kind=Kind.HUMAN)
    found = (_by_code(people, text) | _by_id(people, text)).distinct()
    return list(found.select_related("study", "administration").order_by("-pk")[:most])


def as_people(respondents: Iterable[Respondent]) -> list[Person]:
    """Rows of `people_of` as they are shown."""
    rows = list(respondents)
    ids = [row.administration.pk for row in rows]
    failed, flags = failed_checks(ids), flags_by_person(ids)
    return [
        _person(row, failed.get(key, 0), flags.get(key, ()))
        for key, row in zip(ids, rows, strict=True)
    ]


def _person(row: Respondent, failed: int, flags: tuple[SeenFlag, ...]) -> Person:
    administration = row.administration
    beside = getattr(row, "recruiter_parameters", None)
    return Person(
        pk=row.pk,
        recruiter=row.recruiter,
        recruiter_id=row.recruiter_id,
        parameters=dict(beside.values) if beside else {},
        link=row.link.label if row.link else "",
        outcome=ERASED if administration.erased else administration.outcome,
        code=_code(row),
        began_at=administration.started_at,
        ended_at=administration.ended_at,
        failed_checks=failed,
        simulated=row.simulated,
        flags=flags,
    )


def _code(row: Respondent) -> str:
    """The code that this person was shown: the link's of the outcome, else one of their own."""
    administration = row.administration
    exits = row.link.ways_out if row.link else {}
    one = exits.get(Outcome(administration.outcome)) if administration.outcome else None
    own: str = administration.completion_code
    return (one.code if one else "") or own


def write_payment_list(*, study: Study, file: TextIO, wanted: Wanted | None = None) -> int:
    """Write a row for each person, for approving and rejecting at the recruiter; how many rows.

    `approve` says "yes" of whoever completed, nothing where a member has to look (failed checks,
    flags that nobody has looked at, withdrawn, erased, under way), and "no" otherwise.
    """
    raise_flags(study=study, most=None)
    rows = people_of(study=study, wanted=wanted)
    names = _parameter_names(rows)
    writer = CsvWriter(file)
    writer.write([*_COLUMNS, *names])
    count = 0
    for person in _all(rows):
        writer.write([*_cells(person), *(person.parameters.get(name, "") for name in names)])
        count += 1
    return count


_COLUMNS = (
    *("recruiter", "id", "link", "outcome", "approve", "code"),
    *("began_at", "ended_at", "minutes", "failed_checks", "flags", "open_flags", "simulated"),
)
_APPROVED: Mapping[str, str] = {
    Outcome.COMPLETE: "yes",
    Outcome.FAILED_CHECK: "",
    Outcome.WITHDREW: "",
    ERASED: "",
}


def _cells(person: Person) -> list[Any]:
    seconds = person.seconds
    return [
        person.recruiter,
        person.recruiter_id,
        person.link,
        person.outcome,
        _approved(person),
        person.code,
        person.began_at.isoformat(timespec="seconds") if person.began_at else "",
        person.ended_at.isoformat(timespec="seconds") if person.ended_at else "",
        "" if seconds is None else f"{seconds / 60:.1f}",
        person.failed_checks,
        " ".join(one.code for one in person.flags),
        len(person.open_flags),
        int(person.simulated),
    ]


def _approved(person: Person) -> str:
    if not person.outcome or person.open_flags:
        return ""
    return _APPROVED.get(person.outcome, "no")


def _all(rows: QuerySet[Respondent]) -> Iterator[Person]:
    last: int | None = None
    while True:
        part = list((rows if last is None else rows.filter(pk__lt=last))[:_ROWS_AT_ONCE])
        if not part:
            return
        yield from as_people(part)
        last = part[-1].pk


def _parameter_names(rows: QuerySet[Respondent]) -> list[str]:
    names: dict[str, None] = {}
    for values in rows.order_by().values_list("recruiter_parameters__values", flat=True):
        names |= dict.fromkeys(values or ())
    return sorted(names)
