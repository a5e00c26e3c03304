"""Delete a published version of an instrument that no study asks."""

from typing import Any

from django.core.management.base import CommandParser

from surveys.management.base import Made, SteeringCommand
from surveys.services.audit import Actor
from surveys.services.authoring.instrument_library import delete_instrument_version


class Command(SteeringCommand):
    nothing_follows = "what is deleted is gone"
    help = "Delete a published version of an instrument, in all its languages, that no study asks."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("version", metavar="VERSION")

    def perform(self, *, slug: str, version: str, by: Actor, **_options: Any) -> Made:
        delete_instrument_version(slug=slug, version=version, by=by)
        return Made([f"{slug} {version}: deleted"], {"instrument": slug, "version": version})
