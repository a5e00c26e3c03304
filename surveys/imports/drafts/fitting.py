"""Which questions of a study the columns of a file answer, by their names or their words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveys.imports.cells.labels import folded, values_by_label
from surveys.imports.cells.numbers import as_stored
from surveys.imports.drafts.columns import DraftColumn
from surveys.imports.drafts.numbers import number
from surveys.imports.drafts.roles import plain_name
from surveys.imports.fit import entries_of
from surveys.presentation import CheckContent, QuestionContent, Questionnaire
from surveys.questions import OpenFormat, number_format


@dataclass(frozen=True, slots=True)
class Fitted:
    """The question of a column, and all its codes where some are no value or label of it.

    Those have None in place of a value. `apart` may stand for no answer. Of several columns for one
    question each answers an `option`.
    """

    ref: str
    codes: tuple[tuple[str, int | None], ...]
    apart: tuple[str, ...]
    option: str = ""


def fitted(columns: Sequence[DraftColumn], there: Questionnaire) -> dict[str, Fitted]:
    """Column -> the question that it answers; of two columns for one question the first."""
    entries = [entry for block in there.blocks for entry in entries_of(block)]
    questions = [entry for entry in entries if entry.options or _open(entry)]
    found: dict[str, Fitted] = {}
    taken: set[str] = set()
    for column in columns:
        asked = next((one for one in questions if _answers(column, one)), None)
        if asked is None or asked.ref in taken or not column.filled:
            continue
        taken.add(asked.ref)
        found[column.name] = _of(column, asked)
    return {**found, **_listed(columns, entries, found)}


def _listed(
    columns: Sequence[DraftColumn],
    entries: Sequence[QuestionContent | CheckContent],
    found: Mapping[str, Fitted],
) -> dict[str, Fitted]:
    """Columns for each option of a question, where all of its options have one."""
    named = {plain_name(one.name): one.name for one in columns if one.name not in found}
    fits: dict[str, Fitted] = {}
    for entry in entries:
        asked = _open(entry)
        parts = asked.parts if asked else ()
        for prefix in _names(entry.ref):
            wanted = {key: plain_name(f"{prefix}_{key}") for key in parts}
            if wanted and all(name in named for name in wanted.values()):
                fits |= {named[n]: Fitted(entry.ref, (), (), key) for key, n in wanted.items()}
                break
    return fits


def _open(asked: QuestionContent | CheckContent) -> OpenFormat | None:
    found = asked.format if isinstance(asked, QuestionContent) else None
    return found if isinstance(found, OpenFormat) else None


def _number(asked: QuestionContent | CheckContent) -> OpenFormat | None:
    return number_format(asked.format) if isinstance(asked, QuestionContent) else None


def _of_number(column: DraftColumn, ref: str, asked: OpenFormat) -> Fitted:
    """Words beside the numbers are asked for; a number outside of the range is refused later."""
    apart = tuple(code for code, _label in column.apart if as_stored(code, asked) is None)
    words = [one for one in column.cells if one not in apart and number(one) is None]
    return Fitted(ref, tuple((one, None) for one in words), apart)


def _of(column: DraftColumn, asked: QuestionContent | CheckContent) -> Fitted:
    if asks := _number(asked):
        return _of_number(column, asked.ref, asks)
    if _open(asked):
        return Fitted(asked.ref, (), ())
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
