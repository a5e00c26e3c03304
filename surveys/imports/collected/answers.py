"""Values of open questions as sources write them, and values of their parts put together."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from surveys.imports.cells.answers import stored_of
from surveys.imports.cells.joint import JointReading
from surveys.imports.cells.labels import folded
from surveys.imports.cells.listed import names_of
from surveys.imports.cells.meanings import meaning_of, open_meaning
from surveys.imports.cells.reading import CellReading, Missing
from surveys.imports.collected.mapping import ModelMapping
from surveys.imports.collected.places import as_text
from surveys.imports.columns import ItemColumn, normal_code
from surveys.imports.files.data_files import DataRow
from surveys.imports.fit import Asked
from surveys.questions import Given, Mistaken, OpenFormat


def open_value(asked: OpenFormat, column: ItemColumn | None, value: Any) -> Any:
    """A value of JSON that gives an answer to an open question; None where it gives none.

    It may be a value as models reply it, or name options by codes of the column, keys or labels:
    in a text, a list, or a table of what was said of each.
    """
    if not (column and column.values) and _is_answer(asked, value):
        return value
    column = column or ItemColumn("", "", {}, {})
    if isinstance(value, str):
        stored = open_meaning(column, asked)(value)
        return asked.as_json(asked.given(stored)) if isinstance(stored, tuple) else None
    given = _given(asked, column, value)
    stored = None if given is None else stored_of(asked, given)
    return None if stored is None else asked.as_json(asked.given(stored))


def _given(asked: OpenFormat, column: ItemColumn, value: Any) -> Given | Mistaken | None:
    """What a list of options, or a table of options, says."""
    names = names_of(asked, column.values)
    if isinstance(value, dict):
        told = {names.get(folded(str(name)), ""): one for name, one in value.items()}
        numbers = {key: int(one) for key, one in told.items() if isinstance(one, int)}
        return asked.of_parts(numbers) if "" not in told and len(numbers) == len(value) else None
    if isinstance(value, list):
        keys = [names.get(folded(normal_code(as_text(one))), "") for one in value]
        return asked.of_names(keys) if all(keys) else None
    return None


def _is_answer(asked: OpenFormat, value: Any) -> bool:
    given = asked.of_text(value) if isinstance(value, str) else asked.of_json(value)
    return stored_of(asked, given) is not None


def _skips(column: ItemColumn) -> ItemColumn:
    """The column where an empty cell beside others of its question says nothing of its option."""
    return replace(column, missing={"": "skipped", **column.missing})


class JointAnswers:
    """What records, or columns of a record, say of parts of one answer, until all are read."""

    def __init__(self, mapping: ModelMapping, asked: Asked) -> None:
        columns: dict[str, list[ItemColumn]] = {}
        for column in mapping.columns:
            if column.place and column.ref in asked.open:
                columns.setdefault(column.ref, []).append(column)
        self._asked = asked
        self._readings = {
            ref: JointReading(
                [CellReading(_skips(one), meaning_of(one, asked, mapping.layout)) for one in found],
                asked.open[ref],
            )
            for ref, found in columns.items()
        }
        # The line is that of the first part; the cells are those of all of them.
        self._told: dict[tuple[str, str, str], tuple[int, dict[str, str]]] = {}

    def is_first(self, session: tuple[str, str], column: ItemColumn, value: Any, line: int) -> bool:
        """Take what a session has in a column; whether it is the first of its question."""
        key = (*session, column.ref)
        first = key not in self._told
        _line, told = self._told.setdefault(key, (line, {}))
        told[column.name] = "" if value is None else as_text(value)
        return first

    def has(self, session: tuple[str, str], column: ItemColumn) -> bool:
        """Whether a session has something in a column already."""
        key = (*session, column.ref)
        return key in self._told and column.name in self._told[key][1]

    def whole(self, session: tuple[str, str], ref: str) -> dict[str, Any] | None:
        """What a session's answer comes to, as parts of a reply; None where nothing was joined."""
        told = self._told.get((*session, ref))
        if told is None:
            return None
        value = self._readings[ref].value(DataRow(*told))
        if isinstance(value, Missing):
            return {"reason": value.reason}
        assert isinstance(value, tuple)
        asked = self._asked.open[ref]
        return {"value": asked.as_json(asked.given(value)), "reason": ""}

    def unknown(self) -> Iterator[tuple[str, str, tuple[int, ...]]]:
        """Question, what nothing explains, and the records that have it."""
        for ref, reading in self._readings.items():
            for _column, one in reading.unknown:
                yield ref, one.code, one.lines
