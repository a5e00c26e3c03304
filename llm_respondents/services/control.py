"""What an owner can tell a panel while it runs: pause, resume, cancel."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from llm_respondents.commits import close_session
from llm_respondents.endpoints import NANO
from llm_respondents.errors import PanelStateError
from llm_respondents.gateway import unfinished, waiting_for_batch
from llm_respondents.models import Panel
from llm_respondents.runner.spending import BUDGET_SPENT
from surveys.models import MissingReason


def pause_panel(*, panel: Panel) -> Panel:
    """Let running workers finish the calls in flight and stop; `resume_panel` undoes it.

    Raises `PanelStateError` (`panel_over`).
    """
    return _set_status(panel, Panel.Status.PAUSED)


def resume_panel(*, panel: Panel) -> Panel:
    """Make a paused or halted panel ready to be run again. Raises `PanelStateError`."""
    return _set_status(panel, Panel.Status.READY)


def cap_spend(*, panel: Panel, cap: Decimal | None) -> Panel:
    """Set, raise or (None) lift the most that a panel may cost, in the currency of the bill.

    A cap below what is already spent stops the panel at its next call. Raises `PanelStateError`
    (`cap_negative`).
    """
    if cap is not None and cap < 0:
        raise PanelStateError("A spend cap is 0 or more.", code="cap_negative")
    panel.spend_cap_nano = None if cap is None else int(cap * NANO)
    panel.save(update_fields=("spend_cap_nano",))
    return panel


@transaction.atomic
def cancel_panel(*, panel: Panel) -> Panel:
    """End the panel for good: open questions become missing with the reason ``cancelled``.

    In a panel that halted at its spend cap the reason is ``budget_stop``. Sessions that a worker
    holds at this moment are ended by that worker when it notices, within seconds. Raises
    `PanelStateError` (`panel_over`).
    """
    spent = panel.status_note.startswith(BUDGET_SPENT)
    panel = _set_status(panel, Panel.Status.CANCELLED)
    reason = MissingReason.BUDGET_STOP if spent else MissingReason.CANCELLED
    close_sessions(panel=panel, reason=reason)
    return panel


def _set_status(panel: Panel, status: str) -> Panel:
    over = (Panel.Status.COMPLETE, Panel.Status.CANCELLED)
    ended_at = timezone.now() if status in over else None
    changed = (
        Panel.objects.filter(pk=panel.pk)
        .exclude(status__in=over)
        .update(status=status, status_note="", ended_at=ended_at)
    )
    if not changed:
        raise PanelStateError(
            f"Panel {panel} is over; recruit a new one to go on.", code="panel_over"
        )
    panel.refresh_from_db()
    return panel


@transaction.atomic
def close_sessions(*, panel: Panel, reason: str) -> int:
    """End the sessions that no worker holds; unasked questions get the reason. Returns how many.

    Sessions that wait for a batch stay open until what it finished, and was paid for, is collected.
    """
    free = unfinished(panel.pk).filter(lease_owner="").select_related("study")
    free = free.exclude(pk__in=waiting_for_batch(panel.pk).values("pk"))
    administrations = list(free.order_by("pk"))
    for administration in administrations:
        close_session(administration, reason)
    return len(administrations)
