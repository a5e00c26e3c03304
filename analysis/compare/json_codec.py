"""Frozen dataclasses to plain JSON and back, driven by their annotations.

Dataclasses become objects, tuples arrays, enumerations their value; ``None`` becomes ``null``.
NaN and infinities are refused rather than written, because JSON has none.
"""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from analysis.compare.errors import ComparisonDataError

T = TypeVar("T")
# What earlier versions stored and this one says otherwise: left out when read.
RETIRED: Mapping[str, frozenset[str]] = {
    "PathDifference": frozenset({"equivalent"}),
    # It was the number of those recruited, whether they were asked anything or not.
    "ModelFlow": frozenset({"started"}),
}
# What earlier versions called otherwise.
RENAMED: Mapping[str, Mapping[str, str]] = {"ModelFlow": {"asked": "recruited"}}


def to_plain(value: object) -> Any:
    """Turn a value of ``types`` into dicts, lists, strings and numbers."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ComparisonDataError(f"{value} has no JSON form. Store None.", code="not_finite")
    return value


def from_plain(kind: type[T], payload: Any) -> T:
    """Rebuild a dataclass from what ``to_plain`` made of it."""
    return typing.cast("T", _read(kind, payload))


def to_json(value: object) -> str:
    """Canonical JSON text: sorted keys, no spaces, so that equal values give equal bytes."""
    return json.dumps(to_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_json(kind: type[T], text: str) -> T:
    """Rebuild a dataclass from JSON text."""
    return from_plain(kind, json.loads(text))


def _read(kind: Any, payload: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _read_union(typing.get_args(kind), payload)
    if origin is tuple:
        return tuple(_read(typing.get_args(kind)[0], item) for item in payload)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        name, inner = typing.get_args(kind)
        return {name(key): _read(inner, item) for key, item in payload.items()}
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(kind, payload)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(payload)
    return float(payload) if kind is float else payload


def _read_union(options: tuple[Any, ...], payload: Any) -> Any:
    concrete = [option for option in options if option is not type(None)]
    if payload is None or len(concrete) > 1:
        return payload
    return _read(concrete[0], payload)


@cache
def _hints(kind: Any) -> Mapping[str, Any]:
    """The types of a dataclass's fields: to work them out takes longer than to read a row."""
    return typing.get_type_hints(kind)


def _read_dataclass(kind: Any, payload: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    retired = RETIRED.get(kind.__name__, frozenset()) - set(hints)
    renamed = RENAMED.get(kind.__name__, {})
    payload = {
        renamed.get(name, name): item for name, item in payload.items() if name not in retired
    }
    if unknown := set(payload) - set(hints):
        raise ComparisonDataError(
            f"{kind.__name__} has no field {min(unknown)}. Read it with the version that wrote it.",
            code="unknown_field",
        )
    return kind(**{name: _read(hints[name], item) for name, item in payload.items()})
