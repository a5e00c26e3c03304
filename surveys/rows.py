"""Many rows at a time, without a model instance for each: for what is written every second.

A statement for many rows is also one step for SQLite, whose driver gives the interpreter up at each
step and then waits for its turn.
"""
# ruff: noqa: SLF001 - `_meta` is the documented way to a model's columns

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, TypeVar

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import DateTimeField, Field, JSONField, Model
from django.db.models.expressions import DatabaseDefault

from surveys.statements import written_cursor

# SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535.
_MOST_PARAMETERS = 30_000

Convert = Callable[[Any], Any]
Row = TypeVar("Row")
Instance = TypeVar("Instance", bound=Model)


def insert_rows(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given by column attribute (``administration_id``), all with the same keys.

    Every column without a default in the database must be there. The new keys are not returned.
    Raises `IntegrityError` as any insertion does.
    """
    if rows:
        names = tuple(rows[0])
        pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
        insert_values(model, names, [pick(row) for row in rows])


def insert_values(
    model: type[Model], names: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    """Insert rows given as values in the order of `names`, column attributes; see `insert_rows`."""
    if not rows:
        return
    using = router.db_for_write(model)
    target, converters = _insertion(model, names, using)
    converted = [_converted(row, converters) for row in rows]
    if connections[using].vendor == "postgresql":
        _copy(connections[using], target, converted)
    else:
        _insert(connections[using], target, converted)


def insert_new(model: type[Model], names: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> bool:
    """Insert rows as `insert_values` does, but not beside any that a constraint of uniqueness
    keeps out, and tell whether all were new.

    Where they were not, whoever calls this undoes the transaction: some may be inserted.
    """
    using = router.db_for_write(model)
    target, converters = _insertion(model, names, using)
    converted = [_converted(row, converters) for row in rows]
    if connections[using].vendor == "postgresql":
        return _insert_columns(model, names, using, converted) == len(rows)
    return _insert(connections[using], target, converted, "ON CONFLICT DO NOTHING") == len(rows)


def _insert_columns(
    model: type[Model], names: tuple[str, ...], using: str, rows: Sequence[Sequence[Any]]
) -> int:
    """Insert what is new of rows that are sent as one array a column: one plan for any number."""
    with written_cursor(connections[using]) as cursor:
        cursor.execute(
            _of_arrays(model, names, using), [list(one) for one in zip(*rows, strict=True)]
        )
        return int(cursor.rowcount)


@lru_cache(maxsize=32)
def _of_arrays(model: type[Model], names: tuple[str, ...], using: str) -> str:
    target, _ = _insertion(model, names, using)
    types = (_field(model, name).db_type(connections[using]) for name in names)
    arrays = ", ".join(f"%s::{one}[]" for one in types)
    return f"INSERT INTO {target} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"  # noqa: S608


def insert_instances(rows: Sequence[Instance]) -> None:
    """Insert instances of one model that are not saved yet, and let them know their keys."""
    if not rows:
        return
    model = type(rows[0])
    using = router.db_for_write(model)
    connection = connections[using]
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    target, _ = _insertion(model, tuple(field.attname for field in fields), using)
    key = connection.ops.quote_name(model._meta.pk.column)
    values = [[_first_value(field, row, connection) for field in fields] for row in rows]
    keys: list[Any] = []
    _insert(connection, target, values, f"RETURNING {key}", keys)
    for row, pk in zip(rows, keys, strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, using


def _first_value(field: Field[Any, Any], row: Model, connection: BaseDatabaseWrapper) -> Any:
    value = field.pre_save(row, add=True)
    if isinstance(value, DatabaseDefault):
        # Defaults in the database are plain values here.
        value = field.db_default
        setattr(row, field.attname, value)
    return field.get_db_prep_save(value, connection)


def update_instances(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Write the columns `names` of instances of one model that are saved."""
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in names]
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    key = quote(model._meta.pk.column)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {key} = %s"  # noqa: S608
    with written_cursor(connection) as cursor:
        for row in rows:
            values = [
                field.get_db_prep_save(field.pre_save(row, add=False), connection)
                for field in fields
            ]
            cursor.execute(sql, [*values, row.pk])


def add_to(model: type[Model], key: Any, name: str, number: int) -> None:
    """Add a number to a column of one row."""
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    column, pk = quote(_field(model, name).column), quote(model._meta.pk.column)
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        sql = f"UPDATE {table} SET {column} = {column} + %s WHERE {pk} = %s"  # noqa: S608
        cursor.execute(sql, [number, key])


def _insert(
    connection: BaseDatabaseWrapper,
    target: str,
    rows: Sequence[Sequence[Any]],
    tail: str = "",
    returned: list[Any] | None = None,
) -> int:
    """Insert rows, as few statements as that takes, and return how many there were.

    What `tail` lets the statements return, one value for each row, is added to `returned`.
    """
    place = f"({', '.join(['%s'] * len(rows[0]))})"
    inserted = 0
    with connection.cursor() as cursor:
        for part in _parts(rows, len(rows[0])):
            values = [value for row in part for value in row]
            places = ", ".join([place] * len(part))
            cursor.execute(f"INSERT INTO {target} VALUES {places} {tail}", values)  # noqa: S608
            inserted += cursor.rowcount
            if returned is not None:
                returned += [value for (value,) in cursor.fetchall()]
    return inserted


def _copy(connection: BaseDatabaseWrapper, target: str, rows: Sequence[Sequence[Any]]) -> None:
    # The driver takes an INSERT of many placeholders apart anew each time, which costs more than
    # everything the server does with it.
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {target} FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def rows_at(
    model: type[Model],
    names: tuple[str, str],
    pairs: Collection[tuple[Any, Any]],
    *,
    returning: tuple[str, ...],
) -> list[tuple[Any, ...]]:
    """Return columns of the rows whose two columns `names` equal one of the pairs.

    With an index over the two columns this reads those rows alone, where a condition on either
    column would read every combination.
    """
    connection = connections[router.db_for_read(model)]
    table = connection.ops.quote_name(model._meta.db_table)
    wanted = _columns(model, returning, connection.alias)
    at = _columns(model, names, connection.alias)
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for part in _parts(list(pairs), len(names)):
            places = ", ".join(["(%s, %s)"] * len(part))
            sql = f"SELECT {wanted} FROM {table} WHERE ({at}) IN (VALUES {places})"  # noqa: S608
            cursor.execute(sql, [value for pair in part for value in pair])
            found += cursor.fetchall()
    return found


def lock_rows(model: type[Model], keys: Collection[Any], equal: Mapping[str, Any]) -> list[Any]:
    """Lock those of the rows with these primary keys whose columns equal what is given.

    They are locked in the order of their keys, which are returned. A statement that is written
    down costs a tenth of one that is put together anew, and this one runs with every commit.
    """
    if not keys:
        return []
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    key = quote(model._meta.pk.column)
    places = ", ".join(["%s"] * len(keys))
    conditions = "".join(f" AND {quote(_field(model, name).column)} = %s" for name in equal)
    table = quote(model._meta.db_table)
    sql = f"SELECT {key} FROM {table} WHERE {key} IN ({places}){conditions} ORDER BY {key}"  # noqa: S608
    if connection.features.has_select_for_update:
        sql += " FOR UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*keys, *equal.values()])
        return [row[0] for row in cursor.fetchall()]


def _parts(rows: Sequence[Row], width: int) -> Iterator[Sequence[Row]]:
    """The rows in as few parts as one statement can take."""
    most = _MOST_PARAMETERS // width
    for start in range(0, len(rows), most):
        yield rows[start : start + most]


@lru_cache(maxsize=32)
def _insertion(
    model: type[Model], names: tuple[str, ...], using: str
) -> tuple[str, Mapping[int, Convert]]:
    """The table with the columns to be filled, and which of them must be converted, by place."""
    fields = [_field(model, name) for name in names]
    converters = {
        place: _converter(field, using)
        for place, field in enumerate(fields)
        if isinstance(field, DateTimeField | JSONField)
    }
    table = connections[using].ops.quote_name(model._meta.db_table)
    return f"{table} ({_columns(model, names, using)})", converters


def _converter(field: Field[Any, Any], using: str) -> Convert:
    # Connections belong to threads: the one at hand is looked up with each value.
    def convert(value: Any) -> Any:
        return field.get_db_prep_save(value, connections[using])

    # The rows of one statement were mostly written at one time.
    return lru_cache(maxsize=16)(convert) if isinstance(field, DateTimeField) else convert


def _converted(row: Sequence[Any], converters: Mapping[int, Convert]) -> Sequence[Any]:
    if not converters:
        return row
    values = list(row)
    for place, convert in converters.items():
        values[place] = convert(values[place])
    return values


def _columns(model: type[Model], names: tuple[str, ...], using: str) -> str:
    quote = connections[using].ops.quote_name
    return ", ".join(quote(_field(model, name).column) for name in names)


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.get_field(name)
    if not isinstance(field, Field):
        raise TypeError(f"{name} is no column of {model.__name__}")
    return field
