"""Are the rows of people copies of each other?

Short scales with few options make like answers common, so that likeness has a yardstick: rows that
are independent but have the people's own margins and correlations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.data.style import is_flat, raw_answers
from analysis.compare.plan import ItemSpec
from analysis.sem.data.row_likeness import independent_rows, likeness

FEWEST_ROWS = 20
FEWEST_ITEMS = 3
# Equal rows are copies where they are at least this share of all, and this many times as many as
# chance gives with a few beside: real answers heap more than a copula does, and on coarse scales
# correlations, which it is made of, are too low.
SMALLEST_SHARE = 0.05
TIMES_CHANCE = 4.0
A_FEW = 5.0
# Nearly equal rows: worth so little of what independent ones would be, with the next row so near.
LEAST_WORTH = 0.6
NEARER = 0.5


@dataclass(frozen=True, slots=True)
class Copies:
    """``repeated`` rows equal an earlier one, ``by_chance`` of them expected; worth together."""

    repeated: int
    by_chance: int
    worth: float


def copies_of(sample: GroupSample, items: Sequence[ItemSpec]) -> Copies | None:
    """What copies leave of a group's rows; None where no more are alike than chance makes alike.

    Whoever gave one answer throughout is no copy of others who did.
    """
    flat = is_flat(raw_answers(sample, items))
    rows = sample.block([item.name for item in items])[~flat]
    rows = rows[2 * np.isfinite(rows).sum(axis=1) >= rows.shape[1]]
    if len(rows) < FEWEST_ROWS:
        return None
    rows = rows[:, [_varies(column) for column in rows.T]]
    if rows.shape[1] < FEWEST_ITEMS:
        return None
    repeated, by_chance = _repeated(rows), _repeated(independent_rows(rows))
    seen, independent = likeness(rows)
    worth = seen.effective_n / independent.effective_n
    near = worth < LEAST_WORTH and seen.nearest <= NEARER * independent.nearest
    exact = repeated >= max(SMALLEST_SHARE * len(rows), TIMES_CHANCE * by_chance + A_FEW)
    if not exact and not (near and independent.nearest > 0.0):
        return None
    least = min(worth, 1.0 - (repeated - by_chance) / len(rows))
    return Copies(repeated, by_chance, least * len(sample))


def _varies(column: Array) -> bool:
    given = column[np.isfinite(column)]
    return bool(given.size) and bool(np.ptp(given) > 0.0)


def _repeated(rows: Array) -> int:
    """How many rows equal an earlier one; a missing answer equals a missing answer."""
    return len(rows) - len(np.unique(np.nan_to_num(rows, nan=-1e9), axis=0))
