"""Making a backup while the program goes on: what is read is one moment's."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import FileField

from config.backups.contents import LEFT_OUT, MANIFEST, BackedUpFile, BackedUpTable, Manifest
from config.backups.errors import BackupError, BackupRefused
from config.backups.tables import Summing, Table, as_line, tables_at

Tell = Callable[[str, int, int], None]
_PIECE = 1 << 20


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody how far it is."""


def back_up(target: Path, *, tell: Tell = silent) -> Manifest:
    """Write every table and every stored file of an installation into a new file.

    The file is readable by its owner only; it holds answers, ids and hashed passwords, and no key
    of any kind. `tell` hears what is being written, and how many tables of how many are. Raises
    `BackupError` (`file_exists`, `nothing_there`).
    """
    if not applied_migrations():
        raise BackupError(BackupRefused.NOTHING_THERE)
    if target.exists():
        raise BackupError(BackupRefused.FILE_EXISTS, file=target.name)
    part = target.with_name(f"{target.name}.part")
    part.touch(mode=0o600)
    try:
        with (
            zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive,
            one_moment(),
        ):
            manifest = _write(archive, tell)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return manifest


@contextmanager
def one_moment() -> Iterator[None]:
    """Read a database as it is now, whatever others write meanwhile, and without stopping them."""
    if connection.vendor != "sqlite":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    connection.ensure_connection()
    of_sqlite: Any = connection
    usual, of_sqlite.transaction_mode = of_sqlite.transaction_mode, "DEFERRED"
    try:
        with transaction.atomic():
            yield
    finally:
        of_sqlite.transaction_mode = usual


def applied_migrations() -> dict[str, tuple[str, ...]]:
    """What a database records of its migrations, by app."""
    found = MigrationRecorder(connection).applied_migrations()
    apps = sorted({app for app, _name in found})
    return {app: tuple(sorted(name for one, name in found if one == app)) for app in apps}


def _write(archive: zipfile.ZipFile, tell: Tell) -> Manifest:
    migrations = applied_migrations()
    tables = tables_at(migrations)
    written = []
    for number, table in enumerate(tables, start=1):
        written.append(_write_table(archive, table))
        tell(table.name, number, len(tables))
    files, missing = _write_files(archive, tables)
    manifest = Manifest(
        program=version("counterpart"),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=connection.vendor,
        migrations=migrations,
        tables=tuple(written),
        files=tuple(files),
        missing_files=tuple(missing),
        left_out=LEFT_OUT,
    )
    archive.writestr(MANIFEST, manifest.model_dump_json(indent=1))
    return manifest


def _write_table(archive: zipfile.ZipFile, table: Table) -> BackedUpTable:
    summing = Summing(table)
    made = BackedUpTable(name=table.name, columns=table.columns, rows=0, sha256="")
    with archive.open(made.member, "w", force_zip64=True) as member:
        found = table.rows()
        while rows := list(islice(found, table.at_once)):
            for row in rows:
                summing.take(row)
            member.write(b"".join(map(as_line, rows)))
    return made.model_copy(update={"rows": summing.rows, "sha256": summing.sha256})


def file_names(tables: list[Table]) -> Iterator[str]:
    """The names of all files that rows of these tables keep."""
    for table in tables:
        for field in table.fields:
            if isinstance(field, FileField):
                found = table.all.exclude(**{field.name: ""})
                yield from found.order_by("pk").values_list(field.attname, flat=True)


def _write_files(
    archive: zipfile.ZipFile, tables: list[Table]
) -> tuple[list[BackedUpFile], list[str]]:
    files, missing = [], []
    for name in dict.fromkeys(file_names(tables)):
        made = BackedUpFile(name=name, size=0, sha256="")
        try:
            source = default_storage.open(name, "rb")
        except FileNotFoundError:  # its time was over; the row says so when it is looked at
            missing.append(name)
            continue
        size, total = 0, sha256()
        with source, archive.open(made.member, "w", force_zip64=True) as member:
            while piece := source.read(_PIECE):
                member.write(piece)
                total.update(piece)
                size += len(piece)
        files.append(made.model_copy(update={"size": size, "sha256": total.hexdigest()}))
    return files, missing
