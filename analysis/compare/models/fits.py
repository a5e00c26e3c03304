"""Fitted models as printable, refittable summaries."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.compare.plan import Rung
from analysis.compare.results import FitSummary, LocalMisfit
from analysis.sem.model_tests.residuals import residual_correlations
from analysis.sem.results import Parameter, SemFit

# What of a parameter's line rests on standard errors.
UNCERTAIN = ("se", "z", "pvalue", "ci_lower", "ci_upper", "std_all_se")


def finite(value: float | None) -> float | None:
    """The number, or None where it is NaN or infinite."""
    return None if value is None or not math.isfinite(value) else float(value)


def indices_of(fit: SemFit) -> dict[str, float | None]:
    """Every index the engine gives, under lavaan's names."""
    return {name: finite(value) for name, value in fit.fit.items()}


def summarise_fit(
    fit: SemFit,
    *,
    model: str,
    label: str,
    groups: Sequence[str],
    rung: Rung,
    syntax: str,
    group_equal: tuple[str, ...] = (),
    group_partial: tuple[str, ...] = (),
) -> FitSummary:
    """Everything needed to print a fit and to repeat it elsewhere.

    ``groups`` are keys in the order of the fit: a fit of one group does not know its name.
    """
    called = dict(zip(fit.groups, groups, strict=True))
    return FitSummary(
        model=model,
        label=label,
        groups=tuple(groups),
        rung=rung,
        syntax=syntax,
        group_equal=group_equal,
        group_partial=group_partial,
        estimator=fit.estimator,
        missing=fit.missing,
        nobs=tuple(fit.group_sizes[name] for name in fit.groups),
        npar=fit.npar,
        converged=fit.converged,
        admissible=fit.admissible,
        indices=indices_of(fit),
        r2={called[name]: _finite_only(values) for name, values in fit.r2.items()},
        warnings=tuple(notice.message for notice in fit.warnings),
        parameters=tuple(_line(row, called.get(row.group, "")) for row in fit.parameters),
        misfit=_misfit(fit, called),
    )


def without_errors(summary: FitSummary) -> FitSummary:
    """The summary of a fit whose standard errors say nothing: too few clusters stand behind it."""
    nothing: dict[str, None] = dict.fromkeys(UNCERTAIN)
    return replace(summary, parameters=tuple({**row, **nothing} for row in summary.parameters))


def _misfit(fit: SemFit, called: Mapping[str, str]) -> tuple[LocalMisfit, ...] | None:
    if fit.estimator == "WLSMV":
        return None
    return tuple(
        LocalMisfit(called[row.group], row.first, row.second, row.value)
        for row in residual_correlations(fit)
    )


def _finite_only(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if math.isfinite(value)}


def _line(row: Parameter, group: str) -> dict[str, str | float | int | None]:
    return {
        "lhs": row.lhs,
        "op": row.op,
        "rhs": row.rhs,
        "group": group,
        "label": row.label,
        "free": int(row.free),
        "est": finite(row.est),
        "se": finite(row.se),
        "z": finite(row.z),
        "pvalue": finite(row.pvalue),
        "ci_lower": finite(row.ci_lower),
        "ci_upper": finite(row.ci_upper),
        "std_all": finite(row.std_all),
        "std_all_se": finite(row.std_all_se),
    }
