"""At which field of the editor a mistake stands, by its path in the file. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from surveys.instrument_files.authoring.grid import OPTIONS, PLAIN, SAID, WORDS

_PART = re.compile(r"(items|facets|response_scales)(?:\[(.+?)\])?(?:\.(.*))?")
_ROW = {"items": "item", "facets": "facet", "response_scales": "scale"}


def field_of(where: str, values: Mapping[str, Any]) -> str:
    """The name of the field; empty where the mistake belongs to no field of its own."""
    found = _PART.fullmatch(where)
    if not found:
        first = where.split(".")[0]
        return _with_language(where, values) if first in WORDS else first
    part, name, rest = found.groups()
    at = _number(values.get(part, ()), name)
    if not at:
        return ""
    return f"{_ROW[part]}.{at}.{_FIELDS[part](rest or '', values)}"


def _number(rows: Sequence[Mapping[str, Any]], name: str | None) -> int:
    """The row of this key, counted from 1; rows without a key go by their number."""
    if name is None:
        return 0
    keys = [row.get("key") or str(n) for n, row in enumerate(rows, start=1)]
    return keys.index(name) + 1 if name in keys else 0


def _item_field(rest: str, values: Mapping[str, Any]) -> str:
    if rest in ("key", "facet", "response_scale", "need"):
        return rest
    return _with_language(rest if rest.startswith("text") else "text", values)


def _facet_field(rest: str, values: Mapping[str, Any]) -> str:
    return "key" if rest == "key" else _with_language(rest or "label", values)


def _scale_field(rest: str, values: Mapping[str, Any]) -> str:
    first = rest.split("[")[0].split(".")[0]
    if first in OPTIONS.values():
        language = rest.rpartition(".label.")[2] if ".label." in rest else ""
        return f"words.{language or _first_language(values)}"
    if first == "unscored":
        language = rest.rpartition(".label.")[2] if ".label." in rest else ""
        return f"unscored.{language or _first_language(values)}"
    if first in {one for said in SAID.values() for one in said}:
        return _with_language(rest, values)
    return (
        first
        if first in {"minimum", "maximum", "decimals", "longest", "kind", *PLAIN["date"]}
        else "key"
    )


_FIELDS = {"items": _item_field, "facets": _facet_field, "response_scales": _scale_field}


def _with_language(field: str, values: Mapping[str, Any]) -> str:
    return field if "." in field else f"{field}.{_first_language(values)}"


def _first_language(values: Mapping[str, Any]) -> str:
    return next(iter(values.get("languages") or ()), "en")
