"""The columns of a mapping file: which question each answers, and what its codes stand for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from surveys.codes import Saying, advice
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.errors import FileMistake, Shape, Wanted
from surveys.instrument_files.toml_tables import KEY, Table, malformed_name, shown
from surveys.questions import DECLARED_REASONS

# The reasons that an existing data set can know of (surveys.models.MissingReason has them all).
MISSING_REASONS = ("skipped", "refused", "not_shown", *DECLARED_REASONS)
WEIGHT, TIME, VERSION = "weight", "time", "version"
SAMPLING_ROLES = (WEIGHT, "cluster", "stratum", "wave", TIME)

LONGEST_VERSION = 40
# What stands between several options of one cell.
SEPARATORS = (",", ";", "|", "/", " ", "\n")

REF = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_WHOLE_AS_FLOAT = re.compile(r"(-?\d+)\.0+")
_WITH_COMMA = re.compile(r"(-?\d*),(\d+)")


@dataclass(frozen=True, slots=True)
class ItemColumn:
    """A column that answers the question `ref`.

    `values` maps codes of the file to scored values, or to keys of options; empty means that the
    file holds these themselves. `missing` maps codes to the reason why there is no value. Of
    several columns with a `version` each person has an answer in one. A column may hold what was
    said of one `option` alone, or the option on one `rank`; one that holds several options has a
    `separator` between them, and one of dates a `format`.
    """

    name: str
    ref: str
    values: Mapping[str, int | str]
    missing: Mapping[str, str]
    version: str = ""
    option: str = ""
    rank: int = 0
    separator: str = ""
    format: str = ""

    @property
    def place(self) -> str:
        """What part of its question's answer a column holds; empty for all of it."""
        return self.option or (f"rank {self.rank}" if self.rank else "")


@dataclass(frozen=True, slots=True)
class DemographicColumn:
    """A column that answers the demographic question `key`; a missing code leaves it out.

    `values` maps codes to what the question stores: an option of a choice, or a whole number.
    """

    name: str
    key: str
    values: Mapping[str, str | int]
    missing: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SamplingColumn:
    """A column that says how or when a person was asked: `role` is one of `SAMPLING_ROLES`.

    A weight is a positive number, a time is written in `format`, or as ISO 8601 has it; the others
    are whatever text the file has, or what `values` makes of it. A missing code leaves it out.
    """

    name: str
    role: str
    values: Mapping[str, str]
    missing: Mapping[str, str]
    format: str = ""


Column: TypeAlias = ItemColumn | DemographicColumn | SamplingColumn


@dataclass(frozen=True, slots=True)
class Recoding:
    """Codes that several columns share."""

    values: Mapping[str, str | int]
    missing: Mapping[str, str]


def normal_code(cell: str) -> str:
    """A code as it is compared: without surrounding space, and 9.0 as 9.

    A column of whole numbers with gaps is written as 9.0 by programs that keep it as decimals.
    """
    cell = cell.strip()
    whole = _WHOLE_AS_FLOAT.fullmatch(cell)
    return whole[1] if whole else cell


def with_point(cell: str) -> str | None:
    """A number written with a decimal comma as the same with a point; None if it is none."""
    number = _WITH_COMMA.fullmatch(cell.strip())
    return f"{number[1]}.{number[2]}" if number else None


def read_recodings(table: Table) -> dict[str, Recoding]:
    """Read ``[[recodings]]``, the codes that columns refer to by key."""
    recodings: dict[str, Recoding] = {}
    for row in table.tables("recodings", required=False):
        key = row.text("key", shape=KEY)
        if key in recodings:
            row.note("key", FileMistake.DUPLICATE_KEY, key=key, count=2)
        recodings[key] = _codes(row)
        row.finish()
    return recodings


def read_columns(
    table: Table, recodings: Mapping[str, Recoding], missing: Mapping[str, str]
) -> tuple[Column, ...]:
    """Read ``[[columns]]``; `missing` are the codes that are missing in every column."""
    rows = table.tables("columns", named_by="name")
    columns = tuple(_column(row, recodings, missing) for row in rows)
    for row, column in zip(rows, columns, strict=True):
        for other in columns:
            if other is not column and _mapped_twice(column, other):
                about = {"column": column.name, "aim": aim_of(column)}
                row.note("name", ImportMistake.MAPPED_TWICE, **about)
                break
    return columns


def missing_codes(table: Table, key: str) -> dict[str, str]:
    """Read a table of code -> missing reason."""
    return {code: table_reason(table, key, code, why) for code, why in _raw(table, key).items()}


def table_reason(table: Table, key: str, code: str, reason: Any) -> str:
    """Return a missing reason, or note that it is none."""
    if reason not in MISSING_REASONS:
        about = {"given": shown(reason), "advice": advice(reason, MISSING_REASONS)}
        table.note(f"{key}.{code}", ImportMistake.BAD_REASON, **about)
    return str(reason)


def _mapped_twice(one: Column, other: Column) -> bool:
    """A column may answer a question and say how its person was sampled, such as a country."""
    if aim_of(one) == aim_of(other):
        return True
    if isinstance(one, ItemColumn) and isinstance(other, ItemColumn) and one.ref == other.ref:
        apart = one.version and other.version and one.version != other.version
        return one.name == other.name or not (apart or (one.place and other.place))
    sampled = isinstance(one, SamplingColumn) or isinstance(other, SamplingColumn)
    return one.name == other.name and not sampled


def _column(row: Table, recodings: Mapping[str, Recoding], missing: Mapping[str, str]) -> Column:
    name = row.text("name")
    codes = _shared(row, recodings) if row.has("recoding") else _codes(row)
    both = {**missing, **codes.missing}
    # A code that the column gives a value to is no longer one of those missing everywhere.
    lacking = {code: reason for code, reason in both.items() if code not in codes.values}
    if sum(row.has(aim) for aim in ("item", "demographic", "sampling")) != 1:
        wanted = Saying(Wanted.COLUMN_AIM)
        row.note("item", FileMistake.MISSING_KEY, wanted=wanted)
    if row.has("sampling"):
        column: Column = _sampling(row, name, codes, lacking)
    elif row.has("demographic"):
        column = DemographicColumn(name, row.text("demographic"), codes.values, lacking)
    else:
        column = _item(row, name, codes, lacking)
        if column.ref and not REF.fullmatch(column.ref):
            row.problems.append(malformed_name(row.where("item"), column.ref, Shape.REF))
    row.finish()
    return column


def _item(row: Table, name: str, codes: Recoding, lacking: Mapping[str, str]) -> ItemColumn:
    column = ItemColumn(
        name,
        row.text("item"),
        codes.values,
        lacking,
        row.text("version", longest=LONGEST_VERSION, default=""),
        row.text("option", default=""),
        row.integer("rank", minimum=1) if row.has("rank") else 0,
        row.choice("separator", SEPARATORS) if row.has("separator") else "",
        row.text("format", default=""),
    )
    if column.option and column.rank:
        row.note("rank", ImportMistake.OPTION_AND_RANK)
    return column


def _sampling(row: Table, name: str, codes: Recoding, lacking: Mapping[str, str]) -> SamplingColumn:
    role = row.choice("sampling", SAMPLING_ROLES)
    values = {code: value for code, value in codes.values.items() if isinstance(value, str)}
    for code in codes.values:
        if role in (WEIGHT, TIME) or code not in values:
            wanted, given = Saying(Wanted.SAMPLING_VALUE), shown(codes.values[code])
            row.note(f"values.{code}", FileMistake.WRONG_TYPE, wanted=wanted, given=given)
    written = row.text("format", default="") if role == TIME else ""
    return SamplingColumn(name, role, values, lacking, written)


def _shared(row: Table, recodings: Mapping[str, Recoding]) -> Recoding:
    key = row.text("recoding", shape=KEY)
    if key not in recodings:
        about = {"given": key, "advice": advice(key, tuple(recodings))}
        row.note("recoding", ImportMistake.UNKNOWN_RECODING, **about)
    return recodings.get(key, Recoding({}, {}))


def _codes(row: Table) -> Recoding:
    values: dict[str, str | int] = {}
    for code, value in _raw(row, "values").items():
        if type(value) in (str, int):
            values[code] = value
        else:
            wanted = Saying(Wanted.CODE_VALUE)
            row.note(f"values.{code}", FileMistake.WRONG_TYPE, wanted=wanted, given=shown(value))
    missing = missing_codes(row, "missing")
    for code in values.keys() & missing.keys():
        row.note(f"missing.{code}", ImportMistake.VALUE_AND_REASON)
    return Recoding(values, missing)


def _raw(table: Table, key: str) -> dict[str, Any]:
    given = table.raw(key)
    if given is None:
        return {}
    if not isinstance(given, dict):
        wanted = Saying(Wanted.CODES)
        table.note(key, FileMistake.WRONG_TYPE, wanted=wanted, given=shown(given))
        return {}
    codes = {normal_code(code): value for code, value in given.items()}
    if len(codes) < len(given):
        names = [normal_code(code) for code in given]
        double = next(code for code in names if names.count(code) > 1)
        table.note(key, FileMistake.DUPLICATE_VALUE, given=double)
    return codes


def aim_of(column: Column) -> str:
    """What a column is for, in the words of the mapping; no two columns have the same."""
    if isinstance(column, SamplingColumn):
        return f"sampling {column.role}"
    if isinstance(column, DemographicColumn):
        return f"demographic {column.key}"
    about = ", ".join(filter(None, (column.place, column.version)))
    return f"{column.ref} ({about})" if about else column.ref
