"""Delete a study that nobody has begun."""

from typing import Any

from django.core.management.base import CommandParser

from surveys import services
from surveys.management.base import Made, SteeringCommand
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    nothing_follows = "what is deleted is gone"
    help = "Delete a study that nobody has begun and no panel was recruited for."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY")

    def perform(self, *, study: str, by: Actor, **_options: Any) -> Made:
        services.delete_study(study=study_named(study), by=by)
        return Made([f"{study}: deleted"], {"study": study})
