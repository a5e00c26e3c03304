"""The asymptotic covariance of all first- and second-stage statistics, from casewise influence.

With S₁ the casewise scores of the margins and S₂ those of the correlations, the three-stage
estimator of Muthén (1984; Muthén, du Toit & Spisic 1997) moves with every row by

    B⁻¹ s,   B = [[A₁₁, 0], [A₂₁, A₂₂]]

where A₁₁ is block-diagonal by variable, A₂₁ holds the cross-products of a correlation's scores with
the same pair's log-likelihood differentiated by the margins, and A₂₂ is diagonal.  All are
cross-products of scores.  Then Γ = n Σ_i (B⁻¹ s_i)(B⁻¹ s_i)'; rows that are not independent are
added up by cluster first (Asparouhov 2005; Binder 1983), without a factor C / (C - 1).

Sampling weights w multiply the scores, B is made of Σ w s s' and n is Σ w: the sandwich of pseudo
maximum likelihood (Asparouhov 2005; Asparouhov & Muthén 2005).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.ordinal.stages.coding import Answers
from analysis.sem.ordinal.stages.correlations import Correlations
from analysis.sem.ordinal.stages.margins import Margin, Ordered

__all__ = ["Spread", "influence_of", "spread_of"]


@dataclass(frozen=True, slots=True)
class Spread:
    """n times the asymptotic covariance: `gamma` m × m, and its diagonal for independent rows."""

    gamma: FloatArray
    independent: FloatArray


def spread_of(influence: FloatArray, n: float, clusters: IntArray | None) -> Spread:
    """Γ from the influence of rows (rows × m) of total weight n, added up by cluster if given."""
    independent = n * np.einsum("ij,ij->j", influence, influence)
    if clusters is None:
        return Spread(n * (influence.T @ influence), independent)
    which = np.unique(clusters, return_inverse=True)[1].ravel()
    added = np.zeros((int(which.max()) + 1, influence.shape[1]))
    np.add.at(added, which, influence)
    return Spread(n * (added.T @ added), independent)


def influence_of(
    answers: Answers, margins: Sequence[Margin], correlations: Correlations
) -> FloatArray:
    """How each row moves the statistics, in their order (see `OrdinalMoments`): n × m."""
    of_margins = np.hstack([margin.influence for margin in margins])
    weighted = answers.covariates.weight[:, None] * correlations.scores
    of_pairs = weighted - of_margins @ correlations.crossed.T
    of_pairs /= np.einsum("ij,ij->j", weighted, correlations.scores)
    whole = np.hstack([of_margins, of_pairs])
    if all(answers.categories) and not answers.covariates.rows.shape[1]:
        return whole  # thresholds, then correlations: nothing to turn
    return whole @ _turned(answers, margins, correlations.rho).T


def _turned(answers: Answers, margins: Sequence[Margin], rho: FloatArray) -> FloatArray:
    """∂ statistics / ∂ (parameters of the margins, correlations): back to the covariates' own
    units and origin, and from correlations to covariances (the delta method)."""
    k = answers.covariates.rows.shape[1]
    widths = [margin.influence.shape[1] for margin in margins]
    starts = np.concatenate([[0], np.cumsum(widths)])
    total = int(starts[-1]) + len(rho)
    blocks = _Blocks(k, total, [], [], [], [])
    for margin, start in zip(margins, starts[:-1], strict=True):
        blocks.add(margin, int(start), answers)
    pairs = np.zeros((len(rho), total))
    deviation = np.array([_deviation(margin) for margin in margins])
    first, second = np.triu_indices(len(margins), 1)
    every = np.arange(len(rho))
    pairs[every, starts[-1] + every] = deviation[first] * deviation[second]
    for own, other in ((first, second), (second, first)):
        for pair in every:
            margin = margins[own[pair]]
            if not isinstance(margin, Ordered):
                at = starts[own[pair] + 1] - 1
                pairs[pair, at] = rho[pair] * deviation[other[pair]] / (2.0 * deviation[own[pair]])
    return np.vstack(
        [*blocks.thresholds, *blocks.intercepts, *blocks.slopes, *blocks.variances, pairs]
    )


def _deviation(margin: Margin) -> float:
    return 1.0 if isinstance(margin, Ordered) else float(np.sqrt(margin.variance))


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Rows of the Jacobian by kind of statistic, each `total` wide."""

    k: int
    total: int
    thresholds: list[FloatArray]
    intercepts: list[FloatArray]
    slopes: list[FloatArray]
    variances: list[FloatArray]

    def add(self, margin: Margin, start: int, answers: Answers) -> None:
        """The rows of one variable whose parameters begin at column `start`."""
        covariates = answers.covariates
        shift = covariates.mean / covariates.spread
        count = len(margin.thresholds) if isinstance(margin, Ordered) else 1
        slopes = slice(start + count, start + count + self.k)
        levels = np.zeros((count, self.total))
        levels[np.arange(count), start + np.arange(count)] = 1.0
        levels[:, slopes] = shift if isinstance(margin, Ordered) else -shift
        (self.thresholds if isinstance(margin, Ordered) else self.intercepts).append(levels)
        turned = np.zeros((self.k, self.total))
        turned[np.arange(self.k), np.arange(slopes.start, slopes.stop)] = 1.0 / covariates.spread
        self.slopes.append(turned)
        if not isinstance(margin, Ordered):
            variance = np.zeros((1, self.total))
            variance[0, slopes.stop] = 1.0
            self.variances.append(variance)
