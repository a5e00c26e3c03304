"""Factors and items: reliability, and what a plan may ask: means, bias, alignment, fit."""

from dataclasses import dataclass

from analysis.compare.codes import Untold
from analysis.compare.intervals import Interval


@dataclass(frozen=True, slots=True)
class Reliability:
    """Internal consistency of one construct in one group.

    Omega and AVE have an interval where the plan asks for it and the planned model was fitted.
    """

    group: str
    construct: str
    indicators: int
    omega: float | None
    alpha: float | None
    alpha_ci: Interval | None
    ave: float | None
    omega_ci: Interval | None = None
    ave_ci: Interval | None = None


@dataclass(frozen=True, slots=True)
class Htmt:
    """Heterotrait-monotrait ratio of two constructs in one group.

    ``value`` is of the sizes of correlations. Where the plan asks for an interval and the planned
    model was fitted, both are of correlations with their signs: sizes of correlations near zero
    would put the interval above the value.
    """

    group: str
    first: str
    second: str
    value: float | None
    ci: Interval | None = None


@dataclass(frozen=True, slots=True)
class FactorMean:
    """The latent mean of a construct in a model less that in people.

    ``difference`` is in units of the first indicator, ``d`` in standard deviations of the factor,
    pooled over both. ``reason`` says why there is none.
    """

    model: str
    group: str
    construct: str
    difference: float | None = None
    difference_ci: Interval | None = None
    d: float | None = None
    d_ci: Interval | None = None
    pvalue: float | None = None
    reason: Untold | None = None


@dataclass(frozen=True, slots=True)
class ItemBias:
    """How differently an indicator measures its construct in a model and in people: dMACS.

    ``size`` is in standard deviations of the indicator; ``shift`` is what the same standing on the
    construct adds to its mean in the model, in its own units. ``anchor`` is the indicator that is
    taken to measure alike in both. ``reason`` says why there is no number.
    """

    model: str
    group: str
    construct: str
    indicator: str
    anchor: str = ""
    size: float | None = None
    shift: float | None = None
    reason: Untold | None = None


@dataclass(frozen=True, slots=True)
class AlignedMean:
    """Mean and variance of a factor in one aligned group, in units of the people's factor."""

    group: str
    mean: float
    mean_ci: Interval | None
    variance: float
    variance_ci: Interval | None


@dataclass(frozen=True, slots=True)
class AlignedIndicator:
    """How much of an indicator's differences over groups factor means and variances explain.

    Near 1 where it measures alike in all groups; None where it does not differ at all.
    """

    indicator: str
    r2_loading: float | None
    r2_intercept: float | None


@dataclass(frozen=True, slots=True)
class AlignedFactor:
    """One construct aligned over ``groups``, the people first.

    ``minima`` counts the different minima that forty starts reached; the lowest stands here.
    ``reason`` says why there is no alignment.
    """

    model: str
    construct: str
    method: str
    groups: tuple[str, ...]
    means: tuple[AlignedMean, ...] = ()
    indicators: tuple[AlignedIndicator, ...] = ()
    minima: int = 0
    reason: Untold | None = None


@dataclass(frozen=True, slots=True)
class FitSize:
    """The misfit that a group's own fit does not exclude at 5 %: T-size RMSEA and CFI.

    Labels are those of Yuan et al. (2016): excellent, close, fair, mediocre, poor. ``reason`` says
    why there is no number.
    """

    model: str
    group: str
    rmsea: float | None = None
    rmsea_label: str = ""
    cfi: float | None = None
    cfi_label: str = ""
    reason: Untold | None = None
