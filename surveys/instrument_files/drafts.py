"""Read a study that need not be complete, and say what it lacks. Pure.

draft = read_draft(values, instruments=instruments)
draft.definition, draft.lacking
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.codes import Problem
from surveys.instrument_files.definitions import InstrumentDefinition, StudyDefinition
from surveys.instrument_files.errors import FileMistake, InstrumentFileError
from surveys.instrument_files.instruments import read_instrument
from surveys.instrument_files.readiness import lacking, may_wait
from surveys.instrument_files.studies import read_study, study_problems
from surveys.instrument_files.toml_tables import Table, parse_toml


@dataclass(frozen=True, slots=True)
class Draft:
    """A study as far as it is written, and what it lacks before it can be opened."""

    definition: StudyDefinition
    lacking: tuple[Problem, ...] = ()


def parse_draft(
    text: str, *, instruments: Sequence[InstrumentDefinition], file: str = "study"
) -> Draft:
    """Read a study file; see `read_draft`."""
    return read_draft(parse_toml(text, file=file), instruments=instruments, file=file)


def read_draft(
    values: Mapping[str, Any],
    *,
    instruments: Sequence[InstrumentDefinition],
    file: str = "study",
) -> Draft:
    """Read a study given as the tables of its file.

    Raises `InstrumentFileError` with all problems, also those that could wait, where one cannot.
    """
    require_storable(values, file)
    problems: list[Problem] = []
    definition = read_study(Table(values, path="", problems=problems))
    if all(map(may_wait, problems)):
        problems.extend(study_problems(definition, instruments))
    if not all(map(may_wait, problems)):
        raise InstrumentFileError(file, problems)
    return Draft(definition, lacking(problems))


def read_instrument_values(
    values: Mapping[str, Any], *, file: str = "instrument"
) -> InstrumentDefinition:
    """Read an instrument given as the tables of its file; raises `InstrumentFileError`."""
    require_storable(values, file)
    problems: list[Problem] = []
    definition = read_instrument(Table(values, path="", problems=problems))
    if problems:
        raise InstrumentFileError(file, problems)
    return definition


def require_storable(values: Mapping[str, Any], file: str) -> None:
    """Refuse half a surrogate pair, which can come as JSON and which no database stores.

    Raises `InstrumentFileError`.
    """
    try:
        json.dumps(values, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        raise InstrumentFileError(file, [Problem("file", FileMistake.NOT_UTF8)]) from None
