"""The sections of a study file that say what is varied, and who is shown what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, get_args

from surveys.codes import Problem, SentenceCode, advice
from surveys.flow import (
    MOST_CELLS,
    NO_FLOW,
    Comparison,
    Exit,
    ExpressionError,
    Factor,
    Flow,
    FlowMistake,
    is_answer,
    malformed_in,
    parse,
)
from surveys.flow import conditions_in as named_in
from surveys.instrument_files.definitions import (
    EVERYTHING,
    AssignedBy,
    ConditionDefinition,
    FlowDefinition,
    LevelDefinition,
    RuleDefinition,
    ScreeningDefinition,
    StudyDefinition,
)
from surveys.instrument_files.errors import FileMistake
from surveys.instrument_files.instruments import repeated_keys
from surveys.instrument_files.toml_tables import KEY, Table


def read_flow(top: Table, languages: Sequence[str]) -> FlowDefinition:
    """Read what is varied and shown from the top of a study file."""
    return FlowDefinition(
        tuple(_condition(one, languages) for one in top.tables("conditions", required=False)),
        tuple(_rule(one) for one in top.tables("show_if", named_by="show", required=False)),
        tuple(_screening(one) for one in top.tables("screening", required=False)),
    )


def _condition(table: Table, languages: Sequence[str]) -> ConditionDefinition:
    levels = tuple(_level(one, languages) for one in table.tables("levels"))
    by = table.choice("by", get_args(AssignedBy), default="chance")
    made = ConditionDefinition(table.text("key", shape=KEY), levels, by)
    table.finish()
    return made


def _level(table: Table, languages: Sequence[str]) -> LevelDefinition:
    level = LevelDefinition(
        table.text("key", shape=KEY),
        table.texts("label", languages),
        table.integer("share", default=1, minimum=1, maximum=MOST_CELLS),
    )
    table.finish()
    return level


def _rule(table: Table) -> RuleDefinition:
    rule = RuleDefinition(table.text("show"), _expression(table))
    table.finish()
    return rule


def _screening(table: Table) -> ScreeningDefinition:
    screening = ScreeningDefinition(table.text("key", shape=KEY), _expression(table))
    table.finish()
    return screening


def _expression(table: Table) -> str:
    text = table.text("when")
    try:
        if text:
            parse(text)
    except ExpressionError as error:
        table.note("when", error.code, **error.arguments)
    return text


def flow_contradictions(study: StudyDefinition) -> Iterable[Problem]:
    """Yield what does not fit together whatever the instruments are."""
    flow = study.flow
    yield from repeated_keys("conditions", (one.key for one in flow.conditions))
    yield from repeated_keys("show_if", (one.show for one in flow.show_if))
    yield from repeated_keys("screening", (one.key for one in flow.screening))
    about_the_person = {one.key for one in study.demographics}
    for condition in flow.conditions:
        where = f"conditions[{condition.key}]"
        if condition.key in about_the_person:
            about = {"given": condition.key}
            yield Problem(f"{where}.key", FlowMistake.NAME_OF_A_QUESTION, about)
        yield from repeated_keys(f"{where}.levels", (level.key for level in condition.levels))
        if len(condition.levels) < 2:
            yield Problem(f"{where}.levels", FileMistake.TOO_FEW_OPTIONS)
        yield from _placeholders_in_labels(where, condition)
    # How many a block deals: each combination as often as the shares of its levels say.
    cells = prod(sum(level.share for level in one.levels) for one in flow.conditions)
    if cells > MOST_CELLS:
        about_cells = {"cells": cells, "most": MOST_CELLS}
        yield Problem("conditions", FlowMistake.TOO_MANY_CELLS, about_cells)
    for where, comparison in comparisons(flow):
        if not is_answer(comparison.name):
            yield from wrong_condition(where, comparison, flow.conditions)


def _placeholders_in_labels(where: str, condition: ConditionDefinition) -> Iterable[Problem]:
    """The words of a level are put in as they are."""
    for level in condition.levels:
        for language, text in level.label.items():
            for found in (*malformed_in(text), *named_in(text)):
                place = f"{where}.levels[{level.key}].label.{language}"
                yield Problem(place, FlowMistake.UNKNOWN_PLACEHOLDER, {"given": found})


def comparisons(flow: FlowDefinition) -> Iterable[tuple[str, Comparison]]:
    """Every comparison of a rule or a screening, with its place; of what can be read."""
    rules = [(f"show_if[{one.show}].when", one.when) for one in flow.show_if]
    ends = [(f"screening[{one.key}].when", one.when) for one in flow.screening]
    for where, text in (*rules, *ends):
        try:
            found = parse(text).comparisons
        except ExpressionError:
            continue
        yield from ((where, one) for one in found)


def wrong_condition(
    where: str, comparison: Comparison, conditions: Sequence[ConditionDefinition]
) -> Iterable[Problem]:
    """Yield where a comparison of a condition does not fit its levels."""
    levels = {one.key: [level.key for level in one.levels] for one in conditions}
    name = comparison.name
    if name not in levels:
        about = {"given": name, "advice": advice(name, levels)}
        yield Problem(where, FlowMistake.UNKNOWN_CONDITION, about)
        return
    if comparison.sign not in ("==", "!="):
        yield Problem(where, FlowMistake.NOT_ORDERED, {"name": name})
    for literal in comparison.literals:
        if literal not in levels[name]:
            yield impossible(where, name, literal, map(repr, levels[name]))


def impossible(where: str, name: str, given: object, known: Iterable[object]) -> Problem:
    """The problem of a value that a name can never have."""
    about = {"name": name, "given": repr(given), "known": ", ".join(map(str, known))}
    code: SentenceCode = FlowMistake.IMPOSSIBLE_VALUE
    return Problem(where, code, about)


def flow_values(flow: FlowDefinition) -> dict[str, Any]:
    """Return the sections as tables, as `stored_flow` and a study file take them."""
    return {
        "conditions": [
            {
                "key": one.key,
                **({} if one.by == "chance" else {"by": one.by}),
                "levels": [_level_values(level) for level in one.levels],
            }
            for one in flow.conditions
        ],
        "show_if": [{"show": one.show, "when": one.when} for one in flow.show_if],
        "screening": [{"key": one.key, "when": one.when} for one in flow.screening],
    }


def _level_values(level: LevelDefinition) -> dict[str, Any]:
    share = {} if level.share == 1 else {"share": level.share}
    return {"key": level.key, "label": dict(level.label), **share}


def stored_flow(values: Mapping[str, Any]) -> FlowDefinition:
    """The flow with these `flow_values`; of a study without any, what shows everything."""
    if not values:
        return EVERYTHING

    def of(key: str, make: Callable[..., Any]) -> tuple[Any, ...]:
        return tuple(make(**row) for row in values.get(key, ()))

    conditions = [
        ConditionDefinition(
            row["key"],
            tuple(LevelDefinition(**one) for one in row["levels"]),
            row.get("by", "chance"),
        )
        for row in values.get("conditions", ())
    ]
    rules, ends = of("show_if", RuleDefinition), of("screening", ScreeningDefinition)
    return FlowDefinition(tuple(conditions), rules, ends)


def flow_of(flow: FlowDefinition, language: str) -> Flow:
    """The flow as a questionnaire in one language takes it."""
    if flow == EVERYTHING:
        return NO_FLOW
    return Flow(
        factors=tuple(
            Factor(one.key, {level.key: level.label.get(language, "") for level in one.levels})
            for one in flow.conditions
        ),
        rules={one.show: parse(one.when) for one in flow.show_if},
        exits=tuple(Exit(one.key, parse(one.when)) for one in flow.screening),
    )


def factors_of(flow: FlowDefinition) -> dict[str, list[str]]:
    """Condition -> its levels, as they are assigned."""
    return {one.key: [level.key for level in one.levels] for one in flow.conditions}


def levels_in_wave(flow: FlowDefinition, wave: int) -> dict[str, str]:
    """Condition that a wave decides -> its level in this wave; the last one in all that follow."""
    return {
        one.key: one.levels[min(max(wave, 1), len(one.levels)) - 1].key
        for one in flow.conditions
        if one.by == "wave"
    }


def shares_of(flow: FlowDefinition) -> dict[str, dict[str, int]]:
    """Condition -> level -> how often it is dealt beside a level with a share of 1."""
    return {one.key: {level.key: level.share for level in one.levels} for one in flow.conditions}
