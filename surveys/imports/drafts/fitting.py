"""Which questions of a study the columns of a file answer, by their names or their words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surveys.imports.drafts.columns import DraftColumn
from surveys.imports.drafts.roles import plain_name
from surveys.imports.fit import entries_of
from surveys.imports.labels import folded, values_by_label
from surveys.presentation import CheckContent, QuestionContent, Questionnaire


@dataclass(frozen=True, slots=True)
class Fitted:
    """The question of a column, and all its codes where some are no value or label of it.

    Those have None in place of a value. `apart` may stand for no answer.
    """

    ref: str
    codes: tuple[tuple[str, int | None], ...]
    apart: tuple[str, ...]


def fitted(columns: Sequence[DraftColumn], there: Questionnaire) -> dict[str, Fitted]:
    """Column -> the question that it answers; of two columns for one question the first."""
    questions = [entry for block in there.blocks for entry in entries_of(block) if entry.options]
    found: dict[str, Fitted] = {}
    taken: set[str] = set()
    for column in columns:
        asked = next((one for one in questions if _answers(column, one)), None)
        if asked is None or asked.ref in taken or not column.filled:
            continue
        taken.add(asked.ref)
        found[column.name] = _of(column, asked)
    return found


def _of(column: DraftColumn, asked: QuestionContent | CheckContent) -> Fitted:
    known = {str(value): value for value, _label in asked.options}
    labels = values_by_label(asked.options)
    apart = tuple(code for code, _label in column.apart if code not in known)
    codes = tuple(
        (one, known.get(one, labels.get(folded(one)))) for one in column.cells if one not in apart
    )
    strange = any(value is None for _code, value in codes)
    return Fitted(asked.ref, codes if strange else (), apart)


def _answers(column: DraftColumn, asked: QuestionContent | CheckContent) -> bool:
    if plain_name(column.name) in {plain_name(one) for one in _names(asked.ref)}:
        return True
    return bool(column.sentence) and folded(column.sentence) == folded(asked.text)


def _names(ref: str) -> Iterator[str]:
    """What a question is called in files: with its block, as exports have it, or alone."""
    yield ref
    yield ref.partition(".")[2]
