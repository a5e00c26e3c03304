"""Rows of a data file become people with coded answers."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from surveys.checksums import sha256_of
from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.cells.answers import refusal_of
from surveys.imports.cells.joint import JointReading, Reading
from surveys.imports.cells.meanings import LONGEST_ID, Value, meaning_of
from surveys.imports.cells.numbers import span_shown
from surveys.imports.cells.reading import (
    NOT_SHOWN,
    SKIPPED,
    CellReading,
    Missing,
    UnknownCode,
)
from surveys.imports.columns import (
    TIME,
    VERSION,
    Column,
    ItemColumn,
    SamplingColumn,
    normal_code,
    with_point,
)
from surveys.imports.files.data_files import DataFile, DataRow, kept_rows
from surveys.imports.files.long import one_row_each
from surveys.imports.fit import Asked, asked_in, entries_of, require_fit
from surveys.imports.mapping import ImportMapping
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import require_people
from surveys.instrument_files import DemographicField
from surveys.presentation import Questionnaire
from surveys.questions import Stored

# Stands for answers in the columns of two versions until they are refused.
TWICE = Missing("answered in two versions")
BETWEEN = ", "
# Of a cell that is no answer; enough to find it by.
MOST_SHOWN = 60
Coded = int | float | tuple[Stored, ...] | Missing
"""What is coded of a question: the value of an option, a number, all parts of another answer."""


@dataclass(frozen=True, slots=True)
class CodedPerson:
    """A scored value for each question of the study, or the reason why it is missing.

    A number that answers a question is a float, the value of an option an int; any other answer is
    a tuple of what is stored of its parts.
    `recruiter_id` is the row's id, or a hash of the row that survives a re-ordering of the file;
    `sampling` maps weight, cluster, stratum, wave, time and version to what the file has;
    `fingerprint` is the SHA-256 (hex) of everything that is stored of this person; `rows` are how
    many of the file are theirs.
    """

    line: int
    rows: int
    recruiter_id: str
    answers: Mapping[str, Coded]
    demographics: Mapping[str, Value]
    sampling: Mapping[str, Value]
    fingerprint: str

    @property
    def has_answered(self) -> bool:
        """Whether there is a value at all."""
        return any(not isinstance(answer, Missing) for answer in self.answers.values())


@dataclass(frozen=True, slots=True)
class CodedFile:
    """A data file in the terms of its study.

    `order` is the order of the file's columns, each block kept together; `unknown` are the codes
    that became ``out_of_range``; `unused_columns` are left in the file. `lines_read` are the
    rows of people and those that were `left_out`, by reason.
    """

    people: tuple[CodedPerson, ...]
    order: tuple[str, ...]
    unknown: tuple[UnknownCode, ...]
    unused_columns: tuple[str, ...]
    lines_read: int
    left_out: Mapping[str, int]


Unknown = Sequence[tuple[Column, UnknownCode]]


def code_people(
    data: DataFile,
    mapping: ImportMapping,
    questionnaire: Questionnaire,
    demographics: Sequence[DemographicField],
) -> CodedFile:
    """Code every row of `data` for `questionnaire`, the study's in the mapping's language.

    Rows that `only` does not name are left out. A question that no column answers is missing as
    ``not_shown``. Raises `ImportFileError` with all columns and codes that do not fit.
    """
    asked = asked_in(questionnaire, demographics)
    require_people(data, mapping.not_of_models)
    data = _rows_of_people(kept_rows(data, mapping.only), mapping)
    require_fit(data, mapping, asked)
    readings = _readings(mapping, asked)
    coded = [_told(row, readings, asked.values) for row in data.rows]
    found = (one for reading in readings for one in reading.unknown)
    if unknown := sorted(found, key=lambda one: one[1].lines):
        _require_explained(data, mapping, unknown, asked)
    _require_one_version(data, mapping.columns, coded)
    ids = _recruiter_ids(data, mapping.layout.id_column)
    people = tuple(
        CodedPerson(row.line, row.rows, recruiter_id, *told, _fingerprint(*told))
        for row, recruiter_id, told in zip(data.rows, ids, coded, strict=True)
    )
    used = {column.name for column in mapping.columns} | {mapping.layout.id_column, *mapping.only}
    return CodedFile(
        people,
        _order(data, mapping.columns, questionnaire),
        tuple(one for _column, one in unknown),
        tuple(name for name in data.header if name not in used),
        data.lines_read,
        data.left_out,
    )


def _readings(mapping: ImportMapping, asked: Asked) -> list[Reading]:
    """How each column is read; those of one answer together."""
    found: list[Reading] = []
    together: dict[tuple[str, str], list[CellReading]] = defaultdict(list)
    for column in mapping.columns:
        reading = CellReading(column, meaning_of(column, asked, mapping.layout))
        if isinstance(column, ItemColumn) and column.place:
            together[column.ref, column.version].append(reading)
        else:
            found.append(reading)
    joint = [JointReading(parts, asked.open[ref]) for (ref, _), parts in together.items()]
    return [*found, *joint]


def _rows_of_people(data: DataFile, mapping: ImportMapping) -> DataFile:
    if mapping.shape is None:
        return data
    items = {column.name for column in mapping.columns if isinstance(column, ItemColumn)}
    facts = {column.name for column in mapping.columns} - items
    id_column = mapping.layout.id_column
    return one_row_each(data, mapping.shape, id_column=id_column, items=items, facts=facts)


class _Told(NamedTuple):
    """What a row says: answers by ref, demographics by key, and sampling by role."""

    answers: dict[str, Coded]
    about: dict[str, Value]
    sampling: dict[str, Value]


def _told(row: DataRow, readings: Sequence[Reading], refs: Iterable[str]) -> _Told:
    told = _Told(dict.fromkeys(refs, NOT_SHOWN), {}, {})
    answers = told.answers
    for reading in readings:
        column, value = reading.column, reading.value(row)
        if isinstance(column, ItemColumn):
            if column.version:
                _tell_version(told, column, value)
            elif not isinstance(value, str):
                answers[column.ref] = value
        elif not isinstance(value, Missing):
            kept = told.sampling if isinstance(column, SamplingColumn) else told.about
            kept[column.role if isinstance(column, SamplingColumn) else column.key] = value
    return told


def _tell_version(told: _Told, column: ItemColumn, value: Value | Missing) -> None:
    """An answer counts, else a reason that was given, else the empty cell of any version."""
    held = told.answers[column.ref]
    if isinstance(value, int | float | tuple):
        versions = str(told.sampling.get(VERSION, "")).split(BETWEEN)
        said = dict.fromkeys([*filter(None, versions), column.version])
        told.sampling[VERSION] = BETWEEN.join(said)
        again = held is TWICE or not isinstance(held, Missing)
        told.answers[column.ref] = TWICE if again else value
    elif isinstance(value, Missing) and held in (NOT_SHOWN, SKIPPED):
        told.answers[column.ref] = value


def _require_one_version(data: DataFile, columns: Sequence[Column], coded: Sequence[_Told]) -> None:
    """Raise `ImportFileError` where somebody has answers in the columns of two versions."""
    names: dict[str, list[str]] = defaultdict(list)
    for column in columns:
        if isinstance(column, ItemColumn) and column.version:
            names[column.ref].append(column.name)
    problems = [
        Problem(
            f"line {row.line}",
            ImportMistake.TWO_VERSIONS,
            {"item": ref, "columns": ", ".join(names[ref])},
        )
        for row, told in zip(data.rows, coded, strict=True)
        for ref in names
        if told.answers[ref] is TWICE
    ]
    if problems:
        raise ImportFileError(data.name, problems)


def _order(
    data: DataFile, columns: Sequence[Column], questionnaire: Questionnaire
) -> tuple[str, ...]:
    """Refs as their columns stand; questions without a column end their block.

    A block that the file leaves and comes back to is kept together where it first occurs, because
    nobody can be shown one block inside another.
    """
    items = [column for column in columns if isinstance(column, ItemColumn)]
    # Of several versions the first column counts.
    place = {one.ref: data.header.index(one.name) for one in reversed(items)}

    def column_of(ref: str) -> int:
        return place.get(ref, len(data.header))

    blocks = [
        sorted((entry.ref for entry in entries_of(block)), key=column_of)
        for block in questionnaire.blocks
    ]
    blocks.sort(key=lambda refs: column_of(refs[0]))
    return tuple(chain.from_iterable(blocks))


def _recruiter_ids(data: DataFile, id_column: str) -> list[str]:
    if id_column:
        return _given_ids(data, id_column)
    # Two people may well have given the same answers: the second such row is another person.
    seen: Counter[str] = Counter()
    ids = []
    for row in data.rows:
        content = json.dumps(row.cells, ensure_ascii=False, sort_keys=True)
        seen[content] += 1
        ids.append("row-" + sha256_of([content, seen[content]])[:32])
    return ids


def _given_ids(data: DataFile, id_column: str) -> list[str]:
    lines: dict[str, list[int]] = defaultdict(list)
    for row in data.rows:
        lines[normal_code(row.cells[id_column])].append(row.line)
    problems = []
    for recruiter_id, found in lines.items():
        where = UnknownCode(id_column, recruiter_id, tuple(found)).where
        if not recruiter_id:
            problems.append(Problem(where, ImportMistake.ID_MISSING))
        elif len(found) > 1:
            about = {"id": recruiter_id, "count": len(found)}
            problems.append(Problem(where, ImportMistake.ID_REPEATED, about))
        elif len(recruiter_id) > LONGEST_ID:
            about = {"count": len(recruiter_id), "most": LONGEST_ID}
            problems.append(Problem(where, ImportMistake.ID_TOO_LONG, about))
    if problems:
        raise ImportFileError(data.name, problems)
    return list(lines)


def _fingerprint(
    answers: Mapping[str, Coded],
    about: Mapping[str, Value],
    sampling: Mapping[str, Value],
) -> str:
    """Files without weights, clusters and strata keep the fingerprints that they always had."""
    plain = {ref: one.reason if isinstance(one, Missing) else one for ref, one in answers.items()}
    return sha256_of([plain, dict(about), *([dict(sampling)] if sampling else [])])


def _require_explained(
    data: DataFile, mapping: ImportMapping, unknown: Unknown, asked: Asked
) -> None:
    """Raise `ImportFileError` for codes that nothing explains, as far as the mapping refuses them.

    A row of the header that was taken for a person, and decimal commas, are refused in any case: as
    missing answers they would be lost without a word. So is what is no time.
    """
    if header := _header_row(data, mapping, unknown, asked):
        raise ImportFileError(data.name, [header])
    problems = []
    for column, one in unknown:
        mistake = _mistake(column, one, mapping.layout.decimal, asked)
        if mapping.unknown_codes == "refuse" or mistake not in _MAY_BE_MISSING:
            about = {"given": one.code[:MOST_SHOWN], **_taken(column, one, asked)}
            problems.append(Problem(one.where, mistake, about))
    if problems:
        raise ImportFileError(data.name, problems)


_MAY_BE_MISSING = (
    ImportMistake.UNKNOWN_CODE,
    ImportMistake.OUTSIDE_RANGE,
    ImportMistake.NOT_AN_ANSWER,
    ImportMistake.NOT_TOGETHER,
)


def _mistake(column: Column, one: UnknownCode, decimal: str, asked: Asked) -> ImportMistake:
    if isinstance(column, SamplingColumn) and column.role == TIME:
        return ImportMistake.BAD_TIME
    if one.together:
        return ImportMistake.NOT_TOGETHER
    if isinstance(column, ItemColumn) and asked.is_textual(column.ref):
        return ImportMistake.NOT_AN_ANSWER
    if with_point(one.code) and decimal == ".":
        return ImportMistake.DECIMAL_COMMA
    return ImportMistake.OUTSIDE_RANGE if _taken(column, one, asked) else ImportMistake.UNKNOWN_CODE


def _taken(column: Column, one: UnknownCode, asked: Asked) -> dict[str, Any]:
    """The numbers that a column may hold, or why a cell is none, for a message; else nothing."""
    if not isinstance(column, ItemColumn):
        return {}
    if number := asked.numbers.get(column.ref):
        return span_shown(number)
    if not asked.is_textual(column.ref):
        return {}
    return {"why": refusal_of(asked.open[column.ref], one.code, column.format)}


def _header_row(
    data: DataFile, mapping: ImportMapping, unknown: Unknown, asked: Asked
) -> Problem | None:
    """The first row, if what it has in every column with a question is in no other row a code.

    Columns that any words may answer tell nothing.
    """
    first = data.rows[0]
    strange = {one.column: one.code for _column, one in unknown if one.lines == (first.line,)}
    items = [
        column.name
        for column in mapping.columns
        if isinstance(column, ItemColumn) and not asked.is_textual(column.ref)
    ]
    words = [strange.get(name, "") for name in items]
    if len(items) < 2 or not all(words) or any(map(str.isdigit, words)):
        return None
    about = {"lines": mapping.layout.header_rows + 1, "found": words[0]}
    return Problem(f"line {first.line}, column {items[0]}", ImportMistake.HEADER_ROW, about)
