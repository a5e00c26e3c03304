"""Answers of people that exist already, brought in from a CSV file. No Django, no database.

    mapping = load_mapping("mapping.toml")
    data = read_data_file("data.csv", mapping.layout)
    coded = code_people(data, mapping, questionnaire)

A mapping file says which column answers which question and what each code stands for; its format
is described in docs/imports.md. Every error names the file, the line and column or the key, the
value, and what to do; it is an `ImportFileError` with all problems found in one pass.
"""

from surveys.imports.cells.reading import Missing, UnknownCode
from surveys.imports.coding import CodedFile, CodedPerson, code_people
from surveys.imports.collected.mapping import ModelMapping
from surveys.imports.columns import (
    MISSING_REASONS,
    Column,
    DemographicColumn,
    ItemColumn,
    SamplingColumn,
)
from surveys.imports.files.data_files import (
    DataFile,
    DataRow,
    FileLayout,
    parse_data,
    read_data_file,
)
from surveys.imports.mapping import AnyMapping, ImportMapping, load_mapping, parse_mapping
from surveys.imports.source import Source

__all__ = [
    "MISSING_REASONS",
    "AnyMapping",
    "CodedFile",
    "CodedPerson",
    "Column",
    "DataFile",
    "DataRow",
    "DemographicColumn",
    "FileLayout",
    "ImportMapping",
    "ItemColumn",
    "Missing",
    "ModelMapping",
    "SamplingColumn",
    "Source",
    "UnknownCode",
    "code_people",
    "load_mapping",
    "parse_data",
    "parse_mapping",
    "read_data_file",
]
