"""Values as cells of CSV files, and the one way in which every file of them is written.

Whoever opens such a file in a spreadsheet must not carry out what somebody wrote. So words that a
spreadsheet would take for a formula get an apostrophe before them; `as_written` takes it away
again, and no other. Numbers stay as they are, also where they are text.
"""

import csv
import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TextIO

# What R, pandas and most statistics programs read as a missing value.
MISSING = "NA"
# Where a spreadsheet sees a cell begin: at the beginning, and, where it separates by semicolons or
# tabs (German ones do), in the middle of a text as well.
_BEGINS = r"(?:^|(?<=[;\t\r\n]))"
_BLANK = r"[^\S\t\r\n]"
# The signs that begin a formula, on keyboards of East Asia too; then what may stand before its
# first word. A sign without one, as in ":-)" or "=~", is no formula. No part of it reads beyond a
# separator, so that a long text takes no longer than its length.
_LEAD = rf"""(?:{_BLANK}|["'])*"""
_FORMULA = (
    rf"""{_LEAD}[=+\-@＝＋－＠]"""
    rf"""(?:[=+\-@＝＋－＠"'({{\[$#.\\]|{_BLANK})*[\w\t\r\n]"""
)
_CONTROL = rf"{_LEAD}[\t\r\n]"
_BEFORE = re.compile(rf"{_BEGINS}(?={_FORMULA})|^(?={_CONTROL})")
# The same as a pattern of Perl, in which R takes the apostrophes away.
APOSTROPHES = rf"(*UCP){_BEGINS}'(?={_FORMULA})|^'(?={_CONTROL})"
_AFTER = re.compile(APOSTROPHES.removeprefix("(*UCP)"))
# What most cells have none of, and what is a number all the same.
_SIGN = re.compile(r"[=+\-@＝＋－＠\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:e[+-]?[0-9]+)?", re.IGNORECASE)


class CsvWriter:
    """Rows of CSV of which no spreadsheet carries a cell out; `exact` leaves words as they are."""

    def __init__(self, file: TextIO, *, exact: bool = False, line_end: str = "\r\n") -> None:
        # Told that lines end so, it puts both signs into quotes wherever somebody wrote one.
        self._writer = csv.writer(_Lines(file, line_end), lineterminator="\r\n")
        self._cell: Callable[[object], object] = _untouched if exact else harmless

    def write(self, cells: Iterable[object]) -> None:
        """Write one row."""
        self._writer.writerow([self._cell(one) for one in cells])

    def write_all(self, rows: Iterable[Sequence[object]]) -> None:
        """Write rows."""
        for row in rows:
            self.write(row)


class _Lines:
    """Passes lines on with another end."""

    def __init__(self, file: TextIO, line_end: str) -> None:
        self._file, self._end = file, line_end

    def write(self, line: str) -> object:
        return self._file.write(line.removesuffix("\r\n") + self._end)


def harmless(value: object) -> object:
    """Words with an apostrophe wherever a spreadsheet would begin a formula; else the value."""
    if not isinstance(value, str):
        return value
    return _of_short(value) if len(value) <= _SHORT else _with_apostrophes(value)


def _with_apostrophes(words: str) -> str:
    if not _SIGN.search(words) or _NUMBER.fullmatch(words):
        return words
    return _BEFORE.sub("'", words)


# A file of answers has millions of cells, and a few hundred that differ.
_SHORT = 40
_of_short = lru_cache(maxsize=4096)(_with_apostrophes)


def as_written(words: str) -> str:
    """The words that `harmless` was given."""
    return _AFTER.sub("", words)


def cell(value: object) -> str:
    """One cell: `NA` for nothing, 1 and 0 for truth, a whole number without a fraction."""
    kind = type(value)
    if kind is str or kind is int:
        return str(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(float(value))
    return str(value)


def _untouched(value: object) -> object:
    return value
