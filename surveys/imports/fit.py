"""Whether the columns of a mapping fit the questions of its study and the header of its data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports.cells.answers import refusal_of
from surveys.imports.cells.labels import values_by_label
from surveys.imports.cells.numbers import numbers_by_ref, open_by_ref, span_shown
from surveys.imports.columns import DemographicColumn, ItemColumn
from surveys.imports.files.data_files import DataFile, absent_column
from surveys.imports.mapping import ImportMapping
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files import DemographicField
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.toml_tables import shown
from surveys.presentation import BlockContent, CheckContent, QuestionContent, Questionnaire
from surveys.questions import Mistaken, OpenFormat


@dataclass(frozen=True, slots=True)
class Asked:
    """What columns can answer.

    Question ref -> its scored values, ascending, and the labels of these as they are compared; of
    one that is answered by a number its format, which is also among those of all `open` ones.
    `fields` are the demographic questions by key.
    """

    values: Mapping[str, Sequence[int]]
    labels: Mapping[str, Mapping[str, int]]
    numbers: Mapping[str, OpenFormat]
    open: Mapping[str, OpenFormat]
    fields: Mapping[str, DemographicField]

    def is_textual(self, ref: str) -> bool:
        """Whether any words may answer a question."""
        return ref in self.open and ref not in self.numbers and not self.open[ref].listed


def entries_of(block: BlockContent) -> tuple[QuestionContent | CheckContent, ...]:
    """Everything that a block asks, items before checks."""
    return (*block.questions, *block.checks)


def asked_in(questionnaire: Questionnaire, demographics: Sequence[DemographicField]) -> Asked:
    """Everything that a study asks, checks included."""
    entries = [entry for block in questionnaire.blocks for entry in entries_of(block)]
    return Asked(
        {entry.ref: [value for value, _ in entry.options] for entry in entries},
        {entry.ref: values_by_label(entry.options) for entry in entries},
        numbers_by_ref(questionnaire),
        open_by_ref(questionnaire),
        {one.key: one for one in demographics},
    )


def require_fit(data: DataFile, mapping: ImportMapping, asked: Asked) -> None:
    """Raise `ImportFileError` with every column that does not fit."""
    problems: list[Problem] = []
    for column in mapping.columns:
        if isinstance(column, ItemColumn):
            problems.extend(_item_misfits(column, asked))
        elif isinstance(column, DemographicColumn):
            problems.extend(_demographic_misfits(column, asked.fields))
    problems = problems or list(joint_misfits(mapping.columns, asked))
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


def _item_misfits(column: ItemColumn, asked: Asked) -> Iterable[Problem]:
    where, values = f"columns[{column.name}]", asked.values
    if column.ref not in values:
        about = {"given": column.ref, "advice": advice(column.ref, tuple(values))}
        yield Problem(f"{where}.item", FileMistake.UNKNOWN_ITEM, about)
        return
    if places := tuple(place_misfits(column, asked)):
        yield from places
    else:
        yield from value_misfits(column, asked)


def place_misfits(column: ItemColumn, asked: Asked) -> Iterable[Problem]:
    """Yield what a column says of a part of an answer that its question does not have."""
    where, found = f"columns[{column.name}]", asked.open.get(column.ref)
    listed = found.listed if found else {}
    if column.option and column.option not in listed:
        about = {"given": column.option, "advice": advice(column.option, tuple(listed))}
        yield Problem(f"{where}.option", ImportMistake.UNKNOWN_OPTION, about)
    if column.rank and not (found and found.ranks and column.rank <= len(listed)):
        about = {"given": column.rank, "ref": column.ref}
        yield Problem(f"{where}.rank", ImportMistake.NO_SUCH_RANK, about)
    if column.separator and (column.place or not listed):
        yield Problem(f"{where}.separator", ImportMistake.NOTHING_TO_SEPARATE)


def joint_misfits(columns: Iterable[object], asked: Asked) -> Iterable[Problem]:
    """Yield questions of whose answer only a part has columns, or several kinds of columns."""
    together: dict[tuple[str, str], list[ItemColumn]] = {}
    for column in columns:
        if isinstance(column, ItemColumn) and asked.open.get(column.ref):
            together.setdefault((column.ref, column.version), []).append(column)
    for (ref, _version), found in together.items():
        where = f"columns[{found[0].name}]"
        if len({(bool(one.option), bool(one.rank)) for one in found}) > 1:
            yield Problem(where, ImportMistake.MIXED_PLACES, {"ref": ref})
        elif lacking := _lacking(found, asked.open[ref]):
            about = {"ref": ref, "lacking": ", ".join(lacking)}
            yield Problem(where, ImportMistake.PARTS_LACKING, about)


def _lacking(found: Sequence[ItemColumn], asked: OpenFormat) -> list[str]:
    """What of an answer has no column, where others of its parts have one."""
    if not found[0].place:
        return []
    if found[0].option:
        there = {one.option for one in found}
        return [key for key in asked.parts if key not in there]
    ranks = {one.rank for one in found}
    return [str(rank) for rank in range(1, len(asked.parts) + 1) if rank not in ranks]


def value_misfits(column: ItemColumn, asked: Asked) -> Iterable[Problem]:
    """Yield the values of a column that its question does not have."""
    number, values = asked.numbers.get(column.ref), asked.values[column.ref]
    answered = asked.open.get(column.ref)
    for code, value in column.values.items():
        where = f"columns[{column.name}].values.{code}"
        if number and isinstance(number.stored(value), Mistaken):
            about = {"given": value, **span_shown(number)}
            yield Problem(where, ImportMistake.OUTSIDE_RANGE, about)
        elif answered and not number:
            yield from _open_misfit(where, value, column, answered)
        elif not number and value not in values:
            known = ", ".join(str(one) for one in values)
            yield Problem(where, FileMistake.UNKNOWN_VALUE, {"given": value, "known": known})


def _open_misfit(
    where: str, value: int | str, column: ItemColumn, asked: OpenFormat
) -> Iterable[Problem]:
    """Whether a value is one that an option may have, the key of an option, or an answer."""
    if column.option:
        low, high = asked.span or (0, 0)
        if not (isinstance(value, int) and low <= value <= high):
            known = f"{int(low)} – {int(high)}"
            yield Problem(where, FileMistake.UNKNOWN_VALUE, {"given": value, "known": known})
    elif asked.listed:
        if value not in asked.listed:
            about = {"given": value, "advice": advice(value, tuple(asked.listed))}
            yield Problem(where, ImportMistake.UNKNOWN_OPTION, about)
    elif refused := refusal_of(asked, str(value)):
        about = {"given": value, "why": refused}
        yield Problem(where, ImportMistake.NOT_AN_ANSWER, about)


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
