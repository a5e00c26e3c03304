"""Whether the columns of a mapping fit the questions of its study and the header of its data."""

from collections.abc import Iterable, Mapping, Sequence

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports.columns import DemographicColumn, ItemColumn
from surveys.imports.files.data_files import DataFile, absent_column
from surveys.imports.labels import values_by_label
from surveys.imports.mapping import ImportMapping
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files import DemographicField
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.toml_tables import shown
from surveys.presentation import BlockContent, CheckContent, QuestionContent, Questionnaire

Values = Mapping[str, Sequence[int]]
"""Question ref -> its scored values, ascending."""


def entries_of(block: BlockContent) -> tuple[QuestionContent | CheckContent, ...]:
    """Everything that a block asks, items before checks."""
    return (*block.questions, *block.checks)


def values_by_ref(questionnaire: Questionnaire) -> dict[str, list[int]]:
    """The scored values of every question, checks included."""
    return {
        entry.ref: [value for value, _ in entry.options]
        for block in questionnaire.blocks
        for entry in entries_of(block)
    }


def labels_by_ref(questionnaire: Questionnaire) -> dict[str, dict[str, int]]:
    """The labels of every question as they are compared, with their scored values."""
    return {
        entry.ref: values_by_label(entry.options)
        for block in questionnaire.blocks
        for entry in entries_of(block)
    }


def require_fit(
    data: DataFile, mapping: ImportMapping, values: Values, fields: Mapping[str, DemographicField]
) -> None:
    """Raise `ImportFileError` with every column that does not fit."""
    problems: list[Problem] = []
    for column in mapping.columns:
        if isinstance(column, ItemColumn):
            problems.extend(_item_misfits(column, values))
        elif isinstance(column, DemographicColumn):
            problems.extend(_demographic_misfits(column, fields))
    if problems:
        raise ImportFileError(mapping.name, problems)
    if absent := [column.name for column in mapping.columns if column.name not in data.header]:
        problems = [absent_column(name, data.header, f"column {name}") for name in absent]
        raise ImportFileError(data.name, problems)


def in_range(question: DemographicField, code: str) -> int | None:
    """The whole number that `code` is, or None if it is none or outside the question's range."""
    try:
        value = int(code)
    except ValueError:
        return None
    low = value if question.minimum is None else question.minimum
    high = value if question.maximum is None else question.maximum
    return value if low <= value <= high else None


def _item_misfits(column: ItemColumn, values: Values) -> Iterable[Problem]:
    where = f"columns[{column.name}]"
    if column.ref not in values:
        about = {"given": column.ref, "advice": advice(column.ref, tuple(values))}
        yield Problem(f"{where}.item", FileMistake.UNKNOWN_ITEM, about)
        return
    if not values[column.ref]:
        yield Problem(f"{where}.item", ImportMistake.NO_OPTIONS, {"ref": column.ref})
        return
    known = ", ".join(str(value) for value in values[column.ref])
    for code, value in column.values.items():
        if value not in values[column.ref]:
            about = {"given": value, "known": known}
            yield Problem(f"{where}.values.{code}", FileMistake.UNKNOWN_VALUE, about)


def _demographic_misfits(
    column: DemographicColumn, fields: Mapping[str, DemographicField]
) -> Iterable[Problem]:
    where = f"columns[{column.name}]"
    question = fields.get(column.key)
    if question is None:
        about = {"given": column.key, "advice": advice(column.key, tuple(fields))}
        yield Problem(f"{where}.demographic", ImportMistake.UNKNOWN_DEMOGRAPHIC, about)
        return
    choices = {value for value, _ in question.options}
    for code, value in column.values.items():
        if question.kind == "choice":
            fits = value in choices
        else:
            fits = isinstance(value, int) and in_range(question, str(value)) is not None
        if not fits:
            about = {"given": shown(value), "question": column.key, "known": _answers(question)}
            yield Problem(f"{where}.values.{code}", ImportMistake.NO_SUCH_VALUE, about)


def _answers(question: DemographicField) -> str:
    if question.kind == "choice":
        return ", ".join(repr(value) for value, _ in question.options)
    return f"{question.minimum} – {question.maximum}"
