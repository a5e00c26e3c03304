"""Appendix: the sensitivity grid, one row for each specification."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.report.content import ReportContent, Specification
from analysis.report.drawings.specification_curve import measure_label
from analysis.report.readout.results import score_text
from analysis.report.typesetting.formatting import NOT_ESTIMABLE, NOT_RECORDED
from analysis.report.typesetting.style import plain
from analysis.report.typesetting.tables import Band, Row, numbers, row, words
from analysis.report.words import REASONS
from analysis.report.writer import Writer


def write(report: Writer, content: ReportContent) -> None:
    """Every declared specification with its value; nothing where none was declared."""
    if not content.specifications:
        return
    report.section("appendix-grid", "Sensitivity grid")
    names = list(dict.fromkeys(name for each in content.specifications for name in each.choices))
    entries: list[Row | Band] = []
    for group in dict.fromkeys(each.group for each in content.specifications):
        entries.append(Band(content.label(group)))
        entries += [
            _grid_row(content, each, names)
            for each in content.specifications
            if each.group == group
        ]
    columns = [words("Measure", 30)]
    columns += [words(plain(name), 50 / len(names)) for name in names]
    columns += [numbers("Value", 26)]
    report.table(
        "table-specifications",
        "Sensitivity grid, one row for each specification",
        columns,
        entries,
        note="The planned specification is marked.",
        to_archive=True,
    )


def _grid_row(content: ReportContent, each: Specification, names: list[str]) -> Row:
    if each.value is None:
        known = {reason.value: text for reason, text in REASONS.items()}
        reason = known.get(each.reason, each.reason)
        value = f"{_(NOT_ESTIMABLE)}: {reason}" if reason else NOT_ESTIMABLE
    else:
        value = score_text(each.value, each.interval)
    measure = measure_label(content, each.measure)
    if each.main:
        measure = f"{measure}, {_('planned')}"
    return row(measure, *(each.choices.get(name, NOT_RECORDED) for name in names), value)
