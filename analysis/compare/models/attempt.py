"""The door to the SEM engine: a fit, or the coded reason why there is none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.compare.data.reference import Reference
from analysis.compare.data.samples import Array
from analysis.compare.plan import Plan
from analysis.compare.results import Reason
from analysis.sem import compare, fit
from analysis.sem.data.screens import screen
from analysis.sem.errors import SemError
from analysis.sem.results import SemFit

# What the engine says no to, by its code; whatever is not named here cannot be fitted as written.
REFUSED: Mapping[str, Reason] = {
    "no_variance": Reason.CONSTANT_ITEM,
    "no_rows": Reason.NO_ROWS,
    "no_coverage": Reason.NEVER_TOGETHER,
    "empty_category": Reason.EMPTY_CATEGORY,
    "not_identified": Reason.NOT_IDENTIFIED,
    "not_positive_definite": Reason.NOT_POSITIVE_DEFINITE,
    "perfect_association": Reason.POLYCHORIC,
    "one_cluster": Reason.ONE_CLUSTER,
}
# What it remarks on a solution that cannot be used, the gravest first.
REMARKED: Mapping[str, Reason] = {
    "not_converged": Reason.NON_CONVERGENCE,
    "negative_variance": Reason.HEYWOOD,
    "factor_covariance": Reason.INADMISSIBLE,
    "residual_covariance": Reason.INADMISSIBLE,
    "standard_errors": Reason.NO_STANDARD_ERRORS,
}

# A solution that was found and cannot be: its chi-square is that of the maximum all the same.
IMPROPER = (Reason.HEYWOOD, Reason.INADMISSIBLE)
# None was found, which in a small sample need not be the model's fault.
WITHOUT_SOLUTION = (Reason.NOT_IDENTIFIED, Reason.NON_CONVERGENCE)

# What numerical code raises on data that no model fits; a comparison goes on without that rung.
NUMERICAL = (ValueError, ArithmeticError, np.linalg.LinAlgError)


@dataclass(frozen=True, slots=True)
class FitOptions:
    """How models are estimated; the same for every group and rung of a comparison."""

    estimator: str = "MLR"
    missing: str = "listwise"
    ordered: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> "FitOptions":
        """The plan's own; with an ordinal estimator every item that is an indicator is ordered."""
        if not plan.is_ordinal:
            return cls(plan.estimator, plan.missing)
        ordered = tuple(
            one.name
            for construct in plan.constructs
            for one in construct.indicators
            if one.items == (one.name,) and len(construct.indicators) > 1
        )
        return cls(plan.estimator, plan.missing, ordered)

    @property
    def for_scores(self) -> "FitOptions":
        """For scores, which are continuous whatever the items are: robust instead of ordinal."""
        return FitOptions("MLR", "listwise") if self.ordered else self


@dataclass(frozen=True, slots=True)
class Attempt:
    """A usable fit, or the reason why there is none (an inadmissible fit comes with both)."""

    fit: SemFit | None
    reason: Reason | None
    detail: str = ""


def attempt(
    syntax: str,
    columns: Mapping[str, Array],
    options: FitOptions,
    *,
    group: NDArray[np.str_] | None = None,
    clusters: NDArray[np.int64] | None = None,
    weights: Array | None = None,
    group_equal: Sequence[str] = (),
    group_partial: Collection[str] = (),
) -> Attempt:
    """Fit one model, turning every way to fail into a value.

    ``clusters`` are handed on only where they repeat, because robust standard errors of distinct
    clusters are another estimator, and suffice, because those of a few are not used. ``weights``
    are scaled to the rows of each group.
    """
    by_cluster = clusters is not None and Reference.of(clusters).counts_clusters
    try:
        with np.errstate(all="ignore"):  # what overflowed on the way shows in the result
            result = fit(
                syntax,
                columns,
                group=group,
                estimator=options.estimator,
                missing=options.missing,
                group_equal=tuple(group_equal),
                group_partial=tuple(group_partial),
                ordered=tuple(name for name in options.ordered if name in columns),
                cluster=clusters if by_cluster else None,
                sampling_weights=weights,
                weights_normalization="group",
            )
    except SemError as error:
        return _refused(error, columns, group)
    except NUMERICAL as error:
        return Attempt(None, Reason.ARITHMETIC, f"The arithmetic broke down: {error}.")
    return judge(result)


def _refused(
    error: SemError, columns: Mapping[str, Array], group: NDArray[np.str_] | None
) -> Attempt:
    """The engine's own sentence, or the screen's where it names what cannot be inverted."""
    reason = REFUSED.get(error.code, Reason.NOT_FITTED)
    if reason is Reason.NOT_POSITIVE_DEFINITE:
        for found in screen(columns, group=group):
            if found.code in ("too_few_rows", "not_positive_definite"):
                few = found.code == "too_few_rows"
                return Attempt(None, Reason.TOO_FEW_ROWS if few else reason, found.message)
    return Attempt(None, reason, str(error))


def judge(result: SemFit) -> Attempt:
    """Name what is wrong with a fit that came back."""
    detail = " ".join(notice.message for notice in result.warnings)
    said = {notice.code: notice.message for notice in result.warnings}
    for code, reason in REMARKED.items():
        if code in said:
            beyond = _beyond_one(result) if reason is Reason.INADMISSIBLE else ""
            return Attempt(result, reason, f"{said[code]}{beyond}")
    if not result.converged:
        return Attempt(result, Reason.NON_CONVERGENCE, detail)
    if not result.admissible:
        return Attempt(result, Reason.INADMISSIBLE, detail)
    free = [row for row in result.parameters if row.free]
    if unknown := [row for row in free if not np.isfinite(row.se)]:
        names = ", ".join(f"{row.lhs} {row.op} {row.rhs}" for row in unknown)
        return Attempt(result, Reason.NO_STANDARD_ERRORS, f"no standard error of {names}")
    return Attempt(result, None, detail)


def _beyond_one(result: SemFit) -> str:
    """The pairs whose correlation is beyond one, as they follow the engine's sentence."""
    pairs = [
        f"{row.lhs} with {row.rhs} = {row.std_all:.2f}"
        for row in result.parameters
        if row.op == "~~" and row.lhs != row.rhs and abs(row.std_all) > 1.0
    ]
    return f" ({', '.join(pairs)})" if pairs else ""


@dataclass(frozen=True, slots=True)
class DifferenceTest:
    """Chi-square difference of two nested fits; scaled where the estimator is robust."""

    chisq: float | None
    df: int
    pvalue: float | None


def difference_test(restricted: SemFit, free: SemFit) -> DifferenceTest:
    """Likelihood-ratio test of a restricted model against a freer one.

    Scaled as the estimator requires; where the 2001 scaling is negative, Satorra and Bentler's
    (2010) takes its place, which cannot be.
    """
    df = int(restricted.fit["df"] - free.fit["df"])
    if df <= 0:
        return DifferenceTest(None, df, None)
    for method in ("default", "satorra.bentler.2010"):
        try:
            test = compare(restricted, free, method=method)
        except SemError:
            continue
        return DifferenceTest(test.statistic, test.df, test.pvalue)
    return DifferenceTest(None, df, None)
