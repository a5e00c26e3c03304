"""What somebody typed on a plan's page, as the tables of a plan file.

A number that is none goes on as it was typed, so that the strict model says what is wrong with it
and the page shows it again.
"""

import re
from collections.abc import Mapping
from math import isfinite
from typing import Any

from django.http import QueryDict

from analysis.web.plans.parts import DEFAULTS, ESTIMATION, LISTS, NAME, TABLES, Part, Rows

MOST_ROWS = 200
_SEPARATORS = re.compile(r"[\s;]+")


def values_of(typed: QueryDict) -> dict[str, Any]:
    """The tables of the plan, without rows in which nothing stands, and without defaults."""
    values = _unlike(DEFAULTS, _table((NAME, *ESTIMATION), typed, ""))
    for key, parts in TABLES.items():
        planned = {part.key: getattr(DEFAULTS.get(key), part.key, None) for part in parts}
        if table := _unlike(planned, _table(parts, typed, f"{key}.")):
            values[key] = table
    for rows in LISTS:
        if written := _rows(rows, typed):
            values[rows.key] = written
    return values


def _unlike(planned: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in given.items() if planned.get(key) != value}


def _rows(rows: Rows, typed: QueryDict) -> list[dict[str, Any]]:
    given = typed.get(f"{rows.key}.rows", "")
    number = min(int(given), MOST_ROWS) if given.isdecimal() else 0
    written = (_table(rows.parts, typed, f"{rows.key}.{n}.") for n in range(number))
    return [_with_family(row) for row in written if row]


def _with_family(row: dict[str, Any]) -> dict[str, Any]:
    """A path without a family is its own."""
    if "predictor" in row and "outcome" in row and "family" not in row:
        return {**row, "family": f"{row['predictor']} to {row['outcome']}"}
    return row


def _table(parts: tuple[Part, ...], typed: QueryDict, before: str) -> dict[str, Any]:
    found = {}
    for part in parts:
        value = _value(part, typed, before + part.key)
        if value is not None:
            found[part.key] = value
    return found


def _value(part: Part, typed: QueryDict, name: str) -> Any:
    """The value; None where nothing was typed, or the default."""
    if part.kind == "tick":
        is_ticked = name in typed
        return is_ticked if is_ticked != bool(DEFAULTS.get(part.key)) else None
    if part.kind == "ticks":
        return [one for one in typed.getlist(name) if one] or None
    text = typed.get(name, "").replace("\r\n", "\n").strip()
    if not text:
        return None
    if part.kind == "lines":
        return [line.strip() for line in text.split("\n") if line.strip()]
    if part.kind == "numbers":
        return [_number(one, whole=False) for one in _SEPARATORS.split(text)]
    if part.kind in ("number", "decimal"):
        return _number(text, whole=part.kind == "number")
    return text


def _number(text: str, *, whole: bool) -> Any:
    text = text.replace("−", "-").replace(",", ".")
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return text
    return number if isfinite(number) else text


def without_row(values: Mapping[str, Any], key: str, row: int) -> dict[str, Any]:
    """The tables without one row of a list."""
    kept = [one for place, one in enumerate(values.get(key, ())) if place != row]
    rest = {name: value for name, value in values.items() if name != key}
    return {**rest, key: kept} if kept else rest
