"""Which condition somebody is in: permuted blocks, worked out from a seed and a number. Pure.

The cells of all factors are dealt in blocks that hold each of them once. The order within a block
is that of SHA-256 over ``f"{seed}:{stratum}:{block}:{cell}"``, with the cell as its levels joined
by commas, so that anyone who knows the seed can work every assignment out again, in any language
(decision 0002). At any moment two cells of a stratum differ by one respondent at most.

Permuted-block randomisation: Zelen, M. (1974), The randomization and stratification of patients to
clinical trials, Journal of Chronic Diseases 27, 365-375.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import product

MOST_CELLS = 200

Cell = Mapping[str, str]
"""Factor -> level: the condition of one respondent."""


def cells_of(factors: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Every combination of levels, in the order written; none without factors."""
    if not factors:
        return []
    return [dict(zip(factors, levels, strict=True)) for levels in product(*factors.values())]


def assigned(
    factors: Mapping[str, Sequence[str]], *, seed: int, stratum: str, number: int
) -> dict[str, str]:
    """The cell of the respondent with this `number` (from 1) of a stratum; {} without factors."""
    cells = cells_of(factors)
    if not cells:
        return {}
    block, place = divmod(number - 1, len(cells))

    def rank(cell: Cell) -> bytes:
        key = f"{seed}:{stratum}:{block}:{','.join(cell.values())}"
        return hashlib.sha256(key.encode()).digest()

    return sorted(cells, key=rank)[place]
