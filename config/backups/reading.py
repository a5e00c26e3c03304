"""A backup that was opened: its manifest, its rows, and whether they are what was backed up."""

import json
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from django.db.migrations.loader import MigrationLoader
from pydantic import ValidationError

from config.backups.contents import FORMAT, MANIFEST, BackedUpFile, BackedUpTable, Manifest
from config.backups.errors import BackupError, BackupRefused
from config.backups.tables import Row, Summing, Table

_PIECE = 1 << 20


class Backup:
    """A backup file, open for reading."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest, name: str) -> None:
        self._archive, self.manifest, self.name = archive, manifest, name

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) of the manifest, and so of all there is."""
        return sha256(self.manifest.model_dump_json().encode()).hexdigest()

    def rows(self, table: BackedUpTable) -> Iterator[Row]:
        """The rows of a table, one at a time."""
        with self._archive.open(table.member) as member:
            for line in member:
                yield json.loads(line)

    def open(self, file: BackedUpFile) -> BinaryIO:
        """A stored file."""
        return self._archive.open(file.member)  # type: ignore[return-value]

    def require_whole(self, tables: Sequence[Table]) -> None:
        """Read all of it once, as rows of these tables. Raises `BackupError` (`backup_damaged`)."""
        by_name = {table.name: table for table in tables}
        self._require(MANIFEST, by_name.keys() == {told.name for told in self.manifest.tables})
        for told in self.manifest.tables:
            with self._reading(told.member):
                self._require(told.member, self._is_whole(told, by_name[told.name]))
        for file in self.manifest.files:
            with self._reading(file.member):
                self._require(file.member, self._sum_of(file) == file.sha256)

    @contextmanager
    def _reading(self, member: str) -> Iterator[None]:
        try:
            yield
        except (zipfile.BadZipFile, zlib.error, ValueError, KeyError, EOFError):
            self._require(member, False)

    def _require(self, member: str, whole: bool) -> None:
        if not whole:
            raise BackupError(BackupRefused.BACKUP_DAMAGED, part=member, file=self.name)

    def _is_whole(self, told: BackedUpTable, table: Table) -> bool:
        summing = Summing(table)
        for row in self.rows(told):
            summing.take(row)
        same = (summing.rows, summing.sha256) == (told.rows, told.sha256)
        return same and table.columns == told.columns

    def _sum_of(self, file: BackedUpFile) -> str:
        total = sha256()
        with self.open(file) as member:
            while piece := member.read(_PIECE):
                total.update(piece)
        return total.hexdigest()


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """Open a backup. Raises `BackupError` (`not_a_backup`, `backup_newer`)."""
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise _no_backup(path, error) from None
    with archive:
        try:
            told = json.loads(archive.read(MANIFEST))
        except (KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            raise _no_backup(path, error) from None
        yield Backup(archive, _manifest(told, path), path.name)


def require_known(manifest: Manifest, loader: MigrationLoader, name: str) -> None:
    """Raise `BackupError` (`backup_newer`) if this program lacks a migration of the tables."""
    known = set(loader.graph.nodes)
    unknown = [
        f"{app} {migration}"
        for app, migrations in manifest.migrations.items()
        for migration in migrations
        if (app, migration) not in known
    ]
    if unknown:
        raise BackupError(BackupRefused.BACKUP_NEWER, file=name, unknown=", ".join(unknown[:3]))


def _manifest(told: Any, path: Path) -> Manifest:
    form = told.get("format") if isinstance(told, dict) else None
    if isinstance(form, int) and form > FORMAT:
        unknown = f"format {form}"
        raise BackupError(BackupRefused.BACKUP_NEWER, file=path.name, unknown=unknown)
    try:
        return Manifest.model_validate(told)
    except ValidationError as error:
        raise _no_backup(path, error) from None


def _no_backup(path: Path, error: Exception) -> BackupError:
    reason = str(error).partition("\n")[0] or type(error).__name__
    return BackupError(BackupRefused.NOT_A_BACKUP, file=path.name, reason=reason)
