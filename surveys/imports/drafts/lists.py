"""Columns about the options of one question: which were ticked, and in which order they came."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from surveys.imports.cells.labels import folded
from surveys.imports.drafts.columns import DraftColumn
from surveys.imports.drafts.no_answers import no_answers
from surveys.imports.drafts.recognising import Recognised
from surveys.imports.files.data_files import DataRow

ListKind = Literal["several", "ranking"]
_CHECKBOX = re.compile(r"(?P<stem>.+?)___+(?P<code>\w+)")
_CHOICE = re.compile(r".*\(choice=(?P<label>.+)\)\s*$", re.DOTALL)
_UNTICKED = {
    *("unchecked", "not checked", "not selected", "not chosen", "not quoted", "not mentioned"),
    *("nicht gewählt", "nicht ausgewählt", "nicht genannt", "nicht angekreuzt", "unselected"),
}
_SEPARATORS = (";", ",")
MOST_OPTIONS = 30
# By chance alone nobody answers so: rows that give every rank once.
FEWEST_ROWS = 8
_FEWEST_TOGETHER = 3


@dataclass(frozen=True, slots=True)
class DraftList:
    """A question about a list of options, and the columns that hold its answer.

    `options` are (what the file calls one, its words or nothing), in the order of the columns.
    `values` are codes of cells: of one option 0 or 1, `by_rank` or with a `separator` none, as the
    cells name options. `apart` are cells that stand for no answer.
    """

    kind: ListKind
    stem: str
    columns: tuple[DraftColumn, ...]
    options: tuple[tuple[str, str], ...]
    values: Mapping[str, int] = field(default_factory=dict)
    by_rank: bool = False
    separator: str = ""
    apart: frozenset[str] = frozenset()

    @property
    def sentence(self) -> str:
        """The words of the question, as far as the columns share some."""
        texts = [_before_choice(one.text) for one in self.columns]
        shared = texts[0] if len(set(texts)) == 1 else ""
        return shared.strip(" -:")


def lists_of(columns: Sequence[DraftColumn], recognised: Recognised) -> list[DraftList]:
    """Every such question; a column belongs to one of them at most."""
    rows = recognised.data.rows
    free = [one for one in columns if one.role in ("item", "number", "other", "text")]
    groups: dict[str, list[DraftColumn]] = {}
    for column in free:
        groups.setdefault(_stem(column), []).append(column)
    found = [
        made
        for stem, group in groups.items()
        if 2 <= len(group) <= MOST_OPTIONS
        if (made := _ticked(stem, group, rows) or _ranked(stem, group, rows))
    ]
    taken = {column.name for one in found for column in one.columns}
    alone = (_in_cells(one, rows) for one in free if one.name not in taken)
    return [*found, *filter(None, alone)]


def _stem(column: DraftColumn) -> str:
    checkbox = _CHECKBOX.fullmatch(column.name)
    return checkbox["stem"] if checkbox else column.stem


def _ticked(stem: str, group: Sequence[DraftColumn], rows: Sequence[DataRow]) -> DraftList | None:
    """Columns that say of one option each whether it was ticked."""
    if sum(one.filled > 0 for one in group) < 2:
        return None
    apart = frozenset(code for one in group for code in one.declared)
    values = _of_marks(group, rows) or _of_words(group) or _of_numbers(group)
    if values is None:
        return None
    options = tuple(map(_option, group))
    return DraftList("several", stem, tuple(group), options, values, apart=apart)


def _of_marks(group: Sequence[DraftColumn], rows: Sequence[DataRow]) -> dict[str, int] | None:
    """One mark in all of them, or each option's own words; else the cells are empty."""
    marks = [found for one in group if (found := set(_answers(one)))]
    if any(len(found) != 1 for found in marks):
        return None
    told = {mark for found in marks for mark in found}
    filled = [(one, cells[0]) for one in group if (cells := _answers(one))]
    own = all(folded(cell) == folded(_option(one)[1]) for one, cell in filled)
    if not (len(told) in (1, len(marks)) or own) or all(one.filled == len(rows) for one in group):
        return None
    return {} if own else dict.fromkeys(told, 1)


def _of_words(group: Sequence[DraftColumn]) -> dict[str, int] | None:
    """Two codes, of which one is called as what was not ticked."""
    found = {code: label or code for one in group for code, label in one.codes}
    found |= {code: found.get(code, code) for one in group for code in _answers(one)}
    without = [code for code, label in found.items() if folded(label) in _UNTICKED]
    if len(without) != 1 or not 1 <= len(found) <= 2:
        return None
    return {code: int(code != without[0]) for code in found}


def _of_numbers(group: Sequence[DraftColumn]) -> dict[str, int] | None:
    """0 and 1 in columns that are named as the boxes of REDCap are."""
    boxes = all(_CHECKBOX.fullmatch(one.name) for one in group)
    return {} if boxes and all(set(_answers(one)) <= {"0", "1"} for one in group) else None


def _answers(column: DraftColumn) -> list[str]:
    """The different cells of a column, but for those that the file declares to be no answers."""
    return [cell for cell in column.cells if cell not in column.declared]


def _ranked(stem: str, group: Sequence[DraftColumn], rows: Sequence[DataRow]) -> DraftList | None:
    """Columns of which every row has each rank once, or each option once."""
    answers = [
        [cell for one in group if (cell := row.cells.get(one.name, "").strip())] for row in rows
    ]
    answers = [one for one in answers if one]
    known = {cell for one in answers for cell in one}
    whole = [one for one in answers if len(one) == len(group)]
    distinct = all(len(set(one)) == len(one) for one in answers)
    fewest = max(FEWEST_ROWS, len(answers) // 2)
    if len(group) < 3 or len(known) != len(group) or not distinct or len(whole) < fewest:
        return None
    if known == {str(rank) for rank in range(1, len(group) + 1)}:
        return DraftList("ranking", stem, tuple(group), tuple(map(_option, group)))
    if any(one.isdecimal() for one in known):
        return None
    labels = {code: label for one in group for code, label in one.codes}
    options = tuple((code, labels.get(code, "")) for code in sorted(known))
    return DraftList("ranking", stem, tuple(group), options, by_rank=True)


def _in_cells(column: DraftColumn, rows: Sequence[DataRow]) -> DraftList | None:
    """A column whose cells name several options each."""
    for separator in _SEPARATORS:
        cells = [_parts(row.cells.get(column.name, ""), separator) for row in rows]
        together = [one for one in cells if len(one) > 1]
        apart = _never_chosen(cells, together)
        answers = [one for one in cells if one and one[0] not in apart]
        counts = Counter(part for one in answers for part in one)
        if len(together) < _FEWEST_TOGETHER or len(counts) > MOST_OPTIONS:
            continue
        if counts.total() < _FEWEST_TOGETHER * len(counts) or any(map(_repeats, answers)):
            continue
        if separator == "," and not _are_names(answers, counts):
            continue
        ranks = len(counts) > 2 and all(len(one) == len(counts) for one in answers)
        options = tuple((part, part) for part in counts)
        kind: ListKind = "ranking" if ranks else "several"
        return DraftList(kind, column.name, (column,), options, separator=separator, apart=apart)
    return None


def _never_chosen(
    cells: Sequence[Sequence[str]], together: Sequence[Sequence[str]]
) -> frozenset[str]:
    """What says that there is no answer, and stands beside no other option in anybody's cell."""
    alone = {one[0] for one in cells if len(one) == 1}
    return frozenset(no_answers(alone, {}) - {part for one in together for part in one})


def _are_names(answers: Sequence[Sequence[str]], counts: Counter[str]) -> bool:
    """Whether parts between commas stand for options: a label may have a comma of its own.

    Options come in more combinations than there are options, and one of them alone.
    """
    combinations = {tuple(one) for one in answers}
    alone = any(len(one) == 1 for one in answers)
    words = not all(part.replace(".", "").isdigit() for part in counts)
    return words and alone and len(combinations) > len(counts)


def _parts(cell: str, separator: str) -> list[str]:
    return [part for one in cell.split(separator) if (part := one.strip())]


def _repeats(parts: Sequence[str]) -> bool:
    return len(set(parts)) < len(parts)


def _option(column: DraftColumn) -> tuple[str, str]:
    """What the file calls the option of a column, and its words: behind those of the question."""
    checkbox = _CHECKBOX.fullmatch(column.name)
    called = checkbox["code"] if checkbox else column.short
    choice = _CHOICE.fullmatch(column.text)
    if choice:
        return called, choice["label"]
    words = column.sentence
    if words == column.text:
        words = words.rpartition(" - ")[2]
    return called, words or _only_words(column)


def _only_words(column: DraftColumn) -> str:
    """The single cell of a column where that is more than a mark."""
    cell = next(iter(column.cells), "") if len(column.cells) == 1 else ""
    return cell if len(cell) > 3 else ""


def _before_choice(text: str) -> str:
    if "(choice=" in text:
        return text.partition("(choice=")[0]
    return text.rpartition(" - ")[0].removesuffix(" - Selected Choice") or text


def chosen(lists: Sequence[DraftList]) -> Iterator[str]:
    """The names of all columns that belong to such a question."""
    return (column.name for one in lists for column in one.columns)
