"""Bring an existing data set in: people, or answers of models that were collected elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.imports import load_mapping
from surveys.imports.files.data_files import read_content
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.services.audit import Actor
from surveys.services.data.import_files import import_file
from surveys.services.data.imports import ImportReport


class Command(SteeringCommand):
    help = "Import people, or answers of models, from a file; the mapping says what is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("mapping", metavar="MAPPING.toml")
        parser.add_argument("data", metavar="DATA")
        add_owner_argument(parser)

    def perform(
        self, *, mapping: str, data: str, owner: str | None, by: Actor, **_options: Any
    ) -> Made:
        report = import_file(
            mapping=load_mapping(mapping),
            content=read_content(data),
            name=Path(data).name,
            owner=owner_named(owner),
            by=by,
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
        "respondents": report.respondents,
        "groups": dict(report.groups),
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
