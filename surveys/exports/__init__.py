"""The data of a study as files that statistics programs read. No Django, no database.

    tables = Tables(content, folder, choice)
    for row in rows:
        tables.take(row)
    files = tables.close()

Whoever adds a kind of question says in `columns.columns_of` what its columns are; every file is
made of those. People, simulated people and models are in files of their own, never in one.
"""

from surveys.exports.columns import Column, columns_of
from surveys.exports.content import Answered, ExportChoice, ExportContent, ExportItem, ExportRow
from surveys.exports.manifest import WrittenFile
from surveys.exports.tables import Tables

__all__ = [
    "Answered",
    "Column",
    "ExportChoice",
    "ExportContent",
    "ExportItem",
    "ExportRow",
    "Tables",
    "WrittenFile",
    "columns_of",
]
