"""Whatever a plan or study file says, the answer is what it means or coded problems at places."""

import copy
import datetime as dt
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from factories import TESTER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.plans.files import NAMED_BY, PlanFile, bundled_plan, require_consistent, resolve
from analysis.plans.services import freeze_plan
from surveys.codes import Problem, SentenceCode
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.settings import settings_problems
from surveys.instrument_files.strict import read
from surveys.instrument_files.studies import read_study
from surveys.instrument_files.toml_tables import Table
from surveys.selectors import codebook

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
PLANS = [
    tomllib.loads(path.read_text(encoding="utf-8"))
    for path in (bundled_plan("privacy-prosocial"), *sorted(EXAMPLES.glob("*/plan.toml")))
]
STUDY = tomllib.loads(
    (bundled_plan("privacy-prosocial").parents[2] / "surveys/instruments/studies")
    .joinpath("privacy-prosocial.toml")
    .read_text(encoding="utf-8")
)
STUDY["settings"] = {
    "minutes": 8,
    "seed": 1,
    "scale_direction": "balanced",
    "question": "Why?",
    "report": {"analyst": "A"},
    "people": {"incentive": "None"},
}
OTHERS = st.sampled_from(
    [
        *(5, -1, 2**80, 1.5, float("nan"), True, None, "", " ", "x", "a\0b", "Ünï ☃"),
        *([], [[]], [1], ["x", "x"], {}, {"x": 1}, {"": {}}, [{}], [{"key": 5}]),
        *(dt.date(2026, 1, 1), dt.time(1), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    ]
)


def places(values: object, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where a value stands that can be another one."""
    parts = values.items() if isinstance(values, dict) else []
    if isinstance(values, list):
        parts = enumerate(values)
    for key, value in parts:
        yield (*here, key)
        yield from places(value, (*here, key))


def changed(values: dict, place: tuple[str | int, ...], value: object) -> dict:
    """The same tables with another value in one place."""
    new = copy.deepcopy(values)
    part = new
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return new


def is_told_at(problem, place: tuple[str | int, ...]) -> bool:
    """Whether a problem is told at the place that was changed, or above or below it."""
    told = re.sub(r"\[[^\]]*\]", "", problem.where).split(".")
    keys = [part for part in place if isinstance(part, str)]
    return all(one == other for one, other in zip(told, keys, strict=False))


def problems_of(use_case: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        use_case()
    except InstrumentFileError as error:
        return error.problems
    return ()


@given(st.data())
def test_a_plan_with_any_value_changed_is_a_plan_or_has_coded_problems_in_that_part(data):
    plan = data.draw(st.sampled_from(PLANS))
    place = data.draw(st.sampled_from(list(places(plan))))
    other = changed(plan, place, data.draw(OTHERS))

    made, problems = read(PlanFile, other, named_by=NAMED_BY)

    assert (made is None) == bool(problems)
    for problem in problems:
        assert isinstance(problem.code, SentenceCode)
        assert is_told_at(problem, place), (place, problem)
        assert json.dumps(problem.as_json())
    if made is not None:
        with suppress(InstrumentFileError):
            require_consistent(made)


@pytest.mark.django_db
@settings(suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_plan_that_was_read_is_frozen_or_refused_with_coded_problems(open_study, data):
    place = data.draw(st.sampled_from(list(places(PLANS[0]))))
    plan, _ = read(PlanFile, changed(PLANS[0], place, data.draw(OTHERS)), named_by=NAMED_BY)
    if plan is not None:
        book = codebook(open_study)
        refused = problems_of(lambda: resolve(plan, codebook=book, reference_group="people"))
        assert all(isinstance(one.code, SentenceCode) for one in refused)
        if refused:
            assert (
                problems_of(lambda: freeze_plan(study=open_study, plan=plan, by=TESTER)) == refused
            )


@given(st.data())
def test_a_study_with_any_value_changed_is_a_study_or_has_coded_problems_in_that_part(data):
    place = data.draw(st.sampled_from(list(places(STUDY))))
    other = changed(STUDY, place, data.draw(OTHERS))
    table = Table(other, path="", problems=[])

    read_study(table)

    for problem in table.problems:
        assert isinstance(problem.code, SentenceCode)
        assert json.dumps(problem.as_json())
        # A changed list of languages is felt wherever there are texts, a block where it is named.
        if place[0] not in ("languages", "blocks"):
            assert is_told_at(problem, place), (place, problem)


@given(st.recursive(OTHERS, lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_settings_of_any_content_are_used_or_refused_with_coded_problems(value):
    for name in (*STUDY["settings"], "quota"):
        for problem in settings_problems({name: value}):
            assert problem.where.partition(".")[0].partition("[")[0] == name
            assert isinstance(problem.code, SentenceCode)
            assert json.dumps(problem.as_json())
