"""A draft of an instrument: the tables of its file as far as they are written, strictly. Pure.

What is not written yet may be missing, and what is wrong may stay until somebody mends it. Refused
is only what has no place in an instrument: a key that there is not, a list where a text belongs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from surveys.codes import Problem, Saying
from surveys.instrument_files.definitions import InstrumentDefinition
from surveys.instrument_files.errors import FileMistake, InstrumentFileError, Wanted
from surveys.instrument_files.instruments import read_instrument_values
from surveys.instrument_files.strict import STRICT, OptionalText, read
from surveys.instrument_files.toml_tables import require_storable, shown

# A draft is kept in one row and sent whole with every change.
MOST_CHARACTERS = 1_000_000
Texts = dict[str, OptionalText]


@with_config(STRICT)
class FacetTable(TypedDict, total=False):
    """One facet."""

    key: str
    label: Texts


@with_config(STRICT)
class MediumTable(TypedDict, total=False):
    """A picture, a sound or a video."""

    file: str
    sha256: str
    type: str
    width: int
    height: int
    captions: str
    captions_sha256: str
    languages: tuple[str, ...]
    alt: Texts


@with_config(STRICT)
class ItemTable(TypedDict, total=False):
    """One item."""

    key: str
    text: Texts
    facet: str
    response_scale: str
    need: str
    media: tuple[MediumTable, ...]


@with_config(ConfigDict(strict=True, extra="allow"))
class ScaleTable(TypedDict, total=False):
    """One response scale; which other keys it has depends on its kind."""

    key: str
    kind: str


@with_config(STRICT)
class InstrumentTables(TypedDict, total=False):
    """The tables of an instrument's file."""

    slug: str
    version: str
    construct: str
    languages: tuple[str, ...]
    licence: OptionalText
    citation: OptionalText
    wording_note: OptionalText
    reverse_keyed: tuple[str, ...]
    title: Texts
    instruction: Texts
    orientation: Texts
    response_scales: tuple[ScaleTable, ...]
    facets: tuple[FacetTable, ...]
    items: tuple[ItemTable, ...]


_NAMED_BY = {"items": "key", "facets": "key", "response_scales": "key"}


def require_draft(values: Mapping[str, Any], *, file: str = "instrument") -> None:
    """Refuse what is no instrument, not even an unfinished one. Raises `InstrumentFileError`."""
    require_storable(values, file)
    _tables, problems = read(InstrumentTables, values, named_by=_NAMED_BY)
    problems += _unkept(values)
    if (given := len(json.dumps(values, ensure_ascii=False, default=str))) > MOST_CHARACTERS:
        about = {"given": given, "most": MOST_CHARACTERS}
        problems.append(Problem("file", FileMistake.TOO_LONG, about))
    if problems:
        raise InstrumentFileError(file, problems)


def _unkept(value: Any, path: str = "") -> Iterator[Problem]:
    """What TOML can say and no row keeps: dates, numbers without an end, and U+0000."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unkept(str(key), path or "file")
            yield from _unkept(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for n, part in enumerate(value, start=1):
            yield from _unkept(part, f"{path}[{n}]")
    elif isinstance(value, str):
        if "\0" in value:
            yield Problem(path, FileMistake.UNSTORABLE_TEXT)
    elif isinstance(value, float) and not isfinite(value):
        about = {"wanted": Saying(Wanted.NUMBER), "given": shown(value)}
        yield Problem(path, FileMistake.WRONG_TYPE, about)
    elif not isinstance(value, bool | int | float):
        about = {"wanted": Saying(Wanted.TEXT), "given": shown(value)}
        yield Problem(path, FileMistake.WRONG_TYPE, about)


def finished(values: Mapping[str, Any]) -> tuple[InstrumentDefinition | None, tuple[Problem, ...]]:
    """The instrument that the tables are, or None and everything that is still missing or wrong."""
    try:
        return read_instrument_values(values), ()
    except InstrumentFileError as error:
        return None, error.problems
