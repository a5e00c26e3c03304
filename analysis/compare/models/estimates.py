"""From a group's fit to the estimates of its paths."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtri

from analysis.compare.data.measurement import composite_columns
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.models.estimability import GroupModel
from analysis.compare.models.fits import finite
from analysis.compare.plan import PathSpec, Rung
from analysis.compare.results import PathEstimate, Reason
from analysis.compare.vaar.rates import holm
from analysis.sem.results import Parameter


def path_estimates(
    group_model: GroupModel, sample: GroupSample, level: float
) -> list[PathEstimate]:
    """One estimate per path of the model, with its rung, or with the reason why there is none."""
    scores = composite_columns(sample, group_model.spec)
    return [
        _estimate(group_model, sample.group, path, scores, level) for path in group_model.spec.paths
    ]


def _estimate(
    group_model: GroupModel, group: str, path: PathSpec, scores: dict[str, Array], level: float
) -> PathEstimate:
    reason = group_model.reason_for(path)
    correlation = zero_order(scores[path.predictor], scores[path.outcome])
    if reason is not None or group_model.fit is None:
        return PathEstimate(group, path.key, Rung.NONE, reason, zero_order_r=correlation)
    row = group_model.fit.parameter(
        group_model.names[path.outcome], "~", group_model.names[path.predictor]
    )
    if not np.isfinite([row.est, row.se, row.std_all, row.std_all_se]).all():
        return PathEstimate(
            group, path.key, Rung.NONE, Reason.INADMISSIBLE, zero_order_r=correlation
        )
    return _from_row(row, group_model, path, group, correlation, level)


def _from_row(
    row: Parameter,
    group_model: GroupModel,
    path: PathSpec,
    group: str,
    correlation: float | None,
    level: float,
) -> PathEstimate:
    z = float(ndtri(0.5 + level / 2.0))
    assert group_model.fit is not None
    resolved = abs(row.std_all) > z * row.std_all_se
    return PathEstimate(
        group=group,
        path=path.key,
        rung=group_model.rung,
        est=row.est,
        se=row.se,
        ci_lower=row.est - z * row.se,
        ci_upper=row.est + z * row.se,
        std=row.std_all,
        std_se=row.std_all_se,
        std_ci_lower=row.std_all - z * row.std_all_se,
        std_ci_upper=row.std_all + z * row.std_all_se,
        pvalue=finite(row.pvalue),
        n=group_model.fit.nobs,
        zero_order_r=correlation,
        suppressed=bool(correlation is not None and resolved and correlation * row.std_all < 0.0),
    )


def path_correlation(group_model: GroupModel) -> Array | None:
    """Correlations of a group's slopes, (P, P), from their sampling covariance.

    Paths without an estimate are left out; None where there are none. Resampling gives the same
    across models that are estimated apart, which no one fit can.
    """
    if group_model.fit is None:
        return None
    table = group_model.fit.estimation.layout.table
    numbers = {
        (row.lhs, row.op, row.rhs): int(k) for row, k in zip(table.rows, table.index, strict=True)
    }
    names = group_model.names
    slopes = [
        numbers[names[path.outcome], "~", names[path.predictor]]
        for path in group_model.spec.paths
        if group_model.reason_for(path) is None
    ]
    covariance = group_model.fit.vcov[np.ix_(slopes, slopes)]
    scale = np.sqrt(np.diag(covariance))
    if not slopes or not np.all(scale > 0.0):
        return None
    correlation: Array = covariance / np.outer(scale, scale)
    return correlation


def zero_order(first: Array, second: Array) -> float | None:
    """Correlation of two scores on the rows that have both; None where one does not vary."""
    both = np.isfinite(first) & np.isfinite(second)
    x, y = first[both], second[both]
    if len(x) < 3 or not np.ptp(x) > 0.0 or not np.ptp(y) > 0.0:
        return None
    return float(np.corrcoef(x, y)[0, 1])


def with_holm(rows: Sequence[PathEstimate]) -> list[PathEstimate]:
    """The same estimates with p-values adjusted by Holm over one group's paths."""
    adjusted = holm([row.pvalue for row in rows])
    return [replace(row, pvalue_holm=p) for row, p in zip(rows, adjusted, strict=True)]
