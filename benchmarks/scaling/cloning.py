"""Respondents of one study copied within the database: into another study, or beside themselves."""
# ruff: noqa: SLF001 - `_meta` is the documented way to a model's columns

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

# Foreign keys hold by how the rows are made; checking ten million of them would be measured else.
UNCHECKED = "SET session_replication_role = replica"
CHECKED = "SET session_replication_role = origin"


def tables() -> tuple[Any, ...]:
    """What a respondent leaves, in the order of its keys."""
    from llm_respondents.models import Attempt, PanelMember
    from surveys.models import Administration, Answer, Consent, Respondent, Submission

    return Respondent, Administration, Consent, PanelMember, Attempt, Submission, Answer


@contextmanager
def without_indexes(table: str) -> Iterator[None]:
    """Fill a table in bulk: what holds and finds its rows, but their keys, is made at the end."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype <> 'p' AND contype <> 'f'",
            [table],
        )
        constraints = cursor.fetchall()
        for name, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
            " AND indexname NOT LIKE '%%_pkey'",
            [table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        for name, definition in constraints:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def clone(
    source: int,
    target: int,
    offset: int,
    groups: Mapping[int, int],
    panels: Mapping[int, int],
    left_out: Collection[str] = (),
    below: int = 0,
) -> None:
    """Copy a study's respondents into study `target`, with keys that are `offset` higher.

    Only those with keys `below` a number are copied; without one all.

    `groups` and `panels` map those of the source to those of the target. Numbers of sessions go on
    above `offset`, and a fifth of the answers are one step further up or down.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(UNCHECKED)
        for model in tables():
            if model.__name__ in left_out:
                continue
            names = [f.column for f in model._meta.concrete_fields if not _is_made(model, f)]
            values = [_value(model, name, target, offset, groups, panels) for name in names]
            table, listed = model._meta.db_table, ", ".join(f'"{name}"' for name in names)
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {', '.join(values)} FROM {table} t"
                f" WHERE {_of(model, source, below or 2**62)}"
            )
        for model in tables():
            table = model._meta.db_table
            sequence = f"pg_get_serial_sequence('{table}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, MAX(id)) FROM {table}")
        cursor.execute(CHECKED)


def _is_made(model: Any, field: Any) -> bool:
    return field.primary_key and model.__name__ not in ("Respondent", "Administration")


def _of(model: Any, source: int, below: int) -> str:
    """The rows of the study's respondents."""
    own = f"t.study_id = {source} AND t.id < {below}"
    if model.__name__ in ("Respondent", "Administration"):
        return own
    names = {field.column for field in model._meta.concrete_fields}
    table = "administration" if "administration_id" in names else "respondent"
    column = f"{table}_id"
    inside = f"SELECT id FROM surveys_{table} WHERE study_id = {source} AND id < {below}"
    return f"t.{column} IN ({inside})"


def _value(
    model: Any,
    name: str,
    target: int,
    offset: int,
    groups: Mapping[int, int],
    panels: Mapping[int, int],
) -> str:
    if name in ("id", "respondent_id", "administration_id"):
        return f't."{name}" + {offset}'
    if name == "study_id":
        return str(target)
    if name == "group_id":
        return _mapped("t.group_id", groups)
    if name == "panel_id":
        return _mapped("t.panel_id", panels)
    if name == "token":
        return f"md5(t.token || '{offset}')"
    if name == "recruiter_id":
        return f"CASE t.recruiter_id WHEN '' THEN '' ELSE t.recruiter_id || '-{offset}' END"
    if name == "number" and model.__name__ == "PanelMember":
        return f"t.number + {offset}" if set(groups) == set(groups.values()) else "t.number"
    if name == "value" and model.__name__ == "Answer":
        # From -1 to 1: 0 of four answers in five.
        step = "round((random() - .5) * 1.25)::int"
        return f"CASE WHEN t.value IS NOT NULL THEN LEAST(5, GREATEST(1, t.value + {step})) END"
    return f't."{name}"'


def _mapped(column: str, pairs: Mapping[int, int]) -> str:
    if not pairs:
        return column
    cases = " ".join(f"WHEN {one} THEN {other}" for one, other in pairs.items())
    return f"CASE {column} {cases} END"
