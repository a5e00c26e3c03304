"""From a group's fit to the estimates of its paths."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from analysis.compare.data.measurement import composite_columns, composite_name
from analysis.compare.data.reference import Reference
from analysis.compare.data.samples import Array, GroupSample
from analysis.compare.models.estimability import GroupModel
from analysis.compare.models.few_clusters import PathErrors, errors_of_few_clusters
from analysis.compare.plan import PathSpec, Rung
from analysis.compare.results import PathEstimate, Reason
from analysis.compare.vaar.rates import holm
from analysis.sem.results import Parameter, SemFit


def path_estimates(
    group_model: GroupModel, sample: GroupSample, level: float
) -> list[PathEstimate]:
    """One estimate per path of the model, with its rung, or with the reason why there is none."""
    scores = composite_columns(sample, group_model.spec)
    errors = _errors(group_model, sample)
    return [
        _estimate(group_model, sample, path, scores, errors, level)
        for path in group_model.spec.paths
    ]


def _estimate(
    group_model: GroupModel,
    sample: GroupSample,
    path: PathSpec,
    scores: dict[str, Array],
    errors: Mapping[str, PathErrors],
    level: float,
) -> PathEstimate:
    group = sample.group
    reason = group_model.reason_for(path)
    predictor, outcome = (composite_name(key) for key in (path.predictor, path.outcome))
    correlation = zero_order(scores[predictor], scores[outcome])
    if reason is not None or group_model.fit is None:
        return PathEstimate(group, path.key, Rung.NONE, reason, zero_order_r=correlation)
    row = _slope(group_model, group_model.fit, path)
    if not np.isfinite([row.est, row.se, row.std_all, row.std_all_se]).all():
        known = np.isfinite([row.est, row.std_all]).all()
        reason = Reason.NO_STANDARD_ERRORS if known else Reason.INADMISSIBLE
        return PathEstimate(group, path.key, Rung.NONE, reason, zero_order_r=correlation)
    found = PathEstimate(
        group=sample.group,
        path=path.key,
        rung=group_model.rung,
        est=row.est,
        std=row.std_all,
        n=group_model.fit.nobs,
        zero_order_r=correlation,
    )
    if path.key not in errors:
        return replace(found, reason=Reason.TOO_FEW_CLUSTERS)
    return _with_interval(found, errors[path.key], _reference(group_model, sample), level)


def _slope(group_model: GroupModel, fit: SemFit, path: PathSpec) -> Parameter:
    return fit.parameter(group_model.names[path.outcome], "~", group_model.names[path.predictor])


def _reference(group_model: GroupModel, sample: GroupSample) -> Reference:
    """That of the rows that entered the fit."""
    assert group_model.fit is not None
    return sample.take(group_model.fit.estimation.sample.rows[0]).reference


def _errors(group_model: GroupModel, sample: GroupSample) -> dict[str, PathErrors]:
    """Standard errors by path: the largest of those of clusters and of independent rows.

    Few clusters can be more alike by chance than their rows; no interval is to gain by that. There
    are none where clusters are too few.
    """
    if group_model.fit is None:
        return {}
    reference = _reference(group_model, sample)
    if not reference.suffices:
        return {}
    fits = [one for one in (group_model.fit, group_model.independent) if one is not None]
    paths = [path for path in group_model.spec.paths if group_model.reason_for(path) is None]
    found = {
        path.key: _largest(PathErrors(row.se, row.std_all_se) for row in rows)
        for path in paths
        for rows in [[_slope(group_model, one, path) for one in fits]]
    }
    if not reference.has_few_clusters:
        return found
    few = errors_of_few_clusters(group_model)
    return {key: _largest([few[key], found[key]]) for key in few}


def _largest(errors: Iterable[PathErrors]) -> PathErrors:
    """The largest errors, with the degrees of freedom of the first."""
    every = list(errors)
    se, std_se = np.fmax.reduce([(one.se, one.std_se) for one in every])
    return replace(every[0], se=float(se), std_se=float(std_se))


def _with_interval(
    row: PathEstimate, errors: PathErrors, reference: Reference, level: float
) -> PathEstimate:
    """The estimate with standard errors, intervals and p-value."""
    assert row.est is not None
    assert row.std is not None
    se, std_se = errors.se, errors.std_se
    own = replace(reference, freedom=errors.freedom)
    raw = own.interval(row.est, se, level)
    std = replace(reference, freedom=errors.std_freedom).interval(row.std, std_se, level)
    resolved = std.lower * std.upper > 0.0
    return replace(
        row,
        se=se,
        ci_lower=raw.lower,
        ci_upper=raw.upper,
        std_se=std_se,
        std_ci_lower=std.lower,
        std_ci_upper=std.upper,
        pvalue=own.two_sided(row.est / se) if se > 0.0 else None,
        suppressed=bool(
            row.zero_order_r is not None and resolved and row.zero_order_r * row.std < 0.0
        ),
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
