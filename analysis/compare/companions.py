"""Values reported beside VAAR: path differences, distributions, response style, reliability."""

from dataclasses import dataclass

from analysis.compare.intervals import Interval


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
    equivalent: bool | None = None
    wald_chisq: float | None = None
    wald_pvalue: float | None = None
    lrt_chisq: float | None = None
    lrt_df: int | None = None
    lrt_pvalue: float | None = None
    cohen_q: float | None = None
    cohen_q_ci: Interval | None = None


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
    """How a group answered, apart from what it answered."""

    group: str
    straight_lining: float | None
    longest_run: float | None
    acquiescence: float | None
    acquiescence_pairs: int
    orthogonality: float | None


@dataclass(frozen=True, slots=True)
class Reliability:
    """Internal consistency of one construct in one group."""

    group: str
    construct: str
    indicators: int
    omega: float | None
    alpha: float | None
    alpha_ci: Interval | None
    ave: float | None


@dataclass(frozen=True, slots=True)
class Htmt:
    """Heterotrait-monotrait ratio of two constructs in one group."""

    group: str
    first: str
    second: str
    value: float | None


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
