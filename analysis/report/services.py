"""Writing the report of a finished run."""

import hashlib

from django.core.files.base import ContentFile

from analysis.models import AnalysisRun, Report
from analysis.report.gather import report_content
from analysis.runs.selectors import require_done, subject_of
from surveys.jobs.queue import join_or_start
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here
from surveys.models import Action, Job
from surveys.services.audit import Actor, job_actor, record

REPORT = "report"


def build_report(*, run: AnalysisRun, by: Actor, page_size: str = "A4") -> Report:
    """Write the PDF of a run. The same run and page size give the same bytes, stored once.

    Raises `RunNotDone`.
    """
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
    from analysis.report import build_pdf

    watch.enter("reading")
    content = report_content(run)
    watch.check()
    watch.enter("writing")
    pdf = build_pdf(content, page_size=page_size)
    sha256 = hashlib.sha256(pdf).hexdigest()
    with watch.storing():
        known = Report.objects.filter(run=run, page_size=page_size, sha256=sha256).first()
        return known or _store(run, page_size, pdf, sha256, by)


def _store(run: AnalysisRun, page_size: str, pdf: bytes, sha256: str, by: Actor) -> Report:
    report = Report(run=run, page_size=page_size, sha256=sha256)
    name = f"{run.plan.study.slug}-{run.plan.name}-{run.pk}-{page_size}.pdf"
    report.file.save(name, ContentFile(pdf), save=False)
    report.save()
    made = {"run": run.pk, "page_size": page_size, "sha256": sha256}
    record(by=by, action=Action.REPORT_WRITTEN, study=run.plan.study, subject=report, after=made)
    return report
