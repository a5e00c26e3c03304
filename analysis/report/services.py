"""Writing the report of a finished run."""

import hashlib

from django.core.files.base import ContentFile
from django.db import transaction

from analysis.errors import RunNotDone
from analysis.models import AnalysisRun, Report
from analysis.report.gather import report_content
from surveys.models import Action
from surveys.services.audit import Actor, record


def build_report(*, run: AnalysisRun, by: Actor, page_size: str = "A4") -> Report:
    """Write the PDF of a run. The same run and page size give the same bytes, stored once.

    Raises `RunNotDone`.
    """
    if run.status != AnalysisRun.Status.DONE:
        why = f": {run.error}" if run.error else ""
        raise RunNotDone(
            f"Run {run.pk} is {run.status}{why}; fit the models again.", code="run_not_done"
        )
    from analysis.report import build_pdf

    pdf = build_pdf(report_content(run), page_size=page_size)
    sha256 = hashlib.sha256(pdf).hexdigest()
    known = Report.objects.filter(run=run, page_size=page_size, sha256=sha256).first()
    return known or _store(run, page_size, pdf, sha256, by)


@transaction.atomic
def _store(run: AnalysisRun, page_size: str, pdf: bytes, sha256: str, by: Actor) -> Report:
    report = Report(run=run, page_size=page_size, sha256=sha256)
    name = f"{run.plan.study.slug}-{run.plan.name}-{run.pk}-{page_size}.pdf"
    report.file.save(name, ContentFile(pdf), save=False)
    report.save()
    made = {"run": run.pk, "page_size": page_size, "sha256": sha256}
    record(by=by, action=Action.REPORT_WRITTEN, study=run.plan.study, subject=report, after=made)
    return report
