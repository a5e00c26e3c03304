"""What a code in a column stands for."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from surveys.imports.cells.answers import stored_of
from surveys.imports.cells.labels import folded
from surveys.imports.cells.listed import keys_in, names_of
from surveys.imports.cells.numbers import as_stored
from surveys.imports.columns import (
    TIME,
    WEIGHT,
    Column,
    DemographicColumn,
    ItemColumn,
    SamplingColumn,
    normal_code,
    with_point,
)
from surveys.imports.files.data_files import FileLayout
from surveys.imports.fit import Asked, in_range
from surveys.instrument_files import DemographicField
from surveys.questions import OpenFormat, Stored

LONGEST_ID = 120
Value = str | int | float | tuple[Stored, ...]
Meaning = Callable[[str], Value | None]
"""Cell or code -> what it stands for; None where nothing explains it."""


def meaning_of(column: Column, asked: Asked, layout: FileLayout) -> Meaning:
    """What turns a cell of this column into what it stands for."""
    if isinstance(column, ItemColumn) and column.ref in asked.numbers:
        return _of_number(column, asked.numbers[column.ref], layout)
    if isinstance(column, ItemColumn) and column.ref in asked.open:
        return open_meaning(column, asked.open[column.ref])
    of_code = _of_codes(column, asked)
    if layout.decimal == ".":
        return lambda cell: of_code(normal_code(cell))
    return lambda cell: of_code(normal_code(with_point(cell) or cell))


def _of_codes(column: Column, asked: Asked) -> Meaning:
    """What turns a code, with a decimal point whatever sign the file has, into its meaning."""
    if isinstance(column, ItemColumn):
        return _of_item(column, asked.values[column.ref], asked.labels[column.ref])
    if isinstance(column, DemographicColumn):
        return _of_demographic(column, asked.fields[column.key])
    return _of_sampling(column)


def _of_number(column: ItemColumn, asked: OpenFormat, layout: FileLayout) -> Meaning:
    """Codes that the column names count first; every other cell is the number itself."""
    # Cells of a workbook, of SPSS and of Stata are numbers already, which are written with a point.
    signs = {layout.decimal} if layout.format == "csv" else {layout.decimal, "."}

    def meaning(cell: str) -> float | None:
        if (value := column.values.get(normal_code(cell))) is not None:
            return float(value)
        read = (as_stored(cell, asked, decimal) for decimal in signs)
        return next((number for number in read if number is not None), None)

    return meaning


def open_meaning(column: ItemColumn, asked: OpenFormat) -> Meaning:
    """A whole answer, or what a column of one option or one place has of it."""
    if column.option:
        return _of_option(column, asked)
    if not asked.listed:
        return _of_whole(column, asked)
    names = names_of(asked, column.values)

    def meaning(cell: str) -> Value | None:
        keys = keys_in(cell, names, column.separator)
        if keys is None or (column.rank and len(keys) != 1):
            return None
        return keys[0] if column.rank else stored_of(asked, asked.of_names(keys))

    return meaning


def _of_option(column: ItemColumn, asked: OpenFormat) -> Meaning:
    """Without codes of its own a column has numbers, or where it applies the option's name."""
    if column.values:
        codes = {code: value for code, value in column.values.items() if isinstance(value, int)}
        return lambda cell: codes.get(normal_code(cell))
    low, high = asked.span or (0, 0)
    numbers = {str(value): value for value in range(int(low), int(high) + 1)}
    if not asked.ranks:
        numbers |= {folded(column.option): 1, folded(asked.listed[column.option]): 1}
    return lambda cell: numbers.get(folded(normal_code(cell)))


def _of_whole(column: ItemColumn, asked: OpenFormat) -> Meaning:
    """A text, a day, or whatever else a cell holds as a whole."""
    codes = {
        code: stored_of(asked, asked.of_cell(str(value))) for code, value in column.values.items()
    }

    def meaning(cell: str) -> Value | None:
        found = codes.get(normal_code(cell))
        return found or stored_of(asked, asked.of_cell(cell, column.format))

    return meaning


def _of_item(column: ItemColumn, options: Sequence[int], labels: Mapping[str, int]) -> Meaning:
    """Without codes of its own a column holds the values of its scale, or the labels of these."""
    if column.values:
        return column.values.get
    codes = {str(value): value for value in options}
    return lambda code: codes[code] if code in codes else labels.get(folded(code))


def _of_demographic(column: DemographicColumn, question: DemographicField) -> Meaning:
    if column.values:
        return column.values.get
    if question.kind == "choice":
        return {value: value for value, _ in question.options}.get
    return partial(in_range, question)


def _of_sampling(column: SamplingColumn) -> Meaning:
    if column.role == WEIGHT:
        return _weight
    if column.role == TIME:
        return partial(_time, column.format)
    return partial(_named, column.values)


def _weight(code: str) -> float | None:
    """A sampling weight: a positive number with a decimal point."""
    try:
        value = float(code)
    except ValueError:
        return None
    return value if math.isfinite(value) and value > 0.0 else None


def _time(written: str, code: str) -> str | None:
    """A moment as ISO 8601 has it, to the second; one without a zone is kept so."""
    try:
        at = datetime.strptime(code, written) if written else datetime.fromisoformat(code)  # noqa: DTZ007
    except ValueError:
        return None
    return (at.astimezone(UTC) if at.tzinfo else at).isoformat(timespec="seconds")


def _named(values: Mapping[str, str], code: str) -> str | None:
    """The cluster, stratum or wave that a code stands for: itself, unless the mapping names it."""
    if values:
        return values.get(code)
    return code if len(code) <= LONGEST_ID else None
