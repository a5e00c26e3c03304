"""What every mapping file says: where the data come from, how they are written, for which study."""

import codecs
import hashlib
from dataclasses import dataclass
from typing import Literal

from surveys.codes import advice
from surveys.imports.files.data_files import DELIMITERS, FileLayout
from surveys.instrument_files import InstrumentDefinition, StudyDefinition
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.toml_tables import Table

# Those that data files are usually written in, to be named where another name is none.
ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the data come from, as a report cites it."""

    citation: str
    licence: str
    note: str


UnknownCodes = Literal["refuse", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingFile:
    """What a mapping says whosesoever answers the rows are.

    They go into the study `slug`, which `study` describes where it may have to be made. Blocks of
    `study` name `instruments`, which are written into the file, or others that are published.
    `unknown_codes` says what becomes of a code that nothing explains: the file is refused, or the
    answer is missing as ``out_of_range``. `text` is the file as it was written.
    """

    name: str
    source: Source
    slug: str
    study: StudyDefinition | None
    instruments: tuple[InstrumentDefinition, ...]
    layout: FileLayout
    language: str
    unknown_codes: UnknownCodes
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 (hex) of the file's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_source(table: Table) -> Source:
    """Read ``[source]``."""
    source = Source(
        citation=table.text("citation"),
        licence=table.text("licence"),
        note=table.text("note", default=""),
    )
    table.finish()
    return source


def read_layout(data: Table) -> FileLayout:
    """Read of ``[data]`` how the file is written."""
    layout = FileLayout(
        id_column=data.text("id_column", default=""),
        delimiter=data.choice("delimiter", DELIMITERS, default=","),
        encoding=data.text("encoding", default="utf-8"),
        decimal=data.choice("decimal", (".", ","), default="."),
        header_rows=data.integer("header_rows", default=1, minimum=1),
        line_breaks=data.boolean("line_breaks", default=False),
    )
    try:
        codecs.lookup(layout.encoding)
    except LookupError:
        about = {"given": layout.encoding, "advice": advice(layout.encoding, ENCODINGS)}
        data.note("encoding", FileMistake.UNKNOWN_CHOICE, **about)
    return layout
