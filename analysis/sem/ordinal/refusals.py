"""Models and options that ordered items cannot carry, each with the way round."""

from collections.abc import Iterator

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.options import Options
from analysis.sem.model.representation import Layout
from analysis.sem.model.table import Row

__all__ = ["require_supported"]


def require_supported(layout: Layout, options: Options) -> None:
    """Raises ModelSpecificationError: ordered covariates, equal residuals under delta, thresholds
    or scales of a continuous variable, a value for what follows from the parameterisation."""
    _refuse_ordered_covariates(layout)
    _refuse_equal_residuals(layout, options)
    for row in layout.table.rows:
        for code, reason in _faults(row, layout, options):
            raise ModelSpecificationError(f"{row.name}: {reason}", code=code)


def _refuse_ordered_covariates(layout: Layout) -> None:
    ordered = layout.table.options.thresholds
    for role in layout.table.roles:
        given = [name for name in role.exogenous if name in ordered]
        if given:
            raise ModelSpecificationError(
                f"{', '.join(given)}: a covariate is taken as it is and cannot be ordered; leave "
                "it out of `ordered` (its codes are then numbers), use a dummy variable per "
                f"category, or write {given[0]} ~~ 1*{given[0]} to model the latent response "
                "behind it",
                code="ordered_covariate",
            )


def _refuse_equal_residuals(layout: Layout, options: Options) -> None:
    """Where some variable is continuous its residuals are tied, and a notice names the others."""
    ordered = layout.table.options.thresholds
    every = all(name in ordered for role in layout.table.roles for name in role.modelled)
    if every and "residuals" in options.group_equal and options.parameterization == "delta":
        raise ModelSpecificationError(
            "residual variances of ordered items are no parameters of the delta parameterisation, "
            'so they cannot be set equal; use parameterization="theta"',
            code="residuals_under_delta",
        )


def _faults(row: Row, layout: Layout, options: Options) -> Iterator[tuple[str, str]]:
    """Code and reason of what is wrong with one row, at most one."""
    thresholds = layout.table.options.thresholds
    if row.op in ("|", "~*~") and row.lhs not in thresholds:
        yield "not_ordered", f"{row.lhs} is continuous; name it in `ordered`, or leave this out"
    elif row.op == "|" and int(row.rhs[1:]) > thresholds[row.lhs]:
        yield "threshold_number", f"{row.lhs} has {thresholds[row.lhs]} thresholds in these data"
    elif row.op == "~*~" and options.parameterization == "theta" and _says_more(row):
        yield "scale_under_theta", 'scales follow under theta; use parameterization="delta"'
    elif (
        row.op == "~~"
        and row.lhs == row.rhs
        and row.lhs in thresholds
        and options.parameterization == "delta"
        and _says_more(row)
    ):
        reason = (
            "residual variances of ordered items follow from the scales under delta; fix the "
            f'scale ({row.lhs} ~*~ 1*{row.lhs}), or use parameterization="theta"'
        )
        yield "residual_under_delta", reason


def _says_more(row: Row) -> bool:
    """Whether a written row differs from one, the value that is implied."""
    return row.user and (row.free or row.value != 1.0)
