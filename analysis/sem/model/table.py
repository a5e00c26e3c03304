"""The parameter table: every parameter of every group, free or fixed, with its label.

Rows written by the user come first, then what the model implies: residual variances, variances of
latent variables, their covariances, intercepts - the defaults of lavaan's `sem()`.  Parameters
with one label are one free parameter.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.effect_coding import effect_coding
from analysis.sem.model.language.expressions import Expression
from analysis.sem.model.language.syntax import Definition, Inequality, Statements, Term
from analysis.sem.model.roles import Roles, roles_of
from analysis.sem.model.rows import Row, TableOptions, row_key
from analysis.sem.model.written import written_rows
from analysis.sem.names import canonical

__all__ = ["GROUP_EQUAL", "ParameterTable", "build_table", "written_out_definitions"]

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
class ParameterTable:
    """All rows, the groups' labels and variables, constraints and defined parameters.

    `index` gives for each row the number of its free parameter, -1 for a fixed one: rows of one
    label share a number.  Constraints and inequalities may use names defined by `:=`.
    """

    rows: tuple[Row, ...]
    groups: tuple[str, ...]
    roles: tuple[Roles, ...]
    options: TableOptions
    constraints: tuple[Expression, ...]
    definitions: tuple[tuple[str, Expression], ...]
    index: npt.NDArray[np.intp]
    inequalities: tuple[Inequality, ...] = ()

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

    Raises ModelSpecificationError: unknown names in group_equal or group_partial, a block for no
    group, the wrong number of modifiers, contradictory ones, a constraint over an unknown label.
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
    definitions = _definitions(statements.definitions, labelled)
    constraints = [item.left.minus(item.right) for item in statements.constraints]
    constraints += effect_coding(labelled, index, options.effect_coding)
    return ParameterTable(
        tuple(labelled),
        tuple(groups),
        roles,
        options,
        tuple(constraints),
        definitions,
        index,
        statements.inequalities,
    )


def _definitions(
    written: Sequence[Definition], rows: Sequence[Row]
) -> tuple[tuple[str, Expression], ...]:
    """Names and expressions; raises where a name is taken."""
    taken = {row.label: f"the label of {row.name}" for row in rows if row.label}
    for item in written:
        if item.name in taken:
            raise ModelSpecificationError(
                f"{item.name} is defined by := and is {taken[item.name]} too; rename one of them",
                code="contradiction",
            )
        taken[item.name] = "defined by another :="
    return tuple((item.name, item.expression) for item in written)


def written_out_definitions(
    definitions: Sequence[tuple[str, Expression]],
) -> dict[str, Expression]:
    """Each defined parameter over labels alone, earlier definitions put in."""
    known: dict[str, Expression] = {}
    for name, expression in definitions:
        known[name] = expression.expanded(known)
    return known


def _check_options(options: TableOptions) -> None:
    unknown = [name for name in options.group_equal if name not in GROUP_EQUAL]
    if unknown:
        raise ModelSpecificationError(
            f"group_equal holds {', '.join(unknown)}; choose among {', '.join(GROUP_EQUAL)}"
        )


def _terms_by_group(statements: Statements, groups: Sequence[str]) -> list[list[Term]]:
    """Each group's statements: those outside blocks and those of its own block."""
    names = [canonical(name) for name in groups]
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
    rows = written_rows(terms, group, n_groups, options)
    present = {row_key(row) for row in rows}
    for row in _implied_rows(role, group, options):
        if row_key(row) not in present:
            present.add(row_key(row))
            rows.append(row)
    return rows


def _implied_rows(role: Roles, group: int, options: TableOptions) -> list[Row]:
    rows = _thresholds(role, group, options)
    rows += [_residual_variance(name, role, group, options) for name in role.modelled]
    rows += [_factor_variance(name, role, group, options) for name in role.latent]
    apart = options.orthogonal
    rows += [
        Row(a, "~~", b, group, free=not apart, value=0.0 if apart else None)
        for a, b in combinations(role.exogenous_latent, 2)
    ]
    for a, b in combinations(role.final_outcomes, 2):
        zero = apart and a in role.latent and b in role.latent
        rows.append(Row(a, "~~", b, group, free=not zero, value=0.0 if zero else None))
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
        free = "intercepts" in options.effect_coding
        rows += [
            Row(name, "~1", "", group, free=free, value=None if free else 0.0)
            for name in role.latent
        ]
    return rows


def _factor_variance(name: str, role: Roles, group: int, options: TableOptions) -> Row:
    """Zero where the factor is the only indicator of a higher one, which then carries all of it."""
    if name in role.single_indicators:
        return Row(name, "~~", name, group, free=False, value=0.0)
    unit = options.std_lv
    return Row(name, "~~", name, group, free=not unit, value=1.0 if unit else None)


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
    released = _released(rows, options.group_partial)
    places: dict[tuple[str, str, str], list[int]] = {}
    for number, row in enumerate(rows):
        tied = equality_kind(row, roles[row.group]) in options.group_equal
        if tied and row.free and not row.label and row_key(row) not in released:
            places.setdefault(row_key(row), []).append(number)
    labelled = list(rows)
    for numbers in places.values():
        if len(numbers) > 1:
            for number in numbers:
                labelled[number] = replace(rows[number], label=f".p{numbers[0] + 1}.")
    return labelled


def _released(rows: Sequence[Row], names: Sequence[str]) -> set[tuple[str, str, str]]:
    """The parameters that `group_partial` names; raises for one that the model does not have."""
    known = {row.name.replace(" ", ""): row_key(row) for row in rows}
    known |= {f"{row.rhs}~~{row.lhs}": row_key(row) for row in rows if row.op == "~~"}
    unknown = [name for name in names if "".join(name.split()) not in known]
    if unknown:
        raise ModelSpecificationError(
            f"group_partial names {', '.join(unknown)}, which the model does not have; write it "
            'as in the model, for example "f =~ x2" or "x2 ~ 1"'
        )
    return {known["".join(name.split())] for name in names}


def _numbered(rows: Sequence[Row]) -> tuple[list[Row], npt.NDArray[np.intp]]:
    """Numbers the free parameters; a label with a fixed member fixes all its members."""
    fixed: dict[str, float | None] = {}
    for row in rows:
        tied = row.label and not row.free
        if tied and fixed.setdefault(row.label, row.value) != row.value:
            raise ModelSpecificationError(
                f"the label {row.label} belongs to parameters fixed at {fixed[row.label]:g} "
                f"and at {row.value:g} ({row.name}); use two labels",
                code="contradiction",
            )
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
