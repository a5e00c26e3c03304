"""Where the quotation marks of a CSV file went astray. Runs over the lines of one row at most."""

from collections.abc import Sequence
from dataclasses import dataclass

_QUOTE = '"'


@dataclass(frozen=True, slots=True)
class Stray:
    """A quoted cell that does not end where it should.

    `cell` counts from 0, `opened` and `closed` are lines from 1; `found` stands where the cell
    should end, empty if its quotation mark is never closed.
    """

    cell: int
    opened: int
    closed: int
    found: str


def stray_quote(lines: Sequence[str], delimiter: str) -> Stray | None:
    """Return the first quoted cell of the first row in `lines` that is not closed as it should be.

    None if the row ends well.
    """
    cell, opened, quoted, fresh = 0, 0, False, True
    for number, line in enumerate(lines, start=1):
        place = 0
        while place < len(line):
            sign = line[place]
            place += 1
            if quoted:
                if sign != _QUOTE:
                    continue
                after = line[place : place + 1]
                if after == _QUOTE:
                    place += 1
                elif after in (delimiter, "\r", "\n", ""):
                    quoted = False
                else:
                    return Stray(cell, opened, number, after)
            elif sign == delimiter:
                cell, fresh = cell + 1, True
            else:
                quoted, opened = (fresh and sign == _QUOTE), number
                fresh = False
        if not quoted:
            return None
    return Stray(cell, opened, len(lines), "") if quoted else None


def swallowed(lines: Sequence[str], delimiter: str, width: int) -> bool:
    """Whether each of the lines that a quoted cell runs over has the cells of a row of its own.

    Then a quotation mark was probably lost, and the cell took in the rows of other people.
    """
    return width > 1 and all(line.count(delimiter) == width - 1 for line in lines)
