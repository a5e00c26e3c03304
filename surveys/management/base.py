"""What the management commands of every app share: --json, errors with codes, --owner and --by."""

import json
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from surveys.errors import AccountError, CounterpartError, Refused
from surveys.services.audit import command_actor


@dataclass(frozen=True, slots=True)
class Made:
    """What a command made: lines for a person, facts (plain JSON values) for a program.

    `following` is what comes next, as a command where it is one: both are told it.
    """

    lines: Sequence[str]
    facts: Mapping[str, Any] = field(default_factory=dict)
    following: str = ""

    def as_lines(self) -> list[str]:
        """What a person reads."""
        return [*self.lines, *([f"Next: {self.following}"] if self.following else [])]

    def as_facts(self) -> dict[str, Any]:
        """What a program reads."""
        return {**self.facts, **({"next": self.following} if self.following else {})}


class UseCaseCommand(BaseCommand):
    """A command around one use case: `perform` calls it and returns what was made.

    With ``--json`` the facts are printed as one JSON object and nothing else. A use case that says
    no becomes a `CommandError` that ends in its code, exit status 1; with ``--json`` standard
    output then holds ``{"error": {"code", "message", "details"}}``.

    What is made says what comes next; a command after which nothing does says why.
    """

    nothing_follows = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--json``; a command with arguments of its own calls this too."""
        parser.add_argument("--json", action="store_true", help="Print JSON for programs.")

    @abstractmethod
    def perform(self, *args: Any, **options: Any) -> Made:
        """Call the use case and say what it made; name the options it reads as keywords."""

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print what `perform` made, or end with its error."""
        as_json = options.pop("json")
        try:
            made = self.perform(**options)
        except (CounterpartError, ValueError) as error:
            # The pure packages raise ValueErrors with a code; one without is a fault of ours.
            code = getattr(error, "code", None)
            if not isinstance(code, str):
                raise
            self._refuse(error, code, as_json=as_json)
        else:
            self.stdout.write(_json(made.as_facts()) if as_json else "\n".join(made.as_lines()))

    def _refuse(self, error: Exception, code: str, *, as_json: bool) -> NoReturn:
        if as_json:
            details = getattr(error, "details", {})
            facts = {"code": code, "message": str(error), "details": details}
            self.stdout.write(_json({"error": facts}))
        raise CommandError(f"{error} [{code}]", returncode=1) from error


class SteeringCommand(UseCaseCommand):
    """A command around a use case that steers: `perform` reads whoever does it as ``by``."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--by`` and ``--json``."""
        super().add_arguments(parser)
        parser.add_argument(
            "--by",
            metavar="USERNAME",
            help="Who does this, for the study's log (default: this machine's account).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the user that is named; the rest is as with every command."""
        username = options["by"]
        try:
            user = owner_named(username) if username else None
        except CounterpartError as error:
            self._refuse(error, error.code, as_json=options["json"])
        options["by"] = command_actor(user)
        super().handle(*args, **options)


def add_owner_argument(parser: CommandParser) -> None:
    """Add ``--owner``, which `owner_named` reads."""
    parser.add_argument(
        "--owner",
        metavar="USERNAME",
        help="Whose study it is (default: the only user, or else the only superuser).",
    )


def owner_named(username: str | None) -> AbstractBaseUser:
    """The user of that name; without a name the only user, or else the only superuser.

    Raises `AccountError`: `owner_unknown`, `owner_needed`.
    """
    users = get_user_model().objects.filter(is_active=True)
    if username:
        owner = users.filter(username=username).first()
        if owner is None:
            raise AccountError(Refused.OWNER_UNKNOWN, user=username)
        return owner
    for candidates in (users, users.filter(is_superuser=True)):
        if len(found := list(candidates[:2])) == 1:
            return found[0]
    raise AccountError(Refused.OWNER_NEEDED)


def _json(facts: Any) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=2)
