"""What every mapping file says of its data: where they come from, and how the file is written."""

import codecs
from dataclasses import dataclass

from surveys.codes import advice
from surveys.imports.data_files import DELIMITERS, FileLayout
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
