"""Draft the mapping of a data file: what can be recognised is written, the rest is asked."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.errors import Refused, StudyError
from surveys.imports.drafts.writing import MappingDraft
from surveys.imports.files.data_files import read_content
from surveys.management.base import Made, UseCaseCommand
from surveys.services.data.import_files import draft_import


class Command(UseCaseCommand):
    help = "Draft a mapping (TOML) from a CSV, TSV, XLSX, .sav or .dta file of people's answers."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("data", type=Path, metavar="FILE")
        parser.add_argument("--out", type=Path, metavar="MAPPING.toml")
        parser.add_argument(
            "--study",
            metavar="SLUG",
            help="A study that is there, whose questions are looked for; or the new one's name "
            "(default: FILE).",
        )
        parser.add_argument(
            "--sheet", default="", help="The sheet of a workbook (default: that with most rows)."
        )

    def perform(
        self, *, data: Path, out: Path | None, study: str | None, sheet: str, **_options: Any
    ) -> Made:
        out = out or data.with_suffix(".mapping.toml")
        if out.exists():
            raise StudyError(Refused.FILE_EXISTS, file=out.name)
        draft = draft_import(
            content=read_content(data), name=data.name, study=study or "", user=None, sheet=sheet
        )
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(draft.text, encoding="utf-8")
        facts = {
            "file": str(out),
            "rows": draft.rows,
            "questions": draft.questions,
            "columns": {one.name: draft.aim_of(one) for one in draft.columns},
        }
        return Made(
            list(_lines(draft, out)),
            facts,
            f"answer them, then manage.py import_responses {out} {data}",
        )


def _lines(draft: MappingDraft, out: Path) -> Iterator[str]:
    layout = draft.recognised.layout
    how = f"{layout.format}, {layout.encoding}, delimiter {layout.delimiter!r}"
    yield f"{draft.recognised.data.name}: {draft.rows} rows; {how}, decimal {layout.decimal!r}, "
    yield f"  header rows: {layout.header_rows}"
    for column in draft.columns:
        shown = "  ".join(f"{cell[:20]}: {count}" for cell, count in column.examples)
        yield f"  {column.name:<28} {draft.aim_of(column):<28} {column.filled:>7}  {shown}"
    yield from (note.rstrip() for note in draft.notes)
    yield f"{draft.questions} questions to answer in {out}"
