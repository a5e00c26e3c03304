"""What a reader must know before trusting a solution: it is said, never repaired."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from analysis.sem.arrays import FloatArray, Mask
from analysis.sem.errors import FitNotice
from analysis.sem.model.constraints import Definitions

if TYPE_CHECKING:
    from analysis.sem.normal.estimation import Estimation

__all__ = ["INADMISSIBLE", "admissible_stack", "has_no_variance", "notices_of"]

INADMISSIBLE = frozenset(
    {"not_converged", "negative_variance", "factor_covariance", "residual_covariance"}
)
_ROUNDING = -1e-8  # relative: an eigenvalue of zero may come out a little below it


def notices_of(estimation: "Estimation") -> tuple[FitNotice, ...]:
    """Convergence, negative variances, covariance matrices that are not positive definite."""
    return tuple(_notices(estimation))


def _notices(estimation: "Estimation") -> Iterator[FitNotice]:
    search = estimation.search
    if not search.converged:
        steepest = float(np.abs(search.gradient).max())
        yield FitNotice(
            "not_converged",
            f"the optimizer did not find a solution in {search.iterations} iterations (largest "
            f"gradient {steepest:.3g}, next step {search.distance:.3g} standard errors); give "
            "starting values with start(), simplify the model, or rescale variables whose "
            "variances differ by orders of magnitude",
        )
    negative = list(_negative_variances(estimation))
    if negative:
        yield FitNotice(
            "negative_variance",
            f"some variances are estimated negative: {'; '.join(negative)}; the solution is "
            "inadmissible (look for a factor with two indicators, outliers or a misfit)",
        )
    yield from _indefinite(estimation)
    yield from _undefined(estimation)
    if estimation.active:
        texts = [estimation.layout.table.inequalities[number].text for number in estimation.active]
        yield FitNotice(
            "active_bound",
            f"the estimates lie on the bounds {'; '.join(texts)}: standard errors take these for "
            "equations, and χ² keeps the degrees of freedom of the model without bounds, so that "
            "its p value is approximate",
        )
    options = estimation.options
    if "residuals" in options.group_equal and options.parameterization == "delta":
        ordered = estimation.layout.table.options.thresholds
        if ordered:
            yield FitNotice(
                "residuals_under_delta",
                f"residual variances of ordered items ({', '.join(ordered)}) are no parameters of "
                "the delta parameterisation; only those of continuous variables were set equal "
                '(parameterization="theta" ties all)',
            )
    if has_no_variance(estimation.vcov).any():
        yield FitNotice(
            "standard_errors",
            "some standard errors could not be computed: the information matrix is not positive "
            "definite at the solution, which may be a saddle point or barely identified",
        )


def _undefined(estimation: "Estimation") -> Iterator[FitNotice]:
    definitions = Definitions(estimation.layout.table)
    if not len(definitions):
        return
    values, _ = definitions.evaluate(estimation.values)
    for (name, expression), value in zip(definitions.items, values, strict=True):
        if not np.isfinite(value):
            yield FitNotice(
                "undefined",
                f"{name} := {expression.text} is not defined at the estimates (the logarithm, root "
                "or power of a negative number, or a division by zero); it is given as missing",
            )


def has_no_variance(vcov: FloatArray) -> Mask:
    """Which free parameters have no sampling variance that could be computed (n_free,)."""
    variances = np.diag(vcov)
    return np.asarray(~(variances >= _ROUNDING * np.abs(variances).max(initial=0.0)))


def _negative_variances(estimation: "Estimation") -> Iterator[str]:
    for row, value in zip(estimation.layout.table.rows, estimation.values, strict=True):
        if row.op == "~~" and row.lhs == row.rhs and value < 0:
            yield f"{row.name} = {value:.4g}{_where(estimation, row.group)}"


def _where(estimation: "Estimation", group: int) -> str:
    groups = estimation.sample.groups
    return f" in group {groups[group]}" if len(groups) > 1 else ""


def _indefinite(estimation: "Estimation") -> Iterator[FitNotice]:
    layout = estimation.layout
    matrices = layout.matrices(estimation.values)
    factors = estimation.search.point.implied.factor
    for group in range(layout.n_groups):
        role = layout.table.roles[group]
        own = [layout.latent.index(name) for name in role.latent]
        if own and _is_indefinite(factors[group][np.ix_(own, own)]):
            yield FitNotice(
                "factor_covariance",
                "the covariance matrix of latent variables is not positive definite"
                f"{_where(estimation, group)}: a correlation beyond one or a negative variance",
            )
        if _is_indefinite(matrices["theta"][group]):
            yield FitNotice(
                "residual_covariance",
                "the covariance matrix of residuals is not positive definite"
                f"{_where(estimation, group)}",
            )


def _is_indefinite(matrix: FloatArray) -> bool:
    values = np.linalg.eigvalsh(matrix)
    return bool(values[0] < _ROUNDING * max(float(values[-1]), 1e-300))


def admissible_stack(matrices: Mapping[str, FloatArray]) -> Mask:
    """Which of C solutions have no negative variance and no impossible covariance matrix.

    `matrices` holds "psi" and "theta" as C × groups × rows × columns.
    """
    fine = np.ones(len(matrices["psi"]), dtype=np.bool_)
    for name in ("psi", "theta"):
        if matrices[name].shape[-1]:
            smallest = np.linalg.eigvalsh(matrices[name])[..., 0]
            scale = np.abs(np.diagonal(matrices[name], axis1=2, axis2=3)).max(axis=2)
            fine &= (smallest >= _ROUNDING * scale).all(axis=1)
    return fine
