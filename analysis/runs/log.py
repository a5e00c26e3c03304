"""What is done about a run, written down: by whom, and what came of it."""

from collections.abc import Mapping
from typing import Any

from analysis.models import AnalysisRun, Report
from surveys.models import Action
from surveys.services.audit import Actor, record


def record_about(
    run: AnalysisRun,
    action: Action,
    after: Mapping[str, Any],
    *,
    by: Actor,
    report: Report | None = None,
) -> None:
    """Write down what was done to a run, or to a `report` of it; both are called by their plan.

    Raises as `record` does.
    """
    plan = run.plan
    record(
        by=by,
        action=action,
        study=plan.study,
        subject=report or run,
        label=plan.name,
        after=after,
    )
