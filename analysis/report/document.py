"""The whole report, section after section."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.report.content import ReportContent
from analysis.report.furniture import furniture
from analysis.report.sections import contents
from analysis.report.sections.body import (
    limits,
    measurement,
    paths,
    respondents,
    sensitivity,
    summary,
    vaar,
)
from analysis.report.sections.supplement import (
    appendix,
    instruments,
    model_arm,
    quality,
    subgroups,
)
from analysis.report.typesetting.layout import PageIndex, Placed, lay_out
from analysis.report.writer import Writer

_SECTIONS: tuple[Callable[[Writer, ReportContent], None], ...] = (
    respondents.write,
    instruments.write,
    model_arm.write,
    quality.write,
    measurement.write,
    paths.write,
    vaar.write,
    subgroups.write,
    sensitivity.write,
    limits.write,
    appendix.write,
)


def write_pdf(content: ReportContent, page_size: str) -> bytes:
    """Lay the report out; equal content gives equal bytes."""

    def compose(index: PageIndex, record: Callable[[Placed], None]) -> list[Any]:
        report = Writer(index, record)
        summary.write(report, content)
        contents.write(report)
        for write in _SECTIONS:
            write(report, content)
        return report.story

    return lay_out(compose, furniture(content), page_size)
