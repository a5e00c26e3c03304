"""A group as it was analysed: its rows, its estimates and its fitted models."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.compare.codes import Reason
from analysis.compare.plan import (
    Kind,
    Rung,
)
from surveys.independence import FEWEST_CLUSTERS


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A group as it was analysed: ``rows`` received, ``n`` with any answer, ``fitted`` used.

    ``fitted`` is the n of the group's fits, the smallest where there are several, 0 where there is
    none; None in results of earlier versions. ``effective_n`` of a model counts clusters, never
    repeats, and less where rows are (near-)``copies``; that of people is n over the design effects
    of clusters and of weights. ``shared`` names what the rows of one cluster share. ``repeated``
    rows of people equal another one answer by answer, of which ``repeated_by_chance`` would be
    expected.
    """

    key: str
    label: str
    kind: Kind
    simulated: bool
    rows: int
    n: int
    clusters: int
    mean_cluster_size: float
    icc: float | None
    design_effect: float
    effective_n: float
    distinct_rows: int
    refusal_share: float
    copies: bool = False
    shared: str = ""
    fitted: int | None = None
    repeated: int = 0
    repeated_by_chance: int = 0

    @property
    def analysed(self) -> int:
        """The n that results rest on: that of the fits, where it is known."""
        return self.n if self.fitted is None else self.fitted

    @property
    def has_repeats(self) -> bool:
        """Whether some rows share a cluster."""
        return self.clusters < self.n

    @property
    def has_enough_clusters(self) -> bool:
        """Whether standard errors mean something: rows are independent, or clusters are many."""
        return not self.has_repeats or self.clusters >= FEWEST_CLUSTERS


@dataclass(frozen=True, slots=True)
class PathEstimate:
    """One path in one group, raw and standardised, on the rung that could be had.

    With too few clusters (``reason``) the estimate is all there is. ``positive_share`` is the share
    of bootstrap refits with a positive estimate, a failed one counting one half: a check on normal
    theory, by which nothing is scored. ``nonconverged_share`` says how many failed.
    ``suppressed`` marks a path whose sign differs from that of the zero-order correlation.
    """

    group: str
    path: str
    rung: Rung
    reason: Reason | None = None
    est: float | None = None
    se: float | None = None
    ci_lower: float | None = None
    ci_upper: float | None = None
    std: float | None = None
    std_se: float | None = None
    std_ci_lower: float | None = None
    std_ci_upper: float | None = None
    pvalue: float | None = None
    pvalue_holm: float | None = None
    n: int = 0
    zero_order_r: float | None = None
    suppressed: bool = False
    positive_share: float | None = None
    nonconverged_share: float | None = None

    @property
    def estimable(self) -> bool:
        """True where there is a standardised estimate with a positive standard error."""
        return self.std is not None and self.std_se is not None and self.std_se > 0.0

    @property
    def unsettled(self) -> bool:
        """True where there is an estimate of which nothing can be told."""
        return self.reason is Reason.TOO_FEW_CLUSTERS and self.std is not None

    @property
    def raw_pair(self) -> tuple[float, float]:
        """Raw estimate and standard error of an estimable path; NaN otherwise."""
        return _pair(self.est, self.se)

    @property
    def std_pair(self) -> tuple[float, float]:
        """Standardised estimate and standard error of an estimable path; NaN otherwise."""
        return _pair(self.std, self.std_se)


def _pair(value: float | None, se: float | None) -> tuple[float, float]:
    return (math.nan, math.nan) if value is None or se is None else (value, se)


@dataclass(frozen=True, slots=True)
class RungAttempt:
    """One step of the ladder: what was tried, and why it was left if it was."""

    rung: Rung
    reason: Reason | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Estimability:
    """What one group could support in one model."""

    group: str
    model: str
    rung: Rung
    reason: Reason | None
    constant_items: tuple[str, ...] = ()
    dropped_items: tuple[str, ...] = ()
    attempts: tuple[RungAttempt, ...] = ()

    @property
    def detail(self) -> str:
        """What the engine said when the first rung was left, with the names it gave."""
        said = (step.detail for step in self.attempts if step.reason is self.reason and step.detail)
        return next(said, "")


@dataclass(frozen=True, slots=True)
class LocalMisfit:
    """A residual correlation larger than .10 in size: observed minus implied."""

    group: str
    first: str
    second: str
    value: float


@dataclass(frozen=True, slots=True)
class FitSummary:
    """One fitted model: enough to print it and to refit it elsewhere.

    ``misfit`` is None where the estimator has no such residuals.
    """

    model: str
    label: str
    groups: tuple[str, ...]
    rung: Rung
    syntax: str
    group_equal: tuple[str, ...]
    group_partial: tuple[str, ...]
    estimator: str
    missing: str
    nobs: tuple[int, ...]
    npar: int
    converged: bool
    admissible: bool
    indices: Mapping[str, float | None]
    r2: Mapping[str, Mapping[str, float]]
    warnings: tuple[str, ...] = ()
    parameters: tuple[Mapping[str, str | float | int | None], ...] = ()
    misfit: tuple[LocalMisfit, ...] | None = None
