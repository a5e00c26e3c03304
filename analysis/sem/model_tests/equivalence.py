"""Whether a path, or the difference of two, is too small to matter: two one-sided tests.

Equivalence within (low, high) is claimed at level α where both H₀: q ≤ low and H₀: q ≥ high are
rejected, that is, where the 1 - 2α interval lies inside (Schuirmann 1987; Counsell & Cribbie 2015).
"""

from dataclasses import dataclass

import numpy as np

from analysis.sem.distributions import normal_quantile, normal_tail
from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.constraints import Constraints
from analysis.sem.model.language.syntax import parse_constraints
from analysis.sem.results import SemFit

__all__ = ["EquivalenceTest", "equivalence_test"]


@dataclass(frozen=True, slots=True)
class EquivalenceTest:
    """A quantity, its standard error, and its two tests.

    `ci_lower`, `ci_upper` are the 1 - 2 × level limits; `pvalue` is the larger of the two
    one-sided p values; `equivalent` whether it is below `level`.
    """

    quantity: str
    est: float
    se: float
    ci_lower: float
    ci_upper: float
    low: float
    high: float
    level: float
    p_low: float
    p_high: float
    pvalue: float
    equivalent: bool


def equivalence_test(
    fit: SemFit,
    quantity: str,
    bound: float | tuple[float, float],
    *,
    level: float = 0.05,
) -> EquivalenceTest:
    """Tests that an expression over labels, such as "b_people - b_model", lies within bounds.

    `bound` is δ for (-δ, δ), or (low, high); set it before looking, in the units of the paths.
    Raises ModelSyntaxError; ModelSpecificationError for unknown labels, bounds out of order or a
    quantity that the model fixes.
    """
    low, high = (-bound, bound) if isinstance(bound, int | float) else bound
    if not low < high:
        raise ModelSpecificationError(f"the bounds {low:g} and {high:g} are not in order")
    estimation = fit.estimation
    (equation,) = parse_constraints(f"{quantity} == 0")
    expression = Constraints(estimation.layout.table, only=[equation.left])
    est = float(expression.residual(estimation.values)[0])
    slope = expression.jacobian(estimation.values)[0]
    se = float(np.sqrt(max(float(slope @ estimation.vcov @ slope), 0.0)))
    if not se > 0:
        raise ModelSpecificationError(f"{quantity} is fixed by the model: there is nothing to test")
    p_low, p_high = normal_tail((est - low) / se), normal_tail((high - est) / se)
    reach = normal_quantile(1.0 - level) * se
    return EquivalenceTest(
        quantity, est, se, est - reach, est + reach, low, high, level,
        p_low, p_high, max(p_low, p_high), max(p_low, p_high) < level,
    )  # fmt: skip
