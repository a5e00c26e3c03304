"""Read one mapping file; docs/imports.md describes the format."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from surveys.codes import Problem, Saying, advice
from surveys.errors import ImportFileError
from surveys.imports.collected.mapping import ModelMapping, read_model_rows
from surveys.imports.columns import Column, missing_codes, read_columns, read_recodings
from surveys.imports.files.data_files import FILE_FORMATS
from surveys.imports.files.long import LongShape
from surveys.imports.mistakes import ImportMistake
from surveys.imports.provenance import RESPONDENTS, Respondents
from surveys.imports.source import MappingFile, read_layout, read_source
from surveys.instrument_files import (
    InstrumentDefinition,
    InstrumentFileError,
)
from surveys.instrument_files.errors import FileMistake, Wanted
from surveys.instrument_files.instruments import read_instrument, repeated_keys
from surveys.instrument_files.studies import read_study
from surveys.instrument_files.toml_tables import LANGUAGE, SLUG, Table, parse_toml, read_text

# What a draft writes where it asks; a number that it proposes stands behind.
QUESTION = "?"
ASKED = re.compile(r"\?(?: -?\d+(?:\.\d+)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportMapping(MappingFile):
    """A mapping file of people's answers that was read.

    `not_of_models` are columns that only look like those of models' answers. `only` maps columns to
    the codes of rows that are read. Where `shape` says so, a row holds one answer of a person.
    """

    not_of_models: tuple[str, ...]
    only: Mapping[str, tuple[str, ...]]
    shape: LongShape | None
    columns: tuple[Column, ...]


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


def proposed(number: str) -> str:
    """A number that a draft proposes, and that somebody must confirm."""
    return f"{QUESTION} {number}"


def _unanswered(value: object, path: str) -> Iterator[Problem]:
    """The places where a draft asks, and nobody has answered yet."""
    if isinstance(value, str) and ASKED.fullmatch(value):
        yield Problem(path, ImportMistake.UNANSWERED)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _unanswered(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, part in enumerate(value, start=1):
            named = part.get("key") or part.get("slug") if isinstance(part, dict) else None
            yield from _unanswered(part, f"{path}[{named or number}]")


def _mapping(top: Table, file: str, text: str) -> AnyMapping:
    data = top.table("data", required=False)
    respondents = _respondents(data)
    shared = _of_both(top, data, file, text)
    read = _of_models if respondents == "models" else _of_people
    mapping = read(top, data, shared)
    data.finish()
    top.finish()
    return mapping


def _of_both(top: Table, data: Table, file: str, text: str) -> dict[str, Any]:
    """What mappings of people and of models have in common, as parts of a `MappingFile`.

    Answers go into a study that is there already, or into one that is described.
    """
    slug = data.text("study", shape=SLUG, default="")
    study = None if slug and not top.has("study") else read_study(top.table("study"))
    if slug and study:
        data.note("study", ImportMistake.STUDY_SAID_TWICE)
    first = study.languages[0] if study and study.languages else ""
    return {
        "name": file,
        "source": read_source(top.table("source")),
        "slug": slug or (study.slug if study else ""),
        "study": study,
        "instruments": _instruments(top),
        "layout": read_layout(data),
        "language": data.text("language", shape=LANGUAGE, default=first),
        "unknown_codes": data.choice("unknown_codes", ("refuse", "missing"), default="refuse"),
        "text": text,
    }


def _of_models(top: Table, data: Table, shared: Mapping[str, Any]) -> ModelMapping:
    return ModelMapping(**shared, **read_model_rows(top, data, missing_codes(data, "missing")))


def _instruments(top: Table) -> tuple[InstrumentDefinition, ...]:
    tables = top.tables("instruments", named_by="slug", required=False)
    return tuple(read_instrument(table) for table in tables)


def _of_people(top: Table, data: Table, shared: Mapping[str, Any]) -> ImportMapping:
    recodings = read_recodings(top)
    everywhere = {"": "skipped", **missing_codes(data, "missing")}
    layout = shared["layout"]
    if data.has("format"):
        layout = replace(layout, format=data.choice("format", FILE_FORMATS))
    if layout.format == "xlsx":
        layout = replace(layout, sheet=data.text("sheet", default=""))
    return ImportMapping(
        **{**shared, "layout": layout},
        not_of_models=data.plain_texts("not_of_models"),
        only=_only(data),
        shape=_shape(data, layout.id_column),
        columns=read_columns(top, recodings, everywhere),
    )


def _shape(data: Table, id_column: str) -> LongShape | None:
    """How a row holds one answer; None where it holds one person."""
    if data.choice("shape", ("wide", "long"), default="wide") == "wide":
        return None
    if not id_column:
        data.note("id_column", FileMistake.MISSING_KEY, wanted=Saying(Wanted.TEXT))
    return LongShape(data.text("item_column"), data.text("value_column"))


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
