"""End the second factor of somebody who lost telephone and recovery codes."""

from typing import Any

from django.core.management.base import CommandParser

from surveys.management.base import Made, SteeringCommand, owner_named
from surveys.services.access.sessions import end_sessions
from surveys.services.access.two_factor import end_two_factor
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = (
        "End the second factor and all sessions of a user. Make sure by another way that it is the "
        "user who asks: afterwards the password alone lets somebody in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", metavar="USERNAME")

    def perform(self, *, user: str, by: Actor, **_options: Any) -> Made:
        account = owner_named(user)
        removed = end_two_factor(user=account, by=by)
        ended = end_sessions(user=account, by=by)
        said = (
            f"{account} signs in with the password alone now, and can set up another second "
            f"factor on the page Account."
            if removed
            else f"{account} had no second factor."
        )
        lines = [said, f"Sessions ended: {ended}."]
        facts = {"user": str(account), "ended": removed, "sessions": ended}
        return Made(lines, facts, "tell the user to sign in, and to set one up on the page Account")
