"""`fit`: from a model and data to a result."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from analysis.sem.arrays import FloatArray
from analysis.sem.data.columns import ModelColumns, read_clusters, read_columns, read_weights
from analysis.sem.data.moments import Sample, sample_moments
from analysis.sem.data.selection import select_rows
from analysis.sem.distributions import normal_quantile, two_sided
from analysis.sem.model.constraints import Constraints, Definitions
from analysis.sem.model.identification import require_identified
from analysis.sem.model.language.syntax import Statements, parse
from analysis.sem.model.options import Options, checked_options
from analysis.sem.model.representation import Layout, exogenous_columns, layout_of
from analysis.sem.model.roles import roles_of
from analysis.sem.model.rows import TableOptions
from analysis.sem.model.table import build_table
from analysis.sem.names import canonical_names
from analysis.sem.normal.complete_data_fit import complete_data_fit
from analysis.sem.normal.estimation import Compiled, Estimation
from analysis.sem.normal.inference import infer
from analysis.sem.normal.saturated import saturated_moments
from analysis.sem.normal.solution.admissibility import INADMISSIBLE, has_no_variance, notices_of
from analysis.sem.normal.solution.indices import (
    baseline_test,
    fit_indices,
    model_test,
    sample_moment_count,
)
from analysis.sem.normal.solution.standardised import explained_variance, standardise
from analysis.sem.normal.unrestricted import Unrestricted
from analysis.sem.ordinal.fit import fit_ordinal, ordinal_thresholds
from analysis.sem.ordinal.indices import ordinal_indices
from analysis.sem.ordinal.model import OrdinalModel
from analysis.sem.ordinal.standardised import standardise_ordinal
from analysis.sem.results import Bound, Parameter, SemFit

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
    sampling_weights: npt.ArrayLike | None = None,
    weights_normalization: str = "total",
    effect_coding: bool | Sequence[str] = False,
    orthogonal: bool = False,
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
        data: variable name -> 1-D array of floats; NaN, None or masked = missing.
        group: one label per row; the first group to appear is the reference.
        estimator: "ML", "MLM" (Satorra-Bentler), "MLR" (Yuan-Bentler); `ordered`: "WLSMV", "DWLS".
        missing: "listwise", "fiml" (ML and MLR) or "pairwise" (WLSMV).
        group_equal: kinds of parameter tied across groups, such as "loadings"; see docs/sem.md.
        group_partial: single parameters released again, such as "f =~ x2" or "x2 ~ 1".
        ordered: items to treat as ordinal (WLSMV), whether or not the model uses them.
        std_lv: identify factors by unit variance instead of a first loading of one.
        cluster: one id per row; rows of one id are not independent (sandwich and bootstrap).
        sampling_weights: one positive weight per row (not MLM; robust standard errors with ML).
        weights_normalization: they sum to all rows ("total"), to each group's ("group"), or "none".
        effect_coding: True, "loadings" (average one) or "intercepts" (sum to zero, mean free).
        orthogonal: factors do not covary unless the model says so.
        meanstructure: model the means too, as groups, `cluster`, "fiml" and intercepts imply.
        fixed_x: take moments of observed predictors as given rather than as parameters.
        information: "expected" or "observed" for standard errors; by default as the estimator has.
        likelihood: "normal" (divisor n) or "wishart" (divisor n - 1).
        parameterization: "delta" or "theta" for ordinal items.
        max_iterations: steps after which the search gives up.

    Raises:
        ModelSyntaxError, ModelSpecificationError, NotIdentifiedError: the model.
        DataError and its subclasses: the data.

    A search that does not converge and an inadmissible solution are reported on the result.
    """
    statements = parse(model) if isinstance(model, str) else model
    roles = roles_of(statements.terms)
    columns = read_columns(data, roles.observed, group, latent=roles.latent)
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
        effect_coding=effect_coding,
        orthogonal=orthogonal,
        n_groups=len(columns.groups),
        clustered=cluster is not None,
        weighted=sampling_weights is not None,
    )
    layout = _layout(statements, columns, options, available=canonical_names(map(str, data)))
    weights = read_weights(sampling_weights, len(columns.values))
    sample = _sample(layout, columns, options, cluster, weights, weights_normalization)
    return _result((fit_ordinal if options.is_ordinal else _fit_normal)(layout, sample, options))


def _layout(
    statements: Statements, columns: ModelColumns, options: Options, *, available: Sequence[str]
) -> Layout:
    thresholds = ordinal_thresholds(options, columns.names, columns.values, available)
    return layout_of(build_table(statements, columns.groups, _table_options(options, thresholds)))


def _sample(
    layout: Layout,
    columns: ModelColumns,
    options: Options,
    cluster: npt.ArrayLike | None,
    weights: FloatArray | None,
    normalization: str,
) -> Sample:
    return select_rows(
        columns,
        layout.observed,
        layout.present,
        given=[exogenous_columns(layout, group) for group in range(layout.n_groups)],
        missing=options.missing,
        clusters=read_clusters(cluster, len(columns.values)),
        weights=weights,
        normalization=normalization,
    )


def _table_options(options: Options, thresholds: Mapping[str, int]) -> TableOptions:
    return TableOptions(
        std_lv=options.std_lv,
        meanstructure=options.meanstructure,
        fixed_x=options.fixed_x,
        group_equal=options.group_equal,
        group_partial=options.group_partial,
        parameterization=options.parameterization,
        thresholds=thresholds,
        effect_coding=options.effect_coding,
        orthogonal=options.orthogonal,
    )


def _fit_normal(layout: Layout, sample: Sample, options: Options) -> Estimation:
    means = options.meanstructure
    moments = sample_moments(sample, means=means, unbiased=options.likelihood == "wishart")
    saturated = saturated_moments(sample, moments)
    constraints = Constraints(layout.table)
    compiled = Compiled(layout, constraints, options.max_iterations)
    model = compiled.model(moments)
    search, bounded = compiled.bounded_search(model, None, saturated)
    values = model.row_values(search.point.x)
    jacobian = bounded.constraints.jacobian(values)
    equations = jacobian[: len(constraints)]  # a bound that binds costs no degree of freedom
    npar = layout.n_free - (int(np.linalg.matrix_rank(equations)) if len(equations) else 0)
    df = sample_moment_count(model.layout, means=means) - npar
    expected = model.expected_information(search.point)
    require_identified(expected, jacobian, layout, df)
    wishart = options.likelihood == "wishart"
    test = model_test(moments, search.point, saturated, df, wishart=wishart)
    baseline = baseline_test(model.layout, moments, saturated, wishart=wishart)
    unrestricted = Unrestricted(model.layout, sample, moments, saturated)
    inference = infer(
        options, sample, model, search.point, unrestricted, expected, jacobian, test, baseline
    )
    complete = None
    if not moments.is_complete:
        complete = complete_data_fit(
            unrestricted, model, search.point, jacobian, test, baseline,
            robust=inference.scaling is not None,
        )  # fmt: skip
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
        complete_data_fit=complete,
        active=bounded.active,
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
        bounds=_bounds(estimation),
        groups=sample.groups,
        group_sizes=dict(zip(sample.groups, sample.sizes.tolist(), strict=True)),
        estimator=options.estimator,
        missing=options.missing,
        iterations=search.iterations,
        estimation=estimation,
    )


def _bounds(estimation: Estimation) -> tuple[Bound, ...]:
    table = estimation.layout.table
    slacks = Constraints(table, only=[item.slack for item in table.inequalities])
    left = slacks.residual(estimation.values)
    return tuple(
        Bound(item.text, float(left[number]), active=number in estimation.active)
        for number, item in enumerate(table.inequalities)
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
        est_se = _standard_errors(by_free, vcov)
        std, std_slopes = definitions.evaluate(standard)
        std_by_free = std_slopes @ by_parameter()
        std_est_se = _standard_errors(std_by_free, vcov)
        rows += [
            _line((name, ":=", expression.text, "", name), *numbers, free=True)
            for (name, expression), numbers in zip(
                definitions.items, np.column_stack([est, est_se, std, std_est_se]), strict=True
            )
        ]
    return tuple(rows)


def _standard_errors(slopes: FloatArray, vcov: FloatArray) -> FloatArray:
    """√diag(J V J'), zero where rounding makes a constrained quantity's variance negative."""
    spread = np.einsum("ij,jk,ik->i", slopes, vcov, slopes)
    return np.sqrt(np.where(spread < 0.0, 0.0, spread))


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
