"""How many waves of batches lie ahead of a panel, quickly enough for a page."""

from django.db.models import Count

from llm_respondents.batches.waves import waves_left
from llm_respondents.models import Attempt
from llm_respondents.store.leases import unfinished, work_items


def waves_ahead(panel_id: int) -> int:
    """How many batches, one after the other, the open sessions of a panel need at least.

    Of each arm the session that has closed the fewest turns decides: only those are read.
    """
    closed = dict(
        Attempt.objects.filter(
            administration__in=unfinished(panel_id).order_by().values("pk"),
            closes_turn=True,
            used=True,
        )
        .order_by()
        .values_list("administration")
        .annotate(Count("turn", distinct=True))
    )
    furthest_behind: dict[str, int] = {}
    pairs = unfinished(panel_id).order_by("pk")
    for pk, arm in pairs.values_list("pk", "respondent__panel_member__cell__arm"):
        known = furthest_behind.setdefault(str(arm), pk)
        if closed.get(pk, 0) < closed.get(known, 0):
            furthest_behind[str(arm)] = pk
    items = work_items(panel_id, sorted(furthest_behind.values()))
    return max(map(waves_left, items), default=0)
