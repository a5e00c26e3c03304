"""Strict models: what a table must hold, said once as types, and every mistake in it at once.

A model is a dataclass of pydantic or a `TypedDict` with `STRICT` as its configuration. Nothing is
taken for what it is not (``"3"`` is no number, ``1`` is not true), and no key goes unnoticed:

    plan, problems = read(PlanFile, values, named_by={"paths": "predictor"})

Tables that a program has as plain values and tables of a TOML file are read alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import (
    Annotated,
    Any,
    Final,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from typing_extensions import is_typeddict

from surveys.codes import Problem, Saying, SentenceCode, advice
from surveys.instrument_files.errors import FileMistake, Shape, Wanted
from surveys.instrument_files.toml_tables import (
    LARGEST_INTEGER,
    MAX_NAME_LENGTH,
    SLUG,
    shown,
)

STRICT: Final = ConfigDict(strict=True, extra="forbid")
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
Location = tuple[int | str, ...]
T = TypeVar("T")


def refuse(code: SentenceCode, **arguments: Any) -> PydanticCustomError:
    """Return what a validator raises for a mistake of its own."""
    return PydanticCustomError("mistake", "{code}", {"code": code, "arguments": arguments})


def _storable(value: str) -> str:
    if "\0" in value:
        raise refuse(FileMistake.UNSTORABLE_TEXT)
    return value.strip()


def _text(value: str) -> str:
    value = _storable(value)
    if not value:
        raise refuse(FileMistake.EMPTY_TEXT)
    return value


def shaped(shape: Shape, pattern: re.Pattern[str]) -> AfterValidator:
    """Let a name have this form; an empty one is told by whoever forbids it."""

    def check(value: str) -> str:
        if value and not (pattern.fullmatch(value) and len(value) <= MAX_NAME_LENGTH):
            said = Saying(shape)
            raise refuse(
                FileMistake.MALFORMED_NAME, given=value, shape=said, longest=MAX_NAME_LENGTH
            )
        return value

    return AfterValidator(check)


def _distinct(values: tuple[T, ...]) -> tuple[T, ...]:
    for value in values:
        if values.count(value) > 1:
            raise refuse(FileMistake.DUPLICATE_VALUE, given=value)
    return values


Text = Annotated[str, AfterValidator(_text)]
# Empty where there is none.
OptionalText = Annotated[str, AfterValidator(_storable)]
Slug = Annotated[str, AfterValidator(_text), shaped(Shape.SLUG, SLUG)]
Variable = Annotated[str, AfterValidator(_text), shaped(Shape.VARIABLE, VARIABLE)]
Count = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
Share = Annotated[float, Field(ge=0, le=1)]
# A list of distinct values, with at least one.
Distinct = AfterValidator(_distinct)
NotEmpty = Field(min_length=1)


def read(
    kind: type[T], values: Mapping[str, Any], *, named_by: Mapping[str, str] | None = None
) -> tuple[T | None, list[Problem]]:
    """Return the values as `kind`, or None and everything that is wrong with them.

    `named_by` says by which of its keys a table of a list is called in the path of a problem, such
    as ``{"paths": "predictor"}`` for ``paths[PRV].sign``; else it is called by its number from 1.
    """
    try:
        # As JSON, where a table is a table and a list a list: as Python values strict types ask
        # for instances. What JSON lacks (dates) becomes null, which no field takes.
        text = json.dumps(values, default=lambda _value: None)
        adapter: TypeAdapter[T] = _adapter(cast("Hashable", kind))
        return adapter.validate_json(text), []
    except ValidationError as error:
        reading = _Written(kind, values, named_by or {})
        errors = sorted(error.errors(), key=lambda one: _place(values, one["loc"]))
        found = [reading.problem(one) for one in errors]
        return None, list({(one.where, one.code): one for one in found}.values())


def row_names(names: Sequence[object]) -> list[str]:
    """What the rows of a list are called in paths: by name, else by number from 1.

    Two rows of one name are called by their numbers, so that a path leads to one of them.
    """
    return [
        name if isinstance(name, str) and name and names.count(name) == 1 else str(number)
        for number, name in enumerate(names, start=1)
    ]


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    """Making one takes a hundred times as long as reading with it."""
    return TypeAdapter(cast("type[Any]", kind))


class _Written:
    """What was written, beside the types that it should have."""

    def __init__(self, kind: Any, values: Mapping[str, Any], named_by: Mapping[str, str]) -> None:
        self._kind = kind
        self._values = values
        self._named_by = named_by

    def problem(self, error: ErrorDetails) -> Problem:
        location, about = error["loc"], error.get("ctx", {})
        code, arguments = self._mistake(error["type"], location, about)
        return Problem(self._path(location), code, arguments)

    def _mistake(
        self, kind: str, location: Location, about: Mapping[str, Any]
    ) -> tuple[SentenceCode, dict[str, Any]]:
        given = _inside(self._values, location)
        if kind == "mistake":
            return about["code"], about["arguments"]
        if kind == "missing":
            return FileMistake.MISSING_KEY, {"wanted": self._wanted(location)}
        if kind in ("extra_forbidden", "unexpected_keyword_argument"):
            known = sorted(_parts(_kind_at(self._kind, location[:-1])))
            return FileMistake.UNKNOWN_KEY, {"advice": advice(location[-1], known)}
        if kind == "literal_error" and isinstance(given, str):
            known = _choices(_kind_at(self._kind, location))
            return FileMistake.UNKNOWN_CHOICE, {"given": given, "advice": advice(given, known)}
        if kind == "greater_than_equal":
            return FileMistake.TOO_SMALL, {"given": given, "least": about["ge"]}
        if kind == "less_than_equal":
            return FileMistake.TOO_LARGE, {"given": given, "most": about["le"]}
        if kind == "too_short":
            return FileMistake.EMPTY_LIST, {"wanted": self._wanted((*location, 0))}
        return FileMistake.WRONG_TYPE, {"wanted": self._wanted(location), "given": shown(given)}

    def _wanted(self, location: Location) -> Saying:
        return _wanted(_kind_at(self._kind, location), self._path(location))

    def _path(self, location: Location) -> str:
        path, here = "", self._values
        for n, part in enumerate(location):
            if isinstance(part, int):
                path += f"[{self._called(here, str(location[n - 1]), part)}]"
            else:
                path += f".{part}"
            here = _inside(here, (part,))
        return path.removeprefix(".") or "file"

    def _called(self, rows: Any, key: str, place: int) -> str:
        """What the row at a place of a list is called."""
        name = self._named_by.get(key)
        if name is None or not isinstance(rows, list) or place >= len(rows):
            return str(place + 1)
        names = [row.get(name) if isinstance(row, Mapping) else None for row in rows]
        return row_names(names)[place]


def _inside(values: Any, location: Location) -> Any:
    """The value that stands there; None if there is none."""
    for part in location:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return None
    return values


def _place(values: Any, location: Location) -> tuple[int, ...]:
    """Where a location stands among what was written; what is missing stands at the end."""
    place = []
    for part in location:
        keys = list(values) if isinstance(values, Mapping) else []
        here = part if isinstance(part, int) else keys.index(part) if part in keys else len(keys)
        place.append(here)
        values = _inside(values, (part,))
    return tuple(place)


def _kind_at(kind: Any, location: Location) -> Any:
    for part in location:
        if get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            kind = get_args(kind)[0] if isinstance(part, int) else _parts(kind).get(part, str)
    return kind


def _parts(kind: Any) -> dict[str, Any]:
    """Key -> type for a table with declared keys; empty for any other type."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return {part.name: hints[part.name] for part in fields(kind)}
    return get_type_hints(kind) if is_typeddict(kind) else {}


def _choices(kind: Any) -> list[str]:
    return [str(one) for one in get_args(kind)]


def _wanted(kind: Any, path: str) -> Saying:
    simple = {
        int: Wanted.WHOLE_NUMBER,
        float: Wanted.NUMBER,
        bool: Wanted.TRUE_OR_FALSE,
    }
    if get_origin(kind) is tuple:
        part = get_args(kind)[0]
        table = bool(_parts(part))
        parts = Saying(Wanted.TABLES if table else Wanted.TEXTS, {"path": path})
        return Saying(Wanted.LIST, {"parts": parts})
    if _parts(kind) or get_origin(kind) is dict:
        return Saying(Wanted.TABLE)
    return Saying(simple.get(kind, Wanted.TEXT))
