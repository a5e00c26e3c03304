"""Carrying out a plan: score, compare, describe, store. A failure is stored too, with its code."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from analysis.compare.errors import CompareError
from analysis.compare.json_codec import to_plain
from analysis.compare.plan import GroupSpec
from analysis.descriptions import describe
from analysis.errors import NothingToCompare
from analysis.frames import ScoredFrame, scored_frame
from analysis.models import AnalysisPlan, AnalysisRun
from analysis.plan_files import Exclusions
from analysis.report_content import software_versions
from analysis.services.plans import comparison_plan, exclusion_rules
from surveys.errors import CounterpartError
from surveys.models import RespondentGroup
from surveys.selectors import study_groups

Progress = Callable[[str, int, int], None]
DEFAULT_SEED = 20_260_103


def fit_models(
    *, plan: AnalysisPlan, seed: int = DEFAULT_SEED, progress: Progress | None = None
) -> AnalysisRun:
    """Carry out a plan on the data as they are now.

    `progress` is told (stage, done, total). Raises `NothingToCompare` before a run is made. A run
    that fails is stored as failed, with its code and sentence, and the error goes on to the caller.
    """
    groups = _groups(plan)
    run = AnalysisRun.objects.create(plan=plan, seed=seed, software=software_versions())
    try:
        _carry_out(run, groups, progress)
    except (CompareError, CounterpartError) as error:
        _fail(run, error.code, str(error))
        raise
    except Exception as error:
        _fail(run, "internal", f"{type(error).__name__}: {error}")
        raise
    return run


def _groups(plan: AnalysisPlan) -> list[RespondentGroup]:
    """The reference people and every panel. Other people of the study are not compared."""
    reference = comparison_plan(plan).reference_group
    groups = study_groups(plan.study)
    people = [group for group in groups if group.key == reference]
    models = [group for group in groups if group.kind == "llm"]
    if not people or not models:
        lacking = f"no group of people {reference!r}" if not people else "no panel of a model"
        raise NothingToCompare(
            f"Study {plan.study.slug} has {lacking}; collect or import answers first.",
            code="nothing_to_compare",
        )
    return people + models


def _carry_out(run: AnalysisRun, groups: list[RespondentGroup], progress: Progress | None) -> None:
    plan, rules = comparison_plan(run.plan), exclusion_rules(run.plan)
    frame = scored_frame(run.plan.study, exclusions=rules, groups=groups, until=run.started_at)
    groups = [group for group in groups if _has_rows(frame, group)]
    comparison = _compare(run, groups, frame, progress)
    description = describe(
        study=run.plan.study, plan=plan, frame=frame, groups=groups, cutoffs=_cutoffs(rules)
    )
    run.result = {"comparison": to_plain(comparison), "description": to_plain(description)}
    run.exclusions = {group: dict(counts) for group, counts in frame.excluded.items()}
    run.data_sha256 = frame.sha256()
    run.status = AnalysisRun.Status.DONE
    run.finished_at = timezone.now()
    run.save()


def _compare(
    run: AnalysisRun,
    groups: list[RespondentGroup],
    frame: ScoredFrame,
    progress: Progress | None,
) -> Any:
    from analysis.compare import compare

    specs = [
        GroupSpec(
            group.key, group.label, group.kind, group.simulated, frame.refusal_shares(group.key)
        )
        for group in groups
    ]
    data = {**frame.items, "cluster": frame.cluster}
    return compare(
        data, comparison_plan(run.plan), group=frame.group, groups=specs, cluster=("cluster",)
    )


def _has_rows(frame: ScoredFrame, group: RespondentGroup) -> bool:
    if (frame.group == group.key).any():
        return True
    if group.kind == "human":
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
