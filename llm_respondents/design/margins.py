"""A population's margins as lines of text: pasted, or read from a table's file. Pure.

    Age group; 18-39; 40 %
    Age group; 40 and older; 60 %

A line is attribute, value and share, set apart by tabs, semicolons or commas; a share is a number
from 0 to 1 or a percentage. Every mistake is named with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isclose
from typing import NamedTuple

from llm_respondents.design.personas import Margins
from llm_respondents.mistakes import Argument, MistakeCode
from surveys.codes import SentenceCode
from surveys.codes import marked as _

# As far as a specification takes it; see `specs`.
_SUM_TOLERANCE = 1e-6


class LineMistake(SentenceCode):
    """What can be wrong with a line; its sentence names in `about` what varies."""

    PARTS = (
        "parts",
        _("write attribute, value and share, set apart by semicolons (found %(about)s parts)"),
    )
    EMPTY = "empty", _("name the attribute and the value")
    NO_NUMBER = "no_number", _("“%(about)s” is no number; write a share such as 0.4 or 40 %%")
    NOT_A_SHARE = (
        "not_a_share",
        _("“%(about)s” is no share; write 0 to 1, or a percentage with %%"),
    )
    TWICE = "twice", _("%(about)s stands there twice")
    SUM = "sum", _("the shares have to add up to 1 (%(about)s)")


class LineError(NamedTuple):
    """A mistake in a line (counted from 1), or about the attribute that begins there."""

    line: int
    mistake: LineMistake
    about: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    label: str
    value: str
    share: float


def read_margins(text: str) -> tuple[Margins, list[LineError]]:
    """Return the margins, and the mistakes; with mistakes the margins are not to be used."""
    rows: list[_Row] = []
    errors: list[LineError] = []
    for number, parts in _lines(text):
        found = _row(number, parts)
        if isinstance(found, _Row):
            rows.append(found)
        elif (
            number > 1 or found.mistake != LineMistake.NO_NUMBER or any(map(str.isdigit, parts[2]))
        ):
            # A first line without any number names the columns.
            errors.append(found)
    by_label: dict[str, dict[str, float]] = {}
    first: dict[str, int] = {}
    for row in rows:
        shares = by_label.setdefault(row.label, {})
        first.setdefault(row.label, row.line)
        if row.value in shares:
            errors.append(LineError(row.line, LineMistake.TWICE, f"{row.label}: {row.value}"))
        shares[row.value] = row.share
    if not errors:
        errors = list(_sums(by_label, first))
    made = tuple((label, tuple(shares.items())) for label, shares in by_label.items())
    return made, sorted(errors)


def margins_as_text(margins: Margins) -> str:
    """The lines that `read_margins` reads back."""
    return "\n".join(
        f"{label}; {value}; {share:.12g}" for label, shares in margins for value, share in shares
    )


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        bare = line.strip()
        if bare and not bare.startswith("#"):
            mark = next((mark for mark in "\t;" if mark in bare), ",")
            [parts] = csv.reader([bare], delimiter=mark, skipinitialspace=True)
            yield number, [part.strip() for part in parts]


def _row(number: int, parts: list[str]) -> _Row | LineError:
    while len(parts) > 3 and not parts[-1]:
        parts = parts[:-1]
    if len(parts) != 3:
        return LineError(number, LineMistake.PARTS, str(len(parts)))
    label, value, written = parts
    if not (label and value):
        return LineError(number, LineMistake.EMPTY)
    share = _share(written)
    if share is None:
        return LineError(number, LineMistake.NO_NUMBER, written)
    if not 0 <= share <= 1:
        return LineError(number, LineMistake.NOT_A_SHARE, written)
    return _Row(number, label, value, share)


def _share(written: str) -> float | None:
    bare = written.replace(",", ".").replace("\u00a0", "")
    percent = bare.endswith("%")
    try:
        share = float(bare.removesuffix("%").strip())
    except ValueError:
        return None
    return share / 100 if percent else share


def _sums(
    by_label: Mapping[str, Mapping[str, float]], first: Mapping[str, int]
) -> Iterator[LineError]:
    for label, shares in by_label.items():
        total = sum(shares.values())
        if not isclose(total, 1, abs_tol=_SUM_TOLERANCE):
            yield LineError(first[label], LineMistake.SUM, f"{label}: {total:.6g}")


def objections_to(
    shares: Sequence[tuple[str, float]],
) -> Iterator[tuple[MistakeCode, dict[str, Argument]]]:
    """What is wrong with the shares of one attribute, each with its code."""
    total = sum(share for _, share in shares)
    if len({value for value, _ in shares}) != len(shares):
        yield MistakeCode.VALUE_TWICE, {}
    elif not all(0 <= share <= 1 for _, share in shares):
        yield MistakeCode.NOT_SHARES, {}
    elif not isclose(total, 1, abs_tol=1e-6):
        yield MistakeCode.SHARES_SUM, {"sum": f"{total:g}"}
