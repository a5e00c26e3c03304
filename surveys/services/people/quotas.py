"""Quotas: how many people of a kind, and the places that are taken at the moment that decides.

A place is taken as soon as a rule is true of somebody: when they agree, where nothing has to be
known of them; with the answer that decides otherwise. Whoever finds a quota full ends there.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import BigIntegerField, CharField, F, OuterRef, Q, QuerySet
from django.db.models.expressions import CombinedExpression

from surveys.codes import Problem
from surveys.flow import Literal, Missing, Truth, is_answer, parse
from surveys.instrument_files import QuotaDraft, QuotaPlan, quota_problems, read_quotas
from surveys.models import (
    Action,
    Administration,
    Kind,
    Quota,
    QuotaPlace,
    RecruitingLink,
    Study,
)
from surveys.presentation import Walk
from surveys.recruiters import RecruitingRefused
from surveys.selectors import presentation_of, walk_of
from surveys.selectors.counting import number_of
from surveys.selectors.studies import rows_of_member
from surveys.services.audit import Actor, record
from surveys.services.definitions import published_instruments, study_definition
from surveys.services.people.refusing import ArrangementRefused
from surveys.statements import Slot, Statement

_rule = lru_cache(maxsize=512)(parse)


@dataclass(frozen=True, slots=True)
class QuotaState:
    """A quota with how it stands: places taken, of those completed, and who was sent back."""

    quota: Quota
    completed: int

    @property
    def under_way(self) -> int:
        """How many hold a place and have not handed in."""
        return self.quota.taken - self.completed

    @property
    def share(self) -> float:
        """Places taken, in per cent of all."""
        return min(100.0, 100 * self.quota.taken / self.quota.most) if self.quota.most else 100.0


def quotas_of(*, study: Study) -> QuotaPlan:
    """The quotas of a study, as they can be sent again."""
    rows = study.quotas.order_by("pk")
    return QuotaPlan(tuple(QuotaDraft(one.label, one.most, one.when, one.link_id) for one in rows))


def quota_states(*, study: Study) -> list[QuotaState]:
    """How each quota of a study stands now. One query."""
    rows = study.quotas.select_related("link").order_by("pk")
    return [QuotaState(one, one.completed) for one in rows.annotate(completed=_completed())]


def _completed() -> CombinedExpression:
    """All places but those of people under way, who are few, and whom an index finds."""
    under_way = QuotaPlace.objects.filter(
        quota=OuterRef("pk"),
        administration__group__study=OuterRef("study"),
        administration__group__kind=Kind.HUMAN,
        administration__status=Administration.Status.IN_PROGRESS,
    )
    return F("taken") - number_of(under_way)


def _followed_by_member() -> QuerySet[Quota]:
    quotas = Quota.objects.select_related("study", "link")
    mine = rows_of_member(Slot(0, BigIntegerField()), quotas, "study")
    of_study = mine.filter(study__slug=Slot(1, CharField()))
    return of_study.annotate(completed=_completed()).order_by("pk")


_followed = Statement(_followed_by_member)


def followed_quotas(user: AbstractBaseUser | AnonymousUser, slug: str) -> list[QuotaState]:
    """How the quotas of a study of the user's stand, with the role of whoever looks (of a study).

    One query, as the page of links asks it again and again. Nothing for a stranger, or without any.
    """
    rows = _followed.rows(user.pk, slug) if user.pk else []
    return [QuotaState(one, getattr(one, "completed")) for one in rows]  # noqa: B009 - annotated


@transaction.atomic
def set_quotas(*, study: Study, values: Mapping[str, Any], by: Actor) -> QuotaPlan:
    """Let a study have these quotas and no others; `values` is a `QuotaPlan` as plain values.

    A quota of the same name and rule goes on. Whoever is under way or has completed is counted in
    new ones, also above their number: nobody is sent back afterwards. Raises
    `ArrangementRefused` (`quotas_invalid`).
    """
    study = Study.objects.select_for_update().get(pk=study.pk)
    plan, problems = read_quotas(values)
    if plan is not None:
        problems = _misfits(plan, study)
    if plan is None or problems:
        raise ArrangementRefused(RecruitingRefused.QUOTAS_INVALID, problems, study=study.slug)
    before = quotas_of(study=study)
    if plan == before:
        return plan
    _replace(study, plan)
    record(
        by=by,
        action=Action.QUOTAS_SET,
        study=study,
        subject=study,
        before={"quotas": {one.label: one.most for one in before.quotas}},
        after={"quotas": {one.label: one.most for one in plan.quotas}},
    )
    return plan


def _misfits(plan: QuotaPlan, study: Study) -> list[Problem]:
    definition = study_definition(study)
    instruments = published_instruments({block.instrument for block in definition.blocks})
    known = {(one.slug, one.version): one for one in instruments}
    links = set(study.links.values_list("pk", flat=True))
    return quota_problems(plan, definition, known, links)


def _write(study: Study, plan: QuotaPlan) -> None:
    """The same people wanted under the same name is the same quota, with a new number."""
    held = {(one.label, one.when, one.link_id): one for one in study.quotas.all()}
    wanted = {(one.label, one.when, one.link): one for one in plan.quotas}
    study.quotas.filter(pk__in=[held[key].pk for key in held.keys() - wanted.keys()]).delete()
    for key, draft in wanted.items():
        if key in held:
            Quota.objects.filter(pk=held[key].pk).update(most=draft.most)
        else:
            values = {**asdict(draft), "link": None, "link_id": draft.link}
            Quota.objects.create(study=study, **values)
    study.has_quotas = bool(plan.quotas)
    study.save(update_fields=("has_quotas",))


def _taking_part(study: Study) -> list[Administration]:
    """Everybody who is under way or completed, locked."""
    status = Administration.Status
    people = Administration.objects.filter(
        Q(status=status.IN_PROGRESS) | Q(status=status.COMPLETED, outcome__in=("", "complete")),
        study=study,
        respondent__kind=Kind.HUMAN,
        respondent__link__isnull=False,
        respondent__test=False,
    )
    rows = people.select_related("study", "respondent__link").order_by("pk")
    return list(rows.select_for_update(of=("self",)))


def most_of_link(*, link: RecruitingLink, among: Iterable[Quota] | None = None) -> int | None:
    """How many people a link lets in: the number of its quota of everybody; None for any number.

    `among` are the study's quotas, where they have been read already.
    """
    quotas = link.quotas.all() if among is None else among
    return next((one.most for one in quotas if one.link_id == link.pk and not one.when), None)


@transaction.atomic
def set_most_of_link(*, link: RecruitingLink, most: int | None) -> None:
    """Let a link have a quota of everybody, with this number; None takes it away."""
    plan = quotas_of(study=link.study)
    others = [one for one in plan.quotas if one.when or one.link != link.pk]
    mine = [one for one in plan.quotas if one not in others]
    if most is not None:
        label = mine[0].label if mine else _free_label(link, {one.label for one in others})
        others.append(QuotaDraft(label, most, link=link.pk))
    _replace(link.study, QuotaPlan(tuple(others)))


def _free_label(link: RecruitingLink, taken: Collection[str]) -> str:
    label = link.label[:110]
    return label if label not in taken else f"{label} #{link.pk}"


def _replace(study: Study, plan: QuotaPlan) -> None:
    # People are locked before quotas, as wherever somebody takes a place.
    people = _taking_part(study)
    _write(study, plan)
    for administration in people:
        for quota in _change(administration).wanted:
            _take(quota, administration)


def is_full_on_arrival(*, link: RecruitingLink) -> bool:
    """Whether nobody can begin through a link: a quota that asks nothing of people is full."""
    if not link.study.has_quotas:
        return False
    quotas = Quota.objects.filter(study=link.study_id, when="", taken__gte=F("most"))
    return quotas.filter(_of_link(link.pk, simulated=link.simulated)).exists()


def find_place(*, administration: Administration) -> bool:
    """Take the places that are now somebody's, and give back those that no longer are.

    False where one of them is not to be had: the caller ends this person's part, which gives all
    places back. To be called with the administration locked, in the transaction that decides.
    """
    if not _is_counted(administration):
        return True
    change = _change(administration)
    if not change.wanted and not change.left:
        return True
    # In one order, with what ending would give back: two people never wait for each other.
    touched = sorted(one.pk for one in (*change.wanted, *change.left, *change.kept))
    list(Quota.objects.select_for_update().filter(pk__in=touched).order_by("pk").values("pk"))
    for quota in change.left:
        _give_back(quota.pk, administration)
    for quota in change.wanted:
        free = Quota.objects.filter(pk=quota.pk, taken__lt=F("most"))
        if not _take(quota, administration, free=free):
            Quota.objects.filter(pk=quota.pk).update(turned_away=F("turned_away") + 1)
            return False
    return True


def free_places(*, administration: Administration) -> int:
    """Give back every place that somebody holds; how many."""
    if not administration.study.has_quotas:
        return 0
    held = QuotaPlace.objects.filter(administration=administration).order_by("quota")
    quotas = list(held.values_list("quota", flat=True))
    for quota in quotas:
        _give_back(quota, administration)
    return len(quotas)


def leave_places(*, administration: Administration) -> None:
    """Forget which places somebody had, and let them stay taken: they did take part."""
    QuotaPlace.objects.filter(administration=administration).delete()


@dataclass(frozen=True, slots=True)
class _Change:
    """The quotas in which somebody needs a place, those they hold for good, and those they left."""

    wanted: list[Quota]
    kept: list[Quota]
    left: list[Quota]


def _is_counted(administration: Administration) -> bool:
    under_way = administration.status == Administration.Status.IN_PROGRESS
    respondent = administration.respondent
    person = respondent.kind == Kind.HUMAN and not respondent.test
    return administration.study.has_quotas and under_way and person


def _change(administration: Administration) -> _Change:
    respondent = administration.respondent
    asked = Quota.objects.filter(study=administration.study_id)
    of_link = _of_link(respondent.link_id, simulated=respondent.simulated)
    quotas = list(asked.filter(of_link).order_by("pk"))
    places = QuotaPlace.objects.filter(administration=administration)
    held = set(places.values_list("quota", flat=True))
    mine = {one.pk for one in _met(administration, quotas)}
    return _Change(
        [one for one in quotas if one.pk in mine - held],
        [one for one in quotas if one.pk in mine & held],
        [one for one in quotas if one.pk in held - mine],
    )


def _of_link(link: int | None, *, simulated: bool) -> Q:
    """Quotas of a link; those of no link count real people alone, whatever their link."""
    return Q(link=link) if simulated else Q(link=link) | Q(link=None)


def _met(administration: Administration, quotas: Sequence[Quota]) -> list[Quota]:
    """The quotas whose rule is true of somebody by now."""
    if not any(one.when for one in quotas):
        return list(quotas)
    asks = any(is_answer(part.name) for one in quotas if one.when for part in _parts(one))
    walk = walk_of(administration) if asks else Walk(presentation_of(administration), {})
    fields = {one["key"] for one in administration.study.demographics}
    said = administration.respondent.demographics

    def read(name: str) -> Literal | Missing | None:
        if name not in fields:
            return walk.read(name)
        if not said:
            return None
        value: Literal | None = said.get(name)
        return Missing("") if value is None else value

    return [one for one in quotas if not one.when or _rule(one.when).truth(read) is Truth.TRUE]


def _parts(quota: Quota) -> Sequence[Any]:
    return _rule(quota.when).comparisons


def _take(quota: Quota, administration: Administration, *, free: Any = None) -> bool:
    rows = Quota.objects.filter(pk=quota.pk) if free is None else free
    if not rows.update(taken=F("taken") + 1):
        return False
    QuotaPlace.objects.create(quota=quota, administration=administration)
    return True


def _give_back(quota: int, administration: Administration) -> None:
    gone, _ = QuotaPlace.objects.filter(quota=quota, administration=administration).delete()
    if gone:
        Quota.objects.filter(pk=quota).update(taken=F("taken") - 1)
