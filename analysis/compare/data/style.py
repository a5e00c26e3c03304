"""How a group answers, apart from what it answers: read from answers as they were given.

References: Baumgartner & Steenkamp 2001 (acquiescence from opposed items); Johnson 2005 (long
strings); Bretherton et al. 1999 (participation ratio of eigenvalues).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.compare.companions import ResponseStyle
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.plan import Construct, ItemSpec, Plan
from analysis.compare.vaar.rates import effective_number
from analysis.sem.data.row_likeness import independent_rows

# Fewer answers than this in a row are too easily alike by chance to be called straight-lining.
SHORTEST_LINE = 3
FEWEST_ROWS = 20
# One scale of a few items is flat by chance too often to tell anything of whoever answered it.
FEWEST_IN_LINE = 6


def raw_answers(sample: GroupSample, items: Sequence[ItemSpec]) -> Array:
    """Answers before orientation, as shares of the response range: 0 lowest option, 1 highest."""
    names = [item.name for item in items]
    low = np.array([item.minimum for item in items], dtype=float)
    span = np.array([item.maximum - item.minimum for item in items], dtype=float)
    oriented = (sample.block(names) - low) / span
    reverse = np.array([item.reverse_keyed for item in items])
    raw: Array = np.where(reverse, 1.0 - oriented, oriented)
    return raw


def _raw_answers(sample: GroupSample, plan: Plan, names: Sequence[str]) -> Array:
    return raw_answers(sample, [plan.item(name) for name in names])


def straight_lining(sample: GroupSample, plan: Plan) -> float | None:
    """Share of complete scale blocks that were answered with one and the same option throughout."""
    blocks = [
        _raw_answers(sample, plan, construct.items)
        for construct in plan.constructs
        if len(construct.items) >= SHORTEST_LINE
    ]
    lines = [block[np.isfinite(block).all(axis=1)] for block in blocks]
    flat = [is_flat(block) for block in lines if len(block)]
    return float(np.mean(np.concatenate(flat))) if flat else None


def straight_liners(sample: GroupSample, plan: Plan) -> tuple[float, float] | None:
    """Share of complete rows with one option throughout each scale; and the share by chance.

    Chance is answers as strongly correlated, given by independent respondents. None with
    fewer than six items in scales of three, or without variation.
    """
    scales = [one.items for one in plan.constructs if len(one.items) >= SHORTEST_LINE]
    names = tuple(dict.fromkeys(name for items in scales for name in items))
    if len(names) < FEWEST_IN_LINE:
        return None
    raw = _raw_answers(sample, plan, names)
    raw = raw[np.isfinite(raw).all(axis=1)]
    if len(raw) < FEWEST_ROWS or not np.all(np.ptp(raw, axis=0) > 0.0):
        return None
    places = [[names.index(name) for name in items] for items in scales]
    seen, chance = (
        np.all([is_flat(rows[:, place]) for place in places], axis=0)
        for rows in (raw, independent_rows(raw))
    )
    return float(seen.mean()), float(chance.mean())


def is_flat(block: Array) -> NDArray[np.bool_]:
    """Which rows gave one option throughout, whatever they left out: (n, k) to (n,)."""
    given = np.isfinite(block)
    low = np.where(given, block, np.inf).min(axis=1, initial=np.inf)
    high = np.where(given, block, -np.inf).max(axis=1, initial=-np.inf)
    return np.asarray(given.any(axis=1) & (high - low < 1e-9))


def longest_run(sample: GroupSample, plan: Plan) -> float | None:
    """Mean length of the longest string of like answers, as a share of the items of its scale.

    Items stand in the plan's order, not in the order shown to each respondent.
    """
    shares = [
        _longest(_raw_answers(sample, plan, construct.items)) / len(construct.items)
        for construct in plan.constructs
        if len(construct.items) >= SHORTEST_LINE
    ]
    return float(np.mean(np.concatenate(shares))) if shares and len(sample) else None


def _longest(block: Array) -> Array:
    """Longest run of equal neighbours in each row; a missing answer ends a run. Shape (n,)."""
    run = np.ones(len(block))
    best = np.ones(len(block))
    for left, right in zip(block.T[:-1], block.T[1:], strict=True):
        run = np.where(np.abs(left - right) < 1e-9, run + 1.0, 1.0)
        best = np.maximum(best, run)
    return best


def acquiescence(sample: GroupSample, plan: Plan) -> tuple[float | None, int]:
    """Agreement with items and their opposites alike: -1 (denies all) to 1 (agrees to all).

    Within each construct that has both keys, the mean raw answer to its forward items and the mean
    to its reverse-keyed ones should average to the midpoint; the mean departure from it is the
    index. The second value counts the opposed pairs it rests on.
    """
    departures, pairs = [], 0
    for construct in plan.constructs:
        forward, reverse = _by_key(construct, plan)
        if forward and reverse:
            means = [_raw_answers(sample, plan, names) for names in (forward, reverse)]
            level = (_row_means(means[0]) + _row_means(means[1])) / 2.0
            departures.append(2.0 * level - 1.0)
            pairs += min(len(forward), len(reverse))
    values = np.concatenate(departures) if departures else np.empty(0)
    values = values[np.isfinite(values)]
    return (float(values.mean()) if values.size else None), pairs


def _by_key(construct: Construct, plan: Plan) -> tuple[tuple[str, ...], tuple[str, ...]]:
    reverse = tuple(name for name in construct.items if plan.item(name).reverse_keyed)
    return tuple(name for name in construct.items if name not in reverse), reverse


def _row_means(values: Array) -> Array:
    given = np.isfinite(values)
    count = given.sum(axis=1)
    total = np.where(given, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def orthogonality(sample: GroupSample, plan: Plan) -> float | None:
    """Share of dimensions the answers use: 1 as if items had nothing in common, 1/k as if one.

    Participation ratio of the eigenvalues of the item correlations over the number of items that
    vary; needs at least three complete rows and two such items.
    """
    names = tuple(dict.fromkeys(name for construct in plan.constructs for name in construct.items))
    values = sample.block(names)
    complete = values[np.isfinite(values).all(axis=1)]
    if len(complete) < 3:
        return None
    varying = complete[:, np.ptp(complete, axis=0) > 0.0]
    if varying.shape[1] < 2:
        return None
    correlation: Array = np.atleast_2d(np.corrcoef(varying, rowvar=False))
    return effective_number(correlation) / int(varying.shape[1])


def response_style(sample: GroupSample, plan: Plan) -> ResponseStyle:
    """All indices of one group."""
    index, pairs = acquiescence(sample, plan)
    lines = straight_liners(sample, plan)
    return ResponseStyle(
        group=sample.group,
        straight_lining=straight_lining(sample, plan),
        longest_run=longest_run(sample, plan),
        acquiescence=index,
        acquiescence_pairs=pairs,
        orthogonality=orthogonality(sample, plan),
        straight_liners=None if lines is None else lines[0],
        straight_liners_by_chance=None if lines is None else lines[1],
    )
