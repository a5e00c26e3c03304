"""Recruit a panel of model sessions and conduct it; or go on with one that is not finished."""

import json
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import CommandError, CommandParser

from llm_respondents.codes import Refusal
from llm_respondents.conversation.arms import (
    ELICITATIONS,
    HISTORIES,
    ITEMS_PER_TURN,
    OPTION_MARKS,
    OPTION_ORDERS,
    REASONINGS,
)
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.apis import API_NAMES
from llm_respondents.endpoints.dialects import DIALECTS
from llm_respondents.errors import PanelSpecError
from llm_respondents.jobs import BATCHES, RUN, subject_of
from llm_respondents.jobs.following import followed
from llm_respondents.jobs.recruiting import AT_ONCE, recruit_here
from llm_respondents.management.panel_lines import (
    clusters_line,
    facts_of,
    forecast_lines,
    forecast_of,
    launch_line,
    run_lines,
)
from llm_respondents.management.panel_options import spec_of
from llm_respondents.models import Panel
from llm_respondents.money.forecast import cost_of_asking_again
from llm_respondents.money.lines import (
    again_lines,
)
from llm_respondents.readout.progress import panel_named, panel_numbered, panel_progress
from llm_respondents.readout.sentences import told
from llm_respondents.runner.limits import Limits
from llm_respondents.runner.retry import RetryPolicy
from llm_respondents.runner.types import Progress
from llm_respondents.runner.usable import Bounds
from llm_respondents.services import (
    BatchPlan,
    PanelRun,
    RunOptions,
    cap_spend,
    cap_study_spend,
    limits_of,
    plan_batches,
    recruit_panel,
    run_panel,
    run_panel_in_batches,
    sessions_to_recruit,
    timeout_of,
)
from llm_respondents.services.afterwards.lost_turns import reopen_lost_turns
from llm_respondents.services.afterwards.probing_again import probe_again
from llm_respondents.store.lost_turns import LOST_REASONS, USUAL_REASONS
from surveys.jobs.watch import Conduct, Watch
from surveys.jobs.work import job_here
from surveys.management.base import Made, SteeringCommand
from surveys.management.progress import ProgressBar
from surveys.models import Study
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "Let language models answer an open study. With --panel (or a --key that exists) an "
        "unfinished panel goes on where it was; SIGTERM finishes the calls in flight and exits 0."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        which = parser.add_argument_group("which panel")
        which.add_argument("--study", help="The study's name, for a new panel.")
        which.add_argument("--panel", type=int, metavar="ID", help="Go on with this panel.")
        which.add_argument("--key", default="", help="The panel's name in the analysis.")
        which.add_argument("--label", default="", help="The panel's name in print.")
        which.add_argument(
            "--spend-cap", type=Decimal, metavar="AMOUNT", help="The panel never costs more."
        )
        which.add_argument(
            "--study-spend-cap",
            type=Decimal,
            metavar="AMOUNT",
            help="All panels of the study together never cost more.",
        )
        which.add_argument("--recruit-only", action="store_true", help="Recruit, ask nothing.")
        which.add_argument(
            "--estimate", action="store_true", help="Recruit, say what it will cost, ask nothing."
        )
        which.add_argument(
            "--pilot",
            type=int,
            default=0,
            metavar="N",
            help="Conduct the first N sessions only, then say what all will cost.",
        )
        self._add_model_arguments(parser)
        self._add_design_arguments(parser)
        self._add_run_arguments(parser)

    def _add_model_arguments(self, parser: CommandParser) -> None:
        model = parser.add_argument_group("the model")
        model.add_argument("--provider", choices=("openai", "scripted"), default="openai")
        model.add_argument("--profile", default="", help="Known traits of a scripted model.")
        model.add_argument("--model", default="", help="The model's name at the endpoint.")
        model.add_argument("--endpoint", default="", help="One of endpoints.toml, by its name.")
        model.add_argument("--base-url", default="", help="Endpoint, such as http://host/v1.")
        model.add_argument(
            "--api", choices=API_NAMES, default="chat", help="The interface that it speaks."
        )
        model.add_argument("--dialect", choices=tuple(DIALECTS), default="openai")
        model.add_argument(
            "--api-key-env", default="", metavar="NAME", help="Variable that holds the key."
        )
        model.add_argument("--temperature", type=float)
        model.add_argument("--top-p", type=float)
        model.add_argument(
            "--max-tokens",
            type=int,
            help="Longest reply; 1000, or 4000 where the model thinks, unless given.",
        )
        model.add_argument("--reasoning-effort", default="")
        model.add_argument(
            "--extra-body",
            type=json.loads,
            default={},
            metavar="JSON",
            help="A table of what else is sent with every request.",
        )

    def _add_design_arguments(self, parser: CommandParser) -> None:
        design = parser.add_argument_group("the design")
        design.add_argument(
            "--spec", type=Path, metavar="FILE.toml", help="The whole specification from a file."
        )
        design.add_argument("--sessions", type=int, default=1, metavar="N")
        design.add_argument("--seed", type=int, default=1)
        design.add_argument("--language", default="", help="Default: the study's first.")
        design.add_argument("--matched", action="store_true", help="One session per person.")
        design.add_argument(
            "--scale-direction", choices=("forward", "reversed", "balanced"), default="forward"
        )
        design.add_argument("--block-order", choices=("study", "shuffled"), default="study")
        design.add_argument("--items-per-turn", choices=ITEMS_PER_TURN, default="one")
        design.add_argument("--elicitation", choices=ELICITATIONS, default="schema")
        design.add_argument("--history", choices=HISTORIES, default="full")
        design.add_argument(
            "--reasoning",
            choices=REASONINGS,
            default="drop",
            help="Whether what was thought is sent back in later turns.",
        )
        design.add_argument("--window", type=int, default=0, help="Turns in sight.")
        design.add_argument(
            "--history-from",
            default="",
            metavar="KEY",
            help="Group whose answers earlier turns show, with --history swapped.",
        )
        design.add_argument(
            "--asked-blocks",
            nargs="+",
            default=(),
            metavar="BLOCK",
            help="With --history own: what is asked; the person's answers to the rest are told.",
        )
        design.add_argument("--option-marks", choices=OPTION_MARKS, default="number")
        design.add_argument("--option-order", choices=OPTION_ORDERS, default="scale")

    def _add_run_arguments(self, parser: CommandParser) -> None:
        run = parser.add_argument_group("this worker")
        run.add_argument("--concurrency", type=int, default=0, metavar="N", help="Calls at once.")
        run.add_argument("--requests-per-minute", type=int, default=0, metavar="N")
        run.add_argument("--tokens-per-minute", type=int, default=0, metavar="N")
        run.add_argument("--timeout", type=float, metavar="SECONDS", help="Of a call.")
        run.add_argument("--lease", type=float, default=60.0, metavar="SECONDS")
        run.add_argument(
            "--no-progress",
            type=float,
            metavar="SECONDS",
            help="Give up when calls bring no session forward for so long.",
        )
        run.add_argument(
            "--whatever-comes",
            action="store_true",
            help="Go on although replies are no answers, where refusals are what is studied.",
        )
        run.add_argument(
            "--again",
            nargs="*",
            choices=LOST_REASONS,
            metavar="REASON",
            help="First open turns again that no reply came to (transport_error, budget_stop, "
            "context_length; without a reason the first two).",
        )
        run.add_argument(
            "--probe-again",
            action="store_true",
            help="Probe the endpoint anew, say what was found, ask nothing.",
        )
        run.add_argument("--no-probe", action="store_true", help="Trust the endpoint unseen.")
        run.add_argument("--max-calls", type=int, default=RetryPolicy().max_calls, metavar="N")
        run.add_argument(
            "--batch",
            action="store_true",
            help="Hand the calls over in files: half the price, up to a day for each wave.",
        )
        run.add_argument(
            "--poll", type=float, default=60.0, metavar="SECONDS", help="Between looks at a batch."
        )

    def perform(self, *, recruit_only: bool, verbosity: int, by: Actor, **options: Any) -> Made:
        if options["pilot"] < 0:
            raise PanelSpecError(Refusal.PILOT_TOO_SMALL)
        panel = _panel(options, by, quiet=verbosity == 0)
        if options["spend_cap"] is not None:
            cap_spend(panel=panel, cap=options["spend_cap"], by=by)
        if options["study_spend_cap"] is not None:
            cap_study_spend(study=panel.study, cap=options["study_spend_cap"], by=by)
        if options["estimate"]:
            return _estimate(panel, options["again"])
        if options["probe_again"]:
            return _probed(panel, by)
        if recruit_only:
            ready = f"Panel {panel.pk} ({panel}) is ready."
            following = f"manage.py run_panel --panel {panel.pk}"
            return Made([ready, clusters_line(panel)], facts_of(panel), following)
        if options["again"] is not None:
            self._open_again(panel, options["again"], by, quiet=verbosity == 0)
        plan = self._plan(panel, quiet=verbosity == 0) if options["batch"] else None
        if not panel.group.simulated and not options["batch"] and verbosity:
            self.stderr.write(launch_line(panel, _run_options(panel, options).limits))
        run = _conduct(panel, options, by, in_batches=plan is not None, quiet=verbosity == 0)
        panel.refresh_from_db()
        if run.halt_code:
            raise CommandError(f"Panel {panel.pk} halted. {run.note} [{run.halt_code}]")
        if options["pilot"]:
            lines = [*run_lines(panel, run), *forecast_lines(panel)]
            following = f"manage.py run_panel --panel {panel.pk} runs the rest"
            return Made(lines, {**facts_of(panel), **forecast_of(panel)}, following)
        facts = {**facts_of(panel), "batch_plan": plan.as_json()} if plan else facts_of(panel)
        how = " --batch" if plan else ""
        goes_on = f"manage.py run_panel --panel {panel.pk}{how} goes on"
        following = goes_on if run.unfinished else f"manage.py fit_models {panel.study.slug}"
        return Made(run_lines(panel, run), facts, following)

    def _open_again(self, panel: Panel, reasons: list[str], by: Actor, *, quiet: bool) -> None:
        """Open lost turns, and say what asking them takes before anything is sent."""
        lines = again_lines(cost_of_asking_again(panel, reasons))
        opened = reopen_lost_turns(panel=panel, reasons=reasons or USUAL_REASONS, by=by)
        if not quiet:
            self.stderr.write("\n".join(lines))
            self.stderr.write(f"{opened.turns} turns of {opened.sessions} sessions are asked.")

    def _plan(self, panel: Panel, *, quiet: bool) -> BatchPlan:
        """Say how long it can take, before anything is sent; not among what was made."""
        plan = plan_batches(panel=panel)
        if not quiet:
            self.stderr.write(str(plan))
        return plan


def _probed(panel: Panel, by: Actor) -> Made:
    """What the endpoint is found to honour now."""
    halt = probe_again(panel_id=panel.pk, by=by)
    panel.refresh_from_db()
    found = ", ".join(f"{name}: {value}" for name, value in panel.capabilities.items())
    lines = [f"Panel {panel.pk} ({panel}) is {panel.status}.", f"{panel.probed_at}: {found}."]
    facts = {**facts_of(panel), "capabilities": panel.capabilities}
    following = f"manage.py run_panel --panel {panel.pk}" if not halt else "mend that; probe again"
    return Made([*lines, *([str(told(halt))] if halt else [])], facts, following)


def _estimate(panel: Panel, reasons: list[str] | None) -> Made:
    """What the panel will cost or, with `reasons`, what asking its lost turns again will."""
    lines, facts = [f"Panel {panel.pk} ({panel}) is {panel.status}."], facts_of(panel)
    if reasons is None:
        lines += [clusters_line(panel), *forecast_lines(panel)]
        following = f"manage.py run_panel --panel {panel.pk}"
        return Made(lines, {**facts, **forecast_of(panel)}, following)
    cost = cost_of_asking_again(panel, reasons)
    following = f"manage.py run_panel --panel {panel.pk} --again asks them"
    facts |= {"again": cost and cost.as_json()}
    return Made([*lines, *again_lines(cost)], facts, following)


def _panel(options: dict[str, Any], by: Actor, *, quiet: bool) -> Panel:
    if options["panel"]:
        return panel_numbered(options["panel"])
    if not options["study"]:
        raise PanelSpecError(Refusal.STUDY_NEEDED)
    study = study_named(options["study"])
    if options["key"] and (known := panel_named(study, options["key"])):
        return _as_asked(known, options)
    return _recruited(study, spec_of(options), options["key"], by, quiet=quiet)


def _recruited(study: Study, spec: PanelSpec, key: str, by: Actor, *, quiet: bool) -> Panel:
    """The new panel; of many sessions under a job, which pages show."""
    number = sessions_to_recruit(study, spec)
    if number <= AT_ONCE:
        return recruit_panel(study=study, spec=spec, key=key, by=by)
    with ProgressBar("Sessions", number, quiet=quiet) as bar:
        conduct = Conduct(progress=lambda _phase, done, _total: bar.show(done))
        return recruit_here(study=study, spec=spec, key=key, by=by, conduct=conduct)


def _as_asked(known: Panel, options: dict[str, Any]) -> Panel:
    """The panel of this key, unless another one is described beside it."""
    describes = options["model"] or options["profile"] or options["spec"]
    if describes and spec_of(options).hash != known.spec_hash:
        raise PanelSpecError(Refusal.GROUP_KEY_TAKEN, key=known.group.key)
    return known


def _run_options(panel: Panel, options: dict[str, Any]) -> RunOptions:
    known = limits_of(PanelSpec.from_stored(panel.spec))
    limits = Limits(
        options["concurrency"] or known.concurrency,
        options["requests_per_minute"],
        options["tokens_per_minute"],
    )
    retry = RetryPolicy(max_calls=options["max_calls"])
    probe, patience = not options["no_probe"], options["no_progress"]
    spec = PanelSpec.from_stored(panel.spec)
    timeout = options["timeout"] or timeout_of(spec) or RunOptions().timeout_seconds
    run = RunOptions(limits, retry, timeout, options["lease"], probe, patience)
    bounds = Bounds(insists=options["whatever_comes"])
    return replace(run, first=options["pilot"], bounds=bounds)


def _conduct(
    panel: Panel, asked: dict[str, Any], by: Actor, *, in_batches: bool, quiet: bool
) -> PanelRun:
    options, stop = _run_options(panel, asked), threading.Event()
    before = panel_progress(panel)
    bar = ProgressBar(str(panel), before.questions, initial=before.closed, quiet=quiet)

    def show(progress: Progress) -> None:
        bar.show(before.closed + progress.answered + progress.missing)

    conduct: Callable[..., PanelRun] = (
        partial(run_panel_in_batches, poll_seconds=asked["poll"]) if in_batches else run_panel
    )
    with bar, _Stopping(stop), _job(panel, by, BATCHES if in_batches else RUN) as watch:
        with followed(watch, panel.pk, stop) as orders:
            options = replace(options, orders=orders)
            run = conduct(panel_id=panel.pk, by=by, stop=stop, options=options, on_progress=show)
        watch.result = {"panel": panel.pk, "status": run.status}
    return run


def _job(panel: Panel, by: Actor, kind: str) -> AbstractContextManager[Watch]:
    """Pages show this run too, and others can end it."""
    subject = subject_of(panel.pk)
    return job_here(kind, study=panel.study, subject=subject, queued_by=by.as_json())


class _Stopping:
    """SIGTERM and SIGINT set the event once; a second signal ends the process at once."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> None:
        # Signals can only be handled where Python allows it: in the main thread.
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._handle)

    def __exit__(self, *_error: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._stop.set()
        signal.signal(number, signal.SIG_DFL)
