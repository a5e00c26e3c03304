"""VAAR of one model, with what each path and family counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.compare.codes import BenchmarkKind, Decision
from analysis.compare.companions import (
    Benchmark,
    NoModelScore,
)
from analysis.compare.intervals import Interval
from analysis.compare.plan import (
    SignSource,
)


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


@dataclass(frozen=True, slots=True)
class SensitivityRow:
    """One measure of one model under one combination of choices.

    ``measure`` is one of ``sensitivity.MEASURES`` or a path key (standardised). ``main`` marks the
    planned combination. Without a value, ``reason`` is a code.
    """

    group: str
    measure: str
    choices: Mapping[str, str]
    value: float | None
    interval: Interval | None = None
    main: bool = False
    reason: str = ""
