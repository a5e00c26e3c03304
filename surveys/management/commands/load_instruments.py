"""Publish instruments from files."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from surveys.instrument_files import (
    InstrumentDefinition,
    bundled_instruments,
    read_instrument_values,
)
from surveys.instrument_files.authoring.shelf import shelf as whole_shelf
from surveys.instrument_files.media.beside import folder_of
from surveys.instrument_files.toml_tables import parse_toml, read_text
from surveys.management.base import Made, SteeringCommand
from surveys.models import InstrumentVersion
from surveys.services import publish_instrument
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_library import take_from_shelf
from surveys.services.authoring.media import keep_media, tables_with_files


class Command(SteeringCommand):
    help = (
        "Publish instruments from TOML files, or published scales of the shelf; without either, "
        "those that come with the program."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="*", metavar="FILE.toml")
        parser.add_argument(
            "--shelf",
            action="append",
            default=[],
            metavar="NAME",
            help="A scale of the shelf, such as mini-ipip; can be repeated. --shelf list lists it.",
        )

    @transaction.atomic
    def perform(self, *, files: list[str], shelf: list[str], by: Actor, **_options: Any) -> Made:
        if "list" in shelf:
            return _listed()
        definitions = (
            [_loaded(Path(file), by) for file in files] if files or shelf else bundled_instruments()
        )
        versions = [v for one in definitions for v in publish_instrument(definition=one, by=by)]
        versions += [version for name in shelf for version in take_from_shelf(name=name, by=by)]
        return Made(
            [f"{version}: {version.checksum[:12]}" for version in versions],
            {"instrument_versions": [_facts(version) for version in versions]},
            "manage.py load_study STUDY.toml, or New study in the browser",
        )


def _loaded(path: Path, by: Actor) -> InstrumentDefinition:
    """The instrument in a file; what it shows is stored."""
    tables = parse_toml(read_text(path), file=path.name)
    made = tables_with_files(tables, file=path.name, file_of=folder_of(path))
    definition = read_instrument_values(made.tables, file=path.name)
    keep_media(files=made.files.values(), by=by)
    return definition


def _listed() -> Made:
    """What stands on the shelf, with the source of each licence."""
    lines = []
    rows = []
    for one in whole_shelf():
        it = one.definition
        lines.append(f"{it.slug}: {len(it.items)} items, {', '.join(it.languages)}, {it.licence}")
        evidence = [asdict(row) for row in one.evidence]
        rows.append({"name": it.slug, "licence": it.licence, "evidence": evidence})
    return Made(lines, {"shelf": rows}, "manage.py load_instruments --shelf NAME")


def _facts(version: InstrumentVersion) -> dict[str, str]:
    return {
        "instrument": version.instrument.slug,
        "version": version.version,
        "language": version.language,
        "checksum": version.checksum,
    }
