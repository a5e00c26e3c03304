"""What a fit gives back: frozen, with plain names; machinery for tests and refits behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from analysis.sem.arrays import FloatArray
from analysis.sem.errors import FitNotice
from analysis.sem.summary import SemSummary, summarise

if TYPE_CHECKING:
    from analysis.sem.normal.estimation import Estimation

__all__ = ["Bound", "Parameter", "SemFit"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One line of the solution, named as in lavaan's `parameterEstimates`.

    `group` is the group's label, "" for a defined parameter.  Fixed parameters have se 0 and NaN
    for z and pvalue; `ci_lower`, `ci_upper` are 95 % limits est ∓ 1.96 se.
    """

    lhs: str
    op: str
    rhs: str
    group: str
    label: str
    est: float
    se: float
    z: float
    pvalue: float
    ci_lower: float
    ci_upper: float
    std_all: float
    std_all_se: float
    free: bool

    @property
    def name(self) -> str:
        """The parameter as written in a model."""
        return f"{self.lhs} ~ 1" if self.op == "~1" else f"{self.lhs} {self.op} {self.rhs}"


@dataclass(frozen=True, slots=True)
class Bound:
    """An inequality of the model at the solution.

    `slack` is how far its larger side is above the other, zero where it is `active`: there it
    counts as an equation in the standard errors (not in the degrees of freedom), and χ² is no
    longer distributed as without it.
    """

    text: str
    slack: float
    active: bool

    def __str__(self) -> str:
        return f"{self.text}: {'active' if self.active else f'free by {self.slack:.3f}'}"


@dataclass(frozen=True, slots=True)
class SemFit:
    """A fitted model.

    Attributes:
        parameters: every parameter of every group, then the defined ones.
        fit: fit indices under lavaan's `fitMeasures` names; empty without convergence.
        npar: free parameters, those tied by labels or constraints counted once.
        nobs: rows used, over all groups; `group_sizes` has them by label.
        r2: by group label, then variable: share of variance explained.
        converged: whether a minimum was found.
        admissible: converged, no negative variance, covariance matrices positive semi-definite.
        warnings: what a reader must know before trusting the numbers.
        bounds: the state of each inequality of the model.
        groups: labels in order of appearance; the first is the reference.
        estimator: "ML", "MLR", …; `missing` how missing values were treated.
    """

    parameters: tuple[Parameter, ...]
    fit: Mapping[str, float]
    npar: int
    nobs: int
    r2: Mapping[str, Mapping[str, float]]
    converged: bool
    admissible: bool
    warnings: tuple[FitNotice, ...]
    groups: tuple[str, ...]
    group_sizes: Mapping[str, int]
    estimator: str
    missing: str
    iterations: int
    estimation: "Estimation" = field(repr=False, compare=False)
    bounds: tuple[Bound, ...] = ()

    def parameter(self, lhs: str, op: str, rhs: str = "", group: str | None = None) -> Parameter:
        """The parameter `lhs op rhs` of a group (by default the first). Raises KeyError."""
        wanted = {(lhs, op, rhs), (rhs, op, lhs) if op == "~~" else (lhs, op, rhs)}
        for row in self.parameters:
            if (row.lhs, row.op, row.rhs) in wanted and group in (None, row.group):
                return row
        raise KeyError(f"{lhs} {op} {rhs} in group {group or self.groups[0]}")

    def labelled(self, label: str) -> Parameter:
        """The first parameter that carries `label`. Raises KeyError."""
        for row in self.parameters:
            if row.label == label:
                return row
        raise KeyError(label)

    def summary(self) -> SemSummary:
        """Fit and parameters for reading: as text (`print(fit.summary())`) and as `rows`."""
        return summarise(
            self._heading(),
            self.fit,
            self.parameters,
            notices=[notice.message for notice in self.warnings],
            bounds=[str(bound) for bound in self.bounds],
        )

    def _heading(self) -> list[str]:
        size = f"{self.nobs} rows, {self.npar} free parameters"
        lines = [f"{self.estimator}, {size}, missing: {self.missing}"]
        if len(self.groups) > 1:
            sizes = [f"{name} ({n})" for name, n in self.group_sizes.items()]
            lines.append(f"groups: {', '.join(sizes)}")
        if not self.converged:
            return [*lines, "NOT CONVERGED: no number below can be trusted"]
        state = "admissible" if self.admissible else "NOT ADMISSIBLE"
        return [*lines, f"converged after {self.iterations} iterations; {state}"]

    @property
    def vcov(self) -> FloatArray:
        """Covariance matrix of the free parameters, npar-wide before constraints."""
        return self.estimation.vcov
