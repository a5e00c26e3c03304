"""Ranks of models as intervals, after partial pooling.

Each model's score is pulled towards the mean of all by the share of its variance that is noise
(empirical Bayes; Efron & Morris 1975; between-variance by moments, DerSimonian & Laird 1986), so
that the noisiest model does not come first, or last, by its noise alone.
"""

from collections.abc import Sequence

import numpy as np

from analysis.compare.results import RankEntry
from analysis.compare.uncertainty.draws import Array


def shrinkage(scores: Array, variances: Array) -> Array:
    """Share of each model's departure from the mean that is kept, (M,) as are the arguments."""
    between = max(float(np.var(scores, ddof=1) - variances.mean()), 0.0)
    total = between + variances
    return np.where(total > 0.0, between / np.where(total > 0.0, total, 1.0), 1.0)


def rank(
    groups: Sequence[str], scores: Array, draws: Array, *, level: float = 0.95
) -> tuple[RankEntry, ...]:
    """Rank intervals of M models, best shrunken score first.

    ``scores`` (M,); ``draws`` (B, M) of the same scores in joint bootstrap resamples. A draw's
    posterior variance is the kept share of its sampling variance. Models that a draw cannot tell
    apart share the ranks between them.
    """
    kept = shrinkage(scores, draws.var(axis=0, ddof=1))
    shrunken = scores.mean() + kept * (scores - scores.mean())
    posterior = shrunken + np.sqrt(kept) * (draws - draws.mean(axis=0))
    better = posterior[:, None, :] > posterior[:, :, None]
    equal = posterior[:, None, :] == posterior[:, :, None]
    first = 1 + better.sum(axis=2)
    last = (better | equal).sum(axis=2)
    tail = (1.0 - level) / 2.0
    lower = np.quantile(first, tail, axis=0, method="lower")
    upper = np.quantile(last, 1.0 - tail, axis=0, method="higher")
    return tuple(
        RankEntry(groups[m], float(scores[m]), float(shrunken[m]), int(lower[m]), int(upper[m]))
        for m in np.argsort(-shrunken, kind="stable")
    )
