"""Tables as the migrations of a database made them, and their rows as lines of JSON."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import BinaryField, Field, ForeignKey, JSONField, Model, QuerySet
from django.db.models.options import Options

from config.backups.contents import LEFT_OUT

READ_AT_ONCE = 2000
READ_FILES_AT_ONCE = 4
Row = Sequence[Any]
Migrations = Mapping[str, Sequence[str]]


class Table:
    """One table of a database: its columns, and its rows as plain values."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        self.name = label_of(model)
        self.db_name = _told(model).db_table
        self.fields: list[Field[Any, Any]] = list(_told(model).concrete_fields)
        self.columns = tuple(field.attname for field in self.fields)
        self.has_json = any(isinstance(field, JSONField) for field in self.fields)

    @property
    def at_once(self) -> int:
        """How many rows are read at once: of files of megabytes each a few."""
        has_files = any(isinstance(field, BinaryField) for field in self.fields)
        return READ_FILES_AT_ONCE if has_files else READ_AT_ONCE

    @cached_property
    def points_to_itself(self) -> bool:
        """Whether a row may name one that comes later."""
        return self.model in _targets(self.model)

    @property
    def all(self) -> QuerySet[Any]:
        """All rows, whatever the model's own managers leave out or refuse."""
        return QuerySet(self.model)

    def count(self) -> int:
        """How many rows it has."""
        return self.all.count()

    def rows(self) -> Iterator[Row]:
        """Every row as values that JSON has, in the order of the keys; read in pieces."""
        found = self.all.order_by("pk").values_list(*self.columns)
        for row in found.iterator(chunk_size=self.at_once):
            yield [value if type(value) in _PLAIN else plain_value(value) for value in row]

    def add(self, rows: Sequence[Row]) -> None:
        """Store rows as they are: nothing is set to now, nothing is checked but by the database."""
        quote = connection.ops.quote_name
        names = ", ".join(quote(field.column) for field in self.fields)
        marks = ", ".join(["%s"] * len(self.fields))
        insert = f"INSERT INTO {quote(self.db_name)} ({names}) VALUES ({marks})"  # noqa: S608
        prepared = [
            [self._prepared(*pair) for pair in zip(self.fields, row, strict=True)] for row in rows
        ]
        with connection.cursor() as cursor:
            cursor.executemany(insert, prepared)

    def _prepared(self, field: Field[Any, Any], value: Any) -> Any:
        if isinstance(field, JSONField) and (value is not None or not field.null):
            # Without a value of its own None would be no value at all, where it is one of JSON.
            return connection.ops.adapt_json_value(value, field.encoder)
        return field.get_db_prep_save(field.to_python(value), connection)

    def summed(self, row: Row) -> bytes:
        """A row as its checksum has it: the same, whatever a database does to keys and numbers."""
        told = _settled(row) if self.has_json else row
        return _line(told, sort_keys=self.has_json)


class Summing:
    """Counts rows and sums them up while they pass."""

    def __init__(self, table: Table) -> None:
        self._table, self._sum, self.rows = table, sha256(), 0

    def take(self, row: Row) -> None:
        """Add a row."""
        self.rows += 1
        self._sum.update(self._table.summed(row))

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the rows so far."""
        return self._sum.hexdigest()


def as_line(row: Row) -> bytes:
    """A row as a line of its file, in which objects keep their order."""
    return _line(row, sort_keys=False)


def plain_value(value: Any) -> Any:
    """A value of a column as JSON has it; `Field.to_python` reads it back."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal | UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode("ascii")
    return value


def tables_at(migrations: Migrations) -> list[Table]:
    """The tables that these migrations make, each after those that its rows name."""
    loader = MigrationLoader(connection)
    nodes = last_nodes(loader, migrations)
    return ordered_tables(loader.project_state(nodes).apps)


def last_nodes(loader: MigrationLoader, migrations: Migrations) -> list[tuple[str, str]]:
    """The migrations that no other of them stands on, in their own app."""
    there = {(app, name) for app, names in migrations.items() for name in names}
    graph = loader.graph
    return sorted(
        node
        for node in there & set(graph.nodes)
        if not any(
            child.key in there and child.key[0] == node[0] for child in _children(graph, node)
        )
    )


def _children(graph: Any, node: tuple[str, str]) -> Iterator[Any]:
    yield from graph.node_map[node].children


def ordered_tables(apps: Apps) -> list[Table]:
    """Every table that is backed up, each after those that it points to."""
    models = apps.get_models(include_auto_created=True)
    models = [one for one in models if label_of(one) not in LEFT_OUT]
    waiting = {one: _targets(one) - {one} for one in models}
    tables: list[Table] = []
    while waiting:
        free = [one for one, targets in waiting.items() if not targets & waiting.keys()]
        if not free:
            names = ", ".join(sorted(label_of(one) for one in waiting))
            raise ValueError(f"tables point to each other in a circle: {names}")
        for model in sorted(free, key=label_of):
            tables.append(Table(model))
            del waiting[model]
    return tables


_PLAIN = {str, int, float, bool, type(None)}


def _targets(model: type[Model]) -> set[Any]:
    fields = _told(model).concrete_fields
    return {field.related_model for field in fields if isinstance(field, ForeignKey)}


def label_of(model: type[Model]) -> str:
    """The name of a model, APP.MODEL in lower case."""
    return str(_told(model).label_lower)


def _told(model: type[Model]) -> Options[Any]:
    return model._meta  # noqa: SLF001 - Django's documented way to ask a model


def _line(row: Any, *, sort_keys: bool) -> bytes:
    told = json.dumps(row, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    return told.encode() + b"\n"


def _settled(value: Any) -> Any:
    """Whole numbers as such: PostgreSQL keeps the decimals of JSON in a notation of its own."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        return {key: _settled(one) for key, one in value.items()}
    return [_settled(one) for one in value] if isinstance(value, list | tuple) else value
