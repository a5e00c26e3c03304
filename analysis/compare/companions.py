"""Values reported beside VAAR: yardsticks, sizes, invariance, distributions, style, reliability."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.compare.codes import BenchmarkKind, Equivalence, Invariance, NoModel, Reason
from analysis.compare.intervals import Interval


@dataclass(frozen=True, slots=True)
class NoModelScore:
    """The no-model row: what a plain regression on what the sessions were told scores.

    ``standing`` says whether there is one. ``told`` names what the sessions were told and the
    people were asked, too, as columns of the data; ``means`` and ``intervals`` are keyed as those
    of ``VaarScore``, over ``draws`` samples of the model's size, and empty without a score.
    """

    standing: NoModel
    told: tuple[str, ...] = ()
    draws: int = 0
    means: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One row to read a model's VAAR beside: scored by the same rule, in samples of its size.

    ``kind`` is the people against themselves, no effect, or no model. ``n`` is the size of each
    sample, the model's effective n; None where it was not stored. A number without a mean or an
    interval was not drawn. ``no_model`` is set on the no-model row alone and says why it is empty.
    """

    kind: BenchmarkKind
    n: int | None
    means: Mapping[str, float]
    intervals: Mapping[str, Interval]
    no_model: NoModel | None = None


@dataclass(frozen=True, slots=True)
class SlopeRatio:
    """Standardised slope of a model over the people's: above 1 the model's path is steeper.

    No interval where the people's slope is not told from zero: the ratio is then unbounded.
    """

    path: str
    ratio: float | None
    ci: Interval | None


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """The line b_people = intercept + slope b_model over ``paths`` paths estimable in both.

    Standardised slopes; least squares. Intercept 0 and slope 1: sizes are the people's. A slope
    below 1 says that the model's paths lie further apart than the people's. Without three paths, or
    where the model's do not differ, there is no line: both are None.
    """

    paths: int
    intercept: float | None = None
    intercept_ci: Interval | None = None
    slope: float | None = None
    slope_ci: Interval | None = None


@dataclass(frozen=True, slots=True)
class SizeBesideSign:
    """How large a model's paths are beside the people's, which signs do not tell.

    ``ratio`` is the mean slope of the model in the expected direction over that of the people, both
    averaged as VAAR is (within a family, then over families), of paths that are estimable in both
    and no null in people; None where there is none. R-squared ratios are in ``GroupFidelity``.
    """

    group: str
    ratio: float | None
    ratio_ci: Interval | None
    ratios: tuple[SlopeRatio, ...]
    calibration: CalibrationLine


@dataclass(frozen=True, slots=True)
class RankEntry:
    """A model's place after partial pooling: an interval of ranks, not a rank."""

    group: str
    score: float
    shrunken: float
    rank_lower: int
    rank_upper: int


@dataclass(frozen=True, slots=True)
class InvarianceStep:
    """One rung of the invariance ladder, with the change from the one before.

    ``undecided``: the indices are beyond the guides, and at this n a test cannot tell that from
    chance. A step that neither holds nor is undecided fails; one with a ``reason`` was not tested.
    ``improper``: its solution is inadmissible in some group; chi-square and indices are those of
    the maximum all the same (Savalei & Kolenikov 2008).
    """

    level: str
    chisq: float | None
    df: int | None
    pvalue: float | None
    cfi: float | None
    rmsea: float | None
    srmr: float | None
    delta_chisq: float | None = None
    delta_df: int | None = None
    delta_pvalue: float | None = None
    delta_cfi: float | None = None
    delta_rmsea: float | None = None
    holds: bool = False
    freed: tuple[str, ...] = ()
    reason: Reason | None = None
    undecided: bool = False
    improper: bool = False


@dataclass(frozen=True, slots=True)
class InvarianceVerdict:
    """What the ladder says of some groups, in words, and what may be compared in consequence.

    ``reached`` is the strictest level that nothing speaks against; ``undecided`` are the steps on
    the way to it of which it could not be told at this n whether they hold.
    """

    model: str
    groups: tuple[str, ...]
    steps: tuple[InvarianceStep, ...]
    reached: Invariance
    paths_comparable: bool
    means_comparable: bool
    sentence: str
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PathDifference:
    """Model minus people on one path, on the raw (same-metric) and the standardised scale."""

    group: str
    path: str
    comparable: bool
    reason: str = ""
    raw: float | None = None
    raw_ci: Interval | None = None
    std: float | None = None
    std_ci: Interval | None = None
    tost_pvalue: float | None = None
    equivalence: Equivalence | None = None
    wald_chisq: float | None = None
    wald_pvalue: float | None = None
    lrt_chisq: float | None = None
    lrt_df: int | None = None
    lrt_pvalue: float | None = None
    cohen_q: float | None = None
    cohen_q_ci: Interval | None = None


@dataclass(frozen=True, slots=True)
class ConditionValue:
    """A standardised path among the ``n`` sessions of one condition; ``reason`` where it is not."""

    level: str
    n: int
    std: float | None = None
    ci: Interval | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PathSpread:
    """A path of a model over the levels of one factor that its sessions were asked under.

    ``flip_p`` is that of flipping signs over wordings, one-sided towards the expected sign; None
    for other factors and for fewer than five wordings.
    """

    group: str
    path: str
    factor: str
    values: tuple[ConditionValue, ...]
    lowest: float | None
    highest: float | None
    flip_p: float | None = None


@dataclass(frozen=True, slots=True)
class ItemFidelity:
    """How one item's answers in a model are distributed beside the people's."""

    group: str
    item: str
    n: int
    mean: float | None
    sd: float | None
    skewness: float | None
    kurtosis: float | None
    distinct: int
    floor_share: float | None
    ceiling_share: float | None
    entropy: float | None
    wasserstein: float | None
    jensen_shannon: float | None
    variance_ratio: float | None


@dataclass(frozen=True, slots=True)
class ResponseStyle:
    """How a group answered, apart from what it answered.

    ``straight_liners`` is the share of respondents who gave one option throughout each of their
    scales, beside what answers as strongly correlated would give by chance.
    """

    group: str
    straight_lining: float | None
    longest_run: float | None
    acquiescence: float | None
    acquiescence_pairs: int
    orthogonality: float | None
    straight_liners: float | None = None
    straight_liners_by_chance: float | None = None


@dataclass(frozen=True, slots=True)
class ItemKeying:
    """Whether an item of one group's answers runs the way its scale runs, once oriented.

    ``item_rest`` is its correlation with the mean of the other items, each turned the way most of
    the scale runs; ``loading`` its standardised loading, where the item is an indicator of a fitted
    factor. ``against`` marks a correlation that is below zero beyond chance; ``half`` where as many
    items run one way as the other, so that the answers do not tell which are keyed wrongly.
    ``twin`` is an item answered nearly as if it were the same, ``twin_r`` the correlation with it.
    """

    group: str
    construct: str
    item: str
    n: int
    item_rest: float | None
    loading: float | None = None
    against: bool = False
    half: bool = False
    twin: str = ""
    twin_r: float | None = None


@dataclass(frozen=True, slots=True)
class OutcomeFidelity:
    """Explained variance of one outcome in a model, beside the people's."""

    group: str
    outcome: str
    model: str
    r2: float | None
    human_r2: float | None
    ratio: float | None
    ratio_ci: Interval | None = None


@dataclass(frozen=True, slots=True)
class GroupFidelity:
    """One model's companions of VAAR in single numbers; medians and means over items."""

    group: str
    variance_ratio: float | None
    wasserstein: float | None
    jensen_shannon: float | None
    profile_icc: float | None
    profile_icc_ci: Interval | None
    outcomes: tuple[OutcomeFidelity, ...] = ()
    variance_ratio_ci: Interval | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the people were sampled, as far as the plan counts it.

    ``weights_effective_n`` is Kish's (sum w)^2 / sum w^2 and ``weights_design_effect`` n over it;
    ``clusters_design_effect`` is 1 + (m - 1) ICC with the largest ICC of a construct's score.
    ``effective_n`` is n over the product of both. ``lone_strata`` have a single cluster.
    """

    weighted: bool
    n: int
    weights_effective_n: float
    weights_design_effect: float
    clustered_in: str
    clusters: int
    clusters_design_effect: float
    stratified_by: str
    strata: int
    lone_strata: int
    effective_n: float


@dataclass(frozen=True, slots=True)
class SubgroupAgreement:
    """How a model agrees with one subgroup of the people, in direction or in size of its paths.

    ``reason`` says why there is no number: too_few people, too_few_clusters of them or of the
    model, not_estimable, or undirected where the subgroup's own data leave the directions open.
    """

    group: str
    by: str
    subgroup: str
    measure: str
    n: int
    effective_n: float
    agreement: float | None = None
    interval: Interval | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ParityGap:
    """Best minus worst agreement of a model over the subgroups of one question.

    ``compared`` of the ``subgroups`` have a number. ``resolved`` is True where the interval lies
    at .01 or above, False where it does not, which is no sign of equality, None without interval.
    """

    group: str
    by: str
    measure: str
    subgroups: int
    compared: int
    best: str = ""
    worst: str = ""
    gap: float | None = None
    interval: Interval | None = None
    resolved: bool | None = None


@dataclass(frozen=True, slots=True)
class SubgroupSlope:
    """A path's raw slope in one subgroup, loadings held equal over subgroups."""

    subgroup: str
    n: int
    est: float
    se: float


@dataclass(frozen=True, slots=True)
class Moderation:
    """Whether a path is equal in the subgroups of one question: Wald's test of equal slopes.

    ``reason`` says why there is none: too_few people or too_few_clusters, not_estimable, or no
    metric_invariance across subgroups. ``clusters_shared`` where clusters reach across them: the
    test takes subgroups for independent.
    """

    path: str
    by: str
    slopes: tuple[SubgroupSlope, ...] = ()
    chisq: float | None = None
    df: int | None = None
    pvalue: float | None = None
    reason: str = ""
    clusters_shared: bool = False
