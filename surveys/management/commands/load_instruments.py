"""Publish instruments from files."""

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from surveys.instrument_files import InstrumentDefinition, bundled_instruments, load_instrument
from surveys.management.base import Made, SteeringCommand
from surveys.models import InstrumentVersion
from surveys.services import publish_instrument
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Publish instruments from TOML files; without files, those that come with the program."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="*", metavar="FILE.toml")

    @transaction.atomic
    def perform(self, *, files: list[str], by: Actor, **_options: Any) -> Made:
        definitions = _definitions(files)
        versions = [v for one in definitions for v in publish_instrument(definition=one, by=by)]
        return Made(
            [f"{version}: {version.checksum[:12]}" for version in versions],
            {"instrument_versions": [_facts(version) for version in versions]},
        )


def _definitions(files: list[str]) -> list[InstrumentDefinition]:
    if not files:
        return list(bundled_instruments())
    return [load_instrument(path) for path in files]


def _facts(version: InstrumentVersion) -> dict[str, str]:
    return {
        "instrument": version.instrument.slug,
        "version": version.version,
        "language": version.language,
        "checksum": version.checksum,
    }
