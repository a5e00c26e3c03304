"""Reading plans, runs and reports."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.db.models import OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from analysis.compare.json_codec import from_plain, to_plain
from analysis.compare.results import Comparison, GroupSummary, PathEstimate, SignSource
from analysis.errors import AnalysisError, Refusal, RunNotDone
from analysis.models import AnalysisPlan, AnalysisRun, Report
from analysis.runs.agreement import NUMBERS, agreement_rows, all_sizes
from analysis.runs.descriptions import DataDescription
from surveys.models import Study, WebhookEvent
from surveys.selectors import study_named
from surveys.services.webhooks.happenings import Happening
from surveys.workspace.funnel import Kept
from surveys.workspace.printed import Printed

# Where an instance of a run keeps what was read of its result.
_READ = "_comparison_of_result"
# What a finished run kept never changes.
SECONDS_KEPT = 3600
# On the page of reports and data; those before are with their runs.
REPORTS_LISTED = 10


def plan_named(study: str, name: str) -> AnalysisPlan:
    """A frozen plan by the names of study and plan; `AnalysisError` (`plan_unknown`)."""
    plan = AnalysisPlan.objects.select_related("study").filter(study__slug=study, name=name).first()
    if plan is None:
        study_named(study)
        known = ", ".join(
            AnalysisPlan.objects.filter(study__slug=study).values_list("name", flat=True)
        )
        raise AnalysisError(Refusal.PLAN_UNKNOWN, study=study, plan=name, known=known or "–")
    return plan


def latest_run(study: str, plan: str, number: int | None = None) -> AnalysisRun:
    """The latest finished run of a plan, or the run of that number; `AnalysisError`."""
    runs = AnalysisRun.objects.filter(plan=plan_named(study, plan)).order_by("-pk")
    chosen = runs.filter(pk=number) if number else runs.filter(status=AnalysisRun.Status.DONE)
    run = chosen.select_related("plan__study").first()
    if run is None:
        raise AnalysisError(Refusal.RUN_UNKNOWN, plan=plan, study=study)
    return run


def subject_of(row: AnalysisPlan | AnalysisRun) -> str:
    """What a job is about: the name under which pages find the jobs of a plan or a run."""
    return f"{'plan' if isinstance(row, AnalysisPlan) else 'run'}:{row.pk}"


def numbers_of_runs(study: OuterRef) -> QuerySet[AnalysisRun, int]:
    """The finished runs of a study that are in its list, latest first, for a query of others."""
    done = AnalysisRun.objects.filter(
        plan__study=study, status=AnalysisRun.Status.DONE, archived_at=None
    )
    return done.order_by("-pk").values_list("pk", flat=True)


def kept_in_run(number: int) -> Kept | None:
    """How many of each group a finished run analysed; a query for the first who asks."""
    key = f"kept-in-run-{number}"
    found: tuple[str, dict[str, int]] | None = cache.get(key)
    if found is None:
        found = _rows_by_group(number)
        cache.set(key, found, SECONDS_KEPT)
    plan, by_group = found
    said = _("kept by plan %(plan)s in run %(run)s") % {"plan": plan, "run": number}
    return Kept(by_group, said, reverse("analysis:run", kwargs={"run_id": number}))


def _rows_by_group(number: int) -> tuple[str, dict[str, int]]:
    """The name of a run's plan, and the rows of each of its groups; of its counts alone."""
    counts = AnalysisRun.objects.values_list("plan__name", "result__comparison__groups")
    plan, groups = counts.get(pk=number)
    return plan, {one["key"]: one["rows"] for one in groups or ()}


def printed_of_study(study: Study) -> list[Printed]:
    """The reports of a study's latest runs that are in its list, by run; one query."""
    reports = Report.objects.filter(run__plan__study=study, run__archived_at=None)
    latest = reports.select_related("run__plan").defer("run__result").order_by("-run", "-pk")
    by_run = groupby(latest[:REPORTS_LISTED], key=lambda report: report.run)
    return [_printed_of(run, list(found)) for run, found in by_run]


def _printed_of(run: AnalysisRun, reports: Sequence[Report]) -> Printed:
    said = _("Run %(run)s of plan %(plan)s") % {"run": run.pk, "plan": run.plan.name}
    documents = [document for report in reports for document in _documents(report)]
    return Printed(said, reverse("analysis:run", kwargs={"run_id": run.pk}), documents)


def _documents(report: Report) -> Iterator[tuple[str, str]]:
    size, which = {"size": report.page_size}, {"report_id": report.pk}
    yield _("Report, %(size)s (PDF)") % size, reverse("analysis:report", kwargs=which)
    if report.supplement:
        yield _("Supplement, %(size)s (PDF)") % size, reverse("analysis:supplement", kwargs=which)


def require_done(run: AnalysisRun) -> None:
    """Raise `RunNotDone` for a run without a result."""
    if run.status != AnalysisRun.Status.DONE:
        why = f" ({run.error})" if run.error else ""
        raise RunNotDone(Refusal.RUN_NOT_DONE, run=run.pk, status=run.status, why=why)


def study_runs(study: Study) -> QuerySet[AnalysisRun]:
    """The runs of all plans of a study, latest first, with their reports."""
    runs = AnalysisRun.objects.filter(plan__study=study).select_related("plan", "job")
    return runs.prefetch_related("reports").order_by("-pk")


def run_comparison(run: AnalysisRun) -> Comparison | None:
    """What a finished run found; None for a run that did not finish. Read once for each row."""
    if not run.result:
        return None
    kept: Any = run.__dict__.get(_READ)
    if kept is None or kept[0] is not run.result:
        kept = (run.result, from_plain(Comparison, run.result["comparison"]))
        run.__dict__[_READ] = kept
    found: Comparison = kept[1]
    return found


def found_in(run: AnalysisRun) -> dict[str, Any]:
    """Everything that a run found, told as this version does, whichever stored it; else empty."""
    if not run.result:
        return {}
    comparison = run_comparison(run)
    description = from_plain(DataDescription, run.result["description"])
    told = {"comparison": to_plain(comparison), "description": to_plain(description)}
    return {**run.result, **told}


def summary_rows(run: AnalysisRun) -> list[dict[str, Any]]:
    """One row per group: label, provenance, n, each path with its interval, VAAR of a model.

    Of a model also, as plain values, the rows that its VAAR is read beside (itself first) and the
    sizes of its paths; both are empty in results that were stored before they were computed.
    """
    comparison = run_comparison(run)
    if comparison is None:
        return []
    scores = {score.group: score for score in comparison.vaar if score.signs is SignSource.THEORY}
    sizes = {one.paths.group: to_plain(one) for one in all_sizes(comparison)}
    # Of many runs they are read together (`prefetch_related`).
    imported = {one.key for one in run.plan.study.groups.all() if one.imported}
    rows = []
    for group in comparison.groups:
        paths = {
            path.key: _path(comparison.path_estimate(group.key, path.key))
            for path in comparison.plan.paths
        }
        score = scores.get(group.key)
        vaar = {name: getattr(score, name) for name in NUMBERS} if score else None
        rows.append(
            {
                "group": group.key,
                "label": group.label,
                "kind": group.kind,
                "simulated": group.simulated,
                "imported": group.key in imported,
                "rows": group.rows,
                "n": _analysed(comparison, group),
                "paths": paths,
                "vaar": vaar,
                "beside": to_plain(agreement_rows(score)) if score else [],
                "sizes": sizes.get(group.key),
            }
        )
    return rows


def _analysed(comparison: Comparison, group: GroupSummary) -> int:
    """How many of a group its paths rest on: fewer than its rows where answers are missing."""
    if group.fitted is not None:
        return group.fitted
    paths = [path for path in comparison.paths if path.group == group.key and path.n]
    return min((path.n for path in paths), default=group.n)


def _path(estimate: PathEstimate) -> dict[str, Any]:
    return {
        "std": estimate.std,
        "ci_lower": estimate.std_ci_lower,
        "ci_upper": estimate.std_ci_upper,
        "est": estimate.est,
        "se": estimate.se,
        "rung": estimate.rung.value,
        "reason": estimate.reason.value if estimate.reason else None,
        "said": estimate.reason.sentence if estimate.reason else "",
    }


def runs_that_are_done(studies: Collection[int], since: datetime) -> Iterator[Happening]:
    """Runs of these studies that were done since then, by plan and number."""
    done = AnalysisRun.objects.filter(
        plan__study__in=studies, status=AnalysisRun.Status.DONE, finished_at__gte=since
    )
    rows: Any = done.order_by("pk").values_list("pk", "plan__name", "plan__study", "finished_at")
    for pk, plan, study, at in rows:
        facts = {"run": pk, "plan": plan}
        yield Happening(WebhookEvent.RUN_DONE, study, f"run {pk}", at, facts)
