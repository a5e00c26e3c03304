"""VAAR beside what it is read beside, and sizes beside signs: rows that every door shows alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from analysis.compare.results import (
    BenchmarkKind,
    Comparison,
    Interval,
    NoModel,
    OutcomeFidelity,
    SignSource,
    SizeBesideSign,
    VaarScore,
)

NUMBERS = (
    "agree",
    "contradict",
    "undetermined",
    "not_estimable",
    "hard",
    "evidence",
    "joint",
    "log",
)


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """The model's own VAAR (``benchmark`` None), or one benchmark: ``values`` are means then.

    A number without a value was not computed, one without an interval not drawn. ``n`` is the size
    of the samples, the model's effective n. ``no_model`` says of the no-model row why it is empty,
    ``told`` what its regression rests on.
    """

    group: str
    signs: SignSource
    benchmark: BenchmarkKind | None
    n: int | None
    values: Mapping[str, float]
    intervals: Mapping[str, Interval]
    no_model: NoModel | None = None
    told: tuple[str, ...] = ()

    @property
    def drawn(self) -> bool:
        """Whether there is any number in the row."""
        return bool(self.values or self.intervals)


@dataclass(frozen=True, slots=True)
class Sizes:
    """The sizes of one model's paths, its R-squared ratios among them."""

    paths: SizeBesideSign
    outcomes: tuple[OutcomeFidelity, ...]


def agreement_rows(score: VaarScore) -> list[AgreementRow]:
    """The model, the people against themselves, no effect, no model."""
    own = {name: value for name in NUMBERS if (value := getattr(score, name)) is not None}
    told = score.no_model.told if score.no_model else ()
    found = [AgreementRow(score.group, score.signs, None, score.sample_n, own, score.intervals)]
    for one in score.benchmarks:
        rests_on = told if one.kind is BenchmarkKind.NO_MODEL else ()
        found.append(
            AgreementRow(
                *(score.group, score.signs, one.kind, one.n, one.means, one.intervals),
                no_model=one.no_model,
                told=rests_on,
            )
        )
    return found


def all_sizes(comparison: Comparison) -> Iterator[Sizes]:
    """The sizes of every model; none in a result that was stored before they were computed."""
    outcomes = {row.group: row.outcomes for row in comparison.fidelity}
    for row in comparison.sizes:
        yield Sizes(row, outcomes.get(row.group, ()))
