"""Bring an existing data set in: people, or answers of models that were collected elsewhere."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.imports import load_mapping
from surveys.imports.files.data_files import read_content
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.questions import number_shown
from surveys.services.audit import Actor
from surveys.services.data.import_files import import_file
from surveys.services.data.imports import ImportReport

# A scale has hardly more; numbers of a slider are told by their range.
MOST_VALUES = 21


class Command(SteeringCommand):
    help = "Import people, or answers of models, from a file; the mapping says what is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("mapping", metavar="MAPPING.toml")
        parser.add_argument("data", metavar="DATA")
        parser.add_argument(
            "--sheet", default="", help="The sheet of a workbook (default: the mapping's)."
        )
        add_owner_argument(parser)

    def perform(
        self, *, mapping: str, data: str, owner: str | None, sheet: str, by: Actor, **_options: Any
    ) -> Made:
        report = import_file(
            mapping=load_mapping(mapping),
            content=read_content(data),
            name=Path(data).name,
            owner=owner_named(owner),
            by=by,
            sheet=sheet,
        )
        study = report.study.slug
        following = (
            f"manage.py look_at_answers {study}, then manage.py freeze_plan {study} PLAN.toml"
        )
        return Made(list(_lines(report)), _facts(report), following)


def _lines(report: ImportReport) -> Iterator[str]:
    if report.respondents == "models":
        yield f"{report.study.slug}: {report.imported} sessions of imported model answers"
        for group, sessions in report.groups.items():
            yield f"  group {group}: {sessions}"
        yield f"  records read: {report.rows_read}, used: {report.rows_used}"
    else:
        yield f"{report.study.slug}: {report.imported} people imported"
        yield f"  rows read: {report.rows_read}"
    for reason, count in report.skipped.items():
        yield f"  left out, {reason.replace('_', ' ')}: {count}"
    if not report.ended:
        yield "  the last line has no line end: if the file was cut there, its last answer is wrong"
    for ref, values in report.values.items():
        words = report.words.get(ref)
        counts = f"{words} texts or days" if words else _counted(values)
        reasons = "  ".join(f"{why}: {count}" for why, count in report.missing[ref].items())
        yield f"  {ref:<32} {counts}" + (f"  ({reasons})" if reasons else "")
    for code in report.unknown:
        yield f"  unknown code {code.code!r}: {code.where}"
    if report.unused_columns:
        yield f"  columns left out: {', '.join(report.unused_columns)}"


def _counted(values: Mapping[int | float, int]) -> str:
    """How often each value occurs; of many different numbers how far they reach, and their mean."""
    if len(values) <= MOST_VALUES:
        return "  ".join(f"{number_shown(one)}: {values[one]}" for one in sorted(values))
    count = sum(values.values())
    mean = sum(value * often for value, often in values.items()) / count
    low, high = number_shown(min(values)), number_shown(max(values))
    return f"{count} numbers, {low} to {high}, mean {mean:.2f}"


def _facts(report: ImportReport) -> dict[str, Any]:
    return {
        "study": report.study.slug,
        "respondents": report.respondents,
        "groups": dict(report.groups),
        "rows_read": report.rows_read,
        "imported": report.imported,
        "skipped": dict(report.skipped),
        "values": {
            ref: {number_shown(value): counts[value] for value in sorted(counts)}
            for ref, counts in report.values.items()
        },
        "missing": {ref: dict(counts) for ref, counts in report.missing.items()},
        "words": dict(report.words),
        "unknown": [
            {"column": one.column, "code": one.code, "lines": list(one.lines)}
            for one in report.unknown
        ],
        "ended": report.ended,
        "unused_columns": list(report.unused_columns),
    }
