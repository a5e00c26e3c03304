"""A row of the parameter table, and what decides how the unwritten ones are filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.sem.model.language.syntax import Operator

__all__ = ["Row", "TableOptions", "row_key"]


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter of one group (`group` counts from 0).

    A fixed parameter has `free` False and its value in `value`; for a free one `value` is a
    starting value or None.  `exogenous` marks moments of observed predictors, taken as given.
    """

    lhs: str
    op: Operator
    rhs: str
    group: int = 0
    free: bool = True
    value: float | None = None
    label: str = ""
    user: bool = False
    exogenous: bool = False

    @property
    def name(self) -> str:
        """The parameter as it is written in a model."""
        return f"{self.lhs} ~ 1" if self.op == "~1" else f"{self.lhs} {self.op} {self.rhs}"


@dataclass(frozen=True, slots=True)
class TableOptions:
    """How defaults are filled in; `thresholds` counts those of each ordered variable."""

    std_lv: bool = False
    meanstructure: bool = True
    fixed_x: bool = True
    group_equal: tuple[str, ...] = ()
    group_partial: tuple[str, ...] = ()
    thresholds: Mapping[str, int] = field(default_factory=dict)
    parameterization: str = "delta"
    effect_coding: tuple[str, ...] = ()
    orthogonal: bool = False


def row_key(row: Row) -> tuple[str, str, str]:
    """Identifies a parameter within its group; a covariance has no direction."""
    if row.op == "~~" and row.rhs < row.lhs:
        return row.rhs, row.op, row.lhs
    return row.lhs, row.op, row.rhs
