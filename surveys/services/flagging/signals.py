"""Working flags out: once for everybody who handed in, and again when other signals are sought."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models import Q, QuerySet

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

# So many people are looked at while somebody waits for a page; the others next time.
MOST_AT_ONCE = 300


def unlooked(study: Study) -> QuerySet[Administration]:
    """People who handed in and whom this version has not looked at.

    Whoever was screened out, or only tried the pages, is nobody whose answers count.
    """
    handed_in = Administration.objects.filter(
        study=study,
        status=Administration.Status.COMPLETED,
        respondent__kind=Kind.HUMAN,
        respondent__test=False,
    )
    return handed_in.filter(Q(flag_check__isnull=True) | ~Q(flag_check__version=VERSION)).order_by(
        "pk"
    )


def raise_flags(*, study: Study, most: int | None = MOST_AT_ONCE) -> int:
    """Look at people who handed in and were not looked at yet; how many are still to be.

    What was found before and is found no more goes; what a member noted of the rest stays.
    """
    waiting = unlooked(study)
    chosen = list(
        waiting.select_related("study", "respondent__link")[: most or None]  # None: everybody
    )
    for start in range(0, len(chosen), MOST_AT_ONCE):
        _look_at(study, chosen[start : start + MOST_AT_ONCE])
    return waiting.count() if most is not None and len(chosen) == most else 0


@transaction.atomic
def _look_at(study: Study, people: Sequence[Administration]) -> None:
    answered = answered_by(Book(study), [one.pk for one in people])
    signatures = {one.pk: _signature(one, answered[one.pk]) for one in people}
    repeats = _repeated(study, signatures)
    for one, passage in _passages(people, answered):
        raised = flags_of(replace(passage, repeats=one.pk in repeats))
        _keep(one, signatures[one.pk], raised)


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


def _keep(administration: Administration, signature: str, raised: Collection[Raised]) -> None:
    check, _made = FlagCheck.objects.update_or_create(
        administration=administration, defaults={"version": VERSION, "signature": signature}
    )
    check.flags.exclude(code__in=[one.code for one in raised]).delete()
    for one in raised:
        Flag.objects.update_or_create(
            flag_check=check, code=one.code, defaults={"figures": dict(one.figures)}
        )
