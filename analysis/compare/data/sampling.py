"""What weights, clusters and strata of people make of their number.

References: Kish 1965, 1992 (design effects of clusters and of unequal weights, their product);
Rao & Wu 1988 and Rao, Wu & Yue 1992 (bootstrap of clusters within strata).
"""

import numpy as np
from numpy.typing import NDArray

from analysis.compare.companions import Sampling
from analysis.compare.data.samples import GroupSample
from analysis.compare.plan import Plan

Integers = NDArray[np.int64]


def kish_effective_n(sample: GroupSample) -> float:
    """(sum w)^2 / sum w^2: the equally weighted rows that unequal weights are worth."""
    if sample.weights is None or not len(sample):
        return float(len(sample))
    return float(sample.weights.sum() ** 2 / np.sum(sample.weights**2))


def within_strata(sample: GroupSample) -> tuple[Integers, Integers | None]:
    """Clusters that lie in one stratum each, and the stratum of each row; both (n,).

    A cluster that reaches into several strata is one in each. Strata with a single cluster show
    no variance: they are pooled, and where only one of them is left, with the smallest other.
    """
    if sample.strata is None:
        return sample.clusters, None
    both = np.column_stack([sample.strata, sample.clusters])
    clusters = np.unique(both, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return clusters, _pooled(sample.strata, clusters)


def lone_strata(sample: GroupSample) -> int:
    """The number of strata with a single cluster."""
    clusters, _ = within_strata(sample)
    return 0 if sample.strata is None else len(_lone(sample.strata, clusters))


def _lone(strata: Integers, clusters: Integers) -> Integers:
    pairs = np.unique(np.column_stack([strata, clusters]), axis=0)
    names, counts = np.unique(pairs[:, 0], return_counts=True)
    alone: Integers = names[counts == 1]
    return alone


def _pooled(strata: Integers, clusters: Integers) -> Integers:
    lone = _lone(strata, clusters)
    if not len(lone):
        return strata
    pooled = np.where(np.isin(strata, lone), lone[0], strata)
    if len(lone) == 1 and len(np.unique(pooled)) > 1:
        names, sizes = np.unique(pooled[pooled != lone[0]], return_counts=True)
        pooled = np.where(pooled == lone[0], names[np.argmin(sizes)], pooled)
    return pooled


def sampling_of(sample: GroupSample, plan: Plan, cluster_effect: float) -> Sampling | None:
    """How people were sampled, as it is counted; None where they were drawn one by one alike.

    ``cluster_effect`` is 1 + (m - 1) ICC of their clusters.
    """
    design = plan.people
    if not (design.weight or design.cluster or design.stratum):
        return None
    rows = len(sample)
    kish = kish_effective_n(sample)
    return Sampling(
        weighted=sample.weights is not None,
        n=rows,
        weights_effective_n=kish,
        weights_design_effect=rows / kish if kish else 1.0,
        clustered_in=design.cluster,
        clusters=len(np.unique(sample.clusters)),
        clusters_design_effect=cluster_effect,
        stratified_by=design.stratum,
        strata=0 if sample.strata is None else len(np.unique(sample.strata)),
        lone_strata=lone_strata(sample),
        effective_n=kish / cluster_effect,
    )
