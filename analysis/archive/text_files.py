"""Values as the bytes of CSV, JSON and text files: UTF-8, line feeds, ``NA`` if missing."""

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from analysis.archive.packing import ArchiveFile
from surveys.exports.cells import CsvWriter, cell


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> ArchiveFile:
    """A table with a header. Floats are written with all their digits."""
    buffer = io.StringIO()
    writer = CsvWriter(buffer, line_end="\n")
    writer.write(header)
    writer.write_all([cell(value) for value in row] for row in rows)
    return ArchiveFile(name, buffer.getvalue().encode())


def json_file(name: str, payload: Any) -> ArchiveFile:
    """JSON with sorted keys, indented for whoever reads it."""
    text = json.dumps(payload, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return text_file(name, text + "\n")


def text_file(name: str, text: str) -> ArchiveFile:
    """Plain text."""
    return ArchiveFile(name, text.encode())
