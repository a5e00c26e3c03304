"""What `run_panel` says of a panel: facts for programs, lines for people."""

from typing import Any

from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import NANO
from llm_respondents.models import Panel
from llm_respondents.money.account import cost_of
from llm_respondents.money.duration import Duration, duration_of
from llm_respondents.money.forecast import estimate_cost, pilot_cost
from llm_respondents.money.lines import (
    bill_lines,
    duration_line,
    range_lines,
    reconciliation_lines,
)
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.readout.progress import clusters_of_panels, panel_cost, panel_progress
from llm_respondents.readout.sentences import clusters_sentence
from llm_respondents.runner.limits import Limits
from llm_respondents.services import PanelRun, pace_of


def facts_of(panel: Panel) -> dict[str, Any]:
    """How far a panel is and what it cost."""
    cost = panel_cost(panel)
    return {
        "panel": panel.pk,
        "study": panel.study.slug,
        "group": panel.group.key,
        "simulated": panel.group.simulated,
        "model": panel.model,
        "spec_hash": panel.spec_hash,
        **panel_progress(panel).as_json(),
        "clusters": clusters_of_panels([panel])[panel.pk].as_json(),
        "prompt_tokens": cost.prompt_tokens,
        "completion_tokens": cost.completion_tokens,
        "spent": panel.spent_nano / NANO,
        "bill": cost_of(panel).as_json(),
        "reconciliation": reconcile_panel(panel).as_json(),
    }


def clusters_line(panel: Panel) -> str:
    """How many independent draws its sessions are."""
    return clusters_sentence(clusters_of_panels([panel])[panel.pk])


def forecast_of(panel: Panel) -> dict[str, Any]:
    """What it will take, by its texts and by its sessions that are over."""
    pilot = pilot_cost(panel)
    return {
        "estimate": estimate_cost(panel).as_json(),
        "projection": pilot.as_json() if pilot else None,
        "duration": duration.as_json() if (duration := _duration(panel)) else None,
    }


def forecast_lines(panel: Panel) -> list[str]:
    """What it will take, each remark once."""
    ranges = [found for found in (pilot_cost(panel), estimate_cost(panel)) if found]
    lines = list(dict.fromkeys(line for found in ranges for line in range_lines(found)))
    return lines if panel.group.simulated else [*lines, duration_line(_duration(panel))]


def _duration(panel: Panel, own: Limits | None = None) -> Duration | None:
    return duration_of(panel, pace_of(PanelSpec.from_stored(panel.spec), own))


def launch_line(panel: Panel, own: Limits) -> str:
    """How long a run will take, as far as that is known beforehand; `own` limits its worker."""
    return duration_line(_duration(panel, own))


def run_lines(panel: Panel, run: PanelRun) -> list[str]:
    """What became of a run."""
    progress = panel_progress(panel)
    missing = ", ".join(f"{count} {reason}" for reason, count in progress.missing.items())
    sessions = f"{progress.completed} of {progress.sessions} sessions complete"
    calls = f"{progress.calls} calls, {progress.failed_calls} failed"
    lines = [
        f"Panel {panel.pk} ({panel}, {panel.group.provenance}): {run.status}.",
        f"{sessions}, {progress.answered} answers, missing: {missing or 'none'}.",
        f"{calls}, {progress.reasked} asked again.",
    ]
    if not panel.group.simulated:
        lines.extend([*bill_lines(cost_of(panel)), *reconciliation_lines(reconcile_panel(panel))])
    if run.unfinished:
        lines.append(f"{run.unfinished} sessions unfinished.")
    return lines
