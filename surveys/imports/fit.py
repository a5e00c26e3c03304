"""Whether the columns of a mapping fit the questions of its study and the header of its data."""

from collections.abc import Iterable, Mapping, Sequence

from surveys.imports.columns import DemographicColumn, ItemColumn
from surveys.imports.data_files import DataFile
from surveys.imports.mapping import ImportMapping
from surveys.imports.refusal import refusal
from surveys.instrument_files import DemographicField, Problem
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


def require_fit(
    data: DataFile, mapping: ImportMapping, values: Values, fields: Mapping[str, DemographicField]
) -> None:
    """Raise `ImportFileError` with every column that does not fit."""
    problems: list[Problem] = []
    for column in mapping.columns:
        if isinstance(column, ItemColumn):
            problems.extend(_item_misfits(column, values))
        else:
            problems.extend(_demographic_misfits(column, fields))
    if problems:
        raise refusal(mapping.name, problems)
    if absent := [column.name for column in mapping.columns if column.name not in data.header]:
        message = "there is no column of this name in the header; correct the mapping or the file"
        raise refusal(
            data.name, [Problem(f"column {name}", message, "column_missing") for name in absent]
        )


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
        first = ", ".join(list(values)[:5])
        message = f"the study has no question {column.ref!r}; its first are {first}"
        yield Problem(f"{where}.item", message, "unknown_item")
        return
    known = ", ".join(str(value) for value in values[column.ref])
    for code, value in column.values.items():
        if value not in values[column.ref]:
            message = f"{column.ref} has no option with the value {value}; its values are {known}"
            yield Problem(f"{where}.values.{code}", message, "unknown_value")


def _demographic_misfits(
    column: DemographicColumn, fields: Mapping[str, DemographicField]
) -> Iterable[Problem]:
    where = f"columns[{column.name}]"
    question = fields.get(column.key)
    if question is None:
        known = ", ".join(fields) or "none"
        message = f"the study has no demographic {column.key!r}; it has {known}"
        yield Problem(f"{where}.demographic", message, "unknown_demographic")
        return
    choices = {value for value, _ in question.options}
    for code, value in column.values.items():
        if question.kind == "choice":
            fits = value in choices
        else:
            fits = isinstance(value, int) and in_range(question, str(value)) is not None
        if not fits:
            message = f"{value!r} is no answer to {column.key}; see its options or range"
            yield Problem(f"{where}.values.{code}", message, "unknown_value")
