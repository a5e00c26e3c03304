"""Thresholds, regressions and correlations with their asymptotic covariance, group by group.

Three stages (Muthén 1984, Psychometrika 49, 115-132; Jöreskog 1994, Psychometrika 59, 381-389):
every variable by itself, given the covariates (`margins.py`); every pair's residual correlation
given the margins (`correlations.py`); the asymptotic covariance Γ of all of them from the casewise
scores (`influence.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray, Mask
from analysis.sem.ordinal.stages.coding import (
    Answers,
    MissingRule,
    coded,
    codes_of,
    refuse_empty_categories,
)
from analysis.sem.ordinal.stages.correlations import correlations_of
from analysis.sem.ordinal.stages.influence import influence_of, spread_of
from analysis.sem.ordinal.stages.margins import Margin, Ordered, continuous_margin, ordered_margin

__all__ = ["OrdinalMoments", "ordinal_moments", "ordinal_moments_by_group"]


@dataclass(frozen=True, slots=True)
class OrdinalMoments:
    """What a least-squares fit needs of one group.

    Attributes:
        names: the modelled variables, in column order.
        categories: the number of categories of each item, 0 for a continuous variable.
        thresholds: per ordered item, its ascending thresholds (categories - 1 of them), in units
            of the residual standard deviation of the latent response; empty for a continuous one.
        intercepts: of the continuous variables, 0 for ordered ones (p,).
        slopes: on the covariates, p × k.
        covariance: residual covariances, p × p; variances of latent responses are one.
        covariate_mean, covariate_cov: (k,), k × k with divisor n - 1.
        gamma: n times the asymptotic covariance of `statistics`, m × m.
        spread: its diagonal were all rows independent (m,): what the weights are made of.
        n: rows used, or the sum of their sampling weights.
    """

    names: tuple[str, ...]
    categories: tuple[int, ...]
    thresholds: tuple[FloatArray, ...]
    intercepts: FloatArray
    slopes: FloatArray
    covariance: FloatArray
    covariate_mean: FloatArray
    covariate_cov: FloatArray
    gamma: FloatArray
    spread: FloatArray
    n: float

    @property
    def statistics(self) -> FloatArray:
        """Thresholds by item, intercepts of the continuous variables, slopes by variable, variances
        of the continuous ones, covariances down the columns of the lower triangle: (m,)."""
        first, second = np.triu_indices(len(self.names), 1)
        continuous = self.continuous
        return np.concatenate(
            [
                *self.thresholds,
                self.intercepts[continuous],
                self.slopes.ravel(),
                self.covariance[continuous, continuous],
                self.covariance[second, first],
            ]
        )

    @property
    def continuous(self) -> IntArray:
        """Columns of the continuous variables."""
        return np.flatnonzero(np.array(self.categories) == 0)

    @property
    def threshold_owner(self) -> IntArray:
        """For each threshold in `statistics`, the column of the item it belongs to."""
        counts = [len(tau) for tau in self.thresholds]
        return np.repeat(np.arange(len(counts)), counts)

    @property
    def correlation(self) -> FloatArray:
        """Residual correlations, p × p: polychoric, polyserial and product-moment."""
        deviation = np.sqrt(np.diag(self.covariance))
        return np.asarray(self.covariance / np.outer(deviation, deviation))


def ordinal_moments_by_group(
    groups: Sequence[FloatArray],
    *,
    names: Sequence[str],
    labels: Sequence[str],
    missing: MissingRule = "listwise",
    ordered: Sequence[str] | None = None,
    present: Mask | None = None,
    covariates: Sequence[FloatArray] | None = None,
    clusters: Sequence[IntArray] | None = None,
    weights: Sequence[FloatArray] | None = None,
) -> tuple[OrdinalMoments, ...]:
    """`ordinal_moments` of each group, with the categories seen in any of them.

    `groups` holds one n_g × p array per group (NaN = missing), `labels` its name, `ordered` the
    ordered items (by default all), `present` (G × p) the variables of each group's model,
    `covariates` one n_g × k_g array per group, `weights` its rows' sampling weights.  Raises
    ZeroVarianceError, or DataError coded empty_category, perfect_association, no_rows, separation
    or collinear_covariates.
    """
    shown = np.ones((len(groups), len(names)), dtype=np.bool_) if present is None else present
    items = list(names) if ordered is None else [name for name in names if name in ordered]
    parts = [
        _Rows.of(
            label,
            tuple(name for name, here in zip(names, mask, strict=True) if here),
            np.asarray(group, dtype=np.float64)[:, mask],
            None if covariates is None else covariates[number],
            None if clusters is None else clusters[number],
            None if weights is None else weights[number],
            missing,
        )
        for number, (label, group, mask) in enumerate(zip(labels, groups, shown, strict=True))
    ]
    levels = refuse_empty_categories(
        {
            item: {part.label: part.column(item) for part in parts if item in part.names}
            for item in items
        }
    )
    return tuple(part.moments(levels, missing) for part in parts)


@dataclass(frozen=True, slots=True)
class _Rows:
    """One group's usable rows, ordered items not yet coded."""

    label: str
    names: tuple[str, ...]
    values: FloatArray
    covariates: FloatArray | None
    clusters: IntArray | None
    weights: FloatArray | None

    @classmethod
    def of(
        cls,
        label: str,
        names: tuple[str, ...],
        values: FloatArray,
        covariates: FloatArray | None,
        clusters: IntArray | None,
        weights: FloatArray | None,
        missing: MissingRule,
    ) -> "_Rows":
        """Without the rows that listwise deletion drops."""
        absent = np.isnan(values).any(axis=1)
        kept = ~absent if missing == "listwise" else np.ones_like(absent)
        return cls(
            label,
            names,
            values[kept],
            None if covariates is None else covariates[kept],
            None if clusters is None else clusters[kept],
            None if weights is None else weights[kept],
        )

    def column(self, name: str) -> FloatArray:
        """The values of one variable."""
        return self.values[:, self.names.index(name)]

    def moments(self, levels: dict[str, FloatArray], missing: MissingRule) -> OrdinalMoments:
        """The group's moments, its ordered items coded by these levels."""
        values = self.values.copy()
        for column, name in enumerate(self.names):
            if name in levels:
                values[:, column] = codes_of(values[:, column], levels[name])
        return ordinal_moments(
            values,
            names=self.names,
            group=self.label,
            missing=missing,
            ordered=np.array([name in levels for name in self.names], dtype=np.bool_),
            covariates=self.covariates,
            clusters=self.clusters,
            weights=self.weights,
        )


def ordinal_moments(
    values: FloatArray,
    *,
    names: Sequence[str],
    group: str = "",
    missing: MissingRule = "listwise",
    ordered: Mask | None = None,
    covariates: FloatArray | None = None,
    clusters: IntArray | None = None,
    weights: FloatArray | None = None,
) -> OrdinalMoments:
    """Margins, correlations and Γ of one group.

    `values` is n × p, NaN = missing; ordered items (by default all) are coded 0, 1, … without gaps.
    "listwise" drops rows with any NaN; "pairwise" uses for each variable all its answers, for each
    pair all rows with both.  `covariates` is n × k without gaps, `clusters` one number per row,
    `weights` a sampling weight per row.
    """
    answers = coded(
        values,
        names=names,
        ordered=np.ones(len(names), dtype=np.bool_) if ordered is None else ordered,
        group=group,
        missing=missing,
        covariates=covariates,
        clusters=clusters,
        weights=weights,
    )
    margins = _margins(answers)
    correlations = correlations_of(answers, margins)
    n = float(answers.covariates.weight.sum())
    spread = spread_of(influence_of(answers, margins, correlations), n, answers.clusters)
    covariance = np.diag([1.0 if isinstance(m, Ordered) else m.variance for m in margins])
    deviation = np.sqrt(np.diag(covariance))
    first, second = np.triu_indices(len(margins), 1)
    covariance[first, second] = correlations.rho * deviation[first] * deviation[second]
    covariance[second, first] = covariance[first, second]
    given = answers.covariates
    slopes = np.array([margin.slopes / given.spread for margin in margins])
    # at mean covariates so far; thresholds and intercepts are where the covariates are zero
    levels = slopes @ given.mean
    return OrdinalMoments(
        names=answers.names,
        categories=answers.categories,
        thresholds=tuple(
            margin.thresholds + level if isinstance(margin, Ordered) else np.zeros(0)
            for margin, level in zip(margins, levels, strict=True)
        ),
        intercepts=np.array(
            [
                0.0 if isinstance(margin, Ordered) else margin.mean - level
                for margin, level in zip(margins, levels, strict=True)
            ]
        ),
        slopes=slopes,
        covariance=covariance,
        covariate_mean=given.mean,
        covariate_cov=given.cov,
        gamma=spread.gamma,
        spread=spread.independent,
        n=n,
    )


def _margins(answers: Answers) -> list[Margin]:
    ordered = answers.ordered
    codes = answers.codes(ordered)
    margins: list[Margin] = []
    for column, (name, count) in enumerate(zip(answers.names, answers.categories, strict=True)):
        if count:
            own = codes[:, ordered.index(column)]
            margins.append(
                ordered_margin(own, count, answers.covariates, name=name, group=answers.group)
            )
        else:
            margins.append(continuous_margin(answers.values[:, column], answers.covariates))
    return margins
