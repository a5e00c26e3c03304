"""How good the fit of a group's own model is at least: T-size RMSEA and CFI."""

from collections.abc import Iterator

from analysis.compare.codes import Untold
from analysis.compare.models.groups import GroupAnalysis
from analysis.compare.results import FitSize
from analysis.sem import SemError, t_size
from analysis.sem.results import SemFit


def fit_sizes(analysis: GroupAnalysis) -> Iterator[FitSize]:
    """One row per model of the plan."""
    for name, model in analysis.models.items():
        key = name, analysis.spec.key
        if not analysis.summary.has_enough_clusters:
            yield FitSize(*key, reason=Untold.TOO_FEW_CLUSTERS)
        elif model.fit is None or not model.fit.converged:
            yield FitSize(*key, reason=Untold.NOT_ESTIMABLE)
        elif model.fit.fit["df"] <= 0:
            yield FitSize(*key, reason=Untold.NO_DF)
        else:
            yield _sized(key, model.fit)


def _sized(key: tuple[str, str], fit: SemFit) -> FitSize:
    try:
        found = t_size(fit)
    except SemError:
        return FitSize(*key, reason=Untold.NOT_ESTIMABLE)
    labels = found.rmsea_label or "", found.cfi_label or ""
    return FitSize(*key, found.rmsea, labels[0], found.cfi, labels[1])
