"""Read one mapping file; docs/imports.md describes the format."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports.collected.mapping import ModelMapping, read_model_rows
from surveys.imports.columns import Column, missing_codes, read_columns, read_recodings
from surveys.imports.data_files import FILE_FORMATS, FileLayout
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import RESPONDENTS, Respondents
from surveys.imports.source import Source, read_layout, read_source
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
    StudyDefinition,
)
from surveys.instrument_files.instruments import read_instrument, repeated_keys
from surveys.instrument_files.studies import read_study
from surveys.instrument_files.toml_tables import LANGUAGE, SLUG, Table, parse_toml, read_text

# What a draft writes where it asks.
QUESTION = "?"
UnknownCodes = Literal["refuse", "missing"]


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A mapping file that was read.

    `respondents` says whose answers the rows are, and `not_of_models` which columns only look like
    those of models' answers. `only` maps columns to the codes of rows that are read. `instruments`
    are those written into the file; a block of `study` may also name one that is published already.
    `unknown_codes` says what becomes of a code that no column explains: the file is refused, or the
    answer is missing as ``out_of_range``. `text` is the file as it was written.
    """

    name: str
    source: Source
    respondents: Respondents
    not_of_models: tuple[str, ...]
    layout: FileLayout
    only: Mapping[str, tuple[str, ...]]
    language: str
    unknown_codes: UnknownCodes
    study: StudyDefinition
    instruments: tuple[InstrumentDefinition, ...]
    columns: tuple[Column, ...]
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


AnyMapping = ImportMapping | ModelMapping


def load_mapping(path: Path | str) -> AnyMapping:
    """Read and validate a mapping file; raises `ImportFileError` with all problems."""
    path = Path(path)
    try:
        text = read_text(path)
    except InstrumentFileError as error:
        raise ImportFileError(error.file, error.problems) from None
    return parse_mapping(text, file=path.name)


def parse_mapping(text: str, *, file: str = "mapping") -> AnyMapping:
    """Validate the text of a mapping file, named `file` in errors: of people, or of models.

    Whether the columns fit the questions they answer is checked by `code_people`, which also knows
    instruments that are not in the file.
    """
    problems: list[Problem] = []
    try:
        values = parse_toml(text, file=file)
        if left := list(_unanswered(values, "")):
            raise ImportFileError(file, left)
        mapping = _mapping(Table(values, path="", problems=problems), file, text)
    except InstrumentFileError as error:
        raise ImportFileError(error.file, error.problems) from None
    if not problems:
        problems.extend(_contradictions(mapping))
    if problems:
        raise ImportFileError(file, problems)
    return mapping


def _unanswered(value: object, path: str) -> Iterator[Problem]:
    """The places where a draft asks, and nobody has answered yet."""
    if value == QUESTION:
        yield Problem(path, ImportMistake.UNANSWERED)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _unanswered(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            named = part.get("key") or part.get("slug") if isinstance(part, dict) else None
            yield from _unanswered(part, f"{path}[{named or number}]")


def _mapping(top: Table, file: str, text: str) -> AnyMapping:
    source = read_source(top.table("source"))
    data = top.table("data", required=False)
    respondents = _respondents(data)
    read = _of_models if respondents == "models" else _of_people
    mapping = read(top, data, file, text, source)
    data.finish()
    top.finish()
    return mapping


def _of_models(top: Table, data: Table, file: str, text: str, source: Source) -> ModelMapping:
    """Models' answers go into a study that is there already, or into one that is described."""
    parts = read_model_rows(top, data, missing_codes(data, "missing"))
    slug = data.text("study", shape=SLUG, default="")
    study = None if slug and not top.has("study") else read_study(top.table("study"))
    if slug and study:
        data.note("study", ImportMistake.STUDY_SAID_TWICE)
    languages = study.languages if study else ()
    return ModelMapping(
        name=file,
        source=source,
        slug=slug or (study.slug if study else ""),
        study=study,
        instruments=_instruments(top),
        text=text,
        **{**parts, "language": parts["language"] or next(iter(languages), "")},
    )


def _instruments(top: Table) -> tuple[InstrumentDefinition, ...]:
    tables = top.tables("instruments", named_by="slug", required=False)
    return tuple(read_instrument(table) for table in tables)


def _of_people(top: Table, data: Table, file: str, text: str, source: Source) -> ImportMapping:
    recodings = read_recodings(top)
    everywhere = {"": "skipped", **missing_codes(data, "missing")}
    study = read_study(top.table("study"))
    return ImportMapping(
        name=file,
        source=source,
        respondents="people",
        not_of_models=data.plain_texts("not_of_models"),
        only=_only(data),
        layout=_layout(data),
        language=data.text("language", shape=LANGUAGE, default=next(iter(study.languages), "")),
        unknown_codes=data.choice("unknown_codes", ("refuse", "missing"), default="refuse"),
        study=study,
        instruments=_instruments(top),
        columns=read_columns(top, recodings, everywhere),
        text=text,
    )


def _layout(data: Table) -> FileLayout:
    layout = read_layout(data)
    if data.has("format"):
        layout = replace(layout, format=data.choice("format", FILE_FORMATS))
    return layout


def _only(data: Table) -> dict[str, tuple[str, ...]]:
    """Column -> the codes of rows that are read; other rows are left out and counted."""
    table = data.table("only", required=False)
    return {column: table.plain_texts(column) for column in list(table.whole())}


def _respondents(data: Table) -> Respondents:
    """Whose answers they are; there is no default, so that nobody takes models for people."""
    if data.has("respondents"):
        return data.choice("respondents", RESPONDENTS)
    data.note("respondents", ImportMistake.RESPONDENTS_UNSAID)
    return "people"


def _contradictions(mapping: AnyMapping) -> Iterable[Problem]:
    yield from repeated_keys("instruments", (one.slug for one in mapping.instruments))
    if mapping.study is None:
        return
    if mapping.language not in mapping.study.languages:
        about = {
            "given": mapping.language,
            "advice": advice(mapping.language, mapping.study.languages),
        }
        yield Problem("data.language", ImportMistake.LANGUAGE_NOT_OFFERED, about)
    used = {(block.instrument, block.version) for block in mapping.study.blocks}
    for instrument in mapping.instruments:
        if (instrument.slug, instrument.version) not in used:
            where = f"instruments[{instrument.slug}]"
            yield Problem(where, ImportMistake.UNUSED_INSTRUMENT)
