"""The data of a run as tables, as given and as scored, and the sources of what was imported."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import PurePosixPath

import numpy as np
import numpy.typing as npt

from analysis.archive.content import (
    AnswerRow,
    ArchiveContent,
    CodebookEntry,
    SignalRow,
    Source,
)
from analysis.archive.packing import ArchiveFile
from analysis.archive.text_files import csv_file, text_file
from surveys.exports.missing import MISSING_CODES

# psych-DS asks for a name of this form of at least one data file.
ANSWERS = "data/description-answers_data.csv"
RAW = "data/raw.csv"
SCORED = "data/scored.csv"
# What stands beside the answers of a respondent in raw.csv.
RESPONDENT_COLUMNS = (
    *("respondent", "group", "kind", "simulated", "excluded", "language", "scale_direction"),
)
SOURCES = "sources/sources.csv"
# A seed can be made of a recruiter's id, and stays behind as it does in study.json.
SEED = re.compile(r"^\s*seed\s*=.*$", re.MULTILINE)
WITHOUT_SEED = "# seed: not published"
Scores = Mapping[str, npt.NDArray[np.float64]]


def data_files(content: ArchiveContent, scores: Scores) -> list[ArchiveFile]:
    """The tables under ``data/`` but the codebook; demographics only if any may be published."""
    files = [_answers(content), _raw(content), _scored(content, scores), _missing_codes()]
    if content.conditions:
        files.append(_conditions(content))
    if content.signals:
        files.append(_signals(content))
    return [*files, _demographics(content)] if content.demographics else files


def raw_columns(entry: CodebookEntry) -> tuple[str, str]:
    """What the code and the value of a question are called; names of items hold no dot."""
    return f"{entry.variable}.code", f"{entry.variable}.value"


def _answers(content: ArchiveContent) -> ArchiveFile:
    """One row per answer, with what only a single answer has: place, reason, time."""
    names = [field.name for field in fields(AnswerRow)]
    place = names.index("missing_reason") + 1
    header = [*names[:place], "missing_code", *names[place:]]
    rows = ([getattr(row, name) for name in names] for row in content.answers)
    coded = (
        [*cells[:place], _missing_code(row), *cells[place:]]
        for row, cells in zip(content.answers, rows, strict=True)
    )
    return csv_file(ANSWERS, header, coded)


def _missing_code(row: AnswerRow) -> int | None:
    return MISSING_CODES[row.missing_reason][0] if row.missing_reason else None


def _raw(content: ArchiveContent) -> ArchiveFile:
    """One row per respondent who ended, with every answer as it was given."""
    columns = [name for entry in content.codebook for name in raw_columns(entry)]
    places = {entry.ref: 2 * at for at, entry in enumerate(content.codebook)}
    rows: dict[str, list[object]] = {}
    for answer in content.answers:
        cells = rows.setdefault(answer.respondent, _empty(answer, len(columns)))
        at = len(RESPONDENT_COLUMNS) + places[answer.ref]
        cells[at : at + 2] = [answer.code, answer.value]
    return csv_file(RAW, [*RESPONDENT_COLUMNS, *columns], rows.values())


def _empty(answer: AnswerRow, columns: int) -> list[object]:
    return [*(getattr(answer, name) for name in RESPONDENT_COLUMNS), *[None] * columns]


def _scored(content: ArchiveContent, scores: Scores) -> ArchiveFile:
    """One row per respondent analysed, with what the models were fitted to."""
    wide = content.wide
    told = {group.key: group for group in content.comparison.groups}
    columns = {**wide.items, **scores, **{name: wide.people[name] for name in wide.published}}
    header = ["respondent", "group", "kind", "simulated", "cluster", *columns]
    groups = [told[key] for key in wide.group.tolist()]
    values = np.column_stack(list(columns.values())).tolist()
    rows = (
        [respondent, group.key, group.kind, group.simulated, cluster, *numbers]
        for respondent, group, cluster, numbers in zip(
            wide.respondent, groups, wide.cluster, values, strict=True
        )
    )
    return csv_file(SCORED, header, rows)


def _missing_codes() -> ArchiveFile:
    rows = [(reason, code, meaning) for reason, (code, meaning) in MISSING_CODES.items()]
    header = ("missing_reason", "missing_code", "reason_meaning")
    return csv_file("data/missing_codes.csv", header, rows)


def _demographics(content: ArchiveContent) -> ArchiveFile:
    header = ["respondent", *(f"demographic.{name}" for name in content.demographic_fields)]
    rows = [
        [respondent, *(given.get(name) for name in content.demographic_fields)]
        for respondent, given in content.demographics
    ]
    return csv_file("data/demographics.csv", header, rows)


def _signals(content: ArchiveContent) -> ArchiveFile:
    """One row per respondent of whom rules of exclusion went by more than answers."""
    names = [one.name for one in fields(SignalRow)]
    rows = ([getattr(row, name) for name in names] for row in content.signals)
    return csv_file("data/signals.csv", names, rows)


def _conditions(content: ArchiveContent) -> ArchiveFile:
    """One row per respondent who ended: what was varied for them."""
    names = list(dict.fromkeys(name for _, cell in content.conditions for name in cell))
    header = ["respondent", *(f"condition.{name}" for name in names)]
    rows = [[one, *(cell.get(name) for name in names)] for one, cell in content.conditions]
    return csv_file("data/conditions.csv", header, rows)


def source_files(content: ArchiveContent) -> Iterator[ArchiveFile]:
    """A table of the files that were imported, and a mapping for each; nothing without imports."""
    sources = content.imported.sources if content.imported else ()
    if not sources:
        return
    names = [each.name for each in fields(Source) if each.name not in ("mapping", "mapping_file")]
    rows = (
        [*(getattr(one, name) for name in names), _mapping_name(number, one)]
        for number, one in enumerate(sources, start=1)
    )
    yield csv_file(SOURCES, [*names, "mapping_file"], rows)
    for number, one in enumerate(sources, start=1):
        yield text_file(_mapping_name(number, one), SEED.sub(WITHOUT_SEED, one.mapping))


def _mapping_name(number: int, source: Source) -> str:
    """A path within the archive, whatever the file was called."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", PurePosixPath(source.mapping_file).stem)
    return f"sources/{number}-{stem or 'mapping'}.toml"
