"""What somebody wrote as TOML or JSON: its values, and the line at which one of them stands. Pure.

values_of('{"model": "m"}')                         {"model": "m"}
line_of("[a]\\nx = 1\\n", ("a", "x"))                  2
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from llm_respondents.errors import UnreadableError
from llm_respondents.mistakes import Location, Mistake, MistakeCode

_TOML_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)")


def values_of(text: str) -> dict[str, Any]:
    """Read JSON if it begins with a brace, else TOML. Raises `UnreadableError`."""
    bare = text.lstrip("\ufeff").strip()
    found = _json_values(bare) if bare.startswith("{") else toml_values(bare)
    if not found:
        raise UnreadableError([Mistake((), MistakeCode.NOTHING_IN_IT)])
    return found


def toml_values(text: str, *, exact: bool = False) -> dict[str, Any]:
    """Read TOML, with `exact` its fractions as `Decimal`. Raises `UnreadableError`."""
    try:
        return tomllib.loads(text, parse_float=Decimal if exact else float)
    except (ValueError, RecursionError) as error:
        place = _TOML_PLACE.fullmatch(str(error))
        line = int(place["line"] or text.count("\n") + 1) if place else 1
        what = {"what": place["what"] if place else _said(error)}
        raise UnreadableError([Mistake((), MistakeCode.UNREADABLE_TOML, what, line)]) from error


def _json_values(text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
    except json.JSONDecodeError as error:
        raise _no_json(error.msg, error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise _no_json(_said(error), 1) from error
    return found


def _no_json(what: str, line: int) -> UnreadableError:
    return UnreadableError([Mistake((), MistakeCode.UNREADABLE_JSON, {"what": what}, line)])


def _said(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def line_of(text: str, location: Location) -> int | None:
    """The line of a TOML text at which a value stands or, if it has none of its own, that of the
    nearest thing around it; None where nothing is found.
    """
    best, found = 0, None
    table: Location = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header, key = _header(line), _key(line)
        table = header if header is not None else table
        here = table if header is not None else (*table, *key)
        if (header or key) and best < len(here) and location[: len(here)] == here:
            best, found = len(here), number
    return found


def _header(line: str) -> Location | None:
    return _names(line) if line.lstrip().startswith("[") else None


def _key(line: str) -> Location:
    name, equals, _value = line.partition("=")
    return _names(f"{name}= 0") or () if equals else ()


def _names(written: str) -> Location | None:
    """The names of a header or a key, one inside the other: ``[a."b.c"]`` is a, b.c."""
    try:
        inside: Any = tomllib.loads(written)
    except ValueError:
        return None
    names: list[int | str] = []
    while isinstance(inside, Mapping) and inside:
        [(name, inside)] = inside.items()
        names.append(name)
    return tuple(names)
