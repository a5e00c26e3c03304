"""A plan as the tables of its file again. Pure.

What is written reads back to the same plan:

    parse_plan(to_toml(plan_values(plan))) == plan
"""

from dataclasses import MISSING, fields, is_dataclass
from typing import Any

from analysis.plans.drafts import PlanFile


def plan_values(plan: PlanFile) -> dict[str, Any]:
    """The plan as the tables of its file; whatever is as by default is left out."""
    return _table(plan)


def _table(one: Any) -> dict[str, Any]:
    given = {part.name: (getattr(one, part.name), part.default) for part in fields(one)}
    return {
        name: _value(value)
        for name, (value, default) in given.items()
        if default is MISSING or value != default
    }


def _value(value: Any) -> Any:
    if is_dataclass(value):
        return _table(value)
    return [_value(one) for one in value] if isinstance(value, tuple) else value
