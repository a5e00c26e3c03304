"""What a comparison finds: the values that the report and the services read.

Everything here is an immutable value without behaviour beyond look-up. ``json_codec`` turns any of
them into plain JSON and back.

A number that could not be had is ``None``, never NaN, and a ``Reason`` beside it says why.
"Standardised" is std.all: model-implied standard deviations of that group.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from analysis.compare.codes import BenchmarkKind, Decision, Invariance, NoModel, Reason
from analysis.compare.companions import (
    Benchmark,
    CalibrationLine,
    GroupFidelity,
    Htmt,
    InvarianceStep,
    InvarianceVerdict,
    ItemFidelity,
    ItemKeying,
    Moderation,
    NoModelScore,
    OutcomeFidelity,
    ParityGap,
    PathDifference,
    PathSpread,
    RankEntry,
    Reliability,
    ResponseStyle,
    Sampling,
    SizeBesideSign,
    SlopeRatio,
    SubgroupAgreement,
)
from analysis.compare.intervals import FEWEST_CLUSTERS, Interval
from analysis.compare.plan import (
    Construct,
    GroupSpec,
    Indicator,
    ItemSpec,
    Kind,
    PathSpec,
    Plan,
    Rung,
    Sign,
    SignSource,
)

# 2: the log form, floor and no-model row; sizes. What version 1 lacks is None or empty when read.
SCHEMA_VERSION = 2


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


# ---------------------------------------------------------------- VAAR


@dataclass(frozen=True, slots=True)
class PathEvidence:
    """How one model path was scored against the people.

    Where ``null_expected``, the people show no effect: shares are then probabilities that a path is
    smaller than delta, ``hard`` and ``decision`` say whether the model's is, and ``sign`` is idle.
    """

    path: str
    family: str
    sign: int
    human_share: float
    model_share: float
    weight: float
    hard: bool
    decision: Decision
    human_resolved: bool
    null_expected: bool


@dataclass(frozen=True, slots=True)
class FamilyScore:
    """The numbers of one slice of the path set (a family, a facet or a scenario)."""

    name: str
    paths: int
    estimable: int
    hard: float
    agree: float
    contradict: float
    undetermined: float
    not_estimable: float
    evidence: float | None
    joint: float | None
    log: float | None = None


@dataclass(frozen=True, slots=True)
class VaarScore:
    """The five numbers of one model against the people, never one alone.

    ``log`` is 1 certain of every expected sign, 0 a coin, negative confidently wrong. ``bounds``
    maps hard, evidence, joint and log to their worst and best values over the paths that could not
    be estimated; ``intervals``, ``noise_*`` and ``floor*`` are keyed the same way, with the
    decisive split. ``noise_*`` is what the people get against themselves in samples of
    ``sample_n``, the model's effective n, and ``floor*`` what the model's sessions get once
    outcomes are dealt to others: means and intervals over draws. ``no_model`` is None where
    nothing was drawn. ``shares`` is "normal", Phi(s b / SE); runs of earlier versions may have
    "bootstrap".
    """

    group: str
    signs: SignSource
    hard: float
    agree: float
    contradict: float
    undetermined: float
    not_estimable: float
    evidence: float | None
    joint: float | None
    ceiling: float | None
    joint_normalised: float | None
    bounds: Mapping[str, Interval]
    null_concordance: float | None
    null_paths: tuple[str, ...]
    unresolved: tuple[str, ...]
    effective_paths: float | None
    chance_all_hard: float
    paths: tuple[PathEvidence, ...]
    by_family: tuple[FamilyScore, ...]
    by_facet: tuple[FamilyScore, ...] = ()
    by_scenario: tuple[FamilyScore, ...] = ()
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    noise_ceiling: Mapping[str, Interval] = field(default_factory=dict)
    permutation_p: Mapping[str, float] = field(default_factory=dict)
    failed_refit_share: float | None = None
    shares: str = "normal"
    log: float | None = None
    sample_n: int | None = None
    noise_mean: Mapping[str, float] = field(default_factory=dict)
    floor: Mapping[str, Interval] = field(default_factory=dict)
    floor_mean: Mapping[str, float] = field(default_factory=dict)
    no_model: NoModelScore | None = None

    @property
    def benchmarks(self) -> tuple[Benchmark, Benchmark, Benchmark]:
        """What to read the score beside: people against themselves, no effect, no model."""
        n, row = self.sample_n, self.no_model
        return (
            Benchmark(BenchmarkKind.PEOPLE, n, self.noise_mean, self.noise_ceiling),
            Benchmark(BenchmarkKind.NO_EFFECT, n, self.floor_mean, self.floor),
            Benchmark(
                BenchmarkKind.NO_MODEL,
                n,
                row.means if row else {},
                row.intervals if row else {},
                row.standing if row else None,
            ),
        )


# ---------------------------------------------------------------- what must be said


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning to print, or a refusal that keeps something from being printed."""

    code: str
    severity: Literal["warning", "refusal"]
    sentence: str
    group: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Resampling:
    """How uncertainty was drawn; the same values give the same bytes."""

    seed: int
    bootstrap: int = 0
    permutations: int = 0
    noise_draws: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a comparison found, people and models side by side and never added together."""

    plan: Plan
    groups: tuple[GroupSummary, ...]
    fits: tuple[FitSummary, ...]
    estimability: tuple[Estimability, ...]
    paths: tuple[PathEstimate, ...]
    vaar: tuple[VaarScore, ...]
    invariance: tuple[InvarianceVerdict, ...] = ()
    differences: tuple[PathDifference, ...] = ()
    items: tuple[ItemFidelity, ...] = ()
    styles: tuple[ResponseStyle, ...] = ()
    fidelity: tuple[GroupFidelity, ...] = ()
    sizes: tuple[SizeBesideSign, ...] = ()
    reliability: tuple[Reliability, ...] = ()
    htmt: tuple[Htmt, ...] = ()
    keying: tuple[ItemKeying, ...] = ()
    ranking: tuple[RankEntry, ...] = ()
    notices: tuple[Notice, ...] = ()
    resampling: Resampling | None = None
    sampling: Sampling | None = None
    subgroups: tuple[SubgroupAgreement, ...] = ()
    parity: tuple[ParityGap, ...] = ()
    moderation: tuple[Moderation, ...] = ()
    conditions: tuple[PathSpread, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def path_estimate(self, group: str, path: str) -> PathEstimate:
        """Look one estimate up by group and path key."""
        return next(row for row in self.paths if row.group == group and row.path == path)

    def score(self, group: str, signs: SignSource = SignSource.THEORY) -> VaarScore:
        """Look one model's VAAR up by group and sign source."""
        return next(row for row in self.vaar if row.group == group and row.signs is signs)


__all__ = [
    "SCHEMA_VERSION",
    "Benchmark",
    "BenchmarkKind",
    "CalibrationLine",
    "Comparison",
    "Construct",
    "Decision",
    "Estimability",
    "FamilyScore",
    "FitSummary",
    "GroupFidelity",
    "GroupSpec",
    "GroupSummary",
    "Htmt",
    "Indicator",
    "Interval",
    "Invariance",
    "InvarianceStep",
    "InvarianceVerdict",
    "ItemFidelity",
    "ItemKeying",
    "ItemSpec",
    "Kind",
    "NoModel",
    "NoModelScore",
    "Notice",
    "OutcomeFidelity",
    "PathDifference",
    "PathEstimate",
    "PathEvidence",
    "PathSpec",
    "PathSpread",
    "Plan",
    "RankEntry",
    "Reason",
    "Reliability",
    "Resampling",
    "ResponseStyle",
    "Rung",
    "RungAttempt",
    "Sign",
    "SignSource",
    "SizeBesideSign",
    "SlopeRatio",
    "VaarScore",
]
