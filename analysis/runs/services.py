"""Carrying out a plan: score, compare, vary, describe, store. A failure is stored with its code."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from analysis.compare.errors import CompareError
from analysis.compare.json_codec import to_plain
from analysis.compare.plan import GroupSpec, Kind
from analysis.compare.results import Comparison
from analysis.errors import NothingToCompare
from analysis.models import AnalysisPlan, AnalysisRun
from analysis.plans.files import Exclusions
from analysis.plans.grid import KEPT
from analysis.plans.services import (
    comparison_plan,
    exclusion_rules,
    resampling,
    sensitivity_grid,
)
from analysis.report.gather import software_versions
from analysis.runs.answers import AnswerSheet, answer_sheet
from analysis.runs.descriptions import describe
from analysis.runs.frames import ScoredFrame, scored_frame
from analysis.runs.snapshot import StudySnapshot
from analysis.runs.watching import Conduct, Watch
from surveys.errors import CounterpartError
from surveys.models import Action, RespondentGroup
from surveys.services.audit import Actor, record

if TYPE_CHECKING:
    from analysis.compare.sensitivity import SensitivityRow

# Draws of a quick look; the intervals of a report want the plan's.
PREVIEW_DRAWS = 200
_DRAWS = ("bootstrap", "permutations", "noise_draws")


def fit_models(
    *,
    plan: AnalysisPlan,
    by: Actor,
    seed: int | None = None,
    preview: bool = False,
    conduct: Conduct | None = None,
) -> AnalysisRun:
    """Carry out a plan on the data as they are now.

    `seed` replaces the plan's; `preview` draws less, and says so by its numbers of draws. Raises
    `NothingToCompare` before a run is made. A run that fails or is cancelled is stored as failed,
    with its code and sentence, and the error goes on to the caller.
    """
    snapshot = StudySnapshot.of(plan.study)
    groups = _groups(plan, snapshot)
    chosen = plan.definition["draws"]["seed"] if seed is None else seed
    with transaction.atomic():
        run = AnalysisRun.objects.create(plan=plan, seed=chosen, software=software_versions())
        _log(run, Action.RUN_STARTED, by, {"seed": chosen, "preview": preview})
    try:
        _carry_out(run, snapshot, groups, Watch(run, conduct or Conduct()), preview=preview)
    except (CompareError, CounterpartError) as error:
        _fail(run, error.code, str(error))
        raise
    except KeyboardInterrupt:
        _fail(run, "cancelled", "Stopped at the keyboard; fit the plan again.")
        raise
    except Exception as error:
        _fail(run, "internal", f"{type(error).__name__}: {error}")
        raise
    return run


@transaction.atomic
def cancel_run(*, run: AnalysisRun, by: Actor) -> bool:
    """Ask a run to stop between two pieces of work; False if it is over already."""
    running = AnalysisRun.objects.filter(pk=run.pk, status=AnalysisRun.Status.RUNNING)
    asked = bool(running.update(cancel_requested=True))
    if asked:
        _log(run, Action.RUN_CANCELLED, by, {"cancel_requested": True})
    return asked


def _log(run: AnalysisRun, action: Action, by: Actor, after: dict[str, Any]) -> None:
    record(by=by, action=action, study=run.plan.study, subject=run, after=after)


def _groups(plan: AnalysisPlan, snapshot: StudySnapshot) -> list[RespondentGroup]:
    """The reference people and every panel. Other people of the study are not compared."""
    reference = comparison_plan(plan).reference_group
    people = [group for group in snapshot.groups if group.key == reference]
    models = [group for group in snapshot.groups if group.kind == Kind.LLM]
    if not people or not models:
        lacking = f"no group of people {reference!r}" if not people else "no panel of a model"
        raise NothingToCompare(
            f"Study {plan.study.slug} has {lacking}; collect or import answers first.",
            code="nothing_to_compare",
        )
    return people + models


def _carry_out(
    run: AnalysisRun,
    snapshot: StudySnapshot,
    groups: list[RespondentGroup],
    watch: Watch,
    *,
    preview: bool,
) -> None:
    plan, rules = comparison_plan(run.plan), exclusion_rules(run.plan)
    sheet = answer_sheet(snapshot, groups=groups, until=run.started_at)
    frame = scored_frame(sheet, exclusions=rules)
    groups = [group for group in groups if _has_rows(frame, group)]
    specs = _specs(groups, frame)
    comparison = _compare(run, specs, frame, watch, preview=preview)
    varied = _vary(run, specs, sheet, frame, watch)
    description = describe(
        snapshot=snapshot,
        plan=plan,
        sheet=sheet,
        frame=frame,
        groups=groups,
        cutoffs=_cutoffs(rules),
    )
    run.result = {
        "comparison": to_plain(comparison),
        "description": to_plain(description),
        "sensitivity": to_plain(varied),
    }
    run.exclusions = {group: dict(counts) for group, counts in frame.excluded.items()}
    run.data_sha256 = frame.sha256()
    run.status = AnalysisRun.Status.DONE
    run.finished_at = timezone.now()
    run.progress = {}
    run.save()


def _specs(groups: Sequence[RespondentGroup], frame: ScoredFrame) -> list[GroupSpec]:
    return [
        GroupSpec(
            group.key,
            group.label,
            Kind(group.kind),
            group.simulated,
            frame.refusal_shares(group.key),
        )
        for group in groups
    ]


def _compare(
    run: AnalysisRun,
    specs: Sequence[GroupSpec],
    frame: ScoredFrame,
    watch: Watch,
    *,
    preview: bool,
) -> Comparison:
    from analysis.compare import compare
    from analysis.compare.parallel import Work

    drawn = resampling(run.plan)
    if drawn is not None:
        drawn = replace(drawn, seed=run.seed)
        if preview:
            drawn = replace(
                drawn, **{name: min(getattr(drawn, name), PREVIEW_DRAWS) for name in _DRAWS}
            )
    return compare(
        {**frame.items, "cluster": frame.cluster},
        comparison_plan(run.plan),
        group=frame.group,
        groups=specs,
        cluster=("cluster",),
        resampling=drawn,
        work=Work(watch.conduct.processes, watch.told("uncertainty"), watch.cancelled),
    )


def _vary(
    run: AnalysisRun,
    specs: Sequence[GroupSpec],
    sheet: AnswerSheet,
    frame: ScoredFrame,
    watch: Watch,
) -> tuple["SensitivityRow", ...]:
    """The comparison once more under every combination of the declared grid."""
    grid = sensitivity_grid(run.plan)
    if not grid:
        return ()
    from analysis.compare.parallel import Work
    from analysis.compare.sensitivity import sensitivity

    columns, labels = _grid_data(run, sheet, frame)
    return sensitivity(
        columns,
        comparison_plan(run.plan),
        grid,
        group=labels,
        groups=specs,
        cluster=("cluster",),
        work=Work(watch.conduct.processes, watch.told("sensitivity"), watch.cancelled),
    )


def _grid_data(
    run: AnalysisRun, sheet: AnswerSheet, frame: ScoredFrame
) -> tuple[dict[str, Any], Any]:
    """Every finished row, those that the rules leave out included, and which rows they keep."""
    import numpy as np

    if not any(dimension.name == "exclusions" for dimension in sensitivity_grid(run.plan)):
        everyone, kept = frame, np.full(len(frame.group), "yes")
    else:
        everyone = scored_frame(sheet)
        kept = np.where(np.isin(everyone.respondent, frame.respondent), "yes", "no")
    columns = {**everyone.items, **everyone.design, "cluster": everyone.cluster, KEPT: kept}
    return columns, everyone.group


def _has_rows(frame: ScoredFrame, group: RespondentGroup) -> bool:
    if (frame.group == group.key).any():
        return True
    if group.kind == Kind.HUMAN:
        raise NothingToCompare(
            f"Nobody in {group.label} has finished, or all were excluded; wait for answers.",
            code="nothing_to_compare",
        )
    return False


def _cutoffs(rules: Exclusions) -> dict[str, str]:
    return {
        "attention_checks": f"{rules.attention_checks_failed} or more failed"
        if rules.attention_checks_failed
        else "not applied",
        "too_fast": f"under {rules.minimum_seconds} s" if rules.minimum_seconds else "not applied",
    }


def _fail(run: AnalysisRun, code: str, sentence: str) -> None:
    run.status = AnalysisRun.Status.FAILED
    run.error_code, run.error = code, sentence
    run.finished_at = timezone.now()
    run.save(update_fields=("status", "error_code", "error", "finished_at"))
