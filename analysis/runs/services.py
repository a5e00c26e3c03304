"""Carrying out a plan: score, compare, vary, describe, store. A failure is stored with its code."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from analysis.compare.json_codec import to_plain
from analysis.compare.plan import GroupSpec, Kind, Plan
from analysis.compare.results import Comparison
from analysis.errors import AnalysisError, NothingToCompare, Refusal
from analysis.models import FIT, AnalysisPlan, AnalysisRun
from analysis.plans.drafts import Exclusions
from analysis.plans.exclusions import NOT_PLACED
from analysis.plans.grid import KEPT
from analysis.plans.services import (
    comparison_plan,
    exclusion_rules,
    resampling,
    sensitivity_grid,
    takes_means,
)
from analysis.runs.answers import AnswerSheet, answer_sheet, oriented_means
from analysis.runs.descriptions import describe
from analysis.runs.frames import ScoredFrame, scored_frame
from analysis.runs.log import record_about
from analysis.runs.people.waves import groups_of_waves, joined
from analysis.runs.selectors import subject_of
from analysis.runs.snapshot import StudySnapshot
from analysis.runs.software import software_versions
from surveys.jobs.queue import join_or_start, stop_job
from surveys.jobs.watch import Conduct, Watch
from surveys.jobs.work import job_here
from surveys.models import Action, Job, RespondentGroup
from surveys.roles import Act
from surveys.services.audit import Actor, job_actor, require

if TYPE_CHECKING:
    from analysis.compare.results import SensitivityRow

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
    with job_here(
        FIT,
        study=plan.study,
        subject=subject_of(plan),
        parameters=_parameters(plan, seed, preview=preview),
        queued_by=by.as_json(),
        conduct=conduct,
    ) as watch:
        run = _run_of(watch, plan, snapshot, groups, by)
        watch.result = {"run": run.pk}
    return run


def start_fit(*, plan: AnalysisPlan, by: Actor) -> Job:
    """Let a worker carry out a plan, unless one is at it already."""
    require(by=by, study=plan.study, act=Act.ANALYSE)
    return join_or_start(
        FIT,
        study=plan.study,
        subject=subject_of(plan),
        parameters=_parameters(plan, None, preview=False),
        queued_by=by.as_json(),
    )


def carry_out_fit(watch: Watch) -> AnalysisRun:
    """The run of a job: begun by this worker, or by one that died meanwhile."""
    plan = AnalysisPlan.objects.select_related("study").get(pk=watch.job.parameters["plan"])
    snapshot = StudySnapshot.of(plan.study)
    groups = _groups(plan, snapshot)
    return _run_of(watch, plan, snapshot, groups, job_actor(watch.job.queued_by))


def end_run(job: Job) -> None:
    """A job ended without a result: its run, if it has begun one, failed for the same reason."""
    AnalysisRun.objects.filter(job=job, status=AnalysisRun.Status.RUNNING).update(
        status=AnalysisRun.Status.FAILED,
        error_code=job.error_code,
        error_args=job.error_args,
        error=job.error,
        finished_at=job.ended_at,
    )


@transaction.atomic
def cancel_run(*, run: AnalysisRun, by: Actor) -> bool:
    """Stop a run between two pieces of work, or at once if its worker is gone.

    False if it is over already.
    """
    asked = run.job is not None and stop_job(job=run.job, user_id=by.user_id)
    if asked:
        record_about(run, Action.RUN_CANCELLED, {"cancel_requested": True}, by=by)
    return asked


@transaction.atomic
def set_run_archived(*, run: AnalysisRun, archived: bool, by: Actor) -> AnalysisRun:
    """Put a run out of sight, or take it back; its page, reports and archive stay as they are.

    Raises `AnalysisError` (`run_under_way`).
    """
    run = AnalysisRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.status == AnalysisRun.Status.RUNNING:
        raise AnalysisError(Refusal.RUN_UNDER_WAY, run=run.pk)
    if (run.archived_at is not None) != archived:
        run.archived_at = timezone.now() if archived else None
        run.save(update_fields=("archived_at",))
        record_about(run, Action.RUN_ARCHIVED, {"archived": archived}, by=by)
    return run


def _parameters(plan: AnalysisPlan, seed: int | None, *, preview: bool) -> dict[str, Any]:
    chosen = plan.definition["draws"]["seed"] if seed is None else seed
    return {"plan": plan.pk, "seed": chosen, "preview": preview}


def _run_of(
    watch: Watch,
    plan: AnalysisPlan,
    snapshot: StudySnapshot,
    groups: list[RespondentGroup],
    by: Actor,
) -> AnalysisRun:
    """Whoever takes up a run goes by the data as they were when it began."""
    given = watch.job.parameters
    with transaction.atomic():
        run, begun = AnalysisRun.objects.get_or_create(
            job=watch.job, defaults={"plan": plan, "seed": given["seed"]}
        )
        if begun:
            started = {"seed": given["seed"], "preview": given["preview"]}
            record_about(run, Action.RUN_STARTED, started, by=by)
    if run.status != AnalysisRun.Status.DONE:
        run.software = software_versions()
        _carry_out(run, snapshot, groups, watch, preview=given["preview"])
    return run


def _groups(plan: AnalysisPlan, snapshot: StudySnapshot) -> list[RespondentGroup]:
    """The reference people, and every panel that is not set aside; no other people.

    Of a plan over waves the people alone.
    """
    asked = comparison_plan(plan)
    reference = asked.reference_group
    if asked.waves:
        # A model is asked once: whom it could be held against over time, nobody has said.
        groups_of_waves(asked, snapshot.groups, plan.study.slug)
        return [group for group in snapshot.groups if group.key == reference]
    people = [group for group in snapshot.groups if group.key == reference]
    panels = [group for group in snapshot.groups if group.kind == Kind.LLM]
    compared = [group for group in panels if not group.set_aside]
    if not people:
        raise NothingToCompare(Refusal.NO_PEOPLE, study=plan.study.slug, group=reference)
    if not panels:
        raise NothingToCompare(Refusal.NO_PANEL, study=plan.study.slug)
    if not compared:
        raise NothingToCompare(Refusal.ALL_SET_ASIDE, study=plan.study.slug)
    return people + compared


def _carry_out(
    run: AnalysisRun,
    snapshot: StudySnapshot,
    groups: list[RespondentGroup],
    watch: Watch,
    *,
    preview: bool,
) -> None:
    watch.enter("reading")
    plan, rules = comparison_plan(run.plan), exclusion_rules(run.plan)
    sheet = sheet_of(run, snapshot, groups)
    means = oriented_means(snapshot) if takes_means(run.plan) else {}
    frame = frame_of(sheet, plan, rules, means)
    groups = [group for group in groups if _has_rows(frame, group)]
    specs = _specs(groups, frame)
    watch.enter("models")
    comparison = _compare(run, specs, frame, watch, preview=preview)
    varied = _vary(run, specs, sheet, frame, means, watch)
    watch.enter("describing")
    description = describe(
        snapshot=snapshot,
        plan=plan,
        sheet=sheet,
        frame=frame,
        groups=groups,
        rules=rules,
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
    with watch.storing():
        run.save()


def sheet_of(
    run: AnalysisRun, snapshot: StudySnapshot, groups: Sequence[RespondentGroup]
) -> AnswerSheet:
    """The answers that a run is made of: of the groups compared, and of every wave."""
    plan = comparison_plan(run.plan)
    if plan.waves:
        waves = groups_of_waves(plan, snapshot.groups, run.plan.study.slug)
        groups = [*groups, *(one for one in waves if one not in groups)]
    rules = exclusion_rules(run.plan)
    return answer_sheet(snapshot, groups=groups, until=run.started_at, rules=rules)


def frame_of(
    sheet: AnswerSheet,
    plan: Plan,
    rules: Exclusions | None,
    means: Mapping[str, Mapping[int, float]],
) -> ScoredFrame:
    """What the plan is fitted to: a row per respondent, over waves a row per person."""
    frame = scored_frame(sheet, exclusions=rules, people=plan.people, means=means)
    return joined(frame, sheet.sessions, plan)


def _specs(groups: Sequence[RespondentGroup], frame: ScoredFrame) -> list[GroupSpec]:
    return [
        GroupSpec(
            group.key,
            group.label,
            Kind(group.kind),
            group.simulated,
            frame.refusal_shares(group.key),
            frame.shared(group.key),
            frame.told_to[group.key] if group.kind == Kind.LLM else None,
            frame.told_answers(group.key),
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
        {**frame.columns, **frame.design},
        comparison_plan(run.plan),
        given={**frame.columns, **frame.given} if takes_means(run.plan) else None,
        group=frame.group,
        groups=specs,
        cluster=("cluster",),
        conditions=tuple(frame.design),
        resampling=drawn,
        work=Work(watch.conduct.processes, watch.told("uncertainty"), watch.cancelled),
    )


def _vary(
    run: AnalysisRun,
    specs: Sequence[GroupSpec],
    sheet: AnswerSheet,
    frame: ScoredFrame,
    means: Mapping[str, Mapping[int, float]],
    watch: Watch,
) -> tuple["SensitivityRow", ...]:
    """The comparison once more under every combination of the declared grid."""
    grid = sensitivity_grid(run.plan)
    if not grid:
        return ()
    from analysis.compare.parallel import Work
    from analysis.compare.sensitivity import sensitivity

    columns, labels = _grid_data(run, sheet, frame, means)
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
    run: AnalysisRun,
    sheet: AnswerSheet,
    frame: ScoredFrame,
    means: Mapping[str, Mapping[int, float]],
) -> tuple[dict[str, Any], Any]:
    """Every finished row, those that the rules leave out included, and which rows they keep."""
    import numpy as np

    if not any(dimension.name == "exclusions" for dimension in sensitivity_grid(run.plan)):
        everyone, kept = frame, np.full(len(frame.group), "yes")
    else:
        everyone = frame_of(sheet, comparison_plan(run.plan), None, means)
        kept = np.where(np.isin(everyone.respondent, frame.respondent), "yes", "no")
    columns = {**everyone.columns, **everyone.design, KEPT: kept}
    return columns, everyone.group


def _has_rows(frame: ScoredFrame, group: RespondentGroup) -> bool:
    if (frame.group == group.key).any():
        return True
    if group.kind == Kind.HUMAN and frame.excluded.get(group.key, {}).get(NOT_PLACED):
        raise NothingToCompare(Refusal.NOBODY_PLACED, group=group.label)
    if group.kind == Kind.HUMAN:
        raise NothingToCompare(Refusal.NOBODY_FINISHED, group=group.label)
    return False
