"""Back the whole installation up."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.backups.writing import back_up
from surveys.management.base import Made, UseCaseCommand
from surveys.management.progress import ProgressBar


class Command(UseCaseCommand):
    help = (
        "Write all tables and stored files into one file that `restore` reads, also into another "
        "kind of database. It can run while the program serves. Keys are in no backup."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE", help="A new file, such as a.zip.")

    def perform(self, *, file: Path, **_options: Any) -> Made:
        with ProgressBar("Tables") as bar:
            made = back_up(file, tell=lambda _name, done, total: bar.show(done, total))
        line = f"{file}: {made.rows} rows of {len(made.tables)} tables, {len(made.files)} files"
        gone = [f"not there any more: {name}" for name in made.missing_files]
        facts = {"file": str(file), "rows": made.rows, "files": len(made.files)}
        tables = {table.name: table.sha256 for table in made.tables}
        following = "keep it with the SECRET_KEY, elsewhere; manage.py restore reads it"
        return Made([line, *gone], {**facts, "tables": tables}, following)
