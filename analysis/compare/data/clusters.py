"""What a group's rows are worth: sessions, the clusters they share, and copies among them.

A persona that is asked ten times is one draw of a persona: n is the number of clusters. Sessions
that share a condition (wording, arm, order) and no draw are independent. References: Kish 1965
(design effect); Shrout & Fleiss 1979 (ICC(1)).
"""

import numpy as np
from numpy.typing import NDArray

from analysis.compare.data.copies import copies_of
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.data.sampling import kish_effective_n
from analysis.compare.plan import GroupSpec, Kind, Plan
from analysis.compare.results import GroupSummary
from analysis.sem.data.screens import screen


def intraclass(values: Array, clusters: NDArray[np.int64]) -> float | None:
    """ICC(1) from a one-way analysis of variance with unequal cluster sizes.

    (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 = (N - sum n_j^2 / N) / (J - 1). ``values`` and
    ``clusters``: (n,). None without repeats, without two clusters, or where nothing varies.
    """
    usable = np.isfinite(values)
    values, clusters = values[usable], clusters[usable]
    _, code, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    count, total = len(sizes), len(values)
    if count < 2 or total == count or not np.ptp(values) > 0.0:
        return None
    means = np.bincount(code, weights=values) / sizes
    between = float(np.sum(sizes * (means - values.mean()) ** 2)) / (count - 1)
    within = float(np.sum((values - means[code]) ** 2)) / (total - count)
    size = (total - float(np.sum(sizes**2)) / total) / (count - 1)
    return (between - within) / (between + (size - 1.0) * within)


def mean_cluster_size(clusters: NDArray[np.int64]) -> float:
    """Size of the cluster of a row taken at random, sum n_j^2 / N: what the design effect needs."""
    _, sizes = np.unique(clusters, return_counts=True)
    return float(np.sum(sizes**2) / sizes.sum()) if len(sizes) else 0.0


def design_effect(size: float, icc: float | None) -> float:
    """1 + (m - 1) ICC; a negative ICC, which sampling error can give, counts as zero."""
    return 1.0 + (size - 1.0) * max(icc or 0.0, 0.0)


def cluster_icc(sample: GroupSample, plan: Plan) -> float | None:
    """The largest ICC among the plan's construct scores."""
    values = [
        intraclass(sample.mean_score(construct.items), sample.clusters)
        for construct in plan.constructs
    ]
    known = [value for value in values if value is not None]
    return max(known) if known else None


def copies_effective_n(sample: GroupSample, plan: Plan) -> float | None:
    """Independent rows that copies and near-copies leave; None where none stand out.

    Where at most one item varies, likeness has no yardstick: rows are worth their distinct ones.
    """
    names = [item.name for item in plan.items]
    fixed = len(sample.constant(names)) + len(sample.unanswered(names))
    if len(sample) > 1 and len(names) - fixed < 2:
        return float(len(np.unique(sample.block(names), axis=0)))
    findings = screen({name: sample.column(name) for name in names}, variables=names)
    for finding in findings:
        if finding.code in ("duplicate_rows", "near_duplicate_rows"):
            return finding.figures["effective_n"]
    return None


def refusal_share(spec: GroupSpec, items: tuple[str, ...]) -> float:
    """Mean share of refused answers over items."""
    return float(np.mean([spec.refusal_shares.get(item, 0.0) for item in items])) if items else 0.0


def _effective_n(sample: GroupSample, spec: GroupSpec, effect: float, worth: float | None) -> float:
    """People who share a school still differ; sessions that share a persona were asked again."""
    if spec.kind == Kind.HUMAN:
        kish = kish_effective_n(sample) / effect
        return kish if worth is None else min(kish, worth)
    clusters = float(len(np.unique(sample.clusters)))
    return clusters if worth is None else min(clusters, worth)


def summarise_group(sample: GroupSample, spec: GroupSpec, plan: Plan) -> GroupSummary:
    """Count a group: rows, those with any answer, clusters, and what they are worth.

    People's rows are copies only beyond what short scales make alike by chance.
    """
    items = tuple(item.name for item in plan.items)
    answered = sample.take(np.flatnonzero(np.isfinite(sample.block(items)).any(axis=1)))
    clusters = len(np.unique(answered.clusters))
    size = mean_cluster_size(answered.clusters)
    icc = cluster_icc(answered, plan)
    copies = copies_of(answered, plan.items) if spec.kind == Kind.HUMAN else None
    worth = None if copies is None else copies.worth
    if spec.kind == Kind.LLM and len(answered):
        worth = copies_effective_n(answered, plan)
    return GroupSummary(
        key=spec.key,
        label=spec.label,
        kind=spec.kind,
        simulated=spec.simulated,
        rows=len(sample),
        n=len(answered),
        clusters=clusters,
        mean_cluster_size=size,
        icc=icc,
        design_effect=design_effect(size, icc),
        effective_n=_effective_n(answered, spec, design_effect(size, icc), worth),
        distinct_rows=len(np.unique(answered.values, axis=0)),
        refusal_share=refusal_share(spec, items),
        copies=worth is not None,
        shared=spec.shared,
        repeated=0 if copies is None else copies.repeated,
        repeated_by_chance=0 if copies is None else copies.by_chance,
    )
