"""The parameter table: every parameter of every group, free or fixed, with its label.

Rows written by the user come first, then what the model implies: residual variances, variances of
latent variables, their covariances, intercepts - the defaults of lavaan's `sem()`.  Parameters
with one label are one free parameter.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.expressions import Expression
from analysis.sem.model.roles import Roles, roles_of
from analysis.sem.model.syntax import Operator, Setting, Statements, Term

Rows = dict[tuple[str, str, str], "Row"]

__all__ = ["GROUP_EQUAL", "ParameterTable", "Row", "TableOptions", "build_table"]

GROUP_EQUAL = (
    "loadings",
    "intercepts",
    "thresholds",
    "regressions",
    "residuals",
    "residual.covariances",
    "means",
    "lv.variances",
    "lv.covariances",
)


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


@dataclass(frozen=True, slots=True)
class ParameterTable:
    """All rows, the groups' labels and variables, constraints and defined parameters.

    `index` gives for each row the number of its free parameter, -1 for a fixed one: rows of one
    label share a number.
    """

    rows: tuple[Row, ...]
    groups: tuple[str, ...]
    roles: tuple[Roles, ...]
    options: TableOptions
    constraints: tuple[Expression, ...]
    definitions: tuple[tuple[str, Expression], ...]
    index: npt.NDArray[np.intp]

    @property
    def n_free(self) -> int:
        """The number of free parameters, rows of one label counted once."""
        return int(self.index.max(initial=-1)) + 1

    def rows_of(self, group: int) -> list[Row]:
        """The rows of a group (counted from 0)."""
        return [row for row in self.rows if row.group == group]


def build_table(
    statements: Statements, groups: Sequence[str], options: TableOptions
) -> ParameterTable:
    """The full parameter table of a model for these groups.

    Raises ModelSpecificationError: unknown names in group_equal, a block for no group, the wrong
    number of modifiers, a constraint over an unknown label.
    """
    _check_options(options)
    blocks = _terms_by_group(statements, groups)
    roles = tuple(roles_of(terms) for terms in blocks)
    rows: list[Row] = []
    for group, (terms, role) in enumerate(zip(blocks, roles, strict=True)):
        rows.extend(_rows_of_group(terms, role, group, len(groups), options))
    rows = _release(rows, roles, options)
    labelled = _label_equal(rows, roles, options)
    labelled, index = _numbered(labelled)
    constraints = tuple(
        constraint.left.minus(constraint.right) for constraint in statements.constraints
    )
    definitions = tuple((item.name, item.expression) for item in statements.definitions)
    return ParameterTable(
        tuple(labelled), tuple(groups), roles, options, constraints, definitions, index
    )


def _check_options(options: TableOptions) -> None:
    unknown = [name for name in options.group_equal if name not in GROUP_EQUAL]
    if unknown:
        raise ModelSpecificationError(
            f"group_equal holds {', '.join(unknown)}; choose among {', '.join(GROUP_EQUAL)}"
        )


def _terms_by_group(statements: Statements, groups: Sequence[str]) -> list[list[Term]]:
    """Each group's statements: those outside blocks and those of its own block."""
    names = list(groups)
    for block in statements.blocks:
        if block not in names and not (block.isdigit() and 1 <= int(block) <= len(names)):
            raise ModelSpecificationError(
                f"the model has a block for group {block}; the data have {', '.join(names)}"
            )

    def belongs(term: Term, group: int) -> bool:
        return term.block in ("", names[group]) or (
            term.block not in names and term.block == str(group + 1)
        )

    by_group = [[t for t in statements.terms if belongs(t, g)] for g in range(len(names))]
    for name, terms in zip(names, by_group, strict=True):
        if not terms:
            raise ModelSpecificationError(f"no statement of the model is for group {name}")
    return by_group


# -- the rows of one group --------------------------------------------------------------------


def _rows_of_group(
    terms: Sequence[Term], role: Roles, group: int, n_groups: int, options: TableOptions
) -> list[Row]:
    rows = _written_rows(terms, group, n_groups, options)
    present = {_key(row) for row in rows}
    for row in _implied_rows(role, group, options):
        if _key(row) not in present:
            present.add(_key(row))
            rows.append(row)
    return rows


def _key(row: Row) -> tuple[str, str, str]:
    """Identifies a parameter within its group; a covariance has no direction."""
    if row.op == "~~" and row.rhs < row.lhs:
        return row.rhs, row.op, row.lhs
    return row.lhs, row.op, row.rhs


def _written_rows(
    terms: Sequence[Term], group: int, n_groups: int, options: TableOptions
) -> list[Row]:
    rows: Rows = {}
    marked: set[str] = set()
    for term in terms:
        if term.op == "~1" and not options.meanstructure:
            continue
        row = Row(term.lhs, term.op, term.rhs, group, user=True)
        key = _key(row)
        if key in rows:
            row = rows[key]
        elif term.op == "=~" and term.lhs not in marked:
            marked.add(term.lhs)
            if not options.std_lv:
                row = replace(row, free=False, value=1.0)
        for modifier in term.modifiers:
            row = _with_setting(row, _setting_for(modifier, group, n_groups, term), rows)
        rows[key] = row
    return list(rows.values())


def _setting_for(modifier: tuple[Setting, ...], group: int, n_groups: int, term: Term) -> Setting:
    if len(modifier) == 1:
        return modifier[0]
    if len(modifier) != n_groups and not term.block:
        raise ModelSpecificationError(
            f"line {term.line}: {term.lhs} {term.op} {term.rhs} has {len(modifier)} modifiers "
            f"in c(...) for {n_groups} group(s); give one, or one per group"
        )
    return modifier[min(group, len(modifier) - 1)]


def _with_setting(row: Row, setting: Setting, rows: Rows) -> Row:
    match setting.kind:
        case "fixed":
            return replace(row, free=False, value=setting.number)
        case "free":
            return replace(row, free=True, value=None)
        case "start":
            return replace(row, value=setting.number) if row.free else row
        case "label":
            return replace(row, label=setting.text)
        case _:
            return replace(row, free=True, value=None, label=_target(setting.text, row, rows))


def _target(text: str, row: Row, rows: Rows) -> str:
    """The label that `equal("f=~x2")` points at, given to the target if it had none."""
    wanted = text.replace(" ", "")
    for key, other in rows.items():
        if "".join(key).rstrip() == wanted or other.label == text:
            label = other.label or wanted
            if row.group == 0:  # as in lavaan, the target is the first group's parameter
                rows[key] = replace(other, label=label)
            return label
    raise ModelSpecificationError(
        f'equal("{text}") of {row.name} names no earlier parameter of its group'
    )


def _implied_rows(role: Roles, group: int, options: TableOptions) -> list[Row]:
    rows = _thresholds(role, group, options)
    rows += [_residual_variance(name, role, group, options) for name in role.modelled]
    for name in role.latent:
        unit = options.std_lv
        rows.append(Row(name, "~~", name, group, free=not unit, value=1.0 if unit else None))
    rows += [Row(a, "~~", b, group) for a, b in combinations(role.exogenous_latent, 2)]
    rows += [Row(a, "~~", b, group) for a, b in combinations(role.final_outcomes, 2)]
    fixed, exogenous = options.fixed_x, role.exogenous
    for position, name in enumerate(exogenous):
        rows += [
            Row(name, "~~", other, group, free=not fixed, exogenous=fixed)
            for other in exogenous[position:]
        ]
    scaled = [name for name in role.modelled if name in options.thresholds]
    free = _scales_are_free(group, options) and options.parameterization == "delta"
    rows += [
        Row(name, "~*~", name, group, free=free, value=None if free else 1.0) for name in scaled
    ]
    if options.meanstructure:
        rows += [_intercept(name, group, options) for name in role.modelled]
        rows += [Row(n, "~1", "", group, free=not fixed, exogenous=fixed) for n in exogenous]
        rows += [Row(name, "~1", "", group, free=False, value=0.0) for name in role.latent]
    return rows


def _scales_are_free(group: int, options: TableOptions) -> bool:
    """Equal thresholds carry the scale of the latent responses into later groups."""
    return group > 0 and "thresholds" in options.group_equal


def _thresholds(role: Roles, group: int, options: TableOptions) -> list[Row]:
    return [
        Row(name, "|", f"t{number + 1}", group)
        for name in role.modelled
        for number in range(options.thresholds.get(name, 0))
    ]


def _residual_variance(name: str, role: Roles, group: int, options: TableOptions) -> Row:
    if name in options.thresholds:
        # equal residual variances are those of the first group, where they are one
        released = f"{name}~~{name}" in {part.replace(" ", "") for part in options.group_partial}
        tied = "residuals" in options.group_equal and not released
        free = _scales_are_free(group, options) and options.parameterization == "theta" and not tied
        return Row(name, "~~", name, group, free=free, value=None if free else 1.0)
    single = name in role.single_indicators
    return Row(name, "~~", name, group, free=not single, value=0.0 if single else None)


def _intercept(name: str, group: int, options: TableOptions) -> Row:
    """Free for a continuous variable; for an ordered one where thresholds alone are equal.

    Equal thresholds leave the origin of each latent response free (Wu & Estabrook 2016) unless
    intercepts are equal too: then the factors' means are free instead.
    """
    tied = "intercepts" in options.group_equal
    free = name not in options.thresholds or (_scales_are_free(group, options) and not tied)
    return Row(name, "~1", "", group, free=free, value=None if free else 0.0)


# -- equality across groups -------------------------------------------------------------------


def _release(rows: Sequence[Row], roles: Sequence[Roles], options: TableOptions) -> list[Row]:
    """Frees in later groups what the first group's scale and origin no longer need to fix.

    Equal loadings carry the scale of a standardised factor, equal intercepts the origin of every
    factor that is not itself an indicator of a higher one.
    """
    equal = options.group_equal
    variances = options.std_lv and "loadings" in equal and "lv.variances" not in equal
    means = "intercepts" in equal and "means" not in equal
    return [
        replace(row, free=True, value=None)
        if row.group > 0
        and not row.user
        and not row.free
        and (
            (variances and row.op == "~~" and row.lhs == row.rhs and row.lhs in _latent(roles, row))
            or (means and row.op == "~1" and row.lhs in _latent(roles, row, first_order=False))
        )
        else row
        for row in rows
    ]


def _latent(roles: Sequence[Roles], row: Row, *, first_order: bool = True) -> tuple[str, ...]:
    """The latent variables of the row's group, without indicators of others if asked."""
    role = roles[row.group]
    if first_order:
        return role.latent
    return tuple(name for name in role.latent if name not in role.indicators)


def equality_kind(row: Row, role: Roles) -> str:
    """Which entry of `group_equal` ties this parameter; none ties observed predictors' moments."""
    if row.lhs in role.exogenous:
        return ""
    is_latent = row.lhs in role.latent
    match row.op:
        case "=~":
            return "loadings"
        case "~":
            return "regressions"
        case "|":
            return "thresholds"
        case "~1":
            return "means" if is_latent else "intercepts"
        case "~~" if row.lhs == row.rhs:
            return "lv.variances" if is_latent else "residuals"
        case "~~":
            return "lv.covariances" if is_latent else "residual.covariances"
        case _:
            return ""


def _label_equal(rows: Sequence[Row], roles: Sequence[Roles], options: TableOptions) -> list[Row]:
    """Gives free, unlabelled parameters of an equal kind one label across groups."""
    released = {name.replace(" ", "") for name in options.group_partial}
    places: dict[tuple[str, str, str], list[int]] = {}
    for number, row in enumerate(rows):
        tied = equality_kind(row, roles[row.group]) in options.group_equal
        if tied and row.free and not row.label and row.name.replace(" ", "") not in released:
            places.setdefault(_key(row), []).append(number)
    labelled = list(rows)
    for numbers in places.values():
        if len(numbers) > 1:
            for number in numbers:
                labelled[number] = replace(rows[number], label=f".p{numbers[0] + 1}.")
    return labelled


def _numbered(rows: Sequence[Row]) -> tuple[list[Row], npt.NDArray[np.intp]]:
    """Numbers the free parameters; a label with a fixed member fixes all its members."""
    fixed = {row.label: row.value for row in rows if row.label and not row.free}
    settled = [
        replace(row, free=False, value=fixed[row.label]) if row.label in fixed else row
        for row in rows
    ]
    numbers: dict[str, int] = {}
    index = np.full(len(settled), -1, dtype=np.intp)
    for place, row in enumerate(settled):
        if row.free:
            index[place] = numbers.setdefault(row.label or f"row {place}", len(numbers))
    return settled, index


def require_known(
    table: ParameterTable, expressions: Sequence[Expression], defined: Collection[str] = ()
) -> None:
    """Raises ModelSpecificationError for an expression over a label that no parameter carries.

    Names `defined` earlier are labels too.
    """
    known = {row.label for row in table.rows if row.label} | set(defined)
    known |= {f".p{number + 1}." for number in range(len(table.rows))}
    for expression in expressions:
        unknown = [name for name in expression.symbols if name not in known]
        if unknown:
            raise ModelSpecificationError(
                f"{expression.text} uses {', '.join(unknown)}; no parameter carries that label"
            )
