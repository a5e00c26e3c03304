"""Bring an existing human data set in as a study's people."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from surveys.imports import load_mapping, read_data_file
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.services.audit import Actor
from surveys.services.data.imports import ImportReport, import_responses


class Command(SteeringCommand):
    help = "Import the people of a CSV file; the mapping file says what its columns mean."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("mapping", metavar="MAPPING.toml")
        parser.add_argument("data", metavar="DATA.csv")
        add_owner_argument(parser)

    def perform(
        self, *, mapping: str, data: str, owner: str | None, by: Actor, **_options: Any
    ) -> Made:
        read = load_mapping(mapping)
        report = import_responses(
            mapping=read, data=read_data_file(data, read.layout), owner=owner_named(owner), by=by
        )
        return Made(list(_lines(report)), _facts(report))


def _lines(report: ImportReport) -> Iterator[str]:
    yield f"{report.study.slug}: {report.imported} of {report.rows_read} people imported"
    for reason, count in report.skipped.items():
        yield f"  left out, {reason.replace('_', ' ')}: {count}"
    if not report.ended:
        yield "  the last line has no line end: if the file was cut there, its last answer is wrong"
    for ref, values in report.values.items():
        counts = "  ".join(f"{value}: {values[value]}" for value in sorted(values))
        reasons = "  ".join(f"{why}: {count}" for why, count in report.missing[ref].items())
        yield f"  {ref:<32} {counts}" + (f"  ({reasons})" if reasons else "")
    for code in report.unknown:
        yield f"  unknown code {code.code!r}: {code.where}"
    if report.unused_columns:
        yield f"  columns left out: {', '.join(report.unused_columns)}"


def _facts(report: ImportReport) -> dict[str, Any]:
    return {
        "study": report.study.slug,
        "rows_read": report.rows_read,
        "imported": report.imported,
        "skipped": dict(report.skipped),
        "values": {ref: dict(sorted(counts.items())) for ref, counts in report.values.items()},
        "missing": {ref: dict(counts) for ref, counts in report.missing.items()},
        "unknown": [
            {"column": one.column, "code": one.code, "lines": list(one.lines)}
            for one in report.unknown
        ],
        "ended": report.ended,
        "unused_columns": list(report.unused_columns),
    }
