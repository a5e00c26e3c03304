"""What differs between two versions of an instrument, place by place. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from surveys.instrument_files.definitions import InstrumentDefinition
from surveys.instrument_files.writing import instrument_values


class Difference(NamedTuple):
    """A place in the file, and what stands there in either version; empty where nothing does."""

    where: str
    before: str
    after: str


def differences(before: InstrumentDefinition, after: InstrumentDefinition) -> list[Difference]:
    """Everything that differs but the version; places are told in the order of the later one."""
    return differing(instrument_values(before), instrument_values(after))


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Everything that differs between the tables of two instruments, finished or not."""
    old, new = (dict(_flat(one)) for one in (before, after))
    places = dict.fromkeys([*new, *old])
    return [
        Difference(place, old.get(place, ""), new.get(place, ""))
        for place in places
        if old.get(place) != new.get(place) and place != "version"
    ]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str) and _tables(value):
        yield path, ", ".join(_name(one, n) for n, one in enumerate(value, start=1))
        for n, one in enumerate(value, start=1):
            yield from _flat(one, f"{path}[{_name(one, n)}]")
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield path, ", ".join(map(str, value))
    else:
        yield path, str(value)


def _tables(value: Sequence[Any]) -> bool:
    return bool(value) and all(isinstance(one, Mapping) for one in value)


def _name(table: Mapping[str, Any], number: int) -> str:
    return str(table.get("key", table.get("value", table.get("reason", number))))
