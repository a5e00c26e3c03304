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
from analysis.sem.errors import SemError
from analysis.sem.results import SemFit

REASONS: Mapping[str, Reason] = {
    "no_variance": Reason.CONSTANT_ITEM,
    "no_rows": Reason.CONSTANT_ITEM,
    "empty_category": Reason.CONSTANT_ITEM,
    "not_converged": Reason.NON_CONVERGENCE,
}

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
    are scaled to the rows of each group. Not positive definite also stands for an information
    matrix that is: parameters which cannot be told apart.
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
        return Attempt(None, REASONS.get(error.code, Reason.NOT_POSITIVE_DEFINITE), str(error))
    except NUMERICAL as error:
        return Attempt(None, Reason.NON_CONVERGENCE, f"The arithmetic broke down: {error}.")
    return judge(result)


def judge(result: SemFit) -> Attempt:
    """Name what is wrong with a fit that came back."""
    detail = " ".join(notice.message for notice in result.warnings)
    if not result.converged:
        return Attempt(result, Reason.NON_CONVERGENCE, detail)
    if not result.admissible:
        return Attempt(result, Reason.INADMISSIBLE, detail)
    free = [row for row in result.parameters if row.free]
    if not all(np.isfinite(row.se) for row in free):
        return Attempt(result, Reason.NOT_POSITIVE_DEFINITE, detail or "No standard errors.")
    return Attempt(result, None, detail)


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
