"""What a backup says of itself: its manifest, read and written strictly."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

FORMAT = 1
MANIFEST = "manifest.json"
# What belongs to processes and browsers, not to the data: whoever restores logs in anew, and no
# panel that waited in a queue begins by itself on a second machine.
LEFT_OUT = (
    "sessions.session",
    "django_tasks_database.dbtaskresult",
    "surveys.worker",
    "surveys.answeredrequest",
)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BackedUpTable(_Strict):
    """One table: `name` is APP.MODEL, `sha256` (hex) is of its rows, whatever database has them."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def member(self) -> str:
        """Where its rows are in the zip file."""
        return f"tables/{self.name}.jsonl"


class BackedUpFile(_Strict):
    """A file that rows of the tables name; `name` is its path below the folder of files."""

    name: str
    size: int
    sha256: str

    @property
    def member(self) -> str:
        """Where it is in the zip file."""
        return f"files/{self.name}"


class Manifest(_Strict):
    """What is in a backup. `migrations` are those of its tables, by app in the order of running.

    `missing_files` are named by rows and were not there any more.
    """

    format: Literal[1] = 1
    program: str
    made_at: str
    database: str
    migrations: dict[str, tuple[str, ...]]
    tables: tuple[BackedUpTable, ...]
    files: tuple[BackedUpFile, ...]
    missing_files: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)
