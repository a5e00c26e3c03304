"""Writing the report of a finished run."""

import hashlib
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from analysis.models import REPORT, AnalysisRun, Report
from analysis.report.gather import report_content
from analysis.runs.log import record_about
from analysis.runs.selectors import require_done, subject_of
from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here
from surveys.models import Action, Job
from surveys.roles import Act
from surveys.services.audit import Actor, job_actor, require

if TYPE_CHECKING:
    from analysis.report.document import Documents


def build_report(*, run: AnalysisRun, by: Actor, page_size: str = "A4") -> Report:
    """Write the report of a run and its supplement.

    The same run and page size give the same bytes, stored once.

    Raises `RunNotDone`.
    """
    require(by=by, study=run.plan.study, act=Act.ANALYSE)
    require_done(run)
    given = {"run": run.pk, "page_size": page_size}
    study, subject = run.plan.study, subject_of(run)
    with job_here(
        REPORT, study=study, subject=subject, parameters=given, queued_by=by.as_json()
    ) as watch:
        report = _write(watch, run, page_size, by)
        watch.result = {"report": report.pk}
    return report


def start_report(*, run: AnalysisRun, by: Actor, page_size: str = "A4") -> Job:
    """Let a worker write the report of a run. Raises `RunNotDone`."""
    require(by=by, study=run.plan.study, act=Act.ANALYSE)
    require_done(run)
    given = {"run": run.pk, "page_size": page_size}
    return join_or_start(
        REPORT,
        study=run.plan.study,
        subject=subject_of(run),
        parameters=given,
        queued_by=by.as_json(),
    )


def carry_out_report(watch: Watch) -> Report:
    """Write the report that a job is about."""
    given = watch.job.parameters
    run = AnalysisRun.objects.select_related("plan__study").get(pk=given["run"])
    require_done(run)
    return _write(watch, run, given["page_size"], job_actor(watch.job.queued_by))


def _write(watch: Watch, run: AnalysisRun, page_size: str, by: Actor) -> Report:
    from analysis.report import build_documents

    watch.enter("reading")
    content = report_content(run)
    watch.check()
    watch.enter("writing")
    written = build_documents(content, page_size=page_size)
    sums = {
        "sha256": hashlib.sha256(written.report).hexdigest(),
        "supplement_sha256": hashlib.sha256(written.supplement).hexdigest(),
    }
    with watch.storing():
        known = Report.objects.filter(run=run, page_size=page_size, **sums).first()
        return known or _store(run, page_size, written, sums, by)


def _store(
    run: AnalysisRun, page_size: str, written: "Documents", sums: dict[str, str], by: Actor
) -> Report:
    report = Report(run=run, page_size=page_size, **sums)
    name = f"{run.plan.study.slug}-{run.plan.name}-{run.pk}-{page_size}"
    report.file.save(f"{name}.pdf", ContentFile(written.report), save=False)
    report.supplement.save(f"{name}-supplement.pdf", ContentFile(written.supplement), save=False)
    report.save()
    made = {"run": run.pk, "page_size": page_size, **sums}
    record_about(run, Action.REPORT_WRITTEN, made, by=by, report=report)
    return report
