"""Columns of words and of days that may be answers, and the question that is proposed for them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from surveys.imports.drafts.roles import is_ambiguous, time_format
from surveys.imports.mapping import QUESTION, proposed

WordRole = Literal["text", "date", "other"]
_LENGTHS = (200, 500, 1000, 2000, 5000)
_FEWEST_BLANKS = 3
_ISO_DAY = len("2026-03-31")
_MIDNIGHT = " 00:00:00"


def words_role(counts: Counter[str]) -> WordRole:
    """Whether cells that are no options and no numbers are days, or what people wrote.

    What people wrote are whole phrases: names of people and places, codes and addresses of pages
    are shorter, and may say who somebody is.
    """
    if not counts:
        return "other"
    written = time_format(counts)
    if written is not None:
        days = _are_iso_days(counts) if not written else "%H" not in written
        return "date" if days and len(counts) > 1 else "other"
    phrases = sum(cell.count(" ") >= _FEWEST_BLANKS and cell[0] not in "{[<" for cell in counts)
    return "text" if 2 * phrases >= len(counts) else "other"


def proposed_text(cells: Sequence[str]) -> dict[str, Any]:
    """A question that is answered in words: how many fit in is asked."""
    longest = max(map(len, cells))
    fits = next((one for one in _LENGTHS if longest <= one), _LENGTHS[-1])
    long = {"long": True} if fits > _LENGTHS[0] else {}
    return {"kind": "text", **long, "longest": proposed(str(fits))}


def proposed_date() -> dict[str, Any]:
    """A question that is answered by a day; which days it took the file does not know."""
    return {"kind": "date", "earliest": QUESTION, "latest": QUESTION}


def _are_iso_days(cells: Iterable[str]) -> bool:
    """Whether these are days, also where a workbook or SPSS keeps them as their midnight."""
    return {one[_ISO_DAY:] for one in cells} in ({""}, {_MIDNIGHT})


def day_format(cells: Sequence[str]) -> str:
    """How days are written, as the mapping says it: nothing for ISO 8601, a question if unsure."""
    if cells and all(one[_ISO_DAY:] == _MIDNIGHT for one in cells):
        return f"%Y-%m-%d{_MIDNIGHT}"
    written = time_format(cells) or ""
    return QUESTION if written and is_ambiguous(cells) else written
