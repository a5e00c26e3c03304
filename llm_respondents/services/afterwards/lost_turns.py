"""Asking turns again that were lost for want of a reply, once the cause is gone."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from llm_respondents.codes import Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Panel, PanelMember
from llm_respondents.services.method import record_method
from llm_respondents.services.named_endpoints import terms_of
from llm_respondents.services.steering import NO_HALT
from llm_respondents.store.leases import held, waiting_for_batch
from llm_respondents.store.lost_turns import (
    USUAL_REASONS,
    askable_reasons,
    can_go_on,
    items_of,
    reopened,
    sessions_with_losses,
    set_aside,
)
from llm_respondents.store.tallies import forget_tally
from surveys.models import Action, Administration
from surveys.services import reopen_sessions
from surveys.services.audit import Actor, record


@dataclass(frozen=True, slots=True)
class Reopened:
    """How many sessions were opened again, and how many turns are to be asked in them."""

    sessions: int
    turns: int


@transaction.atomic
def reopen_lost_turns(
    *, panel: Panel, by: Actor, reasons: Collection[str] = USUAL_REASONS
) -> Reopened:
    """Open the turns of a panel that were lost for these reasons; its next run asks them.

    Each is asked in its place, with the turns before it in sight; turns that were asked behind it
    stay as they are. Until a turn has another outcome its answer keeps the reason why it is
    missing, and afterwards that reason is the answer's earlier state. Calls that brought nothing
    are set aside, and stay paid for. A panel that was over is ready again.

    Raises `PanelStateError` (`nothing_lost`, `panel_busy`, `endpoints_unreadable`).
    """
    terms_of(PanelSpec.from_stored(panel.spec))
    panel.refresh_from_db(from_queryset=Panel.objects.select_for_update())
    if held(panel.pk).exists() or waiting_for_batch(panel.pk).exists():
        raise PanelStateError(Refusal.PANEL_BUSY, panel=str(panel))
    wanted = [one for one in askable_reasons(panel) if one in reasons]
    opened = _open(panel, wanted) if wanted else Reopened(0, 0)
    if not opened.sessions:
        raise PanelStateError(Refusal.NOTHING_LOST, panel=str(panel))
    before = panel.status
    Panel.objects.filter(pk=panel.pk).update(
        status=Panel.Status.READY, **NO_HALT, ended_reason="", ended_at=None
    )
    panel.refresh_from_db()
    record_method(panel)
    forget_tally(panel.pk)
    facts = {"status": panel.status, "sessions": opened.sessions, "turns": opened.turns}
    record(
        by=by,
        action=Action.TURNS_REOPENED,
        study=panel.study,
        subject=panel,
        before={"status": before},
        after={**facts, "reasons": [str(one) for one in wanted]},
    )
    return opened


def _open(panel: Panel, reasons: Collection[str]) -> Reopened:
    found = sessions_with_losses(panel, reasons).values_list("pk", flat=True)
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    rows = Administration.objects.filter(free, pk__in=list(found)).order_by("pk")
    ids = list(rows.select_for_update().values_list("pk", flat=True))
    opened, turns = [], 0
    for item in items_of(panel, ids):
        open_again = reopened(item, reasons)
        if can_go_on(open_again):
            set_aside(item, reasons)
            closed = {one.turn for one in open_again.past if one.closes_turn}
            turns += len(item.turns) - len(closed)
            opened.append(item.administration)
    PanelMember.objects.filter(respondent__administration__in=opened).update(
        reopened=F("reopened") + 1
    )
    reopen_sessions(administrations=opened)
    return Reopened(len(opened), turns)
