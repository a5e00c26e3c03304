"""Wald tests of hypotheses about the parameters of one fit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.sem.distributions import chi_square_tail
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.language.syntax import parse_constraints
from analysis.sem.results import SemFit

__all__ = ["TestResult", "wald_test"]


@dataclass(frozen=True, slots=True)
class TestResult:
    """A χ² statistic, its degrees of freedom and its p value."""

    __test__ = False  # not a test class, whatever its name suggests to a test runner

    statistic: float
    df: int
    pvalue: float


def wald_test(fit: SemFit, constraints: str | Sequence[str]) -> TestResult:
    """Tests equations over parameter labels, such as "b1 == b2", all at once.

    W = r'(R V R')⁻¹ r with r the left minus right sides, R their Jacobian and V the covariance
    matrix of the estimates (robust for MLM, MLR and WLSMV); W ~ χ²(rank R).

    Raises ModelSyntaxError, and ModelSpecificationError for an unknown label or equations that
    hold by construction or repeat each other.
    """
    text = constraints if isinstance(constraints, str) else "\n".join(constraints)
    estimation = fit.estimation
    expressions = [item.left.minus(item.right) for item in parse_constraints(text)]
    hypothesis = Constraints(estimation.layout.table, only=expressions)
    residual = hypothesis.residual(estimation.values)
    jacobian = hypothesis.jacobian(estimation.values)
    spread = jacobian @ estimation.vcov @ jacobian.T
    scale = np.sqrt(np.maximum(np.diag(spread), 1e-300))
    if np.linalg.matrix_rank(spread / np.outer(scale, scale), tol=1e-8) < len(residual):
        raise ModelSpecificationError(
            "the equations are redundant, or already hold in the model: test fewer of them"
        )
    statistic = float(residual @ np.linalg.solve(spread, residual))
    return TestResult(statistic, len(residual), chi_square_tail(statistic, len(residual)))
