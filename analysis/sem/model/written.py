"""The rows that a model's statements write, one group at a time.

A parameter may be written several times, as long as what is said of it agrees: `f =~ a*x1` and
`f =~ start(0.8)*x1` complement each other, `0*x1` and `0.5*x1` contradict.
"""

from collections.abc import Sequence
from dataclasses import replace

from analysis.sem.errors import ModelSpecificationError
from analysis.sem.model.language.syntax import Setting, Term
from analysis.sem.model.rows import Row, TableOptions, row_key

__all__ = ["written_rows"]

_Rows = dict[tuple[str, str, str], Row]


def written_rows(
    terms: Sequence[Term], group: int, n_groups: int, options: TableOptions
) -> list[Row]:
    """The rows of a group's statements, the first loading of a factor fixed at one by default.

    Raises ModelSpecificationError: contradictory modifiers, or the wrong number of them.
    """
    rows: _Rows = {}
    marked: set[str] = set()
    said: dict[tuple[str, str, str], list[Setting]] = {}
    for term in terms:
        if term.op == "~1" and not options.meanstructure:
            continue
        row = Row(term.lhs, term.op, term.rhs, group, user=True)
        key = row_key(row)
        if key in rows:
            row = rows[key]
        elif term.op == "=~" and term.lhs not in marked:
            marked.add(term.lhs)
            if not options.std_lv and "loadings" not in options.effect_coding:
                row = replace(row, free=False, value=1.0)
        for modifier in term.modifiers:
            setting = _setting_for(modifier, group, n_groups, term)
            for earlier in said.setdefault(key, []):
                _require_agreement(earlier, setting, row, term)
            said[key].append(setting)
            row = _with_setting(row, setting, rows)
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


def _require_agreement(one: Setting, other: Setting, row: Row, term: Term) -> None:
    kinds = {one.kind, other.kind}
    alike = one.kind == other.kind and one != other
    if alike or kinds in ({"fixed", "free"}, {"fixed", "start"}):
        raise ModelSpecificationError(
            f"line {term.line}: {row.name} is {_in_words(one)} and {_in_words(other)}; "
            "leave one of the two out",
            code="contradiction",
        )


def _in_words(setting: Setting) -> str:
    match setting.kind:
        case "fixed":
            return f"fixed at {setting.number:g}"
        case "free":
            return "free (NA)"
        case "start":
            return f"started at {setting.number:g}"
        case "label":
            return f"labelled {setting.text}"
        case _:
            return f"equal to {setting.text}"


def _with_setting(row: Row, setting: Setting, rows: _Rows) -> Row:
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


def _target(text: str, row: Row, rows: _Rows) -> str:
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
