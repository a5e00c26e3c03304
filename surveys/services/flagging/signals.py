"""Working flags out: once for everybody who handed in, and again when other signals are sought."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Exists, OuterRef

from surveys.models import Administration, Flag, FlagCheck, Kind, Respondent, Study
from surveys.paradata.flags import VERSION, Passage, Raised, flags_of
from surveys.recruiters import recruiter_named
from surveys.selectors import failed_checks
from surveys.services.flagging.passages import (
    Answered,
    Book,
    answered_by,
    behaviour,
    visits_of,
)

# Hears how many people were looked at, of how many.
Progress = Callable[[int, int], object]
# So many people are looked at while somebody waits for a page; the others next time.
MOST_AT_ONCE = 300


def unlooked(study: Study) -> list[int]:
    """The keys of people who handed in and whom this version has not looked at, the first first.

    Whoever was screened out, or only tried the pages, is nobody whose answers count. All of them
    are asked for in no order: for the first few in the order of keys a database would look through
    the sessions of every study, since mostly there are none.
    """
    looked_at = FlagCheck.objects.filter(administration=OuterRef("pk"), version=VERSION)
    handed_in = Administration.objects.filter(
        ~Exists(looked_at),
        group__in=study.groups.filter(kind=Kind.HUMAN).order_by(),
        status=Administration.Status.COMPLETED,
    )
    return sorted(handed_in.order_by().values_list("pk", flat=True))


def raise_flags(
    *, study: Study, most: int | None = MOST_AT_ONCE, progress: Progress | None = None
) -> int:
    """Look at people who handed in and were not looked at yet; how many are still to be.

    What was found before and is found no more goes; what a member noted of the rest stays. They are
    looked at a part at a time, each of which stays whatever becomes of the next.
    """
    waiting = unlooked(study)
    chosen = waiting[: most or None]  # None: everybody
    # Somebody may withdraw before it is their turn: of them nothing is worked out any more.
    people = Administration.objects.filter(status=Administration.Status.COMPLETED)
    people = people.select_related("respondent").order_by("pk")
    if not chosen:
        return 0
    book = Book(study)
    for start in range(0, len(chosen), MOST_AT_ONCE):
        part = chosen[start : start + MOST_AT_ONCE]
        _look_at(study, book, list(people.filter(pk__in=part)))
        if progress:
            progress(start + len(part), len(chosen))
    return len(waiting) - len(chosen)


@transaction.atomic
def _look_at(study: Study, book: Book, people: Sequence[Administration]) -> None:
    for one in people:
        one.study = study
    answered = answered_by(book, [one.pk for one in people])
    signatures = {one.pk: _signature(one, answered[one.pk]) for one in people}
    repeats = _repeated(study, signatures)
    raised = {
        one.pk: flags_of(replace(passage, repeats=one.pk in repeats))
        for one, passage in _passages(people, answered)
    }
    _keep(signatures, raised)


def _signature(one: Administration, answered: Answered) -> str:
    """Of a group's own: whoever answers alike in two waves repeats nobody."""
    signature = answered.pattern.signature
    return f"{one.respondent.group_id}:{signature}" if signature else ""


def _passages(
    people: Sequence[Administration], answered: Mapping[int, Answered]
) -> Iterator[tuple[Administration, Passage]]:
    ids = [one.pk for one in people]
    visits, failed = visits_of(ids), failed_checks(ids)
    elsewhere = _elsewhere([one.respondent for one in people])
    for one in people:
        of = answered[one.pk]
        how = behaviour(one, visits.get(one.pk, ()), of.texts)
        if one.respondent.simulated:
            # A program answered: how fast it was says nothing.
            how = replace(how, fastest=None, signs=None)
        yield (
            one,
            Passage(
                behaviour=how,
                pattern=of.pattern,
                texts=len(of.texts),
                failed_checks=failed.get(one.pk, 0),
                same_id=one.respondent_id in elsewhere,
            ),
        )


def _repeated(study: Study, signatures: Mapping[int, str]) -> set[int]:
    """Those whose answers are all those of somebody who began before them."""
    wanted = {one for one in signatures.values() if one}
    earlier = FlagCheck.objects.filter(
        administration__study=study, signature__in=wanted, version=VERSION
    ).values_list("signature", "administration_id")
    first: dict[str, int] = {}
    known = [*earlier, *((signature, pk) for pk, signature in signatures.items() if signature)]
    for signature, pk in known:
        first[signature] = min(pk, first.get(signature, pk))
    return {pk for pk, signature in signatures.items() if signature and first[signature] < pk}


def _elsewhere(people: Iterable[Respondent]) -> set[int]:
    """Those whose long, random id another recruiter gave as well."""
    ids: dict[str, set[int]] = defaultdict(set)
    for one in people:
        if recruiter_named(one.recruiter).is_unguessable(one.recruiter_id):
            ids[one.recruiter_id].add(one.pk)
    study_of = {one.study_id for one in people}
    same = Respondent.objects.filter(study__in=study_of, recruiter_id__in=list(ids))
    found: dict[str, set[str]] = defaultdict(set)
    for recruiter_id, recruiter in same.values_list("recruiter_id", "recruiter"):
        found[recruiter_id].add(recruiter)
    return {pk for one, of in ids.items() if len(found[one]) > 1 for pk in of}


def _keep(signatures: Mapping[int, str], raised: Mapping[int, Collection[Raised]]) -> None:
    """Store what was found of people, by the keys of their administrations; what a member noted of
    a flag stays with it. A handful of queries, however many people there are.
    """
    FlagCheck.objects.bulk_create(
        [
            FlagCheck(administration_id=one, version=VERSION, signature=of)
            for one, of in signatures.items()
        ],
        update_conflicts=True,
        unique_fields=("administration",),
        update_fields=("version", "signature", "checked_at"),
    )
    checks = dict(
        FlagCheck.objects.filter(administration__in=signatures).values_list("administration", "pk")
    )
    flags = [
        Flag(flag_check_id=checks[one], code=flag.code, figures=dict(flag.figures))
        for one, found in raised.items()
        for flag in found
    ]
    _drop_others(checks.values(), {(flag.flag_check_id, flag.code) for flag in flags})
    Flag.objects.bulk_create(
        flags,
        update_conflicts=True,
        unique_fields=("flag_check", "code"),
        update_fields=("figures",),
    )


def _drop_others(checks: Collection[int], found: Collection[tuple[int, str]]) -> None:
    stored = Flag.objects.filter(flag_check__in=checks).values_list("pk", "flag_check", "code")
    gone = [pk for pk, check, code in stored if (check, code) not in found]
    if gone:
        Flag.objects.filter(pk__in=gone).delete()
