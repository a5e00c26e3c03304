"""Read one mapping file; docs/imports.md describes the format."""

import codecs
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports.columns import Column, missing_codes, read_columns, read_recodings
from surveys.imports.data_files import DELIMITERS, FileLayout
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import RESPONDENTS, Respondents
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
    StudyDefinition,
)
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.instruments import read_instrument, repeated_keys
from surveys.instrument_files.studies import read_study
from surveys.instrument_files.toml_tables import LANGUAGE, Table, parse_toml, read_text

UnknownCodes = Literal["refuse", "missing"]
# Those that data files are usually written in, to be named where another name is none.
ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the data come from, as a report cites it."""

    citation: str
    licence: str
    note: str


@dataclass(frozen=True, slots=True)
class ImportMapping:
    """A mapping file that was read.

    `respondents` says whose answers the rows are, and `not_of_models` which columns only look like
    those of models' answers. `instruments` are those written into the file; a block of `study` may
    also name one that is published already. `unknown_codes` says what becomes of a code that no
    column explains: the file is refused, or the answer is missing as ``out_of_range``. `text` is
    the file as it was written.
    """

    name: str
    source: Source
    respondents: Respondents
    not_of_models: tuple[str, ...]
    layout: FileLayout
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


def load_mapping(path: Path | str) -> ImportMapping:
    """Read and validate a mapping file; raises `ImportFileError` with all problems."""
    path = Path(path)
    try:
        text = read_text(path)
    except InstrumentFileError as error:
        raise ImportFileError(error.file, error.problems) from None
    return parse_mapping(text, file=path.name)


def parse_mapping(text: str, *, file: str = "mapping") -> ImportMapping:
    """Validate the text of a mapping file, named `file` in errors.

    Whether the columns fit the questions they answer is checked by `code_people`, which also knows
    instruments that are not in the file.
    """
    problems: list[Problem] = []
    try:
        mapping = _mapping(
            Table(parse_toml(text, file=file), path="", problems=problems), file, text
        )
    except InstrumentFileError as error:
        raise ImportFileError(error.file, error.problems) from None
    if not problems:
        problems.extend(_contradictions(mapping))
    if problems:
        raise ImportFileError(file, problems)
    return mapping


def _mapping(top: Table, file: str, text: str) -> ImportMapping:
    source = _source(top.table("source"))
    data = top.table("data", required=False)
    recodings = read_recodings(top)
    everywhere = {"": "skipped", **missing_codes(data, "missing")}
    study = read_study(top.table("study"))
    mapping = ImportMapping(
        name=file,
        source=source,
        respondents=_respondents(data),
        not_of_models=data.plain_texts("not_of_models"),
        layout=_layout(data),
        language=data.text("language", shape=LANGUAGE, default=next(iter(study.languages), "")),
        unknown_codes=data.choice("unknown_codes", ("refuse", "missing"))
        if data.has("unknown_codes")
        else "refuse",
        study=study,
        instruments=tuple(
            read_instrument(table)
            for table in top.tables("instruments", named_by="slug", required=False)
        ),
        columns=read_columns(top, recodings, everywhere),
        text=text,
    )
    data.finish()
    top.finish()
    return mapping


def _source(table: Table) -> Source:
    source = Source(
        citation=table.text("citation"),
        licence=table.text("licence"),
        note=table.text("note") if table.has("note") else "",
    )
    table.finish()
    return source


def _respondents(data: Table) -> Respondents:
    """Whose answers they are; there is no default, so that nobody takes models for people."""
    if data.has("respondents"):
        return data.choice("respondents", RESPONDENTS)
    data.note("respondents", ImportMistake.RESPONDENTS_UNSAID)
    return "people"


def _layout(data: Table) -> FileLayout:
    layout = FileLayout(
        id_column=data.text("id_column") if data.has("id_column") else "",
        delimiter=data.choice("delimiter", DELIMITERS) if data.has("delimiter") else ",",
        encoding=data.text("encoding", default="utf-8"),
        decimal=data.choice("decimal", (".", ",")) if data.has("decimal") else ".",
        header_rows=data.integer("header_rows", default=1, minimum=1),
        line_breaks=data.boolean("line_breaks", default=False),
    )
    try:
        codecs.lookup(layout.encoding)
    except LookupError:
        about = {"given": layout.encoding, "advice": advice(layout.encoding, ENCODINGS)}
        data.note("encoding", FileMistake.UNKNOWN_CHOICE, **about)
    return layout


def _contradictions(mapping: ImportMapping) -> Iterable[Problem]:
    yield from repeated_keys("instruments", (one.slug for one in mapping.instruments))
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
