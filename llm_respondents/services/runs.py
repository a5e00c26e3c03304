"""Running a panel: one worker from its first claim to the end of the work, or to a stop."""

import threading
from dataclasses import dataclass, replace

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.utils import timezone

from llm_respondents.codes import SAID, EndReason, Halt, HaltReason, Refusal
from llm_respondents.conversation.prompts import SESSION_VERSION, SESSION_VERSIONS
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import Price
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Attempt, Panel, StudyBudget
from llm_respondents.money.prices import note_price
from llm_respondents.providers.fitting import fitted
from llm_respondents.readout.sentences import told
from llm_respondents.runner.engine import Engine, ProgressCallback, Settings
from llm_respondents.runner.orders import Orders
from llm_respondents.runner.purse import Purse
from llm_respondents.runner.types import Progress, RunSummary
from llm_respondents.runner.usable import Bounds, example, in_a_row
from llm_respondents.services.method import record_method
from llm_respondents.services.named_endpoints import Terms, terms_of
from llm_respondents.services.steering import NO_HALT, end_cancelled
from llm_respondents.services.workers import (
    RunOptions,
    make_provider,
    queue_options,
    require_provider,
    shared_gate,
)
from llm_respondents.store.leases import LeasedGateway, held, unfinished
from llm_respondents.store.outcomes import Lease
from llm_respondents.store.tallies import forget_tally
from surveys.jobs.owners import is_gone, worker_name
from surveys.models import Action, Administration
from surveys.services.audit import Actor, record

# Examples of replies are looked for among so many of a panel's first calls.
_CALLS_SEEN = 30


@dataclass(frozen=True, slots=True)
class PanelRun:
    """What became of a run; `halt_code` says why it gave up, `note` in the reader's language."""

    panel_id: int
    status: str
    progress: Progress
    unfinished: int
    stopped: bool = False
    halt_code: str = ""
    note: str = ""


def run_panel(
    *,
    panel_id: int,
    by: Actor,
    stop: threading.Event | None = None,
    options: RunOptions | None = None,
    on_progress: ProgressCallback | None = None,
) -> PanelRun:
    """Conduct the sessions of a panel, from wherever earlier runs left them, until none is open.

    Any number of workers may run the same panel; they share the sessions by leases. Setting `stop`
    ends the run when the calls in flight are finished and stored. A complete panel is left alone.
    Without `options` a worker is one of a queue: it runs as the installation's settings say. The
    rates of the operator's endpoint hold for all its workers together in any case.

    Raises `PanelStateError` (`panel_cancelled`, `panel_unknown`, `prompt_version_changed`,
    `endpoints_unreadable`) and the errors of the provider's configuration.
    """
    panel, terms = start(panel_id, Action.PANEL_RUN, by=by)
    options = options or queue_options(PanelSpec.from_stored(panel.spec))
    if panel.status == Panel.Status.COMPLETE:
        return PanelRun(panel.pk, panel.status, Progress(), unfinished=0)
    reclaim_leases(panel_id=panel.pk)
    lease = Lease(panel.pk, worker_name(), options.lease_seconds, options.first)
    summary = async_to_sync(_conduct)(
        panel,
        terms,
        lease,
        options,
        stop or threading.Event(),
        on_progress or (lambda _progress: None),
        by,
    )
    return finish(panel, summary)


def run_queued_panel(
    *,
    panel_id: int,
    by: Actor,
    first: int = 0,
    insists: bool = False,
    stop: threading.Event | None = None,
    orders: Orders | None = None,
) -> str:
    """`run_panel` for a job that waited: one that was paused or ended meanwhile stays as it is.

    With `first`, only so many of its sessions are conducted: its pilot. With `insists`, it goes on
    whatever its replies are. Returns the panel's status. Raises as `run_panel` does.
    """
    found = Panel.objects.filter(pk=panel_id).values_list("status", "spec").first()
    if found is None:
        raise PanelStateError(Refusal.PANEL_UNKNOWN, panel=panel_id)
    status, stored = found
    if status in (Panel.Status.PAUSED, *Panel.OVER):
        return str(status)
    options = replace(
        queue_options(PanelSpec.from_stored(stored)),
        first=first,
        bounds=Bounds(insists=insists),
        orders=orders,
    )
    return run_panel(panel_id=panel_id, by=by, stop=stop, options=options).status


async def _conduct(
    panel: Panel,
    terms: Terms,
    lease: Lease,
    options: RunOptions,
    stop: threading.Event,
    on_progress: ProgressCallback,
    by: Actor,
) -> RunSummary:
    spec = PanelSpec.from_stored(panel.spec)
    provider = await sync_to_async(make_provider)(panel.study, spec, options)
    try:
        if options.probe and not spec.simulated:
            # Only a worker that calls an endpoint loads the client.
            from llm_respondents.services.probing import probe_once

            if halt := await probe_once(panel, provider, terms, by=by):
                return RunSummary(Progress(), halt=halt)
        provider = fitted(provider, panel.capabilities)
        gateway = LeasedGateway(lease)
        answered = await sync_to_async(has_answers)(panel)
        price = terms.price
        engine = Engine(
            gateway=gateway,
            provider=provider,
            settings=Settings(
                options.limits,
                options.retry,
                options.lease_seconds,
                spec.sampling.max_tokens,
                options.patience,
                immediate=spec.simulated,
                bounds=options.bounds,
                answered_before=answered,
            ),
            stop=stop,
            on_progress=on_progress,
            purse=Purse(price, spec.sampling.max_tokens, gateway.hold) if price else None,
            shared=shared_gate(terms.endpoint),
            orders=options.orders,
        )
        return await engine.run()
    finally:
        await provider.aclose()


def start(panel_id: int, action: Action | None, *, by: Actor) -> tuple[Panel, Terms]:
    """Mark a panel as running, on the terms that are in force now; the log keeps it as `action`,
    where there is one.

    Raises as `run_panel` does; a complete one is returned as it is: nothing is asked any more.
    """
    terms = Terms()
    panel = Panel.objects.select_related("study", "group").filter(pk=panel_id).first()
    if panel is None:
        raise PanelStateError(Refusal.PANEL_UNKNOWN, panel=panel_id)
    if panel.status == Panel.Status.CANCELLED:
        raise PanelStateError(Refusal.PANEL_CANCELLED, panel=str(panel))
    if panel.status != Panel.Status.COMPLETE:
        _require_same_words(panel)
        spec = PanelSpec.from_stored(panel.spec)
        require_provider(spec)
        terms = terms_of(spec)
        require_price(panel, spec, terms.price)
        _mark_running(panel, action, by)
        note_price(panel, terms.price)
    return panel, terms


@transaction.atomic
def _mark_running(panel: Panel, action: Action | None, by: Actor) -> None:
    before = Panel.objects.select_for_update().get(pk=panel.pk).status
    # Somebody may have cancelled it, or another worker completed it, a moment ago.
    Panel.objects.filter(pk=panel.pk).exclude(status__in=Panel.OVER).update(
        status=Panel.Status.RUNNING,
        **NO_HALT,
        started_at=panel.started_at or timezone.now(),
    )
    panel.refresh_from_db(fields=("status", *NO_HALT, "started_at"))
    if action:
        record(
            by=by,
            action=action,
            study=panel.study,
            subject=panel,
            before={"status": before},
            after={"status": panel.status},
        )


def require_price(panel: Panel, spec: PanelSpec, price: Price | None) -> None:
    """A cap, the panel's or the study's, is kept by adding up prices; scripts cost nothing."""
    if spec.simulated:
        return
    budget = StudyBudget.objects.filter(study=panel.study_id).exists()
    if (panel.spend_cap_nano is not None or budget) and price is None:
        raise PanelStateError(Refusal.PRICE_UNKNOWN, model=panel.model)


def _require_same_words(panel: Panel) -> None:
    """A session is never asked in two wordings: half of it would be another questionnaire."""
    if panel.prompt_version not in SESSION_VERSIONS:
        raise PanelStateError(
            Refusal.PROMPT_VERSION_CHANGED,
            recruited=panel.prompt_version,
            installed=SESSION_VERSION,
        )


def finish(panel: Panel, summary: RunSummary) -> PanelRun:
    """Write down how the run ended; a status that the owner set meanwhile is not overwritten."""
    panel.refresh_from_db(fields=("status", "ended_reason"))
    if panel.status == Panel.Status.CANCELLED:
        end_cancelled(panel)
    halt = _leave(panel, summary.halt)
    open_sessions = unfinished(panel.pk).count()
    panel.refresh_from_db(fields=("status",))
    record_method(panel)
    forget_tally(panel.pk)
    return PanelRun(
        panel_id=panel.pk,
        status=panel.status,
        progress=summary.progress,
        unfinished=open_sessions,
        stopped=summary.stopped,
        halt_code=halt.code if halt else "",
        note=str(told(halt)) if halt else "",
    )


@transaction.atomic
def leave_panel(*, panel_id: int, died: bool) -> None:
    """Set the status of a panel whose job ended without a result, unless another worker is at it.

    With `died` it halted since worker after worker did; else somebody ended the job, or the job
    says itself why it did, and the panel can be run again.
    """
    reclaim_leases(panel_id=panel_id)
    forget_tally(panel_id)
    panel = Panel.objects.select_for_update().filter(pk=panel_id).first()
    if panel is not None and panel.status == Panel.Status.RUNNING:
        _leave(panel, Halt(HaltReason.WORKERS_DIED) if died else None)


@transaction.atomic
def _leave(panel: Panel, halt: Halt | None) -> Halt | None:
    """Set the status that a panel has without this worker; `halt` says why it gave up, if so.

    Returns why the panel goes no further, if something keeps it from its end.

    Of workers that end at once each sees what the other left: the panel's row is locked. While
    another one works the panel is running, whatever this one met. A panel without open sessions is
    complete, also one that was paused or had halted, unless there is no answer in it at all.
    """
    Panel.objects.select_for_update().get(pk=panel.pk)
    still = Panel.objects.filter(pk=panel.pk)
    is_open = unfinished(panel.pk).exists()
    if not is_open:
        halt = None if panel.status in Panel.OVER or has_answers(panel) else _nothing_of(panel)
    halted = {"halt_code": halt.code, "halt_args": dict(halt.arguments)} if halt else NO_HALT
    if not is_open and halt is None:
        still.exclude(status__in=Panel.OVER).update(
            status=Panel.Status.COMPLETE,
            **NO_HALT,
            ended_reason=EndReason.COMPLETE,
            ended_at=timezone.now(),
        )
    elif not is_open:
        still.exclude(status__in=Panel.OVER).update(status=Panel.Status.HALTED, **halted)
    elif held(panel.pk).exists():
        still.filter(status=Panel.Status.RUNNING).update(**halted)
    else:
        status = Panel.Status.HALTED if halt else Panel.Status.READY
        still.filter(status=Panel.Status.RUNNING).update(status=status, **halted)
    return halt


def has_answers(panel: Panel) -> bool:
    """Whether one question at least was answered in any of its sessions."""
    return panel.answers.filter(missing_reason="").exists()


def _nothing_of(panel: Panel) -> Halt:
    """Why a panel whose sessions have all ended without an answer is not complete."""
    calls = Attempt.objects.of(panel).order_by("pk")[:_CALLS_SEEN]
    seen = dict.fromkeys(
        example(call.outcome, call.reply or call.refusal or call.detail) for call in calls
    )
    return Halt(HaltReason.NO_ANSWERS, {SAID: in_a_row(list(seen))})


def reclaim_leases(*, panel_id: int) -> int:
    """Free the sessions of workers that are gone: leases run out, or a dead process of this host.

    Returns how many. A worker on another machine keeps its sessions until its leases run out.
    """
    leased = unfinished(panel_id).exclude(lease_owner="")
    gone = [
        pk
        for pk, owner, until in leased.values_list("pk", "lease_owner", "lease_until")
        if is_gone(owner, until)
    ]
    return Administration.objects.filter(pk__in=gone).update(lease_owner="", lease_until=None)
