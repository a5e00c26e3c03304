"""Files in which a row holds one answer: the rows of a person become one row."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.files.data_files import DataFile, DataRow, absent_column
from surveys.imports.mistakes import ImportMistake

NOT_MAPPED = "item_not_mapped"
PROBLEMS_KEPT = 200


@dataclass(frozen=True, slots=True)
class LongShape:
    """Which column names the question of a row, and which holds the answer."""

    item_column: str
    value_column: str


@dataclass
class _Person:
    first: DataRow
    cells: dict[str, str]
    lines: dict[str, int] = field(default_factory=dict)


def one_row_each(
    data: DataFile,
    shape: LongShape,
    *,
    id_column: str,
    items: Collection[str],
    facts: Collection[str],
) -> DataFile:
    """The people of a long file, in the order of their first rows.

    `items` are the questions that are wanted, as the file calls them; rows of others are left out
    and counted. `facts` are columns of which a person has one value, in each of their rows. A
    question without a row has no cell. Raises `ImportFileError` (`column_missing`, `id_missing`,
    `answered_twice`, `person_differs`).
    """
    _require_columns(data, (id_column, shape.item_column, shape.value_column))
    facts = [name for name in facts if name in data.header]
    people: dict[str, _Person] = {}
    seen: dict[str, None] = {}
    left_out = Counter(data.left_out)
    problems: list[Problem] = []
    for row in data.rows:
        item = row.cells[shape.item_column].strip()
        seen.setdefault(item)
        if item not in items:
            left_out[NOT_MAPPED] += 1
            continue
        key = row.cells[id_column].strip()
        if key not in people:
            cells = {name: row.cells[name] for name in (id_column, *facts)}
            people[key] = _Person(row, cells)
        problems.extend(_wrong(row, people[key], item, facts))
        people[key].cells[item] = row.cells[shape.value_column]
        people[key].lines[item] = row.line
    if "" in people:
        where = f"line {people[''].first.line}, column {id_column}"
        problems.append(Problem(where, ImportMistake.ID_MISSING))
    if not (people or problems):
        problems.append(Problem("file", ImportMistake.NO_ROWS))
    if problems:
        raise ImportFileError(data.name, problems[:PROBLEMS_KEPT])
    others = [one for one in data.header if one not in (shape.item_column, shape.value_column)]
    rows = [DataRow(one.first.line, one.cells, len(one.lines)) for one in people.values()]
    return replace(data, header=(*others, *seen), rows=tuple(rows), left_out=dict(left_out))


def _wrong(row: DataRow, person: _Person, item: str, facts: Collection[str]) -> Iterator[Problem]:
    if item in person.lines:
        about = {"item": item, "line": person.lines[item]}
        yield Problem(f"line {row.line}", ImportMistake.ANSWERED_TWICE, about)
    for name in facts:
        if row.cells[name] != person.cells[name]:
            known, line = person.cells[name], person.first.line
            about = {"given": row.cells[name], "known": known, "line": line}
            yield Problem(f"line {row.line}, column {name}", ImportMistake.PERSON_DIFFERS, about)


def _require_columns(data: DataFile, columns: Collection[str]) -> None:
    absent = [one for one in columns if one not in data.header]
    problems = [absent_column(one, data.header, f"column {one}") for one in absent]
    if problems:
        raise ImportFileError(data.name, problems)
