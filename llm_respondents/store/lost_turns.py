"""Turns that were lost for want of a reply, and what is taken out of the way to ask them again.

A turn is asked again in its place: with the turns before it in sight, as it would have been. Turns
that were asked after it keep what they had in sight, and are not asked again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import Count, QuerySet

from llm_respondents.codes import EndReason
from llm_respondents.models import Attempt, Panel
from llm_respondents.runner.session import BUDGET_STOP, CONTEXT_LENGTH, TRANSPORT_ERROR, Session
from llm_respondents.runner.types import WorkItem
from llm_respondents.store.leases import work_items
from surveys.models import Administration, Answer, MissingReason

# What can be asked again, most likely to be mended first.
LOST_REASONS = (
    MissingReason.TRANSPORT_ERROR,
    MissingReason.BUDGET_STOP,
    MissingReason.CONTEXT_LENGTH,
)
# A conversation is no shorter than it was, unless the model was given a longer context.
USUAL_REASONS = LOST_REASONS[:2]
_ENDED_BY_NOBODY = (
    Administration.Status.IN_PROGRESS,
    Administration.Status.COMPLETED,
    Administration.Status.STOPPED,
)
_WITHDRAWN = Administration.Status.WITHDRAWN
_SESSIONS_AT_ONCE = 100


def askable_reasons(panel: Panel) -> Sequence[MissingReason]:
    """For which reasons lost turns of a panel can be asked again, whether there are any or not.

    A stop at a spend cap is one only where the panel was ended there: a session that reached a
    bound of its own would reach it again. A panel that somebody cancelled is left alone.
    """
    at_cap = panel.ended_reason == EndReason.BUDGET_STOP
    if panel.status == Panel.Status.CANCELLED and not at_cap:
        return ()
    return [one for one in LOST_REASONS if one != MissingReason.BUDGET_STOP or at_cap]


def lost_questions(panel: Panel) -> dict[MissingReason, int]:
    """How many questions of a panel are missing for each reason that can be asked again."""
    found = (
        panel.answers.filter(missing_reason__in=askable_reasons(panel))
        .order_by()
        .values_list("missing_reason")
        .annotate(Count("pk"))
    )
    counts = dict(found)
    return {one: counts[one] for one in LOST_REASONS if one in counts}


def sessions_with_losses(panel: Panel, reasons: Collection[str]) -> QuerySet[Administration]:
    """The sessions of a panel in which a question is missing for one of these reasons.

    Without those that were told of a person who has withdrawn: what they were told is erased, and
    nobody can be asked in the same words again.
    """
    lost = Answer.objects.filter(missing_reason__in=reasons, administration__in=panel.sessions)
    return (
        panel.sessions.filter(pk__in=lost.values("administration"), status__in=_ENDED_BY_NOBODY)
        .exclude(respondent__matched_to__administration__status=_WITHDRAWN)
        .exclude(respondent__panel_member__donor__administration__status=_WITHDRAWN)
        .order_by("pk")
    )


def reopened(item: WorkItem, reasons: Collection[str]) -> WorkItem:
    """The session as it is continued once its lost turns are open: without their calls."""
    lost = lost_turns(item, reasons)
    return replace(item, past=tuple(one for one in item.past if one.turn not in lost))


def lost_turns(item: WorkItem, reasons: Collection[str]) -> set[int]:
    """The turns that were closed without a reply for one of these reasons."""
    closed_by = {TRANSPORT_ERROR, CONTEXT_LENGTH} & set(reasons)
    return {one.turn for one in item.past if one.closes_turn and one.outcome in closed_by}


def can_go_on(item: WorkItem) -> bool:
    """Whether a session has a turn to ask, and no bound of its own keeps it from asking."""
    session = Session(item)
    return bool(session.open_turns()) and session.ends_for != BUDGET_STOP


def set_aside(item: WorkItem, reasons: Collection[str]) -> None:
    """Take the calls of a session's lost turns out of use; they stay, and stay paid for."""
    if turns := lost_turns(item, reasons):
        Attempt.objects.filter(
            administration=item.administration, used=True, turn__in=turns
        ).update(used=False, set_aside=True)


def items_of(panel: Panel, administrations: Sequence[int]) -> list[WorkItem]:
    """`work_items`, in portions."""
    return [
        item
        for start in range(0, len(administrations), _SESSIONS_AT_ONCE)
        for item in work_items(panel.pk, administrations[start : start + _SESSIONS_AT_ONCE])
    ]
