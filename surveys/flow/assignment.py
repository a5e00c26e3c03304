"""Which condition somebody is in: permuted blocks, worked out from a seed and a number. Pure.

The cells of all factors are dealt in blocks that hold each of them once. The order within a block
is that of SHA-256 over ``f"{seed}:{stratum}:{block}:{cell}"``, with the cell as its levels joined
by commas, so that anyone who knows the seed can work every assignment out again, in any language
(decision 0002). At any moment two cells of a stratum differ by one respondent at most.

Permuted-block randomisation: Zelen, M. (1974), The randomization and stratification of patients to
clinical trials, Journal of Chronic Diseases 27, 365-375.

A level with a share of two is dealt twice as often as one with a share of one: each block holds a
cell as often as the product of its levels' shares says. A cell that comes again in a block has
``f":{again}"`` behind its key, so that studies without shares are dealt as they always were.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

MOST_CELLS = 200

Cell = Mapping[str, str]
"""Factor -> level: the condition of one respondent."""
Shares = Mapping[str, Mapping[str, int]]
"""Factor -> level -> how often a block holds it, beside a level with a share of 1."""
EVEN: Shares = {}


def cells_of(factors: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Every combination of levels, in the order written; none without factors."""
    if not factors:
        return []
    return [dict(zip(factors, levels, strict=True)) for levels in product(*factors.values())]


def times_dealt(cell: Cell, shares: Shares) -> int:
    """How often a block holds a cell."""
    return prod(shares.get(factor, {}).get(level, 1) for factor, level in cell.items())


def assigned(
    factors: Mapping[str, Sequence[str]],
    *,
    seed: int,
    stratum: str,
    number: int,
    shares: Shares = EVEN,
) -> dict[str, str]:
    """The cell of the respondent with this `number` (from 1) of a stratum; {} without factors.

    A factor or level that `shares` does not name has a share of 1.
    """
    seats = [
        (cell, again) for cell in cells_of(factors) for again in range(times_dealt(cell, shares))
    ]
    if not seats:
        return {}
    block, place = divmod(number - 1, len(seats))

    def rank(seat: tuple[Cell, int]) -> bytes:
        cell, again = seat
        key = f"{seed}:{stratum}:{block}:{','.join(cell.values())}"
        return hashlib.sha256((f"{key}:{again}" if again else key).encode()).digest()

    return sorted(seats, key=rank)[place][0]
