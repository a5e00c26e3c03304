"""What can be told a panel while it runs: pause, resume, retune, cap, cancel."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from llm_respondents.codes import AT_A_CAP, EndReason, Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import NANO
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Batch, Panel, StudyBudget
from llm_respondents.services.named_endpoints import terms_of
from llm_respondents.signals import batches_left_behind
from llm_respondents.store.leases import held, unfinished, waiting_for_batch
from llm_respondents.store.outcomes import close_session
from llm_respondents.store.reservations import set_study_budget
from llm_respondents.store.tallies import forget_tally
from surveys.models import Action, MissingReason, Study
from surveys.roles import Act
from surveys.services.audit import Actor, record, require

# More calls at once than any endpoint takes from one worker.
MOST_AT_ONCE = 1000
# The columns of a panel for which no worker has given up.
NO_HALT: Mapping[str, Any] = {"halt_code": "", "halt_args": {}}


def pause_panel(*, panel: Panel, by: Actor) -> Panel:
    """Let running workers finish the calls in flight and stop; `resume_panel` undoes it.

    Raises `PanelStateError` (`panel_over`).
    """
    return _set_status(panel, Panel.Status.PAUSED, Action.PANEL_PAUSED, by)


def resume_panel(*, panel: Panel, by: Actor) -> Panel:
    """Make a paused or halted panel ready to be run again; workers that hold sessions go on.

    While there are such workers the panel is running, not ready, and another one may join them.
    Raises `PanelStateError` (`panel_over`, `endpoints_unreadable`).
    """
    if not panel.is_over:
        terms_of(PanelSpec.from_stored(panel.spec))
    with transaction.atomic():
        # A worker that ends at this moment does so before or after, not in between.
        Panel.objects.select_for_update().get(pk=panel.pk)
        busy = held(panel.pk).exists()
        status = Panel.Status.RUNNING if busy else Panel.Status.READY
        return _set_status(panel, status, Action.PANEL_RESUMED, by)


@transaction.atomic
def cap_spend(*, panel: Panel, cap: Decimal | None, by: Actor) -> Panel:
    """Set, raise or (None) lift the most that a panel may cost, in the currency of the bill.

    A cap below what is already spent stops the panel at its next call. Raises `PanelStateError`
    (`cap_negative`), and `RoleNeeded` for whoever may not have more spent.
    """
    before = Panel.objects.select_for_update().get(pk=panel.pk).spend_cap_nano
    _require_for_more(before, cap, panel.study, by)
    panel.spend_cap_nano = None if cap is None else _nano(cap)
    panel.save(update_fields=("spend_cap_nano",))
    record(
        by=by,
        action=Action.PANEL_CAPPED,
        study=panel.study,
        subject=panel,
        before=_cap_set(before),
        after=_cap_set(panel.spend_cap_nano),
    )
    return panel


@transaction.atomic
def retune_panel(*, panel: Panel, concurrency: int | None, by: Actor) -> Panel:
    """Set how many calls each worker makes at once; None: as many as the endpoint's list says.

    Workers of the queue that are at the panel do so within seconds. What is asked, and in which
    order within a session, stays. Raises `PanelStateError` (`panel_over`, `concurrency_bounds`).
    """
    if concurrency is not None and not 1 <= concurrency <= MOST_AT_ONCE:
        raise PanelStateError(Refusal.CONCURRENCY_BOUNDS, most=MOST_AT_ONCE)
    before = Panel.objects.select_for_update().get(pk=panel.pk)
    if before.is_over:
        raise PanelStateError(Refusal.PANEL_OVER, panel=str(panel))
    panel.concurrency = concurrency
    panel.save(update_fields=("concurrency",))
    record(
        by=by,
        action=Action.PANEL_RETUNED,
        study=panel.study,
        subject=panel,
        before={"concurrency": before.concurrency},
        after={"concurrency": concurrency},
    )
    return panel


@transaction.atomic
def cap_study_spend(*, study: Study, cap: Decimal | None, by: Actor) -> StudyBudget | None:
    """Set, raise or (None) lift the most that all panels of a study may cost together.

    Holds from the next call of every worker on, beside the panels' own caps, and counts what the
    study's panels have spent so far. Raises `PanelStateError` (`cap_negative`).
    """
    budgets = StudyBudget.objects.select_for_update().filter(study=study)
    before = budgets.values_list("cap_nano", flat=True).first()
    _require_for_more(before, cap, study, by)
    budget = None
    if cap is None:
        budgets.delete()
    else:
        budget = set_study_budget(study, _nano(cap))
    record(
        by=by,
        action=Action.STUDY_CAPPED,
        study=study,
        subject=study,
        before=_cap_set(before),
        after=_cap_set(budget.cap_nano if budget else None),
    )
    return budget


def _require_for_more(before: int | None, cap: Decimal | None, study: Study, by: Actor) -> None:
    """To set a cap or lower it, one must be allowed to run panels; to raise or lift it, more."""
    more = before is not None and (cap is None or _nano(cap) > before)
    require(by=by, study=study, act=Act.CAP if more else Act.PANELS)


def _cap_set(nano: int | None) -> dict[str, str | None]:
    """A cap as the log shows it: the amount in the currency, None for no cap."""
    return {"spend_cap": None if nano is None else f"{Decimal(nano) / NANO:f}"}


def _nano(cap: Decimal) -> int:
    if cap < 0:
        raise PanelStateError(Refusal.CAP_NEGATIVE)
    return int(cap * NANO)


@transaction.atomic
def cancel_panel(*, panel: Panel, by: Actor) -> Panel:
    """End the panel for good: open questions become missing with the reason ``cancelled``.

    In a panel that halted at its spend cap, or at its study's, the reason is ``budget_stop``, also
    where calls that the cap still bore are with a provider in a batch. Sessions that a worker holds
    at this moment are ended by that worker when it notices, within seconds. Those that wait for a
    batch are left to a job: it ends the batch at the provider, which takes minutes, and collects
    what was finished. Raises `PanelStateError` (`panel_over`).
    """
    # A worker that halts at this moment does so before or after, not in between.
    Panel.objects.select_for_update().get(pk=panel.pk)
    ended = EndReason.BUDGET_STOP if _is_at_a_cap(panel) else EndReason.CANCELLED
    panel = _set_status(panel, Panel.Status.CANCELLED, Action.PANEL_CANCELLED, by, ended)
    forget_tally(panel.pk)
    close_sessions(panel=panel, reason=_missing_reason(panel))
    if waiting_for_batch(panel.pk).exists():
        left_behind = partial(batches_left_behind.send, Panel, panel_id=panel.pk, by=by)
        transaction.on_commit(left_behind)
    return panel


def _is_at_a_cap(panel: Panel) -> bool:
    """Whether a worker found no room for another call; with a batch under way it did not halt."""
    halted = Panel.objects.filter(pk=panel.pk, halt_code__in=AT_A_CAP)
    short = Batch.objects.filter(panel=panel, ended_at=None, remark__in=AT_A_CAP)
    return halted.exists() or short.exists()


def _missing_reason(panel: Panel) -> MissingReason:
    """What open questions of a cancelled panel are missing for."""
    at_cap = panel.ended_reason == EndReason.BUDGET_STOP
    return MissingReason.BUDGET_STOP if at_cap else MissingReason.CANCELLED


def end_cancelled(panel: Panel) -> None:
    """End the sessions of a cancelled panel that no worker holds, for the reason it was ended."""
    close_sessions(panel=panel, reason=_missing_reason(panel))


@transaction.atomic
def _set_status(
    panel: Panel, status: str, action: Action, by: Actor, ended: EndReason | None = None
) -> Panel:
    before = Panel.objects.select_for_update().get(pk=panel.pk).status
    changed = (
        Panel.objects.filter(pk=panel.pk)
        .exclude(status__in=Panel.OVER)
        .update(
            status=status,
            **NO_HALT,
            ended_reason=ended or "",
            ended_at=timezone.now() if ended else None,
        )
    )
    if not changed:
        raise PanelStateError(Refusal.PANEL_OVER, panel=str(panel))
    panel.refresh_from_db()
    record(
        by=by,
        action=action,
        study=panel.study,
        subject=panel,
        before={"status": before},
        after={"status": status},
    )
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
