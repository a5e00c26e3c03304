"""Build the help site that the product serves at /help/."""

from typing import Any

from django.core.management.base import CommandParser

from config.help.building import build, is_current, place
from surveys.management.base import Made, UseCaseCommand


class Command(UseCaseCommand):
    help = "Build the help site that is served at /help/, out of docs/ and of what the code says."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own declaration

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--if-older", action="store_true", help="Only where it is missing or not current."
        )
        parser.add_argument(
            "--strict", action="store_true", help="End with an error at a link that leads nowhere."
        )

    def perform(self, *, if_older: bool, strict: bool, **_options: Any) -> Made:
        if if_older and is_current():
            facts = {"place": str(place()), "built": False}
            return Made([f"{place()} is current."], facts, "manage.py serve, then open /help/")
        pages = build(strict=strict)
        facts = {"place": str(place()), "built": True, "pages": pages}
        return Made([f"{place()}: {pages} pages."], facts, "manage.py serve, then open /help/")
