"""Running a panel in batches: at half the price, and in waves of up to a day each."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from asgiref.sync import async_to_sync, sync_to_async

from llm_respondents.codes import Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.dialects import BatchTerms
from llm_respondents.errors import PanelStateError
from llm_respondents.models import Panel
from llm_respondents.providers.fitting import fitted
from llm_respondents.readout.progress import panel_numbered
from llm_respondents.runner.engine import ProgressCallback
from llm_respondents.runner.purse import Purse
from llm_respondents.runner.types import Progress, RunSummary
from llm_respondents.runner.usable import ReplyWatch
from llm_respondents.services.named_endpoints import Terms, terms_of
from llm_respondents.services.runs import PanelRun, finish, has_answers, reclaim_leases, start
from llm_respondents.services.workers import RunOptions, make_provider, queue_options
from llm_respondents.store.outcomes import Lease
from surveys.jobs.owners import worker_name
from surveys.models import Action
from surveys.services.audit import Actor

if TYPE_CHECKING:
    from llm_respondents.providers.apis.shape import Api
    from llm_respondents.providers.base import Provider

WINDOW_HOURS = 24
# A file of 200 MB is built and sent without a renewal in between. Beside a wait of a day it is
# short; the sessions of a worker that died on this machine are free at once.
_LEASE_SECONDS = 1800.0
# How often a job of the queue looks at a batch.
NEXT_LOOK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How long the rest of a panel can take: `waves` batches one after the other, if every reply
    is an answer; each round of asking again is a wave more.
    """

    waves: int

    @property
    def hours(self) -> int:
        """The most that the waves can take together."""
        return self.waves * WINDOW_HOURS

    def as_json(self) -> dict[str, Any]:
        """Return plain values for programs."""
        return {"waves": self.waves, "at_most_hours": self.hours}

    def __str__(self) -> str:
        if self.waves == 1:
            return "1 wave: at most 24 hours, and as long again for each round of asking again."
        return (
            f"{self.waves} waves, one after the other: at most {self.waves} days, and a day more "
            "for each round of asking again. Items per turn block or history none take fewer."
        )


class BatchVisit(NamedTuple):
    """What a job left a panel with; with `is_waiting` a batch is still with its provider."""

    status: str
    is_waiting: bool = False


def plan_batches(*, panel: Panel) -> BatchPlan:
    """Say beforehand how many waves the open sessions of a panel need.

    Raises `PanelStateError` (`batch_scripted`, `batch_not_offered`, `endpoints_unreadable`).
    """
    from llm_respondents.batches.states import waves_ahead

    _require_batches(panel, terms_of(PanelSpec.from_stored(panel.spec)))
    return BatchPlan(waves_ahead(panel.pk))


def run_panel_in_batches(
    *,
    panel_id: int,
    by: Actor,
    stop: threading.Event | None = None,
    options: RunOptions | None = None,
    on_progress: ProgressCallback | None = None,
    poll_seconds: float = 60.0,
    terms: BatchTerms | None = None,
    waits: bool = True,
) -> PanelRun:
    """Conduct a panel as `run_panel` does, but hand its calls over in files, a wave at a time.

    What is stored is the same, call by call. Setting `stop` leaves a batch with its provider, and
    a later run goes on with it. Of a panel that was cancelled the batches are cancelled too, and
    what they finished, and was paid for, is collected first. `terms` are those of the endpoint
    unless given. Without `waits` the run ends where there is nothing to do but to wait for a batch.

    Raises `PanelStateError` as `run_panel` does, and with `batch_scripted` or `batch_not_offered`
    where nobody takes batches.
    """
    from llm_respondents.batches.store import has_open_batches

    whole = Panel.objects.select_related("study", "group")
    cancelled = whole.filter(pk=panel_id, status=Panel.Status.CANCELLED).first()
    under_way = has_open_batches(panel_id)
    winding_up = cancelled is not None and under_way
    # Another look at a batch begins nothing: a job takes one every few minutes.
    action = None if under_way else Action.PANEL_RUN_IN_BATCHES
    if cancelled is not None and winding_up:
        panel, listed = cancelled, terms_of(PanelSpec.from_stored(cancelled.spec))
    else:
        panel, listed = start(panel_id, action, by=by)
    if panel.status == Panel.Status.COMPLETE:
        return PanelRun(panel.pk, panel.status, Progress(), unfinished=0)
    offered = _require_batches(panel, listed)
    reclaim_leases(panel_id=panel.pk)
    run = _Run(
        panel,
        options or RunOptions(),
        stop or threading.Event(),
        on_progress or (lambda _progress: None),
        poll_seconds,
        listed,
        terms or offered,
        winding_up,
        waits,
        by,
    )
    return finish(panel, async_to_sync(run.conduct)())


def advance_batches(*, panel_id: int, by: Actor, stop: threading.Event | None = None) -> BatchVisit:
    """`run_panel_in_batches` for a job; a panel that was paused meanwhile stays paused.

    A job does not hold its worker while a batch is with its provider: it ends, and another one has
    to look again. RQ runs no job later unless a scheduler runs too, so that there the job waits
    itself. While the operator's list cannot be read a batch that is with its provider is waited
    for. Raises as `run_panel_in_batches` does.
    """
    from llm_respondents.batches.store import has_open_batches

    panel = panel_numbered(panel_id)
    if panel.status in (Panel.Status.PAUSED, *Panel.OVER):
        return BatchVisit(panel.status)
    options = queue_options(PanelSpec.from_stored(panel.spec))
    seconds = NEXT_LOOK.total_seconds()
    try:
        run = run_panel_in_batches(
            panel_id=panel_id,
            by=by,
            stop=stop,
            options=options,
            poll_seconds=seconds,
            waits=False,
        )
    except PanelStateError as error:
        if error.code != "endpoints_unreadable" or not has_open_batches(panel_id):
            raise
        return BatchVisit(panel.status, is_waiting=True)
    is_open = run.status in (Panel.Status.READY, Panel.Status.RUNNING)
    return BatchVisit(run.status, is_waiting=is_open and has_open_batches(panel_id))


def end_batches(*, panel_id: int, by: Actor) -> str:
    """End the batches of a cancelled panel and collect what they finished; returns its status."""
    return run_panel_in_batches(panel_id=panel_id, by=by).status


def _require_batches(panel: Panel, listed: Terms) -> BatchTerms:
    if panel.group.simulated:
        raise PanelStateError(Refusal.BATCH_SCRIPTED)
    if listed.batches is None:
        raise PanelStateError(Refusal.BATCH_NOT_OFFERED)
    return listed.batches


@dataclass(frozen=True, slots=True)
class _Run:
    """One worker's run; see `run_panel_in_batches`."""

    panel: Panel
    options: RunOptions
    stop: threading.Event
    on_progress: ProgressCallback
    poll_seconds: float
    listed: Terms
    terms: BatchTerms
    winding_up: bool
    waits: bool
    by: Actor

    async def conduct(self) -> RunSummary:
        """Probe, then conduct; everything that needs the endpoint happens in one loop."""
        spec = PanelSpec.from_stored(self.panel.spec)
        provider = await sync_to_async(make_provider)(self.panel.study, spec, self.options)
        try:
            if self.options.probe and not self.winding_up:
                from llm_respondents.services.probing import probe_once

                if halt := await probe_once(self.panel, provider, self.listed, by=self.by):
                    return RunSummary(Progress(), halt=halt)
            from llm_respondents.providers.endpoint import EndpointProvider

            assert isinstance(provider, EndpointProvider), "a scripted panel takes no batches"
            asking = fitted(provider, self.panel.capabilities)
            return await self._in_waves(spec, asking, provider.api)
        finally:
            await provider.aclose()

    async def _in_waves(self, spec: PanelSpec, provider: Provider, api: Api) -> RunSummary:
        # The client takes two seconds to load; only a worker that calls an endpoint pays for it.
        from llm_respondents.batches.conductor import Conductor, Pace
        from llm_respondents.batches.doors import open_door
        from llm_respondents.batches.store import BatchStore
        from llm_respondents.store.leases import LeasedGateway

        options = self.options
        seconds = max(options.lease_seconds, _LEASE_SECONDS)
        lease = Lease(self.panel.pk, worker_name(), seconds, options.first)
        price = self.listed.price
        hold = LeasedGateway(lease).hold
        purse = Purse(price.in_batch, spec.sampling.max_tokens, hold) if price else None
        door = open_door(
            spec.api,
            model=spec.model,
            base_url=spec.base_url,
            api_key_env=spec.api_key_env,
            timeout_seconds=options.timeout_seconds,
            path=self.terms.path,
        )
        conductor = Conductor(
            store=BatchStore(lease, provider, api, options.retry, purse, self.terms),
            door=door,
            pace=Pace(
                self.poll_seconds,
                options.lease_seconds / 3,
                options.retry,
                waits=self.waits or self.winding_up,
            ),
            stop=self.stop,
            replies=ReplyWatch(
                replace(options.bounds, insists=options.bounds.insists or self.winding_up),
                token_limit=spec.sampling.max_tokens,
                proven=await sync_to_async(has_answers)(self.panel),
            ),
            on_progress=self.on_progress,
        )
        try:
            return await conductor.run(cancelled=self.winding_up)
        finally:
            await door.aclose()
