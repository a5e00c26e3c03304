"""Give a program a token with which it uses REST in a user's name."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from surveys.management.base import Made, SteeringCommand, owner_named
from surveys.models import Scope
from surveys.services.access.tokens import create_token
from surveys.services.audit import Actor


class Command(SteeringCommand):
    help = "Give a user a token for REST. It is printed once, and stored nowhere."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("user", help="In whose name a program will act.")
        parser.add_argument("--name", default="command", help="What it is for.")
        parser.add_argument("--scope", action="append", choices=Scope.values, default=[])
        parser.add_argument("--days", type=int, default=90, help="Until it ends (default: 90).")

    def perform(
        self, *, user: str, name: str, scope: list[str], days: int, by: Actor, **_options: Any
    ) -> Made:
        token, told = create_token(
            user=owner_named(user), name=name, scopes=scope or [Scope.READ], days=days, by=by
        )
        facts = {
            "token": told,
            "id": token.pk,
            "scopes": token.scopes,
            "expires_at": token.expires_at.isoformat(),
        }
        said = f"Scopes: {', '.join(token.scopes)}; until {token.expires_at:%Y-%m-%d}."
        asked = f'curl -H "Authorization: Bearer {told}" {settings.SITE_URL}/api/studies/'
        more = f"What else it can do stands at {settings.SITE_URL}/api/docs/ and in docs/rest.md."
        following = f"try {asked}; it is not shown again"
        return Made(lines=[told, said, more], facts=facts, following=following)
