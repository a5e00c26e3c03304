"""Leave a study out of lists, or show it there again."""

from typing import Any

from django.core.management.base import CommandParser

from surveys import services
from surveys.management.base import Made, SteeringCommand
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    nothing_follows = "its pages and its data stay"
    help = "Leave a draft or a closed study out of lists; its pages and its data stay."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument("--restore", action="store_true", help="Show it in lists again.")

    def perform(self, *, study: str, restore: bool, by: Actor, **_options: Any) -> Made:
        change = services.restore_study if restore else services.archive_study
        changed = change(study=study_named(study), by=by)
        archived = changed.archived_at is not None
        said = "archived" if archived else "in lists again"
        return Made([f"{changed.slug}: {said}"], {"study": changed.slug, "archived": archived})
