"""Files that the pages and the REST door hand out alike."""

from django.http import HttpResponse

from analysis.archive.services import build_archive
from analysis.models import AnalysisRun, Report
from surveys.services.audit import Actor


def report_pdf(report: Report) -> HttpResponse:
    """The report's PDF, shown in the browser and named when it is saved.

    Read whole: a report is well under a megabyte, and the file is closed before anything is sent.
    """
    with report.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    name = report.file.name.rsplit("/", 1)[-1]
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def archive_zip(run: AnalysisRun, by: Actor) -> HttpResponse:
    """The replication archive of a run. Raises what `build_archive` raises."""
    archive = build_archive(run=run, by=by)
    response = HttpResponse(archive.content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{archive.name}"'
    return response
