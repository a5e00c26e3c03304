"""Are two estimates the same, different, or too uncertain to say?

References: Schuirmann 1987 (two one-sided tests); Cohen 1988 (q); Olkin & Finn 1995 (variance of
R-squared); McGraw & Wong 1996 (ICC(A,1)).
"""

import math
import warnings

import numpy as np

from analysis.compare.codes import Equivalence
from analysis.compare.data.reference import NORMAL, Reference
from analysis.compare.data.samples import Array
from analysis.compare.intervals import Interval

# Two points agree or not by luck alone.
FEWEST_PROFILE_POINTS = 3


def independent_difference(
    first: tuple[float, float], second: tuple[float, float]
) -> tuple[float, float]:
    """First minus second, each (estimate, standard error) from its own sample, in the same form."""
    return first[0] - second[0], math.hypot(first[1], second[1])


def tost(value: float, se: float, bound: float, against: Reference = NORMAL) -> float:
    """p-value of two one-sided tests that a difference lies inside (-bound, bound)."""
    upper = against.below((value - bound) / se)
    lower = against.below(-(value + bound) / se)
    return max(upper, lower)


def equivalence_of(
    value: float, se: float, bound: float, alpha: float, against: Reference = NORMAL
) -> Equivalence:
    """Inside (-bound, bound), outside, or too uncertain to say, each by a one-sided test.

    Outside is tested as inside is: the interval of level 1 - 2 alpha, which two one-sided tests
    come to, lies beyond a bound.
    """
    if tost(value, se, bound, against) < alpha:
        return Equivalence.EQUIVALENT
    beyond = against.below((bound - abs(value)) / se)
    return Equivalence.NOT_EQUIVALENT if beyond < alpha else Equivalence.CANNOT_TELL


def wald(value: float, se: float, against: Reference = NORMAL) -> tuple[float, float]:
    """Wald chi-square on one degree of freedom and its p-value."""
    return (value / se) ** 2, against.two_sided(value / se)


def cohen_q(
    first: float, second: float, n_first: float, n_second: float, level: float = 0.95
) -> tuple[float, Interval] | None:
    """Difference of two Fisher-z correlations; None where a correlation is +-1 or n is below 4."""
    if max(abs(first), abs(second)) >= 1.0 or min(n_first, n_second) <= 3:
        return None
    value = math.atanh(first) - math.atanh(second)
    se = math.sqrt(1.0 / (n_first - 3.0) + 1.0 / (n_second - 3.0))
    return value, NORMAL.interval(value, se, level)


def r2_ratio(
    model: float, people: float, n_model: float, n_people: float, level: float = 0.95
) -> tuple[float, Interval | None] | None:
    """Model R-squared over the people's, with an interval on the log scale.

    Var(R2) is about 4 R2 (1 - R2)^2 / n. None where the people's R2 is zero; no interval where the
    model's is.
    """
    if people <= 0.0:
        return None
    ratio = model / people
    if not 0.0 < model < 1.0 or people >= 1.0:
        return ratio, None
    terms = ((model, n_model), (people, n_people))
    se = math.sqrt(sum(4.0 * (1.0 - r2) ** 2 / (n * r2) for r2, n in terms))
    log = NORMAL.interval(math.log(ratio), se, level)
    return ratio, Interval(math.exp(log.lower), math.exp(log.upper), level, "normal on log scale")


def variance_ratio_interval(
    ratio: float,
    model: tuple[float | None, float],
    people: tuple[float | None, float],
    level: float = 0.95,
) -> Interval | None:
    """Interval of a ratio of variances on the log scale; groups as (excess kurtosis, n).

    Var(ln s^2) is about (kurtosis + 2) / n, which holds for answers that are far from normal, too
    (Bonett 2006). A variance of zero has no interval but zero; None where a kurtosis is unknown.
    """
    if ratio == 0.0:
        return Interval(0.0, 0.0, level, "normal on log scale")
    variances = [
        max(kurtosis + 2.0, 0.0) / n for kurtosis, n in (model, people) if kurtosis is not None
    ]
    if ratio < 0.0 or len(variances) < 2:
        return None
    se = math.sqrt(sum(variances))
    log = NORMAL.interval(math.log(ratio), se, level)
    return Interval(math.exp(log.lower), math.exp(log.upper), level, "normal on log scale")


def profile_icc(model: Array, people: Array) -> tuple[float, Interval] | None:
    """ICC(A,1) of two profiles of facet means: absolute agreement of level and shape.

    ``model`` and ``people``: (facets,), on a common 0-1 metric. Fewer than three facets, or facets
    that do not differ at all, give no answer.
    """
    usable = np.isfinite(model) & np.isfinite(people)
    pair = np.column_stack([model[usable], people[usable]])
    if len(pair) < FEWEST_PROFILE_POINTS or not np.ptp(pair) > 0.0:
        return None
    return _pingouin_icc(pair)


def _pingouin_icc(ratings: Array) -> tuple[float, Interval]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pingouin warns of pandas' future, not of these data
        import pandas as pd
        import pingouin as pg

        targets, raters = np.indices(ratings.shape)
        table = pd.DataFrame(
            {"target": targets.ravel(), "rater": raters.ravel(), "rating": ratings.ravel()}
        )
        rows = pg.intraclass_corr(table, targets="target", raters="rater", ratings="rating")
    row = rows[rows["Type"] == "ICC(A,1)"].iloc[0]
    lower, upper = (float(end) for end in row["CI95"])
    return float(row["ICC"]), Interval(lower, upper, 0.95, "F")
