"""Columns of numbers that may be answers: how far they reach, and the scale that is proposed."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from surveys.imports.columns import with_point
from surveys.imports.drafts.roles import FAR, MOST_OPTIONS
from surveys.imports.mapping import QUESTION, proposed
from surveys.questions import number_shown

Labels = Mapping[str, str]
# As they are typed: a number that begins with an idle zero is a code, such as that of a place.
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)?(?:[.,](?P<fraction>\d+))?")
MOST_DECIMALS = 6
# Beyond that numbers are times in milliseconds, sums of money in cents, or name somebody.
LARGEST = 1_000_000
# Whole numbers that are all different and as long as this tell people apart.
_OF_IDS = 10_000
_LINE = (0.0, 100.0)
# A line from 0 to 100 has marks this near to both of its ends.
_NEAR_ENDS = 20.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column: the least and the greatest, and how many decimals they have.

    `labels` are words of single numbers, as files keep them of the ends of a line.
    """

    low: float
    high: float
    decimals: int
    labels: tuple[tuple[float, str], ...] = ()

    @property
    def within_line(self) -> bool:
        """Whether all are from 0 to 100."""
        return _LINE[0] <= self.low and self.high <= _LINE[1]


def number(code: str) -> float | None:
    """The number that is written so, with a point or a comma; None if it is none."""
    if not code or code == "-" or not _NUMBER.fullmatch(code):
        return None
    return float(with_point(code) or code)


def numbers_of(counts: Counter[str], apart: Collection[str], labels: Labels) -> Numbers | None:
    """The numbers of a column without the codes that stand `apart`; None if they are no answers.

    Answers are more different numbers than a scale has labels, or have decimals. What counts rows
    or tells people apart is none.
    """
    told = {code: number(code) for code in counts if code not in apart}
    values = sorted(value for value in told.values() if value is not None)
    if len(values) < 2 or len(values) < len(told) or _counts_rows(values, counts):
        return None
    fractions = [found["fraction"] for code in told if (found := _NUMBER.fullmatch(code))]
    decimals = max(len((one or "").rstrip("0")) for one in fractions)
    if decimals > MOST_DECIMALS or max(-values[0], values[-1]) > LARGEST:
        return None
    if not decimals and len(values) <= MOST_OPTIONS:
        return None
    words = [(at, labels[code]) for code in labels if (at := number(code)) is not None]
    kept = tuple(sorted((at, said) for at, said in words if at not in FAR))
    return Numbers(values[0], values[-1], decimals, kept)


def far_codes(codes: Collection[str]) -> set[str]:
    """Numbers that are known to stand for no answer, and that are out of the others' way."""
    told = {code: value for code in codes if (value := number(code)) is not None}
    others = [value for value in told.values() if value not in FAR]
    if not others:
        return set()
    least, most = min(others), max(others)
    if _is_line(least, most):
        most = _LINE[1]
    return {
        code
        for code, value in told.items()
        if value in FAR and (value > most + 1 or (value < 0 and (least >= 0 or value < least - 1)))
    }


def proposed_scale(items: Sequence[Numbers]) -> dict[str, Any]:
    """How items of one instrument are answered: a line whose ends are asked, or typed numbers.

    The range that people had cannot be known from what they did with it: it is proposed, and asked.
    """
    low, high = min(one.low for one in items), max(one.high for one in items)
    decimals = max(one.decimals for one in items)
    more = {"decimals": decimals} if decimals else {}
    ends = _labelled_ends(items, low, high)
    if not (ends or _is_line(low, high)):
        return {"kind": "number", "minimum": _asked(low), "maximum": _asked(high), **more}
    (least, first), (most, last) = ends or ((_LINE[0], QUESTION), (_LINE[1], QUESTION))
    span = (_plain(least), _plain(most)) if ends else (_asked(least), _asked(most))
    words = {"low": {"en": first}, "high": {"en": last}}
    return {"kind": "slider", "minimum": span[0], "maximum": span[1], **more, **words}


def _labelled_ends(
    items: Sequence[Numbers], low: float, high: float
) -> tuple[tuple[float, str], tuple[float, str]] | None:
    """The labelled numbers between which all answers are, where the file has such."""
    told = sorted({pair for one in items for pair in one.labels})
    if len(told) < 2 or not (told[0][0] <= low and high <= told[-1][0]):
        return None
    return told[0], told[-1]


def _is_line(low: float, high: float) -> bool:
    return 0 <= low <= _NEAR_ENDS and _LINE[1] - _NEAR_ENDS <= high <= _LINE[1]


def _counts_rows(values: Sequence[float], counts: Counter[str]) -> bool:
    """Whether every row has a whole number of its own, in a row or as long as an id."""
    if len(values) < counts.total() or not all(value.is_integer() for value in values):
        return False
    return values[-1] - values[0] == len(values) - 1 or values[-1] >= _OF_IDS


def _asked(value: float) -> str:
    return proposed(number_shown(value))


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() else value
