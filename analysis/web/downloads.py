"""Files that the pages and the REST door hand out alike."""

from io import StringIO

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse

from analysis.archive.services import Archive
from analysis.models import Report, RunFigure
from surveys.exports.cells import CsvWriter


def report_pdf(report: Report) -> HttpResponse:
    """The report's PDF, shown in the browser and named when it is saved."""
    return _pdf(report.file)


def supplement_pdf(report: Report) -> HttpResponse:
    """The PDF of what stands behind the report; 404 where it was written as one document."""
    if not report.supplement:
        raise Http404
    return _pdf(report.supplement)


def _pdf(stored: FieldFile) -> HttpResponse:
    """Read whole: it is about a megabyte, and the file is closed before anything is sent."""
    with stored.open("rb") as file:
        response = HttpResponse(file.read(), content_type="application/pdf")
    name = str(stored.name).rsplit("/", 1)[-1]
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def archive_zip(archive: Archive) -> HttpResponse:
    """The replication archive of a run."""
    response = HttpResponse(archive.content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{archive.name}"'
    return response


def figure_png(figure: RunFigure) -> HttpResponse:
    """A figure in pixels."""
    from analysis.report.kept_figures import figure_pixels

    return _named(figure, figure_pixels(figure), "image/png", "png")


def figure_csv(figure: RunFigure) -> HttpResponse:
    """The numbers of a figure, as text that a spreadsheet reads."""
    file = StringIO()
    CsvWriter(file).write_all(figure.numbers)
    return _named(figure, file.getvalue(), "text/csv; charset=utf-8", "csv")


def _named(figure: RunFigure, content: bytes | str, kind: str, ending: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    name = f"run-{figure.run_id}-{figure.key}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def figure_svg(figure: RunFigure) -> HttpResponse:
    """A figure as a file of its own; its address names the version, so that it may be kept."""
    response = HttpResponse(figure.svg, content_type="image/svg+xml; charset=utf-8")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
