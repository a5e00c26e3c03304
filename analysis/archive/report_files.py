"""The report of a run in its archive: the documents that were written, and their long tables."""

from collections.abc import Iterator

from analysis.archive.content import Document, Printed, Table
from analysis.models import AnalysisRun, Report
from analysis.report import long_tables
from analysis.report.gather import report_content
from analysis.runs.snapshot import StudySnapshot


def printed(run: AnalysisRun, snapshot: StudySnapshot) -> Printed:
    """The latest report on each paper, as it was handed out, and the tables too long for it."""
    latest = {report.page_size: report for report in run.reports.order_by("created_at", "pk")}
    return Printed(
        documents=[one for report in latest.values() for one in _documents(report)],
        tables=[
            Table(file.name, file.header, file.rows)
            for file in long_tables(report_content(run, snapshot))
        ],
    )


def _documents(report: Report) -> Iterator[Document]:
    for name, file in (("report", report.file), ("supplement", report.supplement)):
        if file:
            with file.open("rb") as opened:
                yield Document(f"report/{name}-{report.page_size}.pdf", opened.read())
