"""`fit`: from a model and data to a result."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray, IntArray
from analysis.sem.data.moments import Sample, read_sample, sample_moments
from analysis.sem.distributions import normal_quantile, two_sided
from analysis.sem.errors import DataError
from analysis.sem.model.constraints import Constraints, Definitions
from analysis.sem.model.identification import require_identified
from analysis.sem.model.options import Options, checked_options
from analysis.sem.model.representation import Layout, layout_of
from analysis.sem.model.roles import roles_of
from analysis.sem.model.syntax import Statements, parse
from analysis.sem.model.table import TableOptions, build_table
from analysis.sem.normal.admissibility import INADMISSIBLE, has_no_variance, notices_of
from analysis.sem.normal.estimation import Compiled, Estimation
from analysis.sem.normal.indices import baseline_test, fit_indices, model_test, sample_moment_count
from analysis.sem.normal.inference import infer
from analysis.sem.normal.saturated import exogenous_columns, saturated_moments
from analysis.sem.normal.standardised import explained_variance, standardise
from analysis.sem.ordinal.fit import fit_ordinal, ordinal_thresholds
from analysis.sem.ordinal.indices import ordinal_indices
from analysis.sem.ordinal.model import OrdinalModel
from analysis.sem.ordinal.standardised import standardise_ordinal
from analysis.sem.results import Parameter, SemFit

__all__ = ["fit"]


def fit(
    model: str | Statements,
    data: Mapping[str, npt.ArrayLike],
    *,
    group: npt.ArrayLike | None = None,
    estimator: str = "ML",
    missing: str = "listwise",
    group_equal: Sequence[str] | str = (),
    group_partial: Sequence[str] | str = (),
    ordered: Sequence[str] | str = (),
    std_lv: bool = False,
    cluster: npt.ArrayLike | None = None,
    meanstructure: bool | None = None,
    fixed_x: bool = True,
    information: str | None = None,
    likelihood: str = "normal",
    parameterization: str = "delta",
    max_iterations: int = 500,
) -> SemFit:
    """Fits a (multi-group) structural equation model.

    Args:
        model: lavaan syntax, or statements made with :class:`analysis.sem.ModelBuilder`.
        data: variable name -> 1-D array of floats, NaN = missing.
        group: one label per row; groups keep their order of appearance, the first is the
            reference.
        estimator: "ML"; "MLM" (Satorra-Bentler); "MLR" (Yuan-Bentler, also with missing data);
            "WLSMV" or "DWLS" for `ordered` items.
        missing: "listwise", "fiml" (ML and MLR) or "pairwise" (WLSMV).
        group_equal: kinds of parameter tied across groups: "loadings", "intercepts", "thresholds",
            "regressions", "residuals", "residual.covariances", "means", "lv.variances",
            "lv.covariances".
        group_partial: single parameters released again, such as "f =~ x2" or "x2 ~ 1".
        ordered: items to treat as ordinal (WLSMV); the other variables are continuous.
        std_lv: identify factors by unit variance instead of a first loading of one.
        cluster: one id per row; rows of one id are not independent (sandwich and bootstrap).
        meanstructure: model the means too; implied by several groups, `cluster`, "fiml" and
            statements about intercepts.
        fixed_x: take moments of observed predictors as given rather than as parameters.
        information: "expected" or "observed" for standard errors; by default observed for MLR,
            "fiml" and `cluster`, expected otherwise and for WLSMV.
        likelihood: "normal" (divisor n) or "wishart" (divisor n - 1).
        parameterization: "delta" or "theta" for ordinal items.
        max_iterations: steps after which the search gives up.

    Raises:
        ModelSyntaxError, ModelSpecificationError, NotIdentifiedError: the model.
        DataError and its subclasses: the data.

    A search that does not converge and an inadmissible solution are reported on the result.
    """
    statements = parse(model) if isinstance(model, str) else model
    values, groups, membership, names = _read(statements, data, group)
    options = checked_options(
        statements,
        estimator=estimator,
        missing=missing,
        group_equal=group_equal,
        group_partial=group_partial,
        ordered=ordered,
        std_lv=std_lv,
        meanstructure=meanstructure,
        fixed_x=fixed_x,
        information=information,
        likelihood=likelihood,
        parameterization=parameterization,
        max_iterations=max_iterations,
        n_groups=len(groups),
        clustered=cluster is not None,
    )
    thresholds = ordinal_thresholds(options, names, values, tuple(data))
    layout = layout_of(build_table(statements, groups, _table_options(options, thresholds)))
    sample = _sample(layout, names, values, groups, membership, options, cluster)
    if options.is_ordinal:
        return _result(fit_ordinal(layout, sample, options))
    return _result(_fit_normal(layout, sample, options))


def _read(
    statements: Statements, data: Mapping[str, npt.ArrayLike], group: npt.ArrayLike | None
) -> tuple[FloatArray, tuple[str, ...], IntArray, tuple[str, ...]]:
    names = roles_of(statements.terms).observed
    values, groups, membership = read_sample(data, names, group)
    return values, groups, membership, names


def _table_options(options: Options, thresholds: Mapping[str, int]) -> TableOptions:
    return TableOptions(
        std_lv=options.std_lv,
        meanstructure=options.meanstructure,
        fixed_x=options.fixed_x,
        group_equal=options.group_equal,
        group_partial=options.group_partial,
        parameterization=options.parameterization,
        thresholds=thresholds,
    )


def _sample(
    layout: Layout,
    names: tuple[str, ...],
    values: FloatArray,
    groups: tuple[str, ...],
    membership: IntArray,
    options: Options,
    cluster: npt.ArrayLike | None,
) -> Sample:
    """The rows of each group, incomplete ones dropped as `missing` says."""
    order = [names.index(name) for name in layout.observed]
    values = values[:, order]
    ids = None if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    if ids is not None and len(ids) != len(values):
        raise DataError(f"cluster has {len(ids)} ids for {len(values)} rows")
    kept_values, kept_rows = [], []
    for number, label in enumerate(groups):
        rows = np.flatnonzero(membership == number)
        here = layout.present[number]
        absent = np.isnan(values[rows][:, here])
        drop = absent.any(axis=1) if options.missing == "listwise" else absent.all(axis=1)
        given = exogenous_columns(layout, number)
        drop |= np.isnan(values[rows][:, given]).any(axis=1)
        rows = rows[~drop]
        if not len(rows):
            raise DataError(f"data contain no usable row in group {label}", code="no_rows")
        kept_rows.append(rows)
        kept_values.append(np.where(here, values[rows], np.nan))
    clusters = None if ids is None else tuple(ids[rows] for rows in kept_rows)
    return Sample(
        layout.observed,
        groups,
        tuple(kept_values),
        tuple(kept_rows),
        layout.present,
        clusters,
    )


def _fit_normal(layout: Layout, sample: Sample, options: Options) -> Estimation:
    means = options.meanstructure
    moments = sample_moments(sample, means=means, unbiased=options.likelihood == "wishart")
    saturated = saturated_moments(sample, moments)
    constraints = Constraints(layout.table)
    compiled = Compiled(layout, constraints, options.max_iterations)
    model = compiled.model(moments)
    search = compiled.search(model, None, saturated)
    values = model.row_values(search.point.x)
    jacobian = constraints.jacobian(values)
    npar = layout.n_free - (int(np.linalg.matrix_rank(jacobian)) if len(jacobian) else 0)
    df = sample_moment_count(model.layout, means=means) - npar
    expected = model.expected_information(search.point)
    require_identified(expected, jacobian, layout, df)
    wishart = options.likelihood == "wishart"
    test = model_test(moments, search.point, saturated, df, wishart=wishart)
    baseline = baseline_test(model.layout, moments, saturated, wishart=wishart)
    inference = infer(
        options, sample, model, search.point, saturated, expected, jacobian, test, baseline
    )
    return Estimation(
        options=options,
        sample=sample,
        layout=model.layout,
        constraints=constraints,
        moments=moments,
        saturated=saturated,
        model=model,
        search=search,
        values=values,
        jacobian=jacobian,
        npar=npar,
        vcov=inference.vcov,
        test=test,
        baseline=baseline,
        scaling=inference.scaling,
    )


def _result(estimation: Estimation) -> SemFit:
    search, sample, options = estimation.search, estimation.sample, estimation.options
    layout = estimation.layout
    notices = notices_of(estimation)
    return SemFit(
        parameters=_parameters(estimation),
        fit=_indices(estimation) if search.converged else {},
        npar=estimation.npar,
        nobs=sample.n,
        r2={
            label: explained_variance(layout, search.point.implied, estimation.values, number)
            for number, label in enumerate(sample.groups)
        },
        converged=search.converged,
        admissible=search.converged and not any(n.code in INADMISSIBLE for n in notices),
        warnings=notices,
        groups=sample.groups,
        group_sizes=dict(zip(sample.groups, sample.sizes.tolist(), strict=True)),
        estimator=options.estimator,
        missing=options.missing,
        iterations=search.iterations,
        estimation=estimation,
    )


def _indices(estimation: Estimation) -> dict[str, float]:
    ordinal = estimation.options.is_ordinal
    return ordinal_indices(estimation) if ordinal else fit_indices(estimation)


def _parameters(estimation: Estimation) -> tuple[Parameter, ...]:
    layout, values, vcov = estimation.layout, estimation.values, estimation.vcov
    table = layout.table
    standard, by_parameter, std_se = _standardised(estimation)
    # negative only where the Hessian is not positive definite: NaN then, and a notice says so
    errors = np.sqrt(np.where(has_no_variance(vcov), np.nan, np.maximum(np.diag(vcov), 0.0)))
    free = table.index >= 0
    se = np.where(free, errors[np.where(free, table.index, 0)], 0.0)
    rows = [
        _line(
            (row.lhs, row.op, row.rhs, table.groups[row.group], row.label),
            values[number], se[number], standard[number], std_se[number], free=row.free,
        )
        for number, row in enumerate(table.rows)
    ]  # fmt: skip
    definitions = Definitions(table)
    if len(definitions):
        est, slopes = definitions.evaluate(values)
        to_free = np.zeros((len(table.rows), layout.n_free))
        to_free[layout.free_rows, table.index[layout.free_rows]] = 1.0
        by_free = slopes @ to_free
        est_se = np.sqrt(np.einsum("ij,jk,ik->i", by_free, vcov, by_free))
        std, std_slopes = definitions.evaluate(standard)
        std_by_free = std_slopes @ by_parameter()
        std_est_se = np.sqrt(np.einsum("ij,jk,ik->i", std_by_free, vcov, std_by_free))
        rows += [
            _line((name, ":=", expression.text, "", name), *numbers, free=True)
            for (name, expression), numbers in zip(
                definitions.items, np.column_stack([est, est_se, std, std_est_se]), strict=True
            )
        ]
    return tuple(rows)


def _standardised(
    estimation: Estimation,
) -> tuple[FloatArray, Callable[[], FloatArray], FloatArray]:
    """Standardised values of all rows, their Jacobian (made when asked for), standard errors."""
    layout, model = estimation.layout, estimation.model
    if isinstance(model, OrdinalModel):
        values, slopes = standardise_ordinal(model, estimation.search.point)
        spread = np.einsum("ij,jk,ik->i", slopes, estimation.vcov, slopes, optimize=True)
        return values, lambda: slopes, np.sqrt(np.maximum(spread, 0.0))
    standard = standardise(layout, estimation.search.point.implied, estimation.values)
    errors = standard.standard_errors(estimation.vcov)
    return standard.values, lambda: standard.jacobian(layout.n_free), errors


_QUANTILE = normal_quantile(0.975)


def _line(
    names: tuple[str, str, str, str, str],
    est: float,
    se: float,
    std: float,
    std_se: float,
    *,
    free: bool,
) -> Parameter:
    z = float(est / se) if se > 0 else float("nan")
    return Parameter(
        *names,
        est=float(est),
        se=float(se),
        z=z,
        pvalue=two_sided(z),
        ci_lower=float(est - _QUANTILE * se),
        ci_upper=float(est + _QUANTILE * se),
        std_all=float(std),
        std_all_se=float(std_se),
        free=free,
    )
