"""Intervals of reliability and of HTMT, from each group's own fit of the planned model."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from analysis.compare.data.reference import Reference
from analysis.compare.intervals import Interval
from analysis.compare.models.differences import reference_of
from analysis.compare.models.fits import finite
from analysis.compare.models.groups import WHOLE, GroupAnalysis
from analysis.compare.results import Htmt, Reliability
from analysis.sem import (
    DerivedQuantity,
    FactorReliability,
    HtmtRatio,
    SemError,
    htmt,
    reliability,
)
from analysis.sem.results import SemFit

DRAWS = 500


def with_limits(
    rows: Iterable[Reliability], analysis: GroupAnalysis, level: float
) -> list[Reliability]:
    """Omega and AVE by the model, with intervals by the delta method (Raykov 2002)."""
    against = reference_of(analysis)
    known = _reliabilities(analysis)
    return [
        _bounded(row, known[row.construct], against, level) if row.construct in known else row
        for row in rows
    ]


def _bounded(
    row: Reliability, found: FactorReliability, against: Reference, level: float
) -> Reliability:
    return replace(
        row,
        omega=found.omega.est,
        omega_ci=_interval(found.omega, against, level),
        ave=found.ave.est,
        ave_ci=_interval(found.ave, against, level),
    )


def _interval(found: DerivedQuantity, against: Reference, level: float) -> Interval | None:
    return against.interval(found.est, found.se, level) if found.se > 0.0 else None


def with_drawn_limits(rows: Iterable[Htmt], analysis: GroupAnalysis, level: float) -> list[Htmt]:
    """HTMT with percentiles of resampled rows, of whole clusters where rows share them."""
    known: dict[frozenset[str], HtmtRatio] = {}
    for fit in _fits(analysis):
        for found in htmt(fit, draws=DRAWS, level=level):
            known.setdefault(frozenset((found.first, found.second)), found)
    return [
        _drawn(row, known[pair], level) if (pair := frozenset((row.first, row.second))) in known
        else row
        for row in rows
    ]  # fmt: skip


def _drawn(row: Htmt, found: HtmtRatio, level: float) -> Htmt:
    return replace(row, value=finite(abs(found.ratio)), ci=_size(found.ratio_limits, level))


def _size(limits: tuple[float, float] | None, level: float) -> Interval | None:
    """Limits of a signed ratio as limits of its size: 0 is the least where they hold it."""
    if limits is None:
        return None
    ends = abs(limits[0]), abs(limits[1])
    least = 0.0 if limits[0] < 0.0 < limits[1] else min(ends)
    return Interval(least, max(ends), level, "percentile")


def _reliabilities(analysis: GroupAnalysis) -> Mapping[str, FactorReliability]:
    found: dict[str, FactorReliability] = {}
    for fit in _fits(analysis):
        try:
            rows = reliability(fit)
        except SemError:
            continue
        for row in rows:
            found.setdefault(row.factor, row)
    return found


def _fits(analysis: GroupAnalysis) -> list[SemFit]:
    """The group's fits of planned models; none where too few clusters leave no errors."""
    if not analysis.summary.has_enough_clusters:
        return []
    return [
        one.fit for one in analysis.models.values() if one.rung in WHOLE and one.fit is not None
    ]
