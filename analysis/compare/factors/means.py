"""Latent means of a model less those of people, where (partial) scalar invariance lets them be."""

from collections.abc import Iterator, Mapping

from analysis.compare.codes import Untold
from analysis.compare.data.reference import Reference
from analysis.compare.factors.reasons import untested
from analysis.compare.models.differences import Tested, reference_of
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.plan import Plan
from analysis.compare.results import FactorMean
from analysis.sem import DerivedQuantity, SemError, latent_means
from analysis.sem.results import SemFit


def factor_means(
    model: GroupAnalysis, people: GroupAnalysis, tested: Mapping[str, Tested], plan: Plan
) -> Iterator[FactorMean]:
    """One row per model of the plan and latent construct."""
    for name, fitted in model.models.items():
        joint = tested.get(name)
        for construct in fitted.spec.constructs:
            if not construct.is_latent:
                continue
            row = FactorMean(name, model.spec.key, construct.key)
            if joint is None:
                yield FactorMean(*_key(row), reason=untested(model, people))
            elif not joint.ladder.verdict.means_comparable:
                yield FactorMean(*_key(row), reason=Untold.SCALAR_INVARIANCE)
            else:
                held = joint.ladder.held
                fit = None if held is None else held.attempt.fit
                yield _compared(row, fit, reference_of(model, people), plan.level)


def _key(row: FactorMean) -> tuple[str, str, str]:
    return row.model, row.group, row.construct


def _compared(row: FactorMean, fit: SemFit | None, against: Reference, level: float) -> FactorMean:
    found = None if fit is None else _of(fit, row.group, row.construct)
    if found is None:
        return FactorMean(*_key(row), reason=Untold.NOT_ESTIMABLE)
    raw, d = found
    return FactorMean(
        *_key(row),
        difference=raw.est,
        difference_ci=against.interval(raw.est, raw.se, level),
        d=d.est,
        d_ci=against.interval(d.est, d.se, level),
        pvalue=against.two_sided(raw.est / raw.se),
    )


def _of(fit: SemFit, group: str, construct: str) -> tuple[DerivedQuantity, DerivedQuantity] | None:
    """The difference raw and standardised; None where the fit has no standard error of it."""
    try:
        rows = latent_means(fit).rows
    except SemError:
        return None
    for row in rows:
        if (row.group, row.factor) == (group, construct) and row.difference and row.d:
            return (row.difference, row.d) if row.difference.se > 0.0 else None
    return None
