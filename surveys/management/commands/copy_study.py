"""Make a draft of what a study asks: a copy, or a version that amends it."""

from typing import Any

from django.core.management.base import CommandParser

from surveys import services
from surveys.management.base import Made, SteeringCommand, add_owner_argument, owner_named
from surveys.selectors import study_named
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "Make a draft of what a study asks, under another name. With --version it amends a study "
        "that was opened, for the same members: people who are in that one stay there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument(
            "name",
            metavar="NAME",
            nargs="?",
            default="",
            help="The slug of the draft; a version may do without.",
        )
        parser.add_argument("--as-version", default="", metavar="VERSION", help="Such as 1.1.")
        add_owner_argument(parser)

    def perform(
        self,
        *,
        study: str,
        name: str,
        as_version: str,
        owner: str | None,
        by: Actor,
        **_options: Any,
    ) -> Made:
        there, owned_by = study_named(study), owner_named(owner)
        if as_version:
            made = services.new_version(
                study=there, slug=name, version=as_version, owner=owned_by, by=by
            )
        else:
            made = services.copy_study(study=there, slug=name, owner=owned_by, by=by)
        following = f"manage.py export_study {made.slug} --out {made.slug}.toml, change it, load it"
        facts = {
            "study": made.slug,
            "version": made.version,
            "previous": made.previous.slug if made.previous else None,
            "next": following,
        }
        return Made([f"{made.slug} {made.version}: draft made", f"Next: {following}"], facts)
