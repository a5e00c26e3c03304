"""Rows of a data file become people with coded answers."""

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

from surveys.checksums import sha256_of
from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.columns import (
    WEIGHT,
    Column,
    DemographicColumn,
    ItemColumn,
    SamplingColumn,
    aim_of,
    normal_code,
    with_point,
)
from surveys.imports.data_files import DataFile, DataRow
from surveys.imports.fit import entries_of, in_range, labels_by_ref, require_fit, values_by_ref
from surveys.imports.labels import folded
from surveys.imports.mapping import ImportMapping
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import require_people
from surveys.instrument_files import DemographicField
from surveys.presentation import Questionnaire

LINES_SHOWN = 5
LONGEST_ID = 120
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Missing:
    """Stands where there is no value, and says why."""

    reason: str


NOT_SHOWN = Missing("not_shown")
OUT_OF_RANGE = Missing("out_of_range")


@dataclass(frozen=True, slots=True)
class CodedPerson:
    """One row: a scored value for each question of the study, or the reason why it is missing.

    `recruiter_id` is the row's id, or a hash of the row that survives a re-ordering of the file;
    `sampling` maps weight, cluster and stratum to what the file has; `fingerprint` is the SHA-256
    (hex) of everything that is stored of this person.
    """

    line: int
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
    that became ``out_of_range``; `unused_columns` are left in the file.
    """

    people: tuple[CodedPerson, ...]
    order: tuple[str, ...]
    unknown: tuple[UnknownCode, ...]
    unused_columns: tuple[str, ...]


@dataclass
class _Reading:
    """Codes of each column -> what they stand for, and the codes that were not explained.

    A column has few different codes and many rows: what a cell stands for is worked out once.
    """

    explain: Mapping[str, Callable[[str], Value | None]]
    decimal: str
    known: dict[str, dict[str, Value | Missing]] = field(default_factory=lambda: defaultdict(dict))
    unknown: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))

    def value(self, column: Column, row: DataRow) -> Value | Missing:
        """What the row has in this column."""
        cell = row.cells[column.name]
        known = self.known[aim_of(column)]
        if cell in known:
            return known[cell]
        value = self._read(column, cell)
        if value is None:
            self.unknown[column.name, normal_code(cell)].append(row.line)
            return OUT_OF_RANGE
        known[cell] = value
        return value

    def _read(self, column: Column, cell: str) -> Value | Missing | None:
        code = normal_code(cell)
        if code in column.missing:
            return Missing(column.missing[code])
        if self.decimal == "," and (pointed := with_point(code)):
            code = normal_code(pointed)
        return self.explain[aim_of(column)](code)


def code_people(data: DataFile, mapping: ImportMapping, questionnaire: Questionnaire) -> CodedFile:
    """Code every row of `data` for `questionnaire`, the mapping's study in its language.

    A question that no column answers is missing as ``not_shown``. Raises `ImportFileError` with all
    columns and codes that do not fit.
    """
    values = values_by_ref(questionnaire)
    fields = {one.key: one for one in mapping.study.demographics}
    require_people(data, mapping.not_of_models)
    require_fit(data, mapping, values, fields)
    labels = labels_by_ref(questionnaire)
    reading = _Reading(
        {aim_of(column): _codes_of(column, values, fields, labels) for column in mapping.columns},
        mapping.layout.decimal,
    )
    coded = [_answers(row, mapping.columns, values, reading) for row in data.rows]
    unknown = tuple(UnknownCode(*key, tuple(lines)) for key, lines in reading.unknown.items())
    if unknown:
        _require_explained(data, mapping, unknown)
    people = tuple(
        CodedPerson(row.line, recruiter_id, *parts, _fingerprint(*parts))
        for row, recruiter_id, parts in zip(
            data.rows, _recruiter_ids(data, mapping.layout.id_column), coded, strict=True
        )
    )
    used = {column.name for column in mapping.columns} | {mapping.layout.id_column}
    return CodedFile(
        people,
        _order(data, mapping.columns, questionnaire),
        unknown,
        tuple(name for name in data.header if name not in used),
    )


def _answers(
    row: DataRow, columns: Sequence[Column], refs: Iterable[str], reading: _Reading
) -> tuple[dict[str, int | Missing], dict[str, Value], dict[str, Value]]:
    """Answers by ref, demographics by key, and how the person was sampled by role."""
    answers: dict[str, int | Missing] = dict.fromkeys(refs, NOT_SHOWN)
    about: dict[str, Value] = {}
    sampling: dict[str, Value] = {}
    for column in columns:
        value = reading.value(column, row)
        if isinstance(column, ItemColumn):
            if isinstance(value, int | Missing):
                answers[column.ref] = value
        elif not isinstance(value, Missing):
            if isinstance(column, SamplingColumn):
                sampling[column.role] = value
            else:
                about[column.key] = value
    return answers, about, sampling


def _codes_of(
    column: Column,
    values: Mapping[str, Sequence[int]],
    fields: Mapping[str, DemographicField],
    labels: Mapping[str, Mapping[str, int]],
) -> Callable[[str], Value | None]:
    """What turns a code of this column into what it stands for; None where nothing explains it."""
    if isinstance(column, ItemColumn):
        return _item_codes(column, values[column.ref], labels[column.ref])
    if isinstance(column, DemographicColumn):
        return _demographic_codes(column, fields[column.key])
    return _weight if column.role == WEIGHT else partial(_named, column.values)


def _weight(code: str) -> float | None:
    """A sampling weight: a positive number with a decimal point."""
    try:
        value = float(code)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0.0 else None


def _named(values: Mapping[str, str], code: str) -> str | None:
    """The cluster or stratum that a code stands for: itself, unless the mapping names them."""
    if values:
        return values.get(code)
    return code if len(code) <= LONGEST_ID else None


def _item_codes(
    column: ItemColumn, options: Sequence[int], labels: Mapping[str, int]
) -> Callable[[str], int | None]:
    """Without codes of its own a column holds the values of its scale, or the labels of these."""
    if column.values:
        return column.values.get
    codes = {str(value): value for value in options}
    return lambda code: codes[code] if code in codes else labels.get(folded(code))


def _demographic_codes(
    column: DemographicColumn, question: DemographicField
) -> Callable[[str], str | int | None]:
    if column.values:
        return column.values.get
    if question.kind == "choice":
        return {value: value for value, _ in question.options}.get
    return partial(in_range, question)


def _order(
    data: DataFile, columns: Sequence[Column], questionnaire: Questionnaire
) -> tuple[str, ...]:
    """Refs as their columns stand; questions without a column end their block.

    A block that the file leaves and comes back to is kept together where it first occurs, because
    nobody can be shown one block inside another.
    """
    place = {c.ref: data.header.index(c.name) for c in columns if isinstance(c, ItemColumn)}

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


def _require_explained(
    data: DataFile, mapping: ImportMapping, unknown: Sequence[UnknownCode]
) -> None:
    """Raise `ImportFileError` for codes that nothing explains, as far as the mapping refuses them.

    A row of the header that was taken for a person, and decimal commas, are refused in any case: as
    missing answers they would be lost without a word.
    """
    if header := _header_row(data, mapping, unknown):
        raise ImportFileError(data.name, [header])
    commas = [one for one in unknown if with_point(one.code) and mapping.layout.decimal == "."]
    refused = unknown if mapping.unknown_codes == "refuse" else commas
    if refused:
        raise ImportFileError(
            data.name, [_unexplained(one, comma=one in commas) for one in refused]
        )


def _header_row(
    data: DataFile, mapping: ImportMapping, unknown: Sequence[UnknownCode]
) -> Problem | None:
    """The first row, if what it has in every column with a question is in no other row a code."""
    first = data.rows[0]
    strange = {one.column: one.code for one in unknown if one.lines == (first.line,)}
    items = [column.name for column in mapping.columns if isinstance(column, ItemColumn)]
    words = [strange.get(name, "") for name in items]
    if len(items) < 2 or not all(words) or any(map(str.isdigit, words)):
        return None
    about = {"lines": mapping.layout.header_rows + 1, "found": words[0]}
    return Problem(f"line {first.line}, column {items[0]}", ImportMistake.HEADER_ROW, about)


def _unexplained(unknown: UnknownCode, *, comma: bool) -> Problem:
    code = ImportMistake.DECIMAL_COMMA if comma else ImportMistake.UNKNOWN_CODE
    return Problem(unknown.where, code, {"given": unknown.code})
