"""Restore a backup into a new installation."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.backups.restoring import restore
from surveys.management.base import Made, UseCaseCommand
from surveys.management.progress import ProgressBar


class Command(UseCaseCommand):
    help = (
        "Bring a backup into an empty database and an empty folder of files, and bring its tables "
        "up to date. If it is interrupted, the same command goes on."
    )
    # The tables may not be there yet: this command makes them.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE")

    def perform(self, *, file: Path, **_options: Any) -> Made:
        with ProgressBar("Tables") as bar:
            made = restore(file, tell=lambda _name, done, total: bar.show(done, total))
        lines = [
            f"{file}: {made.rows} rows of {len(made.tables)} tables, {len(made.files)} files",
            f"backed up at {made.made_at}; every table reads as it did then",
        ]
        tables = {table.name: table.sha256 for table in made.tables}
        following = "erase again who withdrew since then; then manage.py serve, and the workers"
        return Made(lines, {"file": str(file), "rows": made.rows, "tables": tables}, following)
