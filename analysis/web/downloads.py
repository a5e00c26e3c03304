"""Files that the pages and the REST door hand out alike."""

from django.http import HttpResponse

from analysis.archive.services import Archive
from analysis.models import Report


def report_pdf(report: Report) -> HttpResponse:
    """The report's PDF, shown in the browser and named when it is saved.

    Read whole: a report is well under a megabyte, and the file is closed before anything is sent.
    """
    with report.file.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    name = report.file.name.rsplit("/", 1)[-1]
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def archive_zip(archive: Archive) -> HttpResponse:
    """The replication archive of a run."""
    response = HttpResponse(archive.content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{archive.name}"'
    return response
