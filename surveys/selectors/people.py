"""People and the links they came through."""

from collections import defaultdict

from django.db.models import BigIntegerField, CharField, Count, Min, Q, QuerySet

from surveys.models import (
    Administration,
    Credit,
    Kind,
    LinkList,
    RecruitingLink,
    Respondent,
    Study,
)
from surveys.selectors.frozen import put_in, without_frozen
from surveys.statements import Slot, Statement

# What became of somebody whom a member erased, or whose time had come, beside the outcomes.
ERASED = "erased"


def recruiting_link(token: str) -> RecruitingLink | None:
    """The link with this token, with its study."""
    link = _LINK_AT.first(token)
    if link:
        put_in(link.study)
    return link


def group_in_wave(key: str, wave: int) -> str:
    """The key of the group of those people in a wave; the first wave's is the study's own."""
    return f"{key}-wave-{wave}" if wave > 1 else key


def groups_of_later_waves(study: Study) -> frozenset[str]:
    """The keys of the groups whose people all came again, in a wave after their first."""
    rows = Respondent.objects.filter(study=study, kind=Kind.HUMAN).order_by()
    first = rows.values("group__key").annotate(first=Min("wave")).filter(first__gt=1)
    return frozenset(first.values_list("group__key", flat=True))


def with_counts(links: QuerySet[RecruitingLink]) -> QuerySet[RecruitingLink]:
    """Recruiting links with how many people `began` and `completed` through each."""
    status = "respondents__administration__status"
    real = Q(respondents__test=False)
    began = real & ~Q(**{status: Administration.Status.DECLINED})
    return links.annotate(
        began=Count("respondents", filter=began),
        completed=Count(
            "respondents", filter=real & Q(**{status: Administration.Status.COMPLETED})
        ),
    )


def with_progress(lists: QuerySet[LinkList]) -> QuerySet[LinkList]:
    """Lists of links with how many people each has (`people`), who began and who completed."""
    status = "links__respondents__administration__status"
    real = Q(links__respondents__test=False)
    statuses = Administration.Status
    begun = [one for one in statuses.values if one != statuses.DECLINED]
    return lists.annotate(
        people=Count("links", distinct=True),
        began=Count("links", distinct=True, filter=real & Q(**{f"{status}__in": begun})),
        completed=Count("links", distinct=True, filter=real & Q(**{status: statuses.COMPLETED})),
    )


def link_outcomes(study: Study) -> dict[int, dict[str, int]]:
    """Link -> outcome -> how many people of it; those under way stand under the empty name.

    Whoever was erased stands under `ERASED`, whatever they had done before.
    """
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    # By their groups: of the sessions of models, which are many more, none is read.
    rows = Administration.objects.filter(
        group__study=study,
        group__kind=Kind.HUMAN,
        group__test=False,
        respondent__link__isnull=False,
    ).order_by()
    counted = rows.values_list("respondent__link", "outcome", "erased").annotate(Count("pk"))
    for link, outcome, erased, number in counted:
        counts[link][ERASED if erased else outcome] = number
    return counts


def link_credits(study: Study) -> dict[int, dict[str, int]]:
    """Link -> state -> how many people whose credit was asked for stand there."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = Credit.objects.filter(administration__study=study).order_by()
    by_link = rows.values_list("administration__respondent__link", "state").annotate(Count("pk"))
    for link, state, number in by_link:
        counts[link][state] = number
    return counts


def person_administration(token: str) -> Administration | None:
    """A person's administration by the token in its address; a model's has no pages."""
    return _complete(_PERSON_AT.first(token))


def person_administration_of(pk: int) -> Administration | None:
    """A person's administration by its key, for whoever has shown a right to it otherwise."""
    return _complete(_PERSON.first(pk))


def _complete(administration: Administration | None) -> Administration | None:
    if administration:
        put_in(administration.study)
    return administration


def _people() -> QuerySet[Administration]:
    rows = Administration.objects.select_related("study", "respondent__link")
    # How models and imported people came about; what of a link counts at the beginning alone.
    rows = rows.defer(
        *("lease_until", "respondent__sampling", "respondent__design", "respondent__created_at"),
        *(f"respondent__link__{name}" for name in ("not_again", "opens_at", "closes_at", "label")),
        *(f"respondent__link__{name}" for name in ("created_at", "loads", "pseudonym")),
    )
    return without_frozen(rows.filter(respondent__kind=Kind.HUMAN).order_by(), "study")


def _links() -> QuerySet[RecruitingLink]:
    return without_frozen(RecruitingLink.objects.select_related("study").order_by(), "study")


# Tokens are unique, and so are keys.
_PERSON_AT = Statement(lambda: _people().filter(token=Slot(0, CharField())))
_PERSON = Statement(lambda: _people().filter(pk=Slot(0, BigIntegerField())))
_LINK_AT = Statement(lambda: _links().filter(token=Slot(0, CharField())))
