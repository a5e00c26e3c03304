"""Rows of a data file become people with coded answers."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from surveys.checksums import sha256_of
from surveys.codes import Problem
from surveys.errors import ImportFileError
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
from surveys.imports.fit import entries_of, labels_by_ref, require_fit, values_by_ref
from surveys.imports.mapping import ImportMapping
from surveys.imports.meanings import LONGEST_ID, Meaning, Value, meaning_of
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import require_people
from surveys.instrument_files import DemographicField
from surveys.presentation import Questionnaire

LINES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands where there is no value, and says why."""

    reason: str


NOT_SHOWN, SKIPPED = Missing("not_shown"), Missing("skipped")
OUT_OF_RANGE = Missing("out_of_range")
# Stands for answers in the columns of two versions until they are refused.
TWICE = Missing("answered in two versions")
BETWEEN = ", "


@dataclass(frozen=True, slots=True)
class CodedPerson:
    """A scored value for each question of the study, or the reason why it is missing.

    `recruiter_id` is the row's id, or a hash of the row that survives a re-ordering of the file;
    `sampling` maps weight, cluster, stratum, wave, time and version to what the file has;
    `fingerprint` is the SHA-256 (hex) of everything that is stored of this person; `rows` are how
    many of the file are theirs.
    """

    line: int
    rows: int
    recruiter_id: str
    answers: Mapping[str, int | Missing]
    demographics: Mapping[str, Value]
    sampling: Mapping[str, Value]
    fingerprint: str

    @property
    def has_answered(self) -> bool:
        """Whether there is a value at all."""
        return any(isinstance(answer, int) for answer in self.answers.values())


@dataclass(frozen=True, slots=True)
class UnknownCode:
    """A code that its column does not explain, and the lines it stands on."""

    column: str
    code: str
    lines: tuple[int, ...]

    @property
    def where(self) -> str:
        """The column and the first lines, for a message."""
        shown = ", ".join(str(line) for line in self.lines[:LINES_SHOWN])
        more = len(self.lines) - LINES_SHOWN
        lines = f"line {shown}" if len(self.lines) == 1 else f"lines {shown}"
        return f"column {self.column}, {lines}" + (f" and {more} more" if more > 0 else "")


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


class _Reading:
    """The cells of a column -> what they stand for, and the codes that were not explained.

    A column has few different codes and many rows: what a cell stands for is worked out once.
    """

    def __init__(self, column: Column, meaning: Meaning, decimal: str) -> None:
        self.column, self._meaning, self._decimal = column, meaning, decimal
        self._known: dict[str, Value | Missing] = {}
        self._unknown: dict[str, list[int]] = defaultdict(list)

    def value(self, row: DataRow) -> Value | Missing:
        """What the row has in this column; a question without a row of its own was not shown."""
        cell = row.cells.get(self.column.name)
        if cell is None:
            return NOT_SHOWN
        if cell in self._known:
            return self._known[cell]
        value = self._read(cell)
        if value is None:
            self._unknown[normal_code(cell)].append(row.line)
            return OUT_OF_RANGE
        self._known[cell] = value
        return value

    @property
    def unknown(self) -> Iterator[tuple[Column, UnknownCode]]:
        """The codes that nothing explains."""
        for code, lines in self._unknown.items():
            yield self.column, UnknownCode(self.column.name, code, tuple(lines))

    def _read(self, cell: str) -> Value | Missing | None:
        code = normal_code(cell)
        if code in self.column.missing:
            return Missing(self.column.missing[code])
        if self._decimal == "," and (pointed := with_point(code)):
            code = normal_code(pointed)
        return self._meaning(code)


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
    values = values_by_ref(questionnaire)
    fields = {one.key: one for one in demographics}
    require_people(data, mapping.not_of_models)
    data = _rows_of_people(kept_rows(data, mapping.only), mapping)
    require_fit(data, mapping, values, fields)
    labels = labels_by_ref(questionnaire)
    readings = [
        _Reading(column, meaning_of(column, values, fields, labels), mapping.layout.decimal)
        for column in mapping.columns
    ]
    coded = [_told(row, readings, values) for row in data.rows]
    found = (one for reading in readings for one in reading.unknown)
    if unknown := sorted(found, key=lambda one: one[1].lines):
        _require_explained(data, mapping, unknown)
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


def _rows_of_people(data: DataFile, mapping: ImportMapping) -> DataFile:
    if mapping.shape is None:
        return data
    items = {column.name for column in mapping.columns if isinstance(column, ItemColumn)}
    facts = {column.name for column in mapping.columns} - items
    id_column = mapping.layout.id_column
    return one_row_each(data, mapping.shape, id_column=id_column, items=items, facts=facts)


class _Told(NamedTuple):
    """What a row says: answers by ref, demographics by key, and sampling by role."""

    answers: dict[str, int | Missing]
    about: dict[str, Value]
    sampling: dict[str, Value]


def _told(row: DataRow, readings: Sequence[_Reading], refs: Iterable[str]) -> _Told:
    told = _Told(dict.fromkeys(refs, NOT_SHOWN), {}, {})
    answers = told.answers
    for reading in readings:
        column, value = reading.column, reading.value(row)
        if isinstance(column, ItemColumn):
            if column.version:
                _tell_version(told, column, value)
            elif isinstance(value, int | Missing):
                answers[column.ref] = value
        elif not isinstance(value, Missing):
            kept = told.sampling if isinstance(column, SamplingColumn) else told.about
            kept[column.role if isinstance(column, SamplingColumn) else column.key] = value
    return told


def _tell_version(told: _Told, column: ItemColumn, value: Value | Missing) -> None:
    """An answer counts, else a reason that was given, else the empty cell of any version."""
    held = told.answers[column.ref]
    if isinstance(value, int):
        versions = str(told.sampling.get(VERSION, "")).split(BETWEEN)
        said = dict.fromkeys([*filter(None, versions), column.version])
        told.sampling[VERSION] = BETWEEN.join(said)
        told.answers[column.ref] = TWICE if isinstance(held, int) or held is TWICE else value
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
    answers: Mapping[str, int | Missing],
    about: Mapping[str, Value],
    sampling: Mapping[str, Value],
) -> str:
    """Files without weights, clusters and strata keep the fingerprints that they always had."""
    plain = {ref: one.reason if isinstance(one, Missing) else one for ref, one in answers.items()}
    return sha256_of([plain, dict(about), *([dict(sampling)] if sampling else [])])


def _require_explained(data: DataFile, mapping: ImportMapping, unknown: Unknown) -> None:
    """Raise `ImportFileError` for codes that nothing explains, as far as the mapping refuses them.

    A row of the header that was taken for a person, and decimal commas, are refused in any case: as
    missing answers they would be lost without a word. So is what is no time.
    """
    if header := _header_row(data, mapping, unknown):
        raise ImportFileError(data.name, [header])
    problems = []
    for column, one in unknown:
        mistake = _mistake(column, one.code, mapping.layout.decimal)
        if mapping.unknown_codes == "refuse" or mistake != ImportMistake.UNKNOWN_CODE:
            problems.append(Problem(one.where, mistake, {"given": one.code}))
    if problems:
        raise ImportFileError(data.name, problems)


def _mistake(column: Column, code: str, decimal: str) -> ImportMistake:
    if isinstance(column, SamplingColumn) and column.role == TIME:
        return ImportMistake.BAD_TIME
    comma = with_point(code) and decimal == "."
    return ImportMistake.DECIMAL_COMMA if comma else ImportMistake.UNKNOWN_CODE


def _header_row(data: DataFile, mapping: ImportMapping, unknown: Unknown) -> Problem | None:
    """The first row, if what it has in every column with a question is in no other row a code."""
    first = data.rows[0]
    strange = {one.column: one.code for _column, one in unknown if one.lines == (first.line,)}
    items = [column.name for column in mapping.columns if isinstance(column, ItemColumn)]
    words = [strange.get(name, "") for name in items]
    if len(items) < 2 or not all(words) or any(map(str.isdigit, words)):
        return None
    about = {"lines": mapping.layout.header_rows + 1, "found": words[0]}
    return Problem(f"line {first.line}, column {items[0]}", ImportMistake.HEADER_ROW, about)
