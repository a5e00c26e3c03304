"""How many there are, asked so that an index alone answers: no row is read for a number."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from surveys.models import Administration, Kind, Respondent, Study

STATUS = Administration.Status


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
