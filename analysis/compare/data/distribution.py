"""How a model's answers to each item are distributed beside the people's.

References: Vallender 1973 (Wasserstein-1 on the line); Lin 1991 (Jensen-Shannon divergence).
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from analysis.compare.companions import ItemFidelity
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.plan import ItemSpec

# Half a pseudo-answer per category keeps an unused category from making a divergence infinite
# (Jeffreys' prior).
PSEUDO_COUNT = 0.5


def category_shares(values: Array, item: ItemSpec, *, pseudo: float = 0.0) -> Array:
    """Share of each class from the item's minimum to its maximum; answers off the grid round."""
    width = len(item.scale)
    position = np.clip(np.rint((values - item.minimum) / item.step).astype(int), 0, width - 1)
    counts = np.bincount(position, minlength=width) + pseudo
    return np.asarray(counts / counts.sum(), dtype=float)


def wasserstein(first: Array, second: Array, item: ItemSpec) -> float:
    """Wasserstein-1 distance as a share of the response range, 0 (alike) to 1 (opposite ends)."""
    return float(stats.wasserstein_distance(first, second)) / (item.maximum - item.minimum)


def jensen_shannon(first: Array, second: Array, item: ItemSpec) -> float:
    """Smoothed Jensen-Shannon divergence in bits, 0 to 1."""
    p, q = (category_shares(values, item, pseudo=PSEUDO_COUNT) for values in (first, second))
    middle = (p + q) / 2.0
    return float((stats.entropy(p, middle, base=2) + stats.entropy(q, middle, base=2)) / 2.0)


def entropy(values: Array, item: ItemSpec) -> float:
    """Entropy of the answers in bits: 0 for a constant item, log2(categories) when even."""
    return float(stats.entropy(category_shares(values, item), base=2))


def variance_ratio(model: Array, people: Array) -> float | None:
    """Model variance over the people's; None where the people do not vary or too few answered."""
    if min(model.size, people.size) < 2:
        return None
    spread = float(np.var(people, ddof=1))
    return float(np.var(model, ddof=1)) / spread if spread > 0.0 else None


def item_fidelity(model: GroupSample, people: GroupSample, item: ItemSpec) -> ItemFidelity:
    """Everything about one item in one group; for the people, distances to themselves are zero."""
    values, reference = (_given(sample, item.name) for sample in (model, people))
    if not values.size:
        return _nothing(model.group, item.name)
    varied = values.size > 2 and bool(np.ptp(values) > 0.0)
    both = bool(reference.size)
    return ItemFidelity(
        group=model.group,
        item=item.name,
        n=int(values.size),
        mean=float(values.mean()),
        sd=float(np.std(values, ddof=1)) if values.size > 1 else None,
        skewness=float(stats.skew(values, bias=False)) if varied else None,
        kurtosis=float(stats.kurtosis(values, bias=False)) if varied and values.size > 3 else None,
        distinct=len(np.unique(values)),
        floor_share=float(np.mean(values == item.minimum)),
        ceiling_share=float(np.mean(values == item.maximum)),
        entropy=entropy(values, item),
        wasserstein=wasserstein(values, reference, item) if both else None,
        jensen_shannon=jensen_shannon(values, reference, item) if both else None,
        variance_ratio=variance_ratio(values, reference),
    )


def _nothing(group: str, item: str) -> ItemFidelity:
    absent: dict[str, None] = dict.fromkeys(
        (
            "mean",
            "sd",
            "skewness",
            "kurtosis",
            "floor_share",
            "ceiling_share",
            "entropy",
            "wasserstein",
            "jensen_shannon",
            "variance_ratio",
        )
    )
    return ItemFidelity(group=group, item=item, n=0, distinct=0, **absent)


def items_fidelity(
    model: GroupSample, people: GroupSample, items: Sequence[ItemSpec]
) -> tuple[ItemFidelity, ...]:
    """One row per item."""
    return tuple(item_fidelity(model, people, item) for item in items)


def _given(sample: GroupSample, name: str) -> Array:
    values = sample.column(name)
    return values[np.isfinite(values)]
