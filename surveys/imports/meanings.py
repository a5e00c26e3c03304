"""What a code in a column stands for."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from surveys.imports.columns import (
    TIME,
    WEIGHT,
    Column,
    DemographicColumn,
    ItemColumn,
    SamplingColumn,
)
from surveys.imports.fit import in_range
from surveys.imports.labels import folded
from surveys.instrument_files import DemographicField

LONGEST_ID = 120
Value = str | int | float
Meaning = Callable[[str], Value | None]
"""Code -> what it stands for; None where nothing explains it."""


def meaning_of(
    column: Column,
    values: Mapping[str, Sequence[int]],
    fields: Mapping[str, DemographicField],
    labels: Mapping[str, Mapping[str, int]],
) -> Meaning:
    """What turns a code of this column into what it stands for.

    `values` and `labels` are those of each question by ref, `fields` the demographic questions.
    """
    if isinstance(column, ItemColumn):
        return _of_item(column, values[column.ref], labels[column.ref])
    if isinstance(column, DemographicColumn):
        return _of_demographic(column, fields[column.key])
    return _of_sampling(column)


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
