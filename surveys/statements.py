"""Queries that are put together once, for what is asked with every page that somebody waits for.

Django puts the SQL of a query together anew whenever it is asked. For one row of three joined
tables that costs ten times what the database needs to find it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row")
Value: TypeAlias = str | int | datetime


class Slot(Expression):
    """A place in a query for a value that is known only when it is asked; counted from 0.

    The value goes to the database as it is: a text or a whole number; a moment as `field` has it.
    """

    def __init__(self, number: int, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.number = number

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> Any:
        """A placeholder, and this slot among the values for it."""
        return "%s", [self]

    def value_of(self, values: Sequence[Value], connection: BaseDatabaseWrapper) -> Any:
        """What is sent for this slot, of the values for all of them."""
        value = values[self.number]
        if not isinstance(value, datetime):
            return value
        return self.output_field.get_db_prep_value(value, connection)


class Statement(Generic[Row]):
    """A query with slots, put together when it is first asked on a connection.

        held = Statement(lambda: Administration.objects.filter(pk=Slot(0, BigIntegerField())))
        held.rows(12)

    `query` makes it: of instances, with those that `select_related` joins, or of `values_list`.
    Rows are read anew each time. Where they are locked, ask inside a transaction.
    """

    def __init__(self, query: Callable[[], QuerySet[Any, Row]]) -> None:
        self._query = query
        # Connections belong to threads, and so does what was put together for one.
        self._kept = threading.local()

    def rows(self, *values: Value) -> list[Row]:
        """The rows for these values, one for each slot."""
        kept: _Asked | None = getattr(self._kept, "asked", None)
        if kept is None or kept.connection is not connections[kept.connection.alias]:
            kept = self._kept.asked = _Asked(self._query())
        return list(kept.rows(values))

    def first(self, *values: Value) -> Row | None:
        """The first of the rows, or None."""
        return next(iter(self.rows(*values)), None)


class _Asked:
    """The SQL of a query for one connection, and how its rows become what the query returns."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self.connection = connections[queryset.db]
        self._compiler = queryset.query.get_compiler(connection=self.connection)
        self._sql, self._places = self._compiler.as_sql()
        columns = [expression for expression, *_ in self._compiler.select]
        self._converters = self._compiler.get_converters(columns)
        is_of_instances = queryset._iterable_class is ModelIterable  # noqa: SLF001 - no other way
        self._instances = _Instances(self._compiler) if is_of_instances else None

    def rows(self, values: Sequence[Value]) -> Iterator[Any]:
        given = [
            one.value_of(values, self.connection) if isinstance(one, Slot) else one
            for one in self._places
        ]
        with written_cursor(self.connection) as cursor:
            cursor.execute(self._sql, given)
            found: Iterable[Sequence[Any]] = cursor.fetchall()
        if self._converters:
            found = self._compiler.apply_converters(found, self._converters)
        return map(self._instances.made_of, found) if self._instances else map(tuple, found)


def written_cursor(connection: BaseDatabaseWrapper) -> CursorWrapper:
    """A cursor for what is put together once: PostgreSQL keeps the plan of what is asked often."""
    if connection.vendor != "postgresql":
        return connection.cursor()
    # Imported where it is needed: its module asks for the driver.
    from django.db.backends.postgresql import base

    connection.ensure_connection()
    cursor = base.ServerBindingCursor(connection.connection)  # type: ignore[attr-defined]
    return connection._prepare_cursor(cursor)  # type: ignore[attr-defined,no-any-return]  # noqa: SLF001 - as `cursor()` does


class _Instances:
    """Makes instances as Django does: of the model's own columns, those joined, annotations."""

    def __init__(self, compiler: SQLCompiler) -> None:
        self._rows = _Instance(compiler, compiler.klass_info or {})
        self._annotated = tuple((compiler.annotation_col_map or {}).items())

    def made_of(self, row: Sequence[Any]) -> Model | None:
        made = self._rows.made_of(row)
        for name, place in self._annotated:
            setattr(made, name, row[place])
        return made


class _Instance:
    """Makes instances of one model, with those that are joined to it.

    Values are put where Django's `__init__` puts them one by one, with a look at each field. What a
    row does not bring is read when it is asked for, as ever.
    """

    def __init__(self, compiler: SQLCompiler, about: Mapping[str, Any]) -> None:
        own = about["select_fields"]
        self._using = compiler.connection.alias
        self._model: type[Model] = about["model"]
        self._names = [compiler.select[column][0].target.attname for column in own]
        self._own = slice(own[0], own[-1] + 1)
        self._key = own[0] + self._names.index(self._model._meta.pk.attname)  # noqa: SLF001
        self._joined = [
            (_Instance(compiler, one), one["local_setter"], one["remote_setter"])
            for one in about.get("related_klass_infos", ())
        ]

    def made_of(self, row: Sequence[Any]) -> Model | None:
        """None where nothing is joined."""
        if row[self._key] is None:
            return None
        made = self._model.__new__(self._model)
        made._state = ModelState()  # noqa: SLF001
        made._state.adding, made._state.db = False, self._using  # noqa: SLF001
        vars(made).update(zip(self._names, row[self._own], strict=True))
        for joined, at_made, at_other in self._joined:
            other = joined.made_of(row)
            at_made(made, other)
            if other is not None:
                at_other(other, made)
        return made
