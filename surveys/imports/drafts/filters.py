"""Rows that are no answers of people who took part: previews, tests, bots, unfinished ones."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from surveys.imports.columns import normal_code
from surveys.imports.drafts.recognising import Recognised
from surveys.imports.drafts.roles import plain_name, without_place
from surveys.imports.files.data_files import DataFile

_YES = {"1", "true", "t", "yes", "ja", "finished"}
_NO_PERSON = re.compile(r"\b(?:preview|test|pretest|debug|admin|spam|bot)\b")
# The status of Qualtrics adds up: 1 is a preview, 2 a test and 8 spam; 4 and more say from where.
_NO_PERSON_BITS = 1 | 2 | 8
_OF_QUALTRICS = {"recordeddate", "distributionchannel", "responseset"}
Filter = tuple[str, list[str], Counter[str]]


def _is_yes(code: str) -> bool:
    return code.casefold() in _YES


def _is_person(code: str) -> bool:
    return not _NO_PERSON.search(code.casefold())


def _is_no_bot(code: str) -> bool:
    return not _is_yes(code)


def _has_status_of_person(code: str) -> bool:
    return not int(code) & _NO_PERSON_BITS if code.isdecimal() else _is_person(code)


# Column, as plain names have it -> whether a row with this code counts.
_COUNTS: Mapping[str, Callable[[str], bool]] = {
    "finished": _is_yes,
    "distributionchannel": _is_person,
    "responsetype": _is_person,
    "mode": _is_person,
    "isbot": _is_no_bot,
}


def row_filters(recognised: Recognised) -> Iterator[Filter]:
    """Each column by which rows may be left out: codes that count, and those that do not, counted.

    Nothing where all rows would count, or none.
    """
    yield from (one for one in _judged(recognised) if one[1] and one[2])
    if found := _by_last_page(recognised.data):
        yield found


def nobody_counts(recognised: Recognised) -> Iterator[Filter]:
    """Columns of which every row says that it is nobody's finished answer."""
    yield from (one for one in _judged(recognised) if not one[1])


def unsubmitted(data: DataFile) -> tuple[str, int]:
    """The column that says when answers were submitted, and how many rows lack it (LimeSurvey)."""
    name = _called(data, "submitdate", "datesubmitted")
    return name, sum(not row.cells[name].strip() for row in data.rows) if name else 0


def _judged(recognised: Recognised) -> Iterator[Filter]:
    """Codes of a column that count and that do not; its name may stand in the second row."""
    data, texts = recognised.data, recognised.texts
    names = {name: {_plain(name), _plain(texts.get(name, ""))} for name in data.header}
    counts = dict(_COUNTS)
    if _OF_QUALTRICS & set().union(*names.values()):
        counts["status"] = _has_status_of_person
    for name, called in names.items():
        if not (known := counts.keys() & called):
            continue
        counted = counts[min(known)]
        codes = Counter(normal_code(row.cells.get(name, "")) for row in data.rows)
        kept = sorted(code for code in codes if counted(code))
        yield name, kept, Counter({one: codes[one] for one in codes if one not in kept})


def _by_last_page(data: DataFile) -> Filter | None:
    """The last page, where those who submitted and those who did not ended on different ones."""
    name, lacking = unsubmitted(data)
    page = _called(data, "lastpage")
    if not (page and lacking):
        return None
    pages: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for row in data.rows:
        pages[bool(row.cells[name].strip())][normal_code(row.cells[page])] += 1
    if not pages[True] or pages[True].keys() & pages[False].keys():
        return None
    return page, sorted(pages[True]), pages[False]


def _called(data: DataFile, *names: str) -> str:
    return next((name for name in data.header if _plain(name) in names), "")


def _plain(name: str) -> str:
    return plain_name(without_place(name))
