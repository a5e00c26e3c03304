"""Rows that are no answers of people who took part: previews, tests, bots, unfinished ones."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from surveys.imports.columns import normal_code
from surveys.imports.drafts.roles import plain_name
from surveys.imports.files.data_files import DataFile

_YES = {"1", "true", "t", "yes", "ja", "finished"}
_NO_PERSON = {"preview", "survey preview", "test", "survey test", "spam", "possible spam", "bot"}


def _is_yes(code: str) -> bool:
    return code.casefold() in _YES


def _is_person(code: str) -> bool:
    return code.casefold() not in _NO_PERSON


def _is_no_bot(code: str) -> bool:
    return not _is_yes(code)


# Column, as plain names have it -> whether a row with this code counts.
_COUNTS: Mapping[str, Callable[[str], bool]] = {
    "finished": _is_yes,
    "distributionchannel": _is_person,
    "responsetype": _is_person,
    "isbot": _is_no_bot,
}


def row_filters(data: DataFile) -> Iterator[tuple[str, list[str], Counter[str]]]:
    """Each column by which rows may be left out: codes that count, and those that do not, counted.

    Nothing where all rows would count, or none.
    """
    for name in data.header:
        if (counts := _COUNTS.get(plain_name(name))) is None:
            continue
        codes = Counter(normal_code(row.cells.get(name, "")) for row in data.rows)
        kept = [code for code in codes if counts(code)]
        others = Counter({code: number for code, number in codes.items() if code not in kept})
        if kept and others:
            yield name, sorted(kept), others
