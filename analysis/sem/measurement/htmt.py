"""Whether two factors can be told apart: the heterotrait-monotrait ratio, group by group.

    HTMT = mean heterotrait correlation / √(mean monotrait × mean monotrait)

(Henseler, Ringle & Sarstedt 2015), whose intervals are percentiles of a bootstrap, as theirs are.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from analysis.sem.arrays import FloatArray
from analysis.sem.data.moments import Moments, Sample
from analysis.sem.errors import SemError
from analysis.sem.measurement.reliability import factor_items
from analysis.sem.normal.estimation import Estimation
from analysis.sem.normal.saturated import saturated_moments
from analysis.sem.resampling.intervals import percentile_limits
from analysis.sem.resampling.rows import RandomRows, RowBlocks, cluster_numbers
from analysis.sem.results import SemFit

__all__ = ["HtmtRatio", "htmt"]

_CHUNK = 50  # resamples whose covariance matrices are held at once
_MOST_LOST = 0.1  # share of resamples without a ratio beyond which there is no interval
Limits = tuple[float, float]


@dataclass(frozen=True, slots=True)
class HtmtRatio:
    """The ratio for two factors in one group.

    `ratio` takes correlations as they are, `absolute` their sizes, `geometric` (HTMT2, Roemer,
    Schuberth & Henseler 2021) geometric means of sizes. NaN where a factor has one item, or mean
    correlations within a factor are not positive.  The limits are None where none were drawn, or
    more than a tenth of the resamples had no ratio.
    """

    group: str
    first: str
    second: str
    ratio: float
    absolute: float
    geometric: float
    ratio_limits: Limits | None = None
    absolute_limits: Limits | None = None
    geometric_limits: Limits | None = None


def htmt(
    fit: SemFit, *, draws: int = 0, seed: int = 1, level: float = 0.95
) -> tuple[HtmtRatio, ...]:
    """The heterotrait-monotrait ratios of all pairs of factors, in every group.

    Pearson correlations of the items, from the saturated moments where answers are missing; of the
    codes where items are ordered.  `draws` resamples of the rows (of whole clusters, where the fit
    has them) give percentile limits.
    """
    estimation = fit.estimation
    sample = _answers(estimation)
    drawn = _drawn(sample, draws, seed) if draws else None
    rows = []
    for group, label in enumerate(fit.groups):
        point = _correlation(_covariance(estimation, sample, group), sample, group)
        again = None if drawn is None else _correlation(drawn[:, group], sample, group)
        items = factor_items(estimation.layout, group)
        for (one, first), (other, second) in combinations(items.items(), 2):
            plain, absolute, geometric = map(float, _ratios(point, first, second))
            row = HtmtRatio(label, one, other, plain, absolute, geometric)
            rows.append(row if again is None else _bounded(row, again, first, second, level))
    return tuple(rows)


def _answers(estimation: Estimation) -> Sample:
    """The rows that correlations are taken of: complete ones where items are ordered."""
    sample = estimation.sample
    if not estimation.options.is_ordinal:
        return sample
    whole = [
        ~np.isnan(values[:, here]).any(axis=1)
        for values, here in zip(sample.values, sample.present, strict=True)
    ]
    return replace(
        sample,
        values=tuple(part[kept] for part, kept in zip(sample.values, whole, strict=True)),
        rows=tuple(part[kept] for part, kept in zip(sample.rows, whole, strict=True)),
        clusters=None
        if sample.clusters is None
        else tuple(part[kept] for part, kept in zip(sample.clusters, whole, strict=True)),
        weights=None
        if sample.weights is None
        else tuple(part[kept] for part, kept in zip(sample.weights, whole, strict=True)),
    )


def _covariance(estimation: Estimation, sample: Sample, group: int) -> FloatArray:
    if not estimation.options.is_ordinal:
        known: FloatArray = estimation.saturated.cov[group]
        return known
    own = np.cov(sample.values[group], rowvar=False, aweights=sample.weight(group))
    return np.asarray(own, dtype=np.float64)


def _drawn(sample: Sample, draws: int, seed: int) -> FloatArray:
    """Covariance matrices of resamples (draws × G × p × p), NaN where there is none."""
    weights = RandomRows(draws, seed, cluster_numbers(sample))
    blocks = RowBlocks.of(sample, with_means=True, unbiased=False)
    p = len(sample.names)
    found = np.full((draws, len(sample.groups), p, p), np.nan)
    for start in range(0, draws, _CHUNK):
        numbers = range(start, min(start + _CHUNK, draws))
        n, mean, cov = blocks.moments(weights.counts(numbers))
        for at, number in enumerate(numbers):
            here = n[at] > 0.0
            own = Moments(blocks.group[here], n[at, here], mean[at, here], cov[at, here],
                          blocks.mask[here])  # fmt: skip
            try:
                found[number] = saturated_moments(sample, own).cov
            except SemError:
                continue
    return found


def _correlation(covariance: FloatArray, sample: Sample, group: int) -> FloatArray:
    """Of one matrix or a stack of them; variables that the group lacks have variance one."""
    spread = np.diagonal(covariance, axis1=-2, axis2=-1)
    spread = np.sqrt(np.where(sample.present[group], spread, 1.0))
    correlation: FloatArray = covariance / (spread[..., :, None] * spread[..., None, :])
    return correlation


def _bounded(
    row: HtmtRatio, drawn: FloatArray, first: list[int], second: list[int], level: float
) -> HtmtRatio:
    with np.errstate(divide="ignore", invalid="ignore"):
        limits = [_limits(each, level) for each in _ratios(drawn, first, second)]
    return replace(
        row, ratio_limits=limits[0], absolute_limits=limits[1], geometric_limits=limits[2]
    )


def _limits(values: FloatArray, level: float) -> Limits | None:
    known = values[np.isfinite(values)]
    if len(known) < (1.0 - _MOST_LOST) * len(values) or len(known) < 2:
        return None
    low, high = percentile_limits(known[:, None], level)[0]
    return float(low), float(high)


def _ratios(
    correlation: FloatArray, first: list[int], second: list[int]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Plain, absolute and geometric, of one correlation matrix or a stack of them."""
    across = correlation[..., np.ix_(first, second)[0], np.ix_(first, second)[1]]
    across = across.reshape(*correlation.shape[:-2], -1)
    within = []
    for items in (first, second):
        row, column = np.triu_indices(len(items), 1)
        within.append(correlation[..., np.array(items)[row], np.array(items)[column]])
    if min(part.shape[-1] for part in within) == 0:
        none = np.full(correlation.shape[:-2], np.nan)
        return none, none, none
    return (
        _ratio(across.mean(axis=-1), [part.mean(axis=-1) for part in within]),
        _ratio(np.abs(across).mean(axis=-1), [np.abs(part).mean(axis=-1) for part in within]),
        _ratio(_geometric(across), [_geometric(part) for part in within]),
    )


def _ratio(across: FloatArray, within: list[FloatArray]) -> FloatArray:
    positive = np.minimum(*within) > 0.0
    product = np.where(positive, within[0] * within[1], np.nan)
    return np.asarray(across / np.sqrt(product), dtype=np.float64)


def _geometric(values: FloatArray) -> FloatArray:
    """The geometric mean of sizes; 0 where one is 0."""
    sizes = np.abs(values)
    nonzero = (sizes > 0.0).all(axis=-1)
    logs = np.log(np.where(sizes > 0.0, sizes, 1.0)).mean(axis=-1)
    return np.where(nonzero, np.exp(logs), 0.0)
