"""Restoring a backup into an installation that holds nothing, piece by piece.

What was restored before an interruption stays, and the same command goes on from there: while a
restore is under way a table of its own holds the checksum of the backup.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.backups.contents import BackedUpFile, BackedUpTable, Manifest
from config.backups.errors import BackupError, BackupRefused
from config.backups.reading import Backup, opened, require_known
from config.backups.tables import Row, Summing, Table, last_nodes, tables_at
from config.backups.writing import Tell, applied_migrations, silent
from surveys.jobs.leases import end
from surveys.jobs.reasons import JobEnd
from surveys.models import Job

# Made by migrations themselves, and so in an installation that is empty.
_BY_MIGRATIONS = ("contenttypes.contenttype", "auth.permission")
_UNDER_WAY = "counterpart_restore"


def restore(path: Path, *, tell: Tell = silent) -> Manifest:
    """Bring all tables and files of a backup in, then bring the tables up to date.

    The whole file is read before anything is changed. Every table is read again when it is in, and
    must have the checksum that it had. Raises `BackupError`.
    """
    with opened(path) as backup:
        manifest = backup.manifest
        require_known(manifest, MigrationLoader(connection), backup.name)
        tables = tables_at(manifest.migrations)
        backup.require_whole(tables)
        if not _is_under_way(backup):
            _require_empty(manifest)
            _make_room(manifest, tables)
            _begin(backup)
        _bring_in(backup, tables, tell)
        for file in manifest.files:
            _bring_file(backup, file)
        _end(tables)
    _bring_up_to_date()
    return manifest


def _is_under_way(backup: Backup) -> bool:
    """Whether this very backup was being restored here; raises where it was another one."""
    if _UNDER_WAY not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT checksum FROM {_UNDER_WAY}")  # noqa: S608 - a constant
        rows = cursor.fetchall()
    if rows != [(backup.checksum,)]:
        raise BackupError(BackupRefused.OTHER_RESTORE)
    return True


def _require_empty(manifest: Manifest) -> None:
    """Raise `BackupError` (`installation_not_empty`) where there are rows or files already."""
    tables = [one for one in tables_at(applied_migrations()) if one.name not in _BY_MIGRATIONS]
    found = {table.name: count for table in tables if (count := table.count())}
    shown = [f"{name}: {count}" for name, count in found.items()]
    shown += [file.name for file in manifest.files if default_storage.exists(file.name)]
    if shown:
        raise BackupError(BackupRefused.NOT_EMPTY, found=", ".join(shown[:5]))


def _make_room(manifest: Manifest, tables: Sequence[Table]) -> None:
    """Empty tables as the migrations of the backup make them."""
    if applied_migrations() != manifest.migrations:
        _drop_empty_tables()
        executor = MigrationExecutor(connection)
        executor.migrate(last_nodes(executor.loader, manifest.migrations))
    for table in reversed(tables):
        table.all.delete()


def _drop_empty_tables() -> None:
    if not (applied := applied_migrations()):
        return
    loader = MigrationLoader(connection)
    state = loader.project_state(last_nodes(loader, applied))
    with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
        # Tables of links between two models go with the first of them.
        for model in state.apps.get_models():
            editor.delete_model(model)
    MigrationRecorder(connection).migration_qs.all().delete()


def _begin(backup: Backup) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {_UNDER_WAY} (checksum varchar(64))")
        cursor.execute(f"INSERT INTO {_UNDER_WAY} VALUES (%s)", [backup.checksum])  # noqa: S608


def _bring_in(backup: Backup, tables: Sequence[Table], tell: Tell) -> None:
    told = {table.name: table for table in backup.manifest.tables}
    for number, table in enumerate(tables, start=1):
        _bring_table(backup, told[table.name], table)
        tell(table.name, number, len(tables))


def _bring_table(backup: Backup, told: BackedUpTable, table: Table) -> None:
    rows = backup.rows(told)
    # Rows come in the order of their keys: as many as are there are the first of them.
    for _known in range(table.count()):
        next(rows, None)
    if table.points_to_itself:
        with transaction.atomic():
            _add(table, rows)
    else:
        _add(table, rows)
    summing = Summing(table)
    for row in table.rows():
        summing.take(row)
    if (summing.rows, summing.sha256) != (told.rows, told.sha256):
        raise BackupError(BackupRefused.RESTORED_DIFFERS, table=table.name, file=backup.name)


def _add(table: Table, rows: Iterable[Row]) -> None:
    rows = iter(rows)
    while piece := list(islice(rows, table.at_once)):
        with transaction.atomic():
            table.add(piece)


def _bring_file(backup: Backup, file: BackedUpFile) -> None:
    """Write a stored file; what an interruption left of it is written anew."""
    if default_storage.exists(file.name):
        default_storage.delete(file.name)
    with backup.open(file) as source:
        default_storage.save(file.name, File(source, name=file.name))


def _end(tables: Sequence[Table]) -> None:
    """Let new rows get keys after the highest there is; nothing is under way any more."""
    models = [table.model for table in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
        cursor.execute(f"DROP TABLE {_UNDER_WAY}")


def _end_jobs() -> None:
    """End what was under way or waited: no panel begins to spend by itself on a second machine."""
    reason = JobEnd.RESTORED
    for job in Job.objects.filter(status__in=Job.UNFINISHED):
        status, owner = Job.Status.CANCELLED, job.lease_owner
        end(job, status, reason.value, {}, reason.sentence, owner=owner)


def _bring_up_to_date() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    _end_jobs()
    emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)
