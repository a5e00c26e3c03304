"""How many there are, asked so that an index alone answers: no row is read for a number."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from surveys.models import (
    Administration,
    Answer,
    Kind,
    MissingReason,
    Respondent,
    RespondentGroup,
    Study,
)

STATUS = Administration.Status
# Why there is no answer to a question that nobody was asked.
NEVER_ASKED = (MissingReason.NOT_SHOWN, MissingReason.BUDGET_STOP, MissingReason.CANCELLED)


def number_of(rows: QuerySet[Any]) -> Coalesce:
    """How many of the rows there are, beside each row of another query; they name it by OuterRef.

    Joined and grouped instead, the row of the other query would be carried along for each of them.
    """
    counted = rows.order_by().values(_one=Value(1)).annotate(_n=Count("*")).values("_n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def completed_by(kind: Kind, **group: bool) -> QuerySet[Administration]:
    """Those of a study, named by OuterRef, that a kind has completed; tests are none."""
    wanted = {"group__study": OuterRef("pk"), "group__test": False, "group__kind": kind}
    of_group = {f"group__{name}": value for name, value in group.items()}
    return Administration.objects.filter(**wanted, **of_group, status=STATUS.COMPLETED)


def completed_people(study: Study) -> tuple[int, int]:
    """How many people completed a study, and how many in rehearsals."""
    completed = Administration.objects.filter(
        group__study=study, group__kind=Kind.HUMAN, group__test=False, status=STATUS.COMPLETED
    )
    numbers = dict(completed.order_by().values_list("group__simulated").annotate(n=Count("*")))
    return numbers.get(False, 0), numbers.get(True, 0)


def numbers_of_group() -> dict[str, Coalesce]:
    """What is counted of a group, by name; `flow_of` makes of it what is told."""
    sessions = Administration.objects.filter(group=OuterRef("pk"))
    # Tests have a group of their own: to leave them out here would mean reading rows.
    respondents = Respondent.with_tests.filter(group=OuterRef("pk"))
    return {
        "asked": number_of(respondents),
        "on_pages": number_of(respondents.filter(link__isnull=False)),
        **{one: number_of(sessions.filter(status=one)) for one in STATUS.values},
        # To erase somebody is to withdraw for them.
        "erased": number_of(sessions.filter(status=STATUS.WITHDRAWN, erased=True)),
    }


def flow_of(numbers: Mapping[str, int]) -> dict[str, int]:
    """How far a group got, of `numbers_of_group`; who was erased is not among the withdrawn."""
    ended = {one: numbers[one] for one in STATUS.values}
    return {
        "asked": numbers["asked"],
        "on_pages": numbers["on_pages"],
        "consented": sum(ended.values()) - ended[STATUS.DECLINED],
        **ended,
        STATUS.WITHDRAWN.value: ended[STATUS.WITHDRAWN] - numbers["erased"],
        "erased": numbers["erased"],
    }


def begun_sessions(groups: Iterable[RespondentGroup]) -> dict[int, int]:
    """Group -> how many of its sessions were asked a question; those only recruited were not.

    One query, however many groups there are; only of sessions that have not ended are answers read.
    """
    asked = Answer.objects.filter(administration=OuterRef("pk")).exclude(
        missing_reason__in=NEVER_ASKED
    )
    sessions = Administration.objects.filter(group__in=groups).order_by()
    begun = sessions.filter(Q(status=STATUS.COMPLETED) | Exists(asked))
    return dict(begun.values_list("group").annotate(n=Count("*")))
