"""Whether a row of a file is a person or one answer, and whether people have several rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from surveys.imports.drafts.columns import DraftColumn
from surveys.imports.drafts.recognising import Recognised
from surveys.imports.drafts.roles import is_id, plain_name
from surveys.imports.files.data_files import DataFile
from surveys.imports.files.long import LongShape, one_row_each

_ITEMS = ("item", "itemid", "itemname", "question", "questionid", "questionname", "variable")
_VALUES = ("value", "response", "answer", "rating", "score", "responsevalue", "answervalue")
MOST_ITEMS = 500


def recognised_rows(recognised: Recognised) -> tuple[Recognised, LongShape | None]:
    """The file with a row for each person, and how its rows were one answer each."""
    data = recognised.data
    names = {plain_name(name): name for name in data.header}
    item = next((names[one] for one in _ITEMS if one in names), None)
    value = next((names[one] for one in _VALUES if one in names), None)
    by = next((name for name in data.header if is_id(name)), None)
    if not (item and value and by):
        return recognised, None
    people = len({row.cells[by] for row in data.rows})
    items = list(dict.fromkeys(row.cells[item].strip() for row in data.rows))
    once = len({(row.cells[by], row.cells[item].strip()) for row in data.rows}) == len(data.rows)
    if people == len(data.rows) or not once or len(items) > MOST_ITEMS:
        return recognised, None
    shape = LongShape(item, value)
    facts = [one for one in data.header if one not in (by, item, value) and _is_fact(data, by, one)]
    kept = one_row_each(data, shape, id_column=by, items=items, facts=facts)
    varying = {*data.header} - {by, item, value, *facts}
    header = tuple(name for name in kept.header if name not in varying)
    return replace(recognised, data=replace(kept, header=header)), shape


def is_repeated(data: DataFile, columns: Sequence[DraftColumn]) -> str:
    """The column that tells people apart, where it does not tell rows apart; else nothing."""
    if any(one.role == "id" for one in columns):
        return ""
    found: dict[str, int] = {}
    for name in filter(is_id, data.header):
        counts = Counter(row.cells[name] for row in data.rows)
        if "" not in counts and 1 < len(counts) < len(data.rows):
            found[name] = len(counts)
    return max(found, key=found.__getitem__, default="")


def _is_fact(data: DataFile, by: str, name: str) -> bool:
    """Whether a person has the same in each of their rows."""
    seen: dict[str, str] = {}
    return all(
        seen.setdefault(row.cells[by], row.cells[name]) == row.cells[name] for row in data.rows
    )
