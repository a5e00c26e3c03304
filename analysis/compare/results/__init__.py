"""What a comparison finds: the values that the report and the services read.

Everything here is an immutable value without behaviour beyond look-up. ``json_codec`` turns any of
them into plain JSON and back.

A number that could not be had is ``None``, never NaN, and a ``Reason`` beside it says why.
"Standardised" is std.all: model-implied standard deviations of that group.
"""

from dataclasses import dataclass, fields
from typing import Literal

from analysis.compare.codes import (
    BenchmarkKind,
    Decision,
    Invariance,
    NoModel,
    Reason,
    Untold,
)
from analysis.compare.companions import (
    Benchmark,
    CalibrationLine,
    GroupFidelity,
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
    ResponseStyle,
    Sampling,
    SizeBesideSign,
    SlopeRatio,
    SubgroupAgreement,
)
from analysis.compare.intervals import Interval
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
from analysis.compare.results.estimates import (
    Estimability,
    FitSummary,
    GroupSummary,
    LocalMisfit,
    PathEstimate,
    RungAttempt,
)
from analysis.compare.results.factors import (
    AlignedFactor,
    AlignedIndicator,
    AlignedMean,
    FactorMean,
    FitSize,
    Htmt,
    ItemBias,
    Reliability,
)
from analysis.compare.results.scores import (
    FamilyScore,
    PathEvidence,
    SensitivityRow,
    VaarScore,
)

# 2: the log form, floor and no-model row; sizes. What version 1 lacks is None or empty when read.
SCHEMA_VERSION = 2


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
    latent_means: tuple[FactorMean, ...] = ()
    item_bias: tuple[ItemBias, ...] = ()
    alignment: tuple[AlignedFactor, ...] = ()
    fit_sizes: tuple[FitSize, ...] = ()
    schema_version: int = SCHEMA_VERSION

    @property
    def named_groups(self) -> frozenset[str]:
        """Every group that a row of any table names."""
        tables = (getattr(self, one.name) for one in fields(self) if one.name not in _NO_TABLES)
        return frozenset(name for table in tables for row in table for name in _groups_of(row))

    def path_estimate(self, group: str, path: str) -> PathEstimate:
        """Look one estimate up by group and path key."""
        return next(row for row in self.paths if row.group == group and row.path == path)

    def score(self, group: str, signs: SignSource = SignSource.THEORY) -> VaarScore:
        """Look one model's VAAR up by group and sign source."""
        return next(row for row in self.vaar if row.group == group and row.signs is signs)


# Parts of a comparison that are not rows about groups, and the groups themselves.
_NO_TABLES = ("plan", "groups", "resampling", "sampling", "schema_version")


def _groups_of(row: object) -> tuple[str, ...]:
    """The groups that a row is about; none where it is about all of them."""
    own = getattr(row, "group", "")
    return (own,) if own else tuple(getattr(row, "groups", ()))


__all__ = [
    "SCHEMA_VERSION",
    "AlignedFactor",
    "AlignedIndicator",
    "AlignedMean",
    "Benchmark",
    "BenchmarkKind",
    "CalibrationLine",
    "Comparison",
    "Construct",
    "Decision",
    "Estimability",
    "FactorMean",
    "FamilyScore",
    "FitSize",
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
    "ItemBias",
    "ItemFidelity",
    "ItemKeying",
    "ItemSpec",
    "Kind",
    "LocalMisfit",
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
    "SensitivityRow",
    "Sign",
    "SignSource",
    "SizeBesideSign",
    "SlopeRatio",
    "Untold",
    "VaarScore",
]
