"""Export the data of a study for statistics programs and for others."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from surveys.exports import WrittenFile
from surveys.exports.content import FORMATS
from surveys.management.base import Made, SteeringCommand
from surveys.selectors import study_named
from surveys.services.audit import Actor
from surveys.services.data.exports import export_choice, export_data


class Command(SteeringCommand):
    help = "Export the answers of a study with codebook, checksums and an R script."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument("--out", metavar="DIR", required=True, help="A folder, new or empty.")
        parser.add_argument(
            "--format",
            action="append",
            dest="formats",
            choices=FORMATS,
            help="One of these, or several by repeating it (default: all).",
        )
        parser.add_argument(
            "--group",
            action="append",
            dest="groups",
            metavar="KEY",
            help="A group, or several by repeating it (default: all).",
        )
        parser.add_argument(
            "--wave",
            action="append",
            dest="waves",
            metavar="WAVE",
            help="A wave of imported people, several by repeating it (default: all).",
        )
        for name, help_text in (
            ("--demographics", "Add what people said about themselves, in a file of its own."),
            ("--recruiter-ids", "Add the ids that recruiters gave, in a file of its own."),
            ("--share", "A copy for others: pseudonyms, no times, only who consented to it."),
            ("--paradata", "Also how the pages were answered, and flags, in files of their own."),
            ("--exact", "Words as they were given, also where spreadsheets would carry them out."),
        ):
            parser.add_argument(name, action="store_true", help=help_text)

    def perform(self, *, study: str, out: str, by: Actor, **options: Any) -> Made:
        found = study_named(study)
        choice = export_choice(options, found)
        files = export_data(study=found, choice=choice, folder=Path(out), by=by)
        following = f"{out}/codebook.html says what each column is"
        return Made(list(_lines(out, files)), {"folder": out, "files": _facts(files)}, following)


def _lines(folder: str, files: Sequence[WrittenFile]) -> Iterator[str]:
    for file in files:
        size = f"{file.rows} rows" if file.rows is not None else f"{file.size} bytes"
        yield f"{folder}/{file.name}: {size}"


def _facts(files: Sequence[WrittenFile]) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "sha256": one.sha256, "bytes": one.size, "rows": one.rows}
        for one in files
    ]
