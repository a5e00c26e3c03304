"""Back the whole installation up."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config.backups.jobs import BACKUP
from config.backups.writing import applied_migrations, back_up
from surveys.jobs.watch import Watch
from surveys.jobs.work import job_here
from surveys.management.base import Made, UseCaseCommand
from surveys.management.progress import ProgressBar
from surveys.models import Job


def _known(file: Path) -> AbstractContextManager[Watch]:
    """A job, so that the page for staff knows when the last backup was made.

    It is in the backup itself as one under way: restoring ends those.
    """
    if not applied_migrations() or file.exists():
        return nullcontext(Watch(Job(), ""))
    return job_here(BACKUP, study=None, subject=BACKUP)


class Command(UseCaseCommand):
    help = (
        "Write all tables and stored files into one file that `restore` reads, also into another "
        "kind of database. It can run while the program serves. Keys are in no backup."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE", help="A new file, such as a.zip.")

    def perform(self, *, file: Path, **_options: Any) -> Made:
        with ProgressBar("Tables") as bar, _known(file) as watch:
            made = back_up(file, tell=lambda _name, done, total: bar.show(done, total))
            watch.result = {"file": file.name}
        line = f"{file}: {made.rows} rows of {len(made.tables)} tables, {len(made.files)} files"
        gone = [f"not there any more: {name}" for name in made.missing_files]
        facts = {"file": str(file), "rows": made.rows, "files": len(made.files)}
        tables = {table.name: table.sha256 for table in made.tables}
        following = "keep it with the SECRET_KEY, elsewhere; manage.py restore reads it"
        return Made([line, *gone], {**facts, "tables": tables}, following)
